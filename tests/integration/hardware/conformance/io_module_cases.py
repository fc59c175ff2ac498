"""I/O modules in the conformance suite."""

from __future__ import annotations

import time

from hardware.io_module.addresses import Framing
from hardware.io_module.driver import IoModuleDriver, OutputsCommanded, Pulse
from hardware.io_module.register_maps import MAPS
from hardware.io_module.wiring import IoModuleSetup
from tests.integration.hardware.conformance.case import Case, Stand
from tests.support.shaped import Shape

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
    Case(
        name="I/O module ADAM",
        kind="modbus-io",
        options={"map": "adam-4055"},
        driver=lambda _stand: IoModuleDriver(IoModuleSetup(MAPS["adam-4055"])),
        begin=_pulse,
        finish=_pulsed,
        operation="the belt is pulsed and switched off again",
    ),
    Case(
        name="I/O module Modbus TCP",
        kind="modbus-io",
        options={"map": "iologik-e1212", "framing": "tcp"},
        driver=lambda _stand: IoModuleDriver(IoModuleSetup(MAPS["iologik-e1212"]), framing=Framing.TCP),
        begin=_pulse,
        finish=_pulsed,
        operation="the belt is pulsed and switched off again",
        transports=("tcp",),
        shapes=tuple(shape for shape in Shape if shape.is_whole),  # its frames have no checksum: TCP loses and changes nothing
    ),
)
