"""What the driver puts right after a restart of the module: only what would also end without this program."""

from __future__ import annotations

import time

import pytest

from hardware.device import DeviceEvent
from hardware.io_module.driver import IoModuleDriver, OutputsDisturbed, Pulse, SetOutputs
from hardware.io_module.events import Cause
from hardware.io_module.simulator import build
from tests.support.straight_line import StraightLine

DEACTIVATOR, GREEN, GATE = 1, 4, 6


@pytest.mark.parametrize("output", ["gate", "deactivator"])
def test_a_pulse_that_a_restart_cut_short_still_ends_in_the_module(output: str) -> None:
    module = build({}, seed=0)
    line, events = StraightLine(module), list[DeviceEvent]()
    driver = IoModuleDriver()
    driver.name, driver.publish = "io-1", events.append
    driver.probe(line)
    driver.perform(line, Pulse(output, 60.0))
    begun_s = time.monotonic()
    module.power_cycle(begun_s)
    driver.perform(line, SetOutputs({"green": True}))
    told = next(event for event in events if isinstance(event, OutputsDisturbed))
    assert told == OutputsDisturbed("io-1", frozenset({output, "green"}), frozenset({"green"}), Cause.RESTARTED)
    channel = GATE if output == "gate" else DEACTIVATOR
    assert module.outputs(begun_s + 59.0)[channel], "it goes on as long as it was to last"
    assert not module.outputs(begun_s + 61.0)[channel], "and ends without this program"
    assert module.outputs(begun_s + 61.0)[GREEN]
