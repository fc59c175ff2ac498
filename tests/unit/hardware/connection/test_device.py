"""The worker thread, with a driver of its own over a real pty: one line asked, one line answered."""

from __future__ import annotations

import logging
import os
import pty
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware import connection as machine
from hardware.bench.simulator import Action, JsonValue
from hardware.connection import FAILED_EXCHANGES_MAX, Identity, State
from hardware.device import ConnectionChanged, Device, DeviceCommand, DeviceEvent, SerialDriver
from hardware.errors import DeviceRefusedError, NoReplyError, WrongDeviceError
from hardware.link import Link
from tests.support.owner import Owner
from tests.support.wire import Wire, wait_for


@dataclass(frozen=True, slots=True)
class Heard(DeviceEvent):
    answer: bytes


@dataclass(frozen=True, slots=True)
class Say(DeviceCommand):
    words: bytes


@dataclass(frozen=True, slots=True)
class Abandoned(DeviceEvent):
    words: bytes


class EchoSimulator:
    """Answers what it is asked."""

    def __init__(self) -> None:
        self.name = b"echo"
        self._answer = b""

    def receive(self, data: bytes, now_s: float) -> None:
        del now_s
        self._answer += data.replace(b"?", self.name)

    def send(self, now_s: float) -> bytes:
        del now_s
        answer, self._answer = self._answer, b""
        return answer

    def power_cycle(self, now_s: float) -> None:
        del now_s
        self._answer = b""

    def facts(self) -> dict[str, JsonValue]:
        return {}

    def actions(self) -> Mapping[str, Action]:
        return {}


class EchoDriver(SerialDriver):
    poll_period_s = 0.05

    def __init__(self) -> None:
        self.mistake = ""
        self.left_safe = 0

    def probe(self, port: Link) -> Identity:
        if self.mistake == "probe":
            raise ZeroDivisionError
        port.discard_input()
        answer = self._ask(port, b"?\n")
        if answer != b"echo\n":
            raise WrongDeviceError(f"expected echo, found {answer!r}")
        return Identity("echo")

    def poll(self, port: Link) -> None:
        if self.mistake == "poll":
            raise ZeroDivisionError
        self._ask(port, b"poll\n")

    def perform(self, port: Link, command: DeviceCommand) -> None:
        if not isinstance(command, Say):
            super().perform(port, command)
            return
        if command.words == b"no":
            raise DeviceRefusedError("no is not said here")
        self.publish(Heard(self.name, self._ask(port, command.words + b"\n")))

    def abandon(self, command: DeviceCommand) -> None:
        assert isinstance(command, Say)
        self.publish(Abandoned(self.name, command.words))

    def leave_safe(self, port: Link) -> None:
        self.left_safe += 1
        port.write(b"bye\n")

    @staticmethod
    def _ask(port: Link, words: bytes) -> bytes:
        port.write(words)
        answer = port.read_exactly(5, 0.2)
        if not answer:
            raise NoReplyError(f"no answer to {words!r}")
        return answer


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with Wire(tmp_path, EchoSimulator()) as wire:
        yield wire


@pytest.fixture
def driver() -> EchoDriver:
    return EchoDriver()


@pytest.fixture
def device(wire: Wire, driver: EchoDriver, owner: Owner) -> Iterator[Device[Link]]:
    device = Device("echo-1", wire.url, driver, owner.publish)
    device.start()
    yield device
    device.stop()


def polled_more_than(wire: Wire, count: int) -> Callable[[], bool]:
    return lambda: wire.heard.count(b"poll\n") > count


def test_it_becomes_ready_and_says_who_it_is(device: Device[Link], owner: Owner) -> None:
    owner.wait_for_state(State.READY)
    (event,) = owner.seen()
    assert event == ConnectionChanged("echo-1", State.READY, "", Identity("echo"))
    assert isinstance(event, ConnectionChanged)
    assert event.is_ready
    assert device.connection.state is State.READY


def test_a_command_is_performed_between_polls(device: Device[Link], owner: Owner, wire: Wire) -> None:
    owner.wait_for_state(State.READY)
    wait_for(lambda: wire.heard.count(b"poll\n") > 2, "polls")
    device.perform(Say(b"haha"))
    wait_for(lambda: Heard("echo-1", b"haha\n") in owner.seen(), "the answer")
    polls = wire.heard.count(b"poll\n")
    wait_for(lambda: wire.heard.count(b"poll\n") > polls, "polls after it")


def test_an_owner_that_waits_has_it_polled_by_then(device: Device[Link], driver: EchoDriver, owner: Owner, wire: Wire) -> None:
    driver.poll_period_s = 60.0
    owner.wait_for_state(State.READY)
    wait_for(polled_more_than(wire, 0), "the first poll")
    time.sleep(0.3)  # a second one may have been due before the period was changed
    already = wire.heard.count(b"poll\n")
    asked_s = time.monotonic()
    device.poll_by(asked_s + 0.2)
    wait_for(polled_more_than(wire, already), "the poll that was asked for")
    assert time.monotonic() - asked_s >= 0.2
    device.poll_by(0.0)
    wait_for(polled_more_than(wire, already + 1), "the poll at once")


def test_an_unplugged_device_is_seen_at_once_and_heals_by_itself(
    device: Device[Link], owner: Owner, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    owner.wait_for_state(State.READY)
    first_port = wire.path.readlink()
    caplog.clear()
    wire.unplug()
    assert owner.wait_for_state(State.LOST) < 2
    wire.replug()
    owner.wait_for_state(State.READY, times=2)
    assert wire.path.readlink() != first_port or wire.path.exists()
    lines = [record.getMessage() for record in caplog.records if record.name == "hardware.device"]
    assert len(lines) == 2
    assert lines[0].startswith("echo-1 is lost: ")
    assert lines[1] == "echo-1 is back: echo"


def test_a_silent_device_is_lost_after_some_failures_and_heals(device: Device[Link], owner: Owner, wire: Wire) -> None:
    owner.wait_for_state(State.READY)
    wire.silent = True
    assert owner.wait_for_state(State.LOST) < 2
    assert device.connection.reason == "no answer to b'poll\\n'"
    wire.silent = False
    owner.wait_for_state(State.READY, times=2)


def test_fewer_failures_lose_nothing(device: Device[Link], owner: Owner, wire: Wire) -> None:
    owner.wait_for_state(State.READY)
    for _ in range(3):
        wire.drop_replies = FAILED_EXCHANGES_MAX - 1
        wait_for(lambda: wire.drop_replies == 0, "the dropped replies")
        polls = wire.heard.count(b"poll\n")
        wait_for(polled_more_than(wire, polls + 2), "good polls")
    assert owner.states() == [State.READY]


def test_a_refused_command_is_a_failed_exchange_but_no_loss(device: Device[Link], owner: Owner, wire: Wire) -> None:
    owner.wait_for_state(State.READY)
    device.perform(Say(b"no"))
    device.perform(Say(b"haha"))
    wait_for(lambda: Heard("echo-1", b"haha\n") in owner.seen(), "the answer to the second")
    assert owner.states() == [State.READY]


def test_commands_while_lost_are_abandoned_at_once(device: Device[Link], owner: Owner, wire: Wire) -> None:
    owner.wait_for_state(State.READY)
    wire.unplug()
    owner.wait_for_state(State.LOST)
    device.perform(Say(b"one"))
    device.perform(Say(b"two"))
    took_s = wait_for(
        lambda: [event.words for event in owner.seen() if isinstance(event, Abandoned)] == [b"one", b"two"], "both abandoned"
    )
    assert took_s < 2
    wire.replug()
    owner.wait_for_state(State.READY, times=2)
    assert not [event for event in owner.seen() if isinstance(event, Heard)]


def test_a_port_that_never_existed_is_announced_once_and_found_later(
    tmp_path: Path, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "hardware.device")
    wire = Wire(tmp_path, EchoSimulator())
    device = Device("echo-1", wire.url, EchoDriver(), owner.publish)
    device.start()
    try:
        owner.wait_for_state(State.LOST)
        wait_for(lambda: device.connection.losses >= 2, "a second try")
        assert owner.states() == [State.LOST]
        assert "there is no such port" in device.connection.reason
        with wire:
            owner.wait_for_state(State.READY)
            device.stop()
    finally:
        device.stop()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_another_device_in_its_place_is_announced(device: Device[Link], owner: Owner, wire: Wire) -> None:
    owner.wait_for_state(State.READY)
    assert isinstance(wire.simulator, EchoSimulator)
    wire.unplug()
    owner.wait_for_state(State.LOST)
    wire.simulator.name = b"fake"
    wire.replug()
    owner.wait_for_state(State.LOST, times=2)
    last = owner.seen()[-1]
    assert isinstance(last, ConnectionChanged)
    assert "expected echo, found b'fake\\n'" in last.reason


@pytest.mark.parametrize("where", ["poll", "probe"])
def test_a_mistake_in_a_driver_heals(device: Device[Link], driver: EchoDriver, owner: Owner, wire: Wire, where: str) -> None:
    owner.wait_for_state(State.READY)
    driver.mistake = where
    if where == "probe":
        wire.unplug()
        wire.replug()
        wait_for(lambda: device.connection.reason.startswith("mistake in the driver"), "the mistake")
    owner.wait_for_state(State.LOST)
    driver.mistake = ""
    owner.wait_for_state(State.READY, times=2)


def test_a_mistake_is_logged_with_its_traceback(
    device: Device[Link], driver: EchoDriver, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    owner.wait_for_state(State.READY)
    driver.mistake = "poll"
    owner.wait_for_state(State.LOST)
    error = next(record for record in caplog.records if record.levelname == "ERROR")
    assert error.exc_info is not None
    assert error.exc_info[0] is ZeroDivisionError
    assert device.connection.reason == "mistake in the driver, see the log: ZeroDivisionError()"


def test_an_unknown_command_is_a_mistake_too(device: Device[Link], owner: Owner, caplog: pytest.LogCaptureFixture) -> None:
    owner.wait_for_state(State.READY)
    device.perform(DeviceCommand())
    owner.wait_for_state(State.LOST)
    assert "knows no DeviceCommand" in device.connection.reason
    assert "mistake in the driver" in caplog.text


def test_stopping_leaves_the_device_safe_and_says_closed(
    device: Device[Link], driver: EchoDriver, owner: Owner, wire: Wire
) -> None:
    owner.wait_for_state(State.READY)
    device.stop()
    assert driver.left_safe == 1
    wait_for(lambda: wire.heard.endswith(b"bye\n"), "the last word")
    assert owner.states() == [State.READY, State.CLOSED]
    Link(wire.url).close()  # the port is free again


def test_stopping_a_lost_device_is_quick(device: Device[Link], driver: EchoDriver, owner: Owner, wire: Wire) -> None:
    owner.wait_for_state(State.READY)
    wire.unplug()
    owner.wait_for_state(State.LOST)
    begun = time.monotonic()
    device.stop()
    assert time.monotonic() - begun < 1
    assert driver.left_safe == 0
    assert owner.states()[-1] is State.CLOSED


def test_stopping_before_starting_does_nothing(tmp_path: Path, owner: Owner) -> None:
    Device("echo-1", str(tmp_path / "none"), EchoDriver(), owner.publish).stop()
    assert owner.seen() == []


def test_a_device_other_than_the_pinned_one_is_refused(owner: Owner, wire: Wire) -> None:
    device = Device("echo-1", wire.url, EchoDriver(), owner.publish, Identity(model="foxtrot"))
    device.start()
    owner.wait_for_state(State.LOST)
    assert owner.heard(ConnectionChanged)[0].reason.startswith("the device has model 'echo', the settings say 'foxtrot'")
    device.stop()


def test_the_pinned_device_is_ready(owner: Owner, wire: Wire) -> None:
    device = Device("echo-1", wire.url, EchoDriver(), owner.publish, Identity(model="echo"))
    device.start()
    owner.wait_for_state(State.READY)
    device.stop()


def test_unplugged_is_seen_at_once_and_it_heals_under_another_tty_number(
    owner: Owner, wire: Wire, device: Device[Link]
) -> None:
    owner.wait_for_state(State.READY)
    before = wire.path.readlink()
    wire.unplug()
    assert owner.wait_for_state(State.LOST) < 2.0
    master, slave = pty.openpty()  # takes the number that has become free
    wire.replug()
    assert wire.path.readlink() != before
    owner.wait_for_state(State.READY, times=2)
    os.close(master)
    os.close(slave)


def test_retries_are_spread(owner: Owner, tmp_path: Path) -> None:
    gaps_s = []
    for _ in range(8):
        device = Device("echo-1", str(tmp_path / "nothing"), EchoDriver(), owner.publish)
        device._feed(machine.OpenRequested())
        gaps_s.append(device._retry_at - time.monotonic())
    assert all(0.8 * 0.5 - 0.05 <= gap_s <= 1.2 * 0.5 for gap_s in gaps_s), gaps_s
    assert max(gaps_s) - min(gaps_s) > 0.01
