"""The devices of one lane: starts and stops their drivers, turns what they say into the lane's events.

What is wired to which terminal is :mod:`hardware.io_module.wiring`. Belt, deactivator and gate are held by pulses that the
driver renews and that stop by themselves when this program dies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from gate_controller import words
from gate_controller.lane_state import Outputs
from gate_controller.settings import LaneSettings
from gate_controller.words import Event, Fault
from hardware.device import ConnectionChanged, Device, DeviceEvent
from hardware.io_module.commands import Drop, Hold, SetOutputs
from hardware.io_module.driver import IoModuleDriver
from hardware.io_module.events import InputsChanged, OutputsCommanded, OutputsDisturbed
from hardware.scale.events import Zero

HELD = ("belt", "deactivator", "gate")
STEADY = ("red", "amber", "green", "siren")
INPUTS = (
    "eas_alarm",
    "emergency_stop",
    "belt_fault",
    "entry_barrier",
    "exit_barrier",
    "passage",
    "staff_key",
)
"""In the order in which changes of one moment are told: an alarm belongs to the shopper who is just walking through."""
AT_REST = frozenset({"emergency_stop"})
"""The inputs that are on when nothing happens: the emergency stop is normally closed."""

_log = logging.getLogger(__name__)


class LaneDevices:
    """Scanner, scale and I/O module of one lane."""

    def __init__(self, settings: LaneSettings, publish: Callable[[DeviceEvent], None]) -> None:
        self.lane = name = settings.name
        self.scanner_name, self.scale_name, self.io_name = f"{name}-scanner", f"{name}-scale", f"{name}-io"
        self._scanner = Device(
            self.scanner_name, settings.scanner_url, settings.scanner.driver(), publish, settings.scanner.identity
        )
        self._scale = Device(self.scale_name, settings.scale_url, settings.scale.driver(), publish, settings.scale.identity)
        setup = settings.io.setup()
        io_driver = IoModuleDriver(setup, line=settings.io.line(), framing=settings.io.framing)
        self._io = Device(self.io_name, settings.io_url, io_driver, publish, settings.io.identity)
        self._wired = frozenset(setup.outputs.channels())
        self._inputs = AT_REST
        self._io_ready = False
        self._applied: Outputs | None = None
        """What the module was told; None after it was away, when everything is off and nothing is held."""

    @property
    def names(self) -> tuple[str, str, str]:
        """The names that the devices' events carry."""
        return self.scanner_name, self.scale_name, self.io_name

    def start(self) -> None:
        """Begin to connect; a device that is not there is tried again for ever."""
        for device in (self._io, self._scale, self._scanner):
            device.start()

    def stop(self) -> None:
        """Close the ports; the I/O module's driver switches everything off first."""
        devices: list[Device[Any]] = [self._io, self._scale, self._scanner]
        for device in devices:
            device.stop()

    def apply(self, wanted: Outputs) -> None:
        """Let the actuators do what the lane says; tells the module only what changes, and everything when it is back."""
        if not self._io_ready:
            return
        before, self._applied = self._applied, wanted
        for name in HELD:
            now = getattr(wanted, name)
            if before is None or getattr(before, name) is not now:
                self._io.perform(Hold(name) if now else Drop(name))
        lamps = [name for name in STEADY if name in self._wired]
        steady = {name: getattr(wanted, name) for name in lamps}
        if before is None or steady != {name: getattr(before, name) for name in lamps}:
            self._io.perform(SetOutputs(steady))

    def zero_scale(self) -> None:
        """Call the empty belt's weight zero."""
        self._scale.perform(Zero())

    def understand(self, event: DeviceEvent) -> Iterator[Event]:
        """Turn a connection change or changed inputs into the lane's events; an alarm comes before anything else."""
        if isinstance(event, ConnectionChanged):
            yield from self._connection_changed(event)
        elif isinstance(event, InputsChanged):
            yield from self._inputs_changed(event.inputs)
        elif isinstance(event, OutputsDisturbed):
            yield from self._outputs_disturbed(event)
        elif isinstance(event, OutputsCommanded) and not event.done:
            _log.warning("%s: %s", event.device, event.reason)

    def _connection_changed(self, event: ConnectionChanged) -> Iterator[Event]:
        fault = {self.scanner_name: Fault.SCANNER, self.scale_name: Fault.SCALE, self.io_name: Fault.IO_MODULE}[event.device]
        if event.device == self.io_name:
            self._io_ready, self._applied = event.is_ready, None
        yield words.FaultCleared(fault) if event.is_ready else words.FaultRaised(fault)

    @staticmethod
    def _outputs_disturbed(event: OutputsDisturbed) -> Iterator[Event]:
        """The driver has put the outputs right; but goods that passed a dead deactivator must not leave as disarmed."""
        found, expected = sorted(event.found), sorted(event.expected)
        _log.warning("%s: outputs were %s instead of %s: %s", event.device, found, expected, event.cause.value)
        if "deactivator" in event.expected - event.found:
            yield words.FaultRaised(Fault.IO_MODULE)
            yield words.FaultCleared(Fault.IO_MODULE)

    def _inputs_changed(self, inputs: frozenset[str]) -> Iterator[Event]:
        changed = self._inputs ^ inputs
        self._inputs = inputs
        for name in INPUTS:
            if name in changed:
                yield from _events_of(name, on=name in inputs)


def _events_of(name: str, *, on: bool) -> Iterator[Event]:
    if name == "eas_alarm":
        yield words.EasAlarm() if on else words.EasCleared()
    elif name == "emergency_stop":
        yield words.FaultCleared(Fault.EMERGENCY_STOP) if on else words.FaultRaised(Fault.EMERGENCY_STOP)
    elif name == "belt_fault":
        yield words.FaultRaised(Fault.BELT) if on else words.FaultCleared(Fault.BELT)
    elif name == "entry_barrier":
        yield words.EntryBarrier(broken=on)
    elif name == "exit_barrier":
        yield words.ExitBarrier(broken=on)
    elif name == "passage" and on:
        yield words.Passage()
    elif name == "staff_key" and on:
        yield words.StaffReleased(staff="key", reason="release key")
