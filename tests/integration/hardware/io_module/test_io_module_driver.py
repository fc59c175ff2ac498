"""The I/O module's driver over a kernel pty: on good and bad lines, through reboots, second masters and dead programs."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.connection import State
from hardware.device import ConnectionChanged, Device
from hardware.errors import NoReplyError, ProtocolError
from hardware.io_module import protocol
from hardware.io_module.driver import (
    OWNER_SILENT_S,
    Drop,
    Hold,
    InputsChanged,
    IoModuleDriver,
    OutputsCommanded,
    OutputsDisturbed,
    Pulse,
    SetOutputs,
)
from hardware.io_module.events import Cause
from hardware.io_module.inputs import DEBOUNCE_S
from hardware.io_module.master import RtuMaster
from hardware.io_module.simulator import IoModuleSimulator, build
from hardware.io_module.wiring import IoModuleSetup, LaneOutputs
from hardware.link import Link
from tests.support.owner import Owner, lines_about
from tests.support.wire import Shape, Wire, wait_for

BELT, RED, GREEN, GATE = 0, 2, 4, 6
EXIT_BARRIER = 2
POLL = b"\x01\x02\x00\x00\x00\x08"
REST = {"emergency_stop", "live_zero"}


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture(params=[True], ids=lambda restarts: "restarting" if restarts else "not restarting")
def module(request: pytest.FixtureRequest) -> IoModuleSimulator:
    return build({"pulses_restart": request.param}, seed=0)


both_kinds_of_module = pytest.mark.parametrize("module", [True, False], indirect=True, ids=["restarting", "not restarting"])


@pytest.fixture
def wire(tmp_path: Path, module: IoModuleSimulator) -> Iterator[Wire]:
    with Wire(tmp_path, module) as wire:
        yield wire


@pytest.fixture
def device(wire: Wire, owner: Owner) -> Iterator[Device[Link]]:
    device = Device("io-1", wire.url, IoModuleDriver(), owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    yield device
    device.stop()


def outputs(wire: Wire) -> tuple[bool, ...]:
    with wire.paused():
        assert isinstance(wire.simulator, IoModuleSimulator)
        return wire.simulator.outputs(wire.now_s)


def is_on(wire: Wire, channel: int) -> Callable[[], bool]:
    return lambda: outputs(wire)[channel]


def is_off(wire: Wire, channel: int) -> Callable[[], bool]:
    return lambda: not outputs(wire)[channel]


def set_input(wire: Wire, index: int, *, on: bool) -> None:
    with wire.paused():
        assert isinstance(wire.simulator, IoModuleSimulator)
        wire.simulator.set_input(index, on=on)


def wait_for_polls(wire: Wire, count: int) -> None:
    polls = wire.heard.count(POLL)
    wait_for(lambda: wire.heard.count(POLL) >= polls + count, "polls")


def share_on(wire: Wire, channel: int, seconds: float) -> float:
    """Which part of the time the output was on."""
    samples: list[bool] = []
    until = time.monotonic() + seconds

    def sampled_to_the_end() -> bool:
        samples.append(outputs(wire)[channel])
        return time.monotonic() > until

    wait_for(sampled_to_the_end, "the time to pass")
    return sum(samples) / len(samples)


@pytest.mark.usefixtures("device")
def test_it_says_who_it_is_and_how_the_inputs_stand(owner: Owner) -> None:
    assert str(owner.heard(ConnectionChanged)[0].identity) == "I/O module at address 1 V2.00"
    first = owner.first(InputsChanged)
    assert first.inputs == REST
    assert first.at_s <= time.monotonic()
    assert isinstance(owner.seen()[0], ConnectionChanged), "READY comes before the inputs"


@pytest.mark.parametrize("shape", Shape, ids=lambda shape: shape.name.lower())
@pytest.mark.parametrize("seed", [5])
def test_lights_and_inputs_over_any_line(device: Device[Link], owner: Owner, wire: Wire, shape: Shape, seed: int) -> None:
    print(f"noise seed {seed}")
    wire.shape = shape
    for on in (True, False, True):
        device.perform(SetOutputs({"red": on, "gate": not on}))
        outcome = owner.next(OutputsCommanded)
        assert outcome.done, outcome.reason
        assert (outputs(wire)[RED], outputs(wire)[GATE]) == (on, not on)
        set_input(wire, 0, on=on)
        assert owner.next(InputsChanged).inputs == (REST | {"eas_alarm"} if on else REST)
    assert owner.states() == [State.READY]


def test_what_a_hanging_program_holds_is_let_go(wire: Wire, owner: Owner) -> None:
    driver = IoModuleDriver()
    device = Device("io-1", wire.url, driver, owner.publish)
    driver.owner_is_well()
    device.start()
    try:
        owner.wait_for_state(State.READY)
        driver.owner_is_well()
        device.perform(Hold("belt"))
        device.perform(Hold("gate"))
        device.perform(Hold("gate", outlives_owner=True))
        wait_for(is_on(wire, BELT), "the belt to run")
        wait_for(is_on(wire, GATE), "the way out to open")
        well_s = time.monotonic()
        driver.owner_is_well()
        disturbed = owner.next(OutputsDisturbed)
        assert time.monotonic() - well_s < OWNER_SILENT_S + 0.5
        assert (disturbed.cause, disturbed.expected, disturbed.found) == (
            Cause.OWNER_SILENT,
            frozenset({"belt", "gate"}),
            frozenset({"gate"}),
        )
        assert (is_on(wire, BELT)(), is_on(wire, GATE)()) == (False, True)
        driver.owner_is_well()
        device.perform(Hold("belt"))
        wait_for(is_on(wire, BELT), "the belt to run again")
    finally:
        device.stop()


def test_what_an_input_ends_stops_without_its_owner(device: Device[Link], owner: Owner, wire: Wire) -> None:
    device.perform(Hold("belt", until="exit_barrier"))
    device.perform(Hold("gate"))
    wait_for(is_on(wire, GATE), "belt and gate to be on")
    assert is_on(wire, BELT)()
    owner.forget()
    set_input(wire, EXIT_BARRIER, on=True)
    wait_for(is_off(wire, BELT), "the belt to stop")
    assert is_on(wire, GATE)()
    device.perform(Hold("belt", until="exit_barrier"))
    refused = owner.next(OutputsCommanded)
    assert (refused.done, refused.reason) == (False, "exit_barrier is on already")
    device.perform(Hold("belt"))
    assert owner.next(OutputsCommanded).done
    set_input(wire, EXIT_BARRIER, on=False)
    owner.first(InputsChanged, lambda event: "exit_barrier" not in event.inputs)
    set_input(wire, EXIT_BARRIER, on=True)
    owner.first(InputsChanged, lambda event: "exit_barrier" in event.inputs)
    wait_for_polls(wire, 5)
    assert is_on(wire, BELT)(), "held for good: goods run over the deactivator"
    assert owner.heard(OutputsDisturbed) == []


@pytest.mark.usefixtures("device")
def test_a_change_is_told_with_the_time_of_its_first_reading(owner: Owner, wire: Wire) -> None:
    owner.first(InputsChanged)
    owner.forget()
    asked_s = time.monotonic()
    set_input(wire, 0, on=True)
    changed = owner.next(InputsChanged)
    told_s = time.monotonic()
    assert asked_s < changed.at_s <= told_s - DEBOUNCE_S / 2


@pytest.mark.usefixtures("device")
def test_a_pulse_shorter_than_two_samples_is_no_change_and_a_passage_is(owner: Owner, wire: Wire) -> None:
    owner.first(InputsChanged)
    owner.forget()
    polls = wire.heard.count(POLL)
    set_input(wire, 6, on=True)
    owner.first(InputsChanged, lambda event: "passage" in event.inputs)
    set_input(wire, 6, on=False)
    owner.first(InputsChanged, lambda event: "passage" not in event.inputs)
    assert len(owner.heard(InputsChanged)) == 2
    assert wire.heard.count(POLL) > polls


@both_kinds_of_module
def test_a_held_belt_runs_until_dropped(device: Device[Link], owner: Owner, wire: Wire) -> None:
    device.perform(Hold("belt"))
    assert owner.next(OutputsCommanded).done
    assert share_on(wire, BELT, 3.0) > 0.95
    device.perform(Hold("belt"))
    device.perform(Drop("belt"))
    wait_for(is_off(wire, BELT), "the belt to stop", 0.5)
    assert share_on(wire, BELT, 1.0) == 0
    assert owner.heard(OutputsDisturbed) == []


def test_a_restarting_module_s_belt_never_stutters(device: Device[Link], owner: Owner, wire: Wire) -> None:
    device.perform(Hold("belt"))
    assert owner.next(OutputsCommanded).done
    assert share_on(wire, BELT, 2.5) == 1


def test_a_single_pulse_ends_by_itself_and_disturbs_nothing(device: Device[Link], owner: Owner, wire: Wire) -> None:
    device.perform(Pulse("deactivator", 0.6))
    assert owner.next(OutputsCommanded).done
    assert outputs(wire)[1]
    took_s = wait_for(is_off(wire, 1), "the pulse to end")
    assert took_s < 0.8
    polls = len(wire.heard)
    wait_for(lambda: len(wire.heard) > polls + 60 * 8, "some read-backs")
    assert owner.heard(OutputsDisturbed) == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (SetOutputs({"belt": True}), "belt must stop without this program: hold or pulse it instead"),
        (SetOutputs({"red": True, "deactivator": False}), "deactivator must stop without this program"),
        (SetOutputs({"blue": True}), "no output is called blue; there are amber, belt, deactivator, gate"),
        (Hold("horn"), "no output is called horn"),
        (Pulse("gate", 0), "a pulse lasts 0.1 to 3276.7 s, not 0 s"),
        (Pulse("gate", float("inf")), "a pulse lasts 0.1 to 3276.7 s, not inf s"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_cannot_be_commanded_is_refused_with_a_sentence(
    device: Device[Link], owner: Owner, wire: Wire, command: SetOutputs | Hold | Pulse, sentence: str
) -> None:
    device.perform(command)
    outcome = owner.next(OutputsCommanded)
    assert (outcome.command, outcome.done) == (command, False)
    assert sentence in outcome.reason
    assert not any(outputs(wire))
    assert owner.states() == [State.READY]


def test_a_rebooted_module_is_put_right(device: Device[Link], owner: Owner, wire: Wire) -> None:
    device.perform(SetOutputs({"red": True}))
    device.perform(Hold("belt"))
    wait_for(is_on(wire, BELT), "the belt to run")
    with wire.paused():
        wire.simulator.power_cycle(wire.now_s)
    event = owner.first(OutputsDisturbed, deadline_s=2)
    assert event.expected >= {"red"}
    assert event.found <= {"belt"}
    wait_for(lambda: outputs(wire)[RED] and outputs(wire)[BELT], "everything as before")
    assert owner.states() == [State.READY]


def test_a_second_master_s_outputs_are_put_right(device: Device[Link], owner: Owner, wire: Wire) -> None:
    device.perform(SetOutputs({"green": True}))
    assert owner.next(OutputsCommanded).done
    with wire.paused():
        wire.simulator.receive(protocol.write_coils(1, [True] + [False] * 5 + [True, False]).frame, wire.now_s)
        wire.simulator.send(wire.now_s)
        assert wire.simulator.facts()["outputs"] == [True] + [False] * 5 + [True, False]
    event = owner.first(OutputsDisturbed, deadline_s=2)
    assert event == OutputsDisturbed("io-1", frozenset({"green"}), frozenset({"belt", "gate"}))
    wait_for(lambda: outputs(wire) == (False,) * 4 + (True,) + (False,) * 3, "only green")


@pytest.mark.usefixtures("device")
def test_unplugged_lost_within_two_seconds_and_healed_with_one_log_line_each(
    owner: Owner, wire: Wire, device: Device[Link], caplog: pytest.LogCaptureFixture
) -> None:
    device.perform(SetOutputs({"green": True}))
    assert owner.next(OutputsCommanded).done
    caplog.set_level(logging.INFO)
    wire.unplug()
    assert owner.wait_for_state(State.LOST) < 2
    device.perform(SetOutputs({"red": True}))
    outcome = owner.next(OutputsCommanded)
    assert (outcome.done, outcome.reason) == (False, "the I/O module is not connected")
    wire.replug()
    owner.wait_for_state(State.READY, times=2)
    assert not any(outputs(wire)), "everything is off after a connection"
    owner.first(InputsChanged)
    assert [line.split(":")[0] for line in lines_about("io-1", caplog)] == ["io-1 is lost", "io-1 is back"]


def test_silent_lost_within_two_seconds_belt_stopped_and_healed_with_one_log_line_each(
    device: Device[Link], owner: Owner, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    device.perform(Hold("belt"))
    assert owner.next(OutputsCommanded).done
    caplog.set_level(logging.INFO)
    wire.silent = True
    assert owner.wait_for_state(State.LOST) < 2
    wait_for(is_off(wire, BELT), "the belt to stop by itself", 1.5)
    wire.silent = False
    owner.wait_for_state(State.READY, times=2)
    assert share_on(wire, BELT, 1.0) == 0, "nobody asked for the belt again"
    assert [line.split(":")[0] for line in lines_about("io-1", caplog)] == ["io-1 is lost", "io-1 is back"]


def test_a_command_into_silence_is_answered_and_leaves_no_output_in_doubt(
    device: Device[Link], owner: Owner, wire: Wire
) -> None:
    wire.silent = True
    device.perform(SetOutputs({"red": True}))
    outcome = owner.next(OutputsCommanded)
    assert not outcome.done
    assert "did not answer" in outcome.reason or "not connected" in outcome.reason
    owner.wait_for_state(State.LOST)
    wire.silent = False
    owner.wait_for_state(State.READY, times=2)
    assert not any(outputs(wire))


@pytest.mark.parametrize("late_s", [0.21, 0.25, 0.3, 0.39, 0.45, 0.7])
def test_a_late_reply_is_not_taken_for_the_next_one(wire: Wire, late_s: float) -> None:
    """The inputs are read, the reply is late, the inputs change: no reading after that may show the old ones."""
    link, master = Link(wire.url), RtuMaster(1, 9600)
    assert master.ask(link, protocol.read_inputs(1)) == b"\x88"
    wire.delay_reply_s = late_s
    with pytest.raises(NoReplyError):
        master.ask(link, protocol.read_inputs(1))
    set_input(wire, 0, on=True)
    readings = []

    def five_more_readings() -> bool:
        with contextlib.suppress(NoReplyError, ProtocolError):
            readings.append(master.ask(link, protocol.read_inputs(1)))
        return len(readings) == 5

    wait_for(five_more_readings, "readings")
    assert readings == [b"\x89"] * 5
    link.close()


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("garbage", [b"\xff" * 200, bytes(range(256)), bytes.fromhex("01 82 04"), bytes.fromhex("01 02 01")])
def test_garbage_loses_nothing(owner: Owner, wire: Wire, garbage: bytes) -> None:
    owner.first(InputsChanged)
    wire.inject(garbage)
    set_input(wire, 0, on=True)
    assert owner.next(InputsChanged).inputs == REST | {"eas_alarm"}
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_inputs_without_supply_are_not_believed(owner: Owner, wire: Wire) -> None:
    with wire.paused():
        for index in range(8):
            wire.simulator.actions()["set_input"](index=index, on=False)
    owner.wait_for_state(State.LOST)
    assert "check the 24 V supply and the wiring" in owner.heard(ConnectionChanged)[-1].reason
    set_input(wire, 7, on=True)
    owner.wait_for_state(State.READY, times=2)


def test_modes_that_listen_to_inputs_are_switched_off(tmp_path: Path, owner: Owner) -> None:
    module = build({}, seed=0)
    module.receive(
        protocol.write_register(1, protocol.MODES + 3, 1).frame, 0.0
    )  # output 3 linked to the emergency stop, which is on
    assert module.facts()["modes"] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert module.outputs(0.0)[3]
    with Wire(tmp_path, module) as wire:
        device = Device("io-1", wire.url, IoModuleDriver(), owner.publish)
        device.start()
        owner.wait_for_state(State.READY)
        assert module.facts()["modes"] == [0] * 8
        assert not any(outputs(wire))
        device.stop()


def test_another_module_s_address_gives_a_sentence(owner: Owner, wire: Wire) -> None:
    device = Device("io-1", wire.url, IoModuleDriver(IoModuleSetup(unit=9)), owner.publish)
    device.start()
    owner.wait_for_state(State.LOST)
    assert owner.heard(ConnectionChanged)[0].reason == "the I/O module at address 9 did not answer within 0.2 s"
    device.stop()


def test_stopping_the_program_switches_everything_off(device: Device[Link], owner: Owner, wire: Wire) -> None:
    device.perform(SetOutputs({"green": True, "gate": True}))
    device.perform(Hold("belt"))
    wait_for(is_on(wire, BELT), "the belt to run")
    device.stop()
    wait_for(lambda: not any(outputs(wire)), "everything off", 0.5)
    assert owner.states()[-1] is State.CLOSED


def test_a_killed_program_s_belt_stops_by_itself(wire: Wire) -> None:
    code = (
        "import sys, queue; from hardware.device import Device; from hardware.io_module.driver import Hold, IoModuleDriver\n"
        "events = queue.Queue(); device = Device('io-1', sys.argv[1], IoModuleDriver(), events.put); device.start()\n"
        "assert events.get().is_ready; device.perform(Hold('belt')); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, wire.url], stdin=subprocess.PIPE) as program:
        wait_for(is_on(wire, BELT), "the belt to run")
        assert share_on(wire, BELT, 1.5) == 1
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        killed = time.monotonic()
        wait_for(is_off(wire, BELT), "the belt to stop by itself")
        assert time.monotonic() - killed < 1.2
    assert share_on(wire, BELT, 1.0) == 0


def test_without_a_spare_output_the_belt_is_still_held(wire: Wire, owner: Owner) -> None:
    driver = IoModuleDriver(IoModuleSetup(outputs=LaneOutputs(spare=None)))
    device = Device("io-1", wire.url, driver, owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    device.perform(Hold("belt"))
    assert owner.next(OutputsCommanded).done
    assert share_on(wire, BELT, 2.0) > 0.95
    device.stop()
