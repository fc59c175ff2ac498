"""The scale's driver over a kernel pty: against its simulator on good and bad lines, and against the reference's bytes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from hardware.bench.simulator import Action, JsonValue
from hardware.connection import State
from hardware.device import ConnectionChanged, Device
from hardware.link import Link
from hardware.scale.driver import ScaleDriver
from hardware.scale.events import WeightRead, WeightUnavailable, Zero, ZeroFinished
from hardware.scale.reading import Unavailable
from hardware.scale.simulator import ScaleSimulator, build
from tests.support.owner import Owner, lines_about
from tests.support.wire import Shape, Wire, wait_for

FAST = 0.05


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def scale() -> ScaleSimulator:
    return build({"noise_g": 0.0}, seed=1)


@pytest.fixture
def wire(tmp_path: Path, scale: ScaleSimulator) -> Iterator[Wire]:
    with Wire(tmp_path, scale) as wire:
        yield wire


@pytest.fixture
def device(wire: Wire, owner: Owner) -> Iterator[Device[Link]]:
    device = Device("scale-1", wire.url, ScaleDriver(poll_period_s=FAST), owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    yield device
    device.stop()


def put(wire: Wire, scale: ScaleSimulator, grams: float) -> None:
    with wire.paused():
        scale.set_load(grams, wire.now_s)


def stable_at(grams: float) -> Callable[[WeightRead], bool]:
    return lambda event: event.stable and event.grams == grams


@pytest.mark.usefixtures("device")
def test_it_says_who_it_is(owner: Owner) -> None:
    identity = owner.heard(ConnectionChanged)[0].identity
    assert (identity.model, identity.serial_number, identity.firmware) == ("WKC6-lane 30000 g", "B021002593", "4.22")


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("shape", Shape, ids=lambda shape: shape.name.lower())
@pytest.mark.parametrize("seed", [11])
def test_weights_arrive_over_any_line(owner: Owner, wire: Wire, scale: ScaleSimulator, shape: Shape, seed: int) -> None:
    print(f"noise seed {seed}")
    wire.shape = shape
    put(wire, scale, 2345)
    moving = owner.next(WeightRead, lambda event: not event.stable)
    assert moving.raw.startswith("S D ")
    assert owner.next(WeightRead, stable_at(2345)) == WeightRead("scale-1", 2345.0, stable=True, raw="S S       2345 g")
    put(wire, scale, 0)
    owner.next(WeightRead, stable_at(0))
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_overload_and_underload_are_states_not_losses(owner: Owner, wire: Wire, scale: ScaleSimulator) -> None:
    put(wire, scale, 50_000)
    assert owner.next(WeightUnavailable).reason is Unavailable.OVERLOAD
    put(wire, scale, 500)
    owner.next(WeightRead, stable_at(500))
    assert owner.states() == [State.READY]


def test_zeroing(device: Device[Link], owner: Owner, wire: Wire, scale: ScaleSimulator) -> None:
    put(wire, scale, 42)
    owner.next(WeightRead, stable_at(42))
    device.perform(Zero())
    assert owner.next(ZeroFinished) == ZeroFinished("scale-1", done=True)
    owner.next(WeightRead, stable_at(0))
    put(wire, scale, 5000)
    owner.next(WeightRead, stable_at(4958))
    device.perform(Zero())
    assert owner.next(ZeroFinished) == ZeroFinished("scale-1", done=False, reason="too much lies on the scale to call it zero")


def test_zeroing_that_is_not_answered_is_reported_and_the_line_is_brought_back_in_step(
    device: Device[Link], owner: Owner, wire: Wire, scale: ScaleSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.scale.driver.ZERO_TIMEOUT_S", 0.2)
    with wire.paused():
        scale.disturb(on=True, now_s=wire.now_s)
        scale.set_load(1000, wire.now_s)
    owner.next(WeightRead, lambda event: not event.stable)
    device.perform(Zero())
    outcome = owner.next(ZeroFinished)
    assert not outcome.done
    assert "did not answer Z" in outcome.reason
    owner.next(WeightRead)
    assert owner.states() == [State.READY]


def test_zeroing_while_unplugged_is_answered(device: Device[Link], owner: Owner, wire: Wire) -> None:
    wire.unplug()
    owner.wait_for_state(State.LOST)
    device.perform(Zero())
    assert owner.next(ZeroFinished) == ZeroFinished("scale-1", done=False, reason="the scale is not connected")


@pytest.mark.usefixtures("device")
def test_unplugged_lost_within_two_seconds_and_healed_with_one_log_line_each(
    owner: Owner, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wire.unplug()
    assert owner.wait_for_state(State.LOST) < 2
    wire.replug()
    owner.wait_for_state(State.READY, times=2)
    owner.next(WeightRead, stable_at(0))
    lines = lines_about("scale-1", caplog)
    assert len(lines) == 2
    assert lines[0].startswith("scale-1 is lost: ")
    assert lines[1] == "scale-1 is back: WKC6-lane 30000 g no. B021002593 4.22"


def test_silent_lost_within_two_seconds_and_healed_with_one_log_line_each(
    owner: Owner, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    device = Device("scale-1", wire.url, ScaleDriver(), owner.publish)  # at its usual pace
    device.start()
    owner.wait_for_state(State.READY)
    caplog.clear()
    wire.silent = True
    assert owner.wait_for_state(State.LOST) < 2
    wire.silent = False
    owner.wait_for_state(State.READY, times=2)
    device.stop()
    assert [line.split(":")[0] for line in lines_about("scale-1", caplog)] == ["scale-1 is lost", "scale-1 is back"]


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("garbage", [b"\xff\x00\x80" * 50, b"ES\r\n", b"S S\r\n", b"x" * 5000, b"\r\n\r\n\r\n"])
def test_garbage_loses_nothing(owner: Owner, wire: Wire, scale: ScaleSimulator, garbage: bytes) -> None:
    put(wire, scale, 1000)
    owner.next(WeightRead, stable_at(1000))
    owner.forget()
    wire.inject(garbage)
    wait_for(lambda: len(owner.heard(WeightRead)) > 10, "readings after it")
    assert {event.grams for event in owner.heard(WeightRead)} == {1000.0}
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_a_stream_left_running_by_another_program_is_ended(owner: Owner, wire: Wire, scale: ScaleSimulator) -> None:
    wire.unplug()
    owner.wait_for_state(State.LOST)
    scale.receive(b"SIR\r\nS", wire.now_s)  # and half a command
    wire.replug()
    owner.wait_for_state(State.READY, times=2)
    owner.next(WeightRead, stable_at(0))


@pytest.mark.usefixtures("device")
def test_power_lost_and_back(owner: Owner, wire: Wire, scale: ScaleSimulator) -> None:
    with wire.paused():
        scale.power_cycle(wire.now_s)
    owner.next(WeightRead, stable_at(0))
    assert owner.states() == [State.READY]


def test_only_the_scale_of_the_settings_is_used(owner: Owner, wire: Wire) -> None:
    device = Device("scale-1", wire.url, ScaleDriver(serial_number="C999"), owner.publish)
    device.start()
    owner.wait_for_state(State.LOST)
    reason = owner.heard(ConnectionChanged)[0].reason
    assert "the scale has serial number 'B021002593', the settings say 'C999'" in reason
    assert "plug in the right scale" in reason
    device.stop()
    device = Device("scale-1", wire.url, ScaleDriver(serial_number="B021002593"), owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    device.stop()


class Canned:
    """A scale that knows only the reference's bytes."""

    REPLIES: Mapping[bytes, bytes] = {
        b"\r\n": b"ES\r\n",
        b"@\r\n": b'I4 A "0987"\r\n',
        b"I2\r\n": b"ES\r\n",
        b"I3\r\n": b"I3 I\r\n",
        b"SI\r\n": bytes.fromhex("53 20 53 20 20 20 20 20 20 31 2E 32 33 34 20 6B 67 0D 0A"),
        b"Z\r\n": b"Z A\r\n",
    }

    def __init__(self) -> None:
        self._reply = b""

    def receive(self, data: bytes, now_s: float) -> None:
        del now_s
        for line in data.splitlines(keepends=True):
            self._reply += self.REPLIES.get(line, b"ES\r\n")

    def send(self, now_s: float) -> bytes:
        del now_s
        reply, self._reply = self._reply, b""
        return reply

    def power_cycle(self, now_s: float) -> None:
        del now_s

    def facts(self) -> dict[str, JsonValue]:
        return {}

    def actions(self) -> Mapping[str, Action]:
        return {}


def test_a_scale_of_fixed_bytes_that_tells_neither_model_nor_firmware(tmp_path: Path, owner: Owner) -> None:
    with Wire(tmp_path, Canned()) as wire:
        device = Device("scale-1", wire.url, ScaleDriver(poll_period_s=FAST), owner.publish)
        device.start()
        reading = owner.first(WeightRead)
        assert (reading.grams, reading.stable) == (1234.0, True)
        identity = owner.heard(ConnectionChanged)[0].identity
        assert (identity.model, identity.serial_number, identity.firmware) == ("", "0987", "")
        device.perform(Zero())
        assert owner.next(ZeroFinished).done
        device.stop()
        assert bytes(wire.heard).startswith(b"\r\n@\r\nTAC\r\nI2\r\nI3\r\nSI\r\n")


class Counting(Canned):
    """Shows how often it was asked for the weight."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def receive(self, data: bytes, now_s: float) -> None:
        if data == b"SI\r\n":
            self.asked += 1
            self._reply += f"S S {self.asked} g\r\n".encode()
        else:
            super().receive(data, now_s)


def test_a_late_reply_is_not_taken_for_the_next_one(tmp_path: Path, owner: Owner) -> None:
    scale = Counting()
    with Wire(tmp_path, scale) as wire:
        device = Device("scale-1", wire.url, ScaleDriver(poll_period_s=FAST), owner.publish)
        device.start()
        owner.first(WeightRead)
        with wire.paused():
            wire.delay_reply_s = 0.5  # longer than the driver waits: it comes after the next question
            late = scale.asked + 1
        owner.first(WeightRead, lambda event: event.grams > late + 5)
        device.stop()
    grams = [event.grams for event in owner.heard(WeightRead)]
    assert grams == [float(count) for count in range(1, len(grams) + 2) if count != late]
    assert owner.states() == [State.READY, State.CLOSED]


def test_a_pace_the_wire_cannot_keep_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot be asked every 0\.01 s"):
        ScaleDriver(poll_period_s=0.01)
