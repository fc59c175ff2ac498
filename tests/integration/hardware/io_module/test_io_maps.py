"""The driver with every register map, over serial lines and sockets: watchdogs, counters, wires, second masters, restarts."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice
from hardware.bench.host import PtyHost, TcpHost
from hardware.bench.simulator import JsonValue
from hardware.connection import State
from hardware.device import ConnectionChanged, Device
from hardware.io_module import protocol
from hardware.io_module.driver import (
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
from hardware.io_module.register_maps import MAPS
from hardware.io_module.simulator import build
from hardware.io_module.wiring import IoModuleSetup, LaneInputs, LaneOutputs
from hardware.link import Link
from tests.integration.hardware.conformance.together import together
from tests.support.owner import Owner
from tests.support.ran_again import RAN_AGAIN, RecordProperty
from tests.support.wire import wait_for

REST = {"emergency_stop", "live_zero"}
ADAM_4055 = IoModuleSetup(MAPS["adam-4055"])
ADAM_4150 = IoModuleSetup(MAPS["adam-4150"], inputs=LaneInputs(live_zero=None), counted=frozenset({"passage", "eas_alarm"}))
E1212 = IoModuleSetup(MAPS["iologik-e1212"], counted=frozenset({"passage", "eas_alarm"}))
E1214 = IoModuleSetup(
    MAPS["iologik-e1214"],
    inputs=LaneInputs(passage=None, live_zero=None),
    outputs=LaneOutputs(siren=None, gate=4, green=3, amber=None, spare=5),
)
PLAIN = IoModuleSetup(MAPS["plain-8ch"], unguarded=True)
EVERY = [IoModuleSetup(), ADAM_4055, ADAM_4150, E1212, E1214, PLAIN]
GUARDED_BY_WATCHDOG = [ADAM_4055, ADAM_4150, E1212, E1214]


def named(setup: IoModuleSetup) -> str:
    return setup.register_map.name


class Lane:
    """A module on a real bench, with its driver."""

    def __init__(self, folder: Path, setup: IoModuleSetup, options: dict[str, JsonValue]) -> None:
        is_tcp = options.get("framing") == "tcp"
        self.simulator = build({"map": setup.register_map.name, **options}, seed=0)
        self.host = TcpHost("io", 0) if is_tcp else PtyHost(folder, "io")
        self.bench = Bench([WiredDevice("io", "modbus-io", self.simulator, self.host)])
        self.url = self.host.url.replace("socket:", "modbus-tcp:") if is_tcp else self.host.url
        self.owner = Owner()
        self.device: Device[Link] = Device("io-1", self.url, IoModuleDriver(setup), self.owner.publish)

    def play(self, action: str, **arguments: JsonValue) -> None:
        self.bench.play("io", action, arguments)

    def facts(self) -> dict[str, Any]:
        facts = self.bench.describe("io")["facts"]
        assert isinstance(facts, dict)
        return facts

    def outputs(self) -> list[bool]:
        outputs = self.facts()["outputs"]
        assert isinstance(outputs, list)
        return outputs

    def is_on(self, channel: int) -> Callable[[], bool]:
        return lambda: self.outputs()[channel]

    def is_off(self, channel: int) -> Callable[[], bool]:
        return lambda: not self.outputs()[channel]

    def done(self, command: SetOutputs | Pulse | Hold | Drop) -> None:
        self.device.perform(command)
        outcome = self.owner.next(OutputsCommanded)
        assert outcome.done, outcome.reason

    def lost_because(self) -> str:
        self.owner.wait_for_state(State.LOST)
        return next(event.reason for event in self.owner.heard(ConnectionChanged) if event.state is State.LOST)


@contextmanager
def lane(folder: Path, setup: IoModuleSetup, *, ready: bool = True, **options: JsonValue) -> Iterator[Lane]:
    found = Lane(folder, setup, options)
    found.bench.start()
    found.device.start()
    try:
        if ready:
            found.owner.wait_for_state(State.READY)
        yield found
    finally:
        found.device.stop()
        found.bench.stop()


def test_every_map_switches_holds_pulses_and_hears(tmp_path: Path, record_property: RecordProperty) -> None:
    rows = {}
    for setup, framing in itertools.product(EVERY, ("rtu", "tcp")):
        name = f"{named(setup)}, {framing}"
        rows[name] = partial(_switches_holds_pulses_and_hears, tmp_path / name, setup, framing)
    for again in together(rows):
        record_property(RAN_AGAIN, again)


def _switches_holds_pulses_and_hears(folder: Path, setup: IoModuleSetup, framing: str) -> None:
    with lane(folder, setup, framing=framing) as found:
        channels = setup.outputs.channels()
        found.done(SetOutputs({"red": True, "green": True}))
        found.done(Hold("belt"))
        found.done(Pulse("deactivator", 0.4))
        assert [name for name, channel in channels.items() if found.outputs()[channel]] == [
            "belt",
            "deactivator",
            "red",
            "green",
        ]
        wait_for(found.is_off(channels["deactivator"]), "the pulse to end", 1.0)
        found.play("set_input", index=0, on=True)
        found.owner.first(InputsChanged, lambda event: "eas_alarm" in event.inputs)
        held_s = wait_for(lambda: len(found.owner.heard(InputsChanged)) > 0, "inputs")
        assert held_s < 1
        found.done(Drop("belt"))
        found.done(SetOutputs({"red": False}))
        assert [name for name, channel in channels.items() if found.outputs()[channel]] == ["green"]
        found.device.stop()
        assert not any(found.outputs())
        assert found.owner.heard(OutputsDisturbed) == []
        assert found.owner.states() == [State.READY, State.CLOSED]


@pytest.mark.parametrize(
    ("setup", "told"),
    [
        (ADAM_4055, "Advantech ADAM-4055 A2:00:B0:01"),
        (E1212, "Moxa ioLogik E1212 no. 00:90:E8:00:00:01 V3.2.0"),
        (PLAIN, "I/O module at address 1"),
    ],
    ids=lambda value: "" if isinstance(value, str) else named(value),
)
def test_modules_say_who_they_are(tmp_path: Path, setup: IoModuleSetup, told: str) -> None:
    with lane(tmp_path, setup) as found:
        assert str(found.owner.heard(ConnectionChanged)[0].identity) == told


def test_another_model_than_the_settings_say_is_refused(tmp_path: Path) -> None:
    with lane(tmp_path, ADAM_4055, ready=False, map="adam-4150") as found:
        assert (
            "the module at address 1 calls itself 4150, the settings say Advantech ADAM-4055; plug in" in found.lost_because()
        )


@pytest.mark.parametrize("setup", GUARDED_BY_WATCHDOG, ids=named)
def test_a_module_whose_watchdog_is_off_is_not_used(tmp_path: Path, setup: IoModuleSetup) -> None:
    with lane(tmp_path, setup, ready=False, watchdog_s=None) as found:
        reason = found.lost_because()
        assert "belt and deactivator could not be stopped safely" in reason
        assert "with the maker's tool" in reason
        wait_for(lambda: not any(found.outputs()), "the spare output to go off", 12.0)


def test_a_watchdog_slower_than_the_settings_say_is_not_used(tmp_path: Path) -> None:
    with lane(tmp_path, ADAM_4055, ready=False, watchdog_s=3.0) as found:
        assert "did not switch output 7 off after 1 s of silence" in found.lost_because()


@pytest.mark.parametrize("setup", [ADAM_4055, E1212], ids=named)
def test_a_killed_program_s_belt_stops_by_the_watchdog(tmp_path: Path, setup: IoModuleSetup) -> None:
    code = (
        "import sys, queue; from hardware.device import Device; from hardware.io_module.driver import Hold, IoModuleDriver\n"
        "from hardware.io_module.register_maps import MAPS; from hardware.io_module.wiring import IoModuleSetup\n"
        "events = queue.Queue(); setup = IoModuleSetup(MAPS[sys.argv[2]])\n"
        "device = Device('io-1', sys.argv[1], IoModuleDriver(setup), events.put); device.start()\n"
        "assert events.get().is_ready; device.perform(Hold('belt')); sys.stdin.read()\n"
    )
    found = Lane(tmp_path, setup, {})
    found.bench.start()
    try:
        with subprocess.Popen([sys.executable, "-c", code, found.url, named(setup)], stdin=subprocess.PIPE) as program:
            wait_for(found.is_on(0), "the belt to run", 20.0)
            os.kill(program.pid, signal.SIGKILL)
            program.wait()
            assert wait_for(found.is_off(0), "the belt to stop by itself") < 1.3
    finally:
        found.bench.stop()


@pytest.mark.parametrize("setup", [ADAM_4055, E1212], ids=named)
def test_a_silent_line_stops_the_belt_and_it_stays_off_afterwards(tmp_path: Path, setup: IoModuleSetup) -> None:
    with lane(tmp_path, setup) as found:
        found.done(Hold("belt"))
        found.play("silent", on=True)
        found.owner.wait_for_state(State.LOST)
        wait_for(found.is_off(0), "the belt to stop by itself", 1.5)
        found.play("silent", on=False)
        found.owner.wait_for_state(State.READY, times=2)
        assert not any(found.outputs())
        found.done(SetOutputs({"red": True}))
        assert found.outputs()[2], "it obeys again"


@pytest.mark.parametrize("setup", [ADAM_4150, E1212], ids=named)
def test_a_pulse_shorter_than_any_poll_is_heard_once(tmp_path: Path, setup: IoModuleSetup) -> None:
    with lane(tmp_path, setup) as found:
        rest = found.owner.first(InputsChanged).inputs
        for name, index in (("passage", 6), ("eas_alarm", 0)):
            found.owner.forget()
            found.play("pulse_input", index=index)
            wait_for(lambda: len(found.owner.heard(InputsChanged)) == 2, "the end of the pulse")
            assert [event.inputs for event in found.owner.heard(InputsChanged)] == [rest | {name}, rest]
        found.owner.forget()
        found.play("set_input", index=6, on=True)
        found.owner.first(InputsChanged)
        found.play("set_input", index=6, on=False)
        wait_for(lambda: len(found.owner.heard(InputsChanged)) == 2, "the passage to end")
        found.play("set_input", index=0, on=True)
        wait_for(lambda: len(found.owner.heard(InputsChanged)) == 3, "the alarm")
        assert [sorted(event.inputs - rest) for event in found.owner.heard(InputsChanged)] == [["passage"], [], ["eas_alarm"]]


@pytest.mark.parametrize("setup", [IoModuleSetup(), ADAM_4055, ADAM_4150, E1212], ids=named)
def test_a_restarted_module_is_told_and_put_right(tmp_path: Path, setup: IoModuleSetup) -> None:
    with lane(tmp_path, setup) as found:
        found.done(SetOutputs({"red": True}))
        found.done(Hold("belt"))
        found.owner.forget()
        found.play("power_cycle")
        event = found.owner.first(OutputsDisturbed, deadline_s=3)
        assert event.cause is Cause.RESTARTED
        wait_for(lambda: found.outputs()[0] and found.outputs()[2], "everything as before")
        if setup.counted:
            found.play("pulse_input", index=6)
            found.owner.first(InputsChanged, lambda event: "passage" in event.inputs)
        assert found.owner.states() == [State.READY]


def test_a_restart_with_everything_off_is_seen_by_the_module_s_own_clock(tmp_path: Path) -> None:
    with lane(tmp_path, E1212) as found:
        found.owner.first(InputsChanged)
        found.play("power_cycle")
        event = found.owner.first(OutputsDisturbed, deadline_s=3)
        assert event == OutputsDisturbed("io-1", frozenset(), frozenset(), Cause.RESTARTED)


@pytest.mark.parametrize("setup", [IoModuleSetup(), ADAM_4055, E1212], ids=named)
def test_another_master_s_outputs_are_told_and_put_right(tmp_path: Path, setup: IoModuleSetup) -> None:
    with lane(tmp_path, setup) as found:
        found.done(SetOutputs({"green": True}))
        found.owner.forget()
        found.play("write_outputs", outputs=[True] * 7)
        event = found.owner.first(OutputsDisturbed, deadline_s=3)
        assert event.cause is Cause.OTHER_MASTER
        assert event.expected == {"green"}
        wait_for(lambda: found.outputs() == [False] * 4 + [True] + [False] * 3, "only green")


def test_another_master_s_talk_on_the_line_is_not_taken_for_ours(tmp_path: Path) -> None:
    """Its questions and the module's answers to them arrive here as well: other values for the same functions."""
    with lane(tmp_path, IoModuleSetup()) as found:
        found.owner.first(InputsChanged)
        found.owner.forget()
        asked = protocol.read_inputs(7).frame + _answer(7, 2, b"\xff") + protocol.read_coils(7).frame + _answer(7, 1, b"\xff")
        until_s = time.monotonic() + 2.0

        def talked() -> bool:
            found.play("garbage", hex=asked.hex())
            return time.monotonic() > until_s

        wait_for(talked, "two seconds of talk")
        found.done(SetOutputs({"red": True}))
        assert found.owner.heard(InputsChanged) == []
        assert found.owner.heard(OutputsDisturbed) == []
        assert found.owner.states() == [State.READY]


def _answer(unit: int, function: int, data: bytes) -> bytes:
    frame = bytes([unit, function, len(data)]) + data
    return frame + protocol.crc(frame)


@pytest.mark.parametrize("setup", [IoModuleSetup(), ADAM_4055, E1212], ids=named)
def test_a_broken_wire_is_an_emergency_stop_and_a_broken_supply_no_input_at_all(tmp_path: Path, setup: IoModuleSetup) -> None:
    with lane(tmp_path, setup) as found:
        assert found.owner.first(InputsChanged).inputs == REST
        found.play("break_wire", index=3, broken=True)
        assert found.owner.next(InputsChanged).inputs == {"live_zero"}
        found.play("break_wire", index=3, broken=False)
        assert found.owner.next(InputsChanged).inputs == REST
        found.owner.forget()
        found.play("break_wire", index=7, broken=True)
        assert "check the 24 V supply and the wiring" in found.lost_because()
        assert found.owner.heard(InputsChanged) == []
        found.play("break_wire", index=7, broken=False)
        found.owner.wait_for_state(State.READY, times=2)


def test_a_plain_module_that_misses_an_answer_comes_back_in_step(tmp_path: Path) -> None:
    with lane(tmp_path, PLAIN) as found:
        found.owner.first(InputsChanged)
        for fault in ("drop_next_reply", "corrupt_next_reply", "truncate_next_reply"):
            found.play(fault)
            found.done(SetOutputs({"red": True}))
        assert found.owner.states() == [State.READY]
