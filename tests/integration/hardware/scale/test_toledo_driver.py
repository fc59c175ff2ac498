"""The Toledo 8217 driver over a kernel pty: against its simulator in all its varieties, and against fixed bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from hardware.bench.simulator import Action, JsonValue
from hardware.connection import Identity, State
from hardware.device import ConnectionChanged, Device
from hardware.link import Link
from hardware.scale.driver_8217 import ToledoDriver
from hardware.scale.events import RunSelfTest, SelfTested, WeightRead, WeightUnavailable, Zero, ZeroFinished
from hardware.scale.reading import Unavailable
from hardware.scale.simulator_8217 import Toledo8217Simulator, build
from tests.support.owner import Owner
from tests.support.wire import Wire, wait_for

FAST = 0.05
VARIETIES: dict[str, dict[str, JsonValue]] = {
    "usual": {},
    "8 bits, without bit 6": {"parity_bit": False, "bit_6": False},
    "answers tare": {"answers_tare": True},
    "knows no echo": {"echo": False},
}


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def options() -> dict[str, JsonValue]:
    return {}


@pytest.fixture
def scale(options: dict[str, JsonValue]) -> Toledo8217Simulator:
    return build({"noise_g": 0.0, **options}, seed=1)


@pytest.fixture
def wire(tmp_path: Path, scale: Toledo8217Simulator) -> Iterator[Wire]:
    with Wire(tmp_path, scale) as wire:
        yield wire


@pytest.fixture
def device(wire: Wire, owner: Owner) -> Iterator[Device[Link]]:
    device = Device("scale-1", wire.url, ToledoDriver(poll_period_s=FAST), owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    yield device
    device.stop()


def put(wire: Wire, scale: Toledo8217Simulator, grams: float) -> None:
    with wire.paused():
        scale.set_load(grams, wire.now_s)


def wait_for_weight(owner: Owner, grams: float) -> None:
    owner.next(WeightRead, lambda event: event.stable and event.grams == grams)


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("options", VARIETIES.values(), ids=VARIETIES.keys(), indirect=False)
def test_every_variety_is_weighed_and_zeroed(
    owner: Owner, wire: Wire, scale: Toledo8217Simulator, device: Device[Link]
) -> None:
    assert owner.heard(ConnectionChanged)[0].identity == Identity(model="Toledo 8217")
    put(wire, scale, 1234)
    wait_for_weight(owner, 1234)
    put(wire, scale, 42)
    wait_for_weight(owner, 42)
    device.perform(Zero())
    assert owner.next(ZeroFinished).done
    wait_for_weight(owner, 0)
    put(wire, scale, 5000)
    wait_for_weight(owner, 4958)
    device.perform(Zero())
    assert owner.next(ZeroFinished).reason.startswith("too much lies on the scale")
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_the_first_of_two_equal_weights_is_not_yet_stable(owner: Owner, wire: Wire, scale: Toledo8217Simulator) -> None:
    put(wire, scale, 700)
    wait_for_weight(owner, 700)
    of_it = [event.stable for event in owner.heard(WeightRead) if event.grams == 700]
    assert of_it[0] is False
    assert of_it[1] is True


@pytest.mark.usefixtures("device")
def test_why_there_is_no_weight(owner: Owner, wire: Wire, scale: Toledo8217Simulator) -> None:
    put(wire, scale, 20_000)
    owner.next(WeightUnavailable, lambda event: event.reason is Unavailable.OVERLOAD)
    with wire.paused():
        scale.disturb(on=True, now_s=wire.now_s)
        scale.set_load(1000, wire.now_s)
    owner.next(WeightUnavailable, lambda event: event.reason is Unavailable.MOVING)
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_a_tare_pressed_at_the_scale_is_cleared(owner: Owner, wire: Wire, scale: Toledo8217Simulator) -> None:
    put(wire, scale, 400)
    wait_for_weight(owner, 400)
    with wire.paused():
        scale.press_tare(wire.now_s)
    owner.next(WeightUnavailable, lambda event: event.reason is Unavailable.TARED)
    wait_for_weight(owner, 400)
    assert not [event for event in owner.heard(WeightRead) if event.grams == 0]


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("options", [{"waits_for_rest": True}])
def test_a_scale_that_answers_only_at_rest_is_asked_again_and_not_lost(
    owner: Owner, wire: Wire, scale: Toledo8217Simulator
) -> None:
    put(wire, scale, 500)
    wait_for_weight(owner, 500)
    with wire.paused():
        scale.disturb(on=True, now_s=wire.now_s)
    for _ in range(2):
        owner.next(WeightUnavailable, lambda event: event.reason is Unavailable.BUSY)
    with wire.paused():
        scale.disturb(on=False, now_s=wire.now_s)
    wait_for_weight(owner, 500)
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_silent_is_lost_within_two_seconds_and_healed(owner: Owner, wire: Wire) -> None:
    wire.silent = True
    assert owner.wait_for_state(State.LOST) < 2.2
    wire.silent = False
    owner.wait_for_state(State.READY, times=2)
    wait_for_weight(owner, 0)


@pytest.mark.usefixtures("device")
def test_an_answer_that_comes_too_late_is_thrown_away(owner: Owner, wire: Wire, scale: Toledo8217Simulator) -> None:
    put(wire, scale, 3000)
    wait_for_weight(owner, 3000)
    with wire.paused():
        wire.delay_reply_s = 1.2  # longer than the driver waits
        scale.set_load(0, wire.now_s)
    owner.next(WeightRead, lambda event: event.grams == 0)
    owner.forget()
    wait_for(lambda: len(owner.heard(WeightRead)) > 5, "weights after it")
    assert {event.grams for event in owner.heard(WeightRead)} == {0.0}
    assert owner.states() == [State.READY]


def test_self_test(device: Device[Link], owner: Owner, wire: Wire, scale: Toledo8217Simulator) -> None:
    device.perform(RunSelfTest())
    assert owner.next(SelfTested).passed
    with wire.paused():
        scale.fail_memory(0x02)
    device.perform(RunSelfTest())
    assert owner.next(SelfTested).reason == "the scale found faults in its NOVRAM; have it serviced"
    wire.silent = True
    device.perform(RunSelfTest())
    assert "did not answer" in owner.next(SelfTested).reason
    device.perform(Zero())
    owner.first(ZeroFinished)
    device.perform(RunSelfTest())
    wait_for(lambda: len(owner.heard(SelfTested)) == 2, "an answer when it is lost")
    assert owner.heard(SelfTested)[-1].reason in {
        "the scale is not connected",
        "the scale did not answer A within 1 s",
    }


def test_another_scale_than_the_pinned_one_is_refused(wire: Wire, owner: Owner) -> None:
    device = Device("scale-1", wire.url, ToledoDriver(), owner.publish, Identity(serial_number="B021002593"))
    device.start()
    owner.wait_for_state(State.LOST)
    assert "serial number '', the settings say 'B021002593'" in owner.heard(ConnectionChanged)[0].reason
    device.stop()


class Canned:
    """A scale that knows only the reference's bytes; it shows pounds when ``weight`` says so."""

    def __init__(self, weight: bytes) -> None:
        self.replies = {b"W": weight, b"Z": bytes.fromhex("02 3F 50 0D")}
        self._reply = b""

    def receive(self, data: bytes, now_s: float) -> None:
        del now_s
        for byte in data:
            self._reply += self.replies.get(bytes([byte]), b"")

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


def test_a_scale_of_fixed_bytes(tmp_path: Path, owner: Owner) -> None:
    with Wire(tmp_path, Canned(bytes.fromhex("02 30 31 2E 32 33 34 0D"))) as wire:
        device = Device("scale-1", wire.url, ToledoDriver(poll_period_s=FAST), owner.publish)
        device.start()
        assert owner.first(WeightRead, lambda event: event.stable).grams == 1234.0
        device.perform(Zero())
        assert owner.next(ZeroFinished).done
        device.stop()
        assert bytes(wire.heard).startswith(b"FE001FWCW")


def test_a_scale_in_another_unit_than_the_settings_say_is_refused(tmp_path: Path, owner: Owner) -> None:
    with Wire(tmp_path, Canned(b"\x0201.23\r")) as wire:
        device = Device("scale-1", wire.url, ToledoDriver(), owner.publish)
        device.start()
        owner.wait_for_state(State.LOST)
        assert "it shows lb, the settings say kg" in owner.heard(ConnectionChanged)[0].reason
        device.stop()


def test_a_pace_the_wire_cannot_keep_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot be asked every 0\.01 s"):
        ToledoDriver(poll_period_s=0.01)
