"""I/O modules in the conformance suite."""

from __future__ import annotations

import time

from hardware.io_module.driver import IoModuleDriver, OutputsCommanded, Pulse
from tests.integration.hardware.conformance.case import Case, Stand

_PULSE_S = 0.5
_BELT = 0


def _pulse(stand: Stand, attempt: int) -> None:
    del attempt
    stand.owner.forget()
    stand.device.perform(Pulse("belt", _PULSE_S))


def _pulsed(stand: Stand, attempt: int) -> bool:
    del attempt
    outcome = stand.owner.first(OutputsCommanded, lambda event: isinstance(event.command, Pulse))
    begun = time.monotonic()
    while stand.facts()["outputs"][_BELT]:
        assert time.monotonic() - begun < 2 * _PULSE_S, "the belt runs on"
    return outcome.done


CASES = (
    Case(
        name="I/O module Modbus RTU",
        kind="modbus-io",
        driver=lambda _stand: IoModuleDriver(),
        begin=_pulse,
        finish=_pulsed,
        operation="the belt is pulsed and stops by itself",
    ),
)
