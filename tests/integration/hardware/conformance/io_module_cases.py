"""I/O modules in the conformance suite."""

from __future__ import annotations

from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.io_module.addresses import Framing
from hardware.io_module.driver import IoModuleDriver, OutputsCommanded, Pulse
from hardware.io_module.master import REPLY_TIMEOUT_S
from hardware.io_module.module import TRIES
from hardware.io_module.register_maps import MAPS
from hardware.io_module.wiring import IoModuleSetup
from tests.integration.hardware.conformance.case import Case, Stand
from tests.support.shaped import Shape
from tests.support.wire import wait_for

_PULSE_S = 0.5
_TOLD_S = 2.0
"""Until this test has seen it."""
_SILENCE_S = FAILED_EXCHANGES_MAX * (IoModuleDriver.poll_period_s + TRIES * REPLY_TIMEOUT_S)
"""A switching that fails is tried three times."""
_BELT = 0


def _pulse(stand: Stand, attempt: int) -> None:
    del attempt
    stand.owner.forget()
    stand.device.perform(Pulse("belt", _PULSE_S))


def _pulsed(stand: Stand, attempt: int) -> bool:
    del attempt
    outcome = stand.owner.first(OutputsCommanded, lambda event: isinstance(event.command, Pulse))
    wait_for(lambda: not stand.facts()["outputs"][_BELT], "the belt to stop", _PULSE_S + _TOLD_S)
    return outcome.done


CASES = (
    Case(
        name="I/O module Modbus RTU",
        kind="modbus-io",
        driver=lambda _stand: IoModuleDriver(),
        begin=_pulse,
        finish=_pulsed,
        silence_s=_SILENCE_S,
        operation="the belt is pulsed and stops by itself",
    ),
    Case(
        name="I/O module ADAM",
        kind="modbus-io",
        options={"map": "adam-4055"},
        driver=lambda _stand: IoModuleDriver(IoModuleSetup(MAPS["adam-4055"])),
        begin=_pulse,
        finish=_pulsed,
        silence_s=_SILENCE_S,
        operation="the belt is pulsed and switched off again",
    ),
    Case(
        name="I/O module Modbus TCP",
        kind="modbus-io",
        options={"map": "iologik-e1212", "framing": "tcp"},
        driver=lambda _stand: IoModuleDriver(IoModuleSetup(MAPS["iologik-e1212"]), framing=Framing.TCP),
        begin=_pulse,
        finish=_pulsed,
        silence_s=_SILENCE_S,
        operation="the belt is pulsed and switched off again",
        transports=("tcp",),
        shapes=tuple(shape for shape in Shape if shape.is_whole),  # its frames have no checksum: TCP loses and changes nothing
    ),
)
