"""The devices of one lane: starts and stops their drivers, turns what they say into the lane's events.

What is wired to which terminal is :mod:`hardware.io_module.wiring`. Belt, deactivator and gate are held by pulses that the
driver renews and that stop by themselves when this program dies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gate_controller import words
from gate_controller.crash_points import crash_point
from gate_controller.lane_state import Outputs
from gate_controller.settings import LaneSettings
from gate_controller.words import Event, Fault
from hardware.device import ConnectionChanged, Device, DeviceEvent
from hardware.io_module.commands import Drop, Hold, SetOutputs
from hardware.io_module.driver import IoModuleDriver
from hardware.io_module.events import Cause, InputsChanged, OutputsCommanded, OutputsDisturbed
from hardware.rfid.events import AntennaChanged
from hardware.rfid.watch import WatchRules
from hardware.scale.events import Zero

IO_PERIOD_S, IO_BUSY_PERIOD_S = 0.03, 0.01
"""How often the module is asked, and how often while goods move; a slow line sets its own pace."""
SCALE_PERIOD_S, SCALE_SWINGING_PERIOD_S, SCALE_SETTLING_PERIOD_S = 0.2, 0.01, 0.04
"""How often the scale is asked, how often while a shopper waits for it to come to rest, and how often once it is at rest."""
HELD = ("gate", "belt", "deactivator")
"""In the order in which they are told: a shopper waits for the gate, and the belt stands by then."""
STEADY = ("red", "amber", "green", "siren")
INPUTS = (
    "fire",
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
"""The inputs that are on when nothing happens: the emergency stop is normally closed; by settings fire and pedestal, too."""

_log = logging.getLogger(__name__)


class LaneDevices:
    """Scanner, scale and I/O module of one lane."""

    def __init__(self, settings: LaneSettings, publish: Callable[[DeviceEvent], None]) -> None:
        self.lane = name = settings.name
        self.after = settings.after
        self.scanner_name, self.scale_name, self.io_name = f"{name}-scanner", f"{name}-scale", f"{name}-io"
        self._scanner = Device(
            self.scanner_name, settings.scanner_url, settings.scanner.driver(), publish, settings.scanner.identity
        )
        self._scale_driver = settings.scale.driver()
        self._scale = Device(self.scale_name, settings.scale_url, self._scale_driver, publish, settings.scale.identity)
        setup = settings.io.setup()
        self._io_driver = IoModuleDriver(setup, line=settings.io.line(), framing=settings.io.framing)
        self._io = Device(self.io_name, settings.io_url, self._io_driver, publish, settings.io.identity)
        self.keypad_name, self._keypad = f"{name}-keypad", _keypad(f"{name}-keypad", settings, publish)
        self.rfid_name = f"{name}-rfid"
        self._rfid = _reader(self.rfid_name, settings, publish)
        self._pulled: set[int] = set()
        """Antennas that the RFID reader misses."""
        self._tag_rules = WatchRules() if settings.rfid is None else settings.rfid.rules()
        self._wired = frozenset(setup.outputs.channels())
        self._opens_by_itself = settings.io.gate_without_power == "open"
        contacts = {"fire": settings.io.fire_contact, "eas_alarm": settings.io.eas_contact}
        wired = setup.inputs.channels()
        self._normally_closed = AT_REST | {name for name, does in contacts.items() if does == "opens" and name in wired}
        self._inputs = self._normally_closed
        self._weight_due_s: float | None = None
        self._io_ready = False
        self._applied: Outputs | None = None
        """What the module was told; None after it was away, when everything is off and nothing is held."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the devices' events carry."""
        return self.scanner_name, self.keypad_name, self.scale_name, self.io_name, self.rfid_name

    @property
    def tag_rules(self) -> WatchRules:
        """When a tag counts as being at the gate."""
        return self._tag_rules

    @property
    def unheard(self) -> frozenset[Fault]:
        """The faults that a lane has until its devices are heard."""
        faults = {Fault.SCANNER, Fault.SCALE, Fault.IO_MODULE}
        extras = {Fault.RFID_READER: self._rfid, Fault.KEYPAD: self._keypad}
        return frozenset(faults | {fault for fault, device in extras.items() if device is not None})

    def start(self) -> None:
        """Begin to connect; a device that is not there is tried again for ever."""
        for device in (self._io, self._scale, self._scanner):
            device.start()
        for extra in (self._rfid, self._keypad):
            if extra is not None:
                extra.start()

    def stop(self) -> None:
        """Close the ports; the I/O module's driver switches everything off first."""
        devices: list[Device[Any]] = [self._io, self._scale, self._scanner]
        devices += [extra for extra in (self._rfid, self._keypad) if extra is not None]
        for device in devices:
            device.stop()

    def controller_is_well(self) -> None:
        """Say that the controller's loop goes round; when it hangs, nothing is held any more."""
        self._io_driver.owner_is_well()

    def await_weight(self, due_s: float | None) -> None:
        """Ask the scale as it is needed.

        Args:
            due_s: it comes to rest, and a reading at this time (monotonic seconds) settles the weight; 0 while it swings, None
                while nobody waits for a weight.
        """
        before, self._weight_due_s = self._weight_due_s, due_s
        if due_s is None:
            self._scale_driver.poll_period_s = SCALE_PERIOD_S
            return
        self._scale_driver.poll_period_s = SCALE_SETTLING_PERIOD_S if due_s else SCALE_SWINGING_PERIOD_S
        if due_s or before != 0:  # it begins to swing: at once, and from then on by the shorter period
            self._scale.poll_by(due_s)

    def apply(self, wanted: Outputs) -> None:
        """Let the actuators do what the lane says; tells the module only what changes, and everything when it is back."""
        self._io_driver.poll_period_s = IO_BUSY_PERIOD_S if wanted.belt else IO_PERIOD_S
        if not self._io_ready:
            return
        if self._opens_by_itself:
            # The output holds the gate shut.
            wanted = replace(wanted, gate=not wanted.gate)
        before, self._applied = self._applied, wanted
        for name in HELD:
            command = _command(wanted, name)
            if before is None or _command(before, name) != command:
                self._io.perform(command)
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
        elif isinstance(event, AntennaChanged):
            yield self._antenna_changed(event)
        elif isinstance(event, OutputsCommanded):
            self._commanded(event)

    @staticmethod
    def _commanded(event: OutputsCommanded) -> None:
        if not event.done:
            _log.warning("%s: %s", event.device, event.reason)
            return
        held = event.command.output if isinstance(event.command, Hold) else ""
        if held == "belt":
            crash_point("belt.held")
        elif held == "deactivator":
            crash_point("deactivator.held")
        elif held == "gate":
            crash_point("gate.held")

    def _connection_changed(self, event: ConnectionChanged) -> Iterator[Event]:
        fault = {
            self.scanner_name: Fault.SCANNER,
            self.scale_name: Fault.SCALE,
            self.io_name: Fault.IO_MODULE,
            self.rfid_name: Fault.RFID_READER,
            self.keypad_name: Fault.KEYPAD,
        }[event.device]
        if event.device == self.io_name:
            self._io_ready, self._applied = event.is_ready, None
        if event.device == self.rfid_name:
            self._pulled.clear()  # a reader tells it anew
        yield words.FaultCleared(fault) if event.is_ready else words.FaultRaised(fault)

    def _antenna_changed(self, event: AntennaChanged) -> Event:
        """Without one of its antennas the gate is blind on that side: the reader is as good as lost."""
        (self._pulled.discard if event.connected else self._pulled.add)(event.antenna)
        return words.FaultRaised(Fault.RFID_READER) if self._pulled else words.FaultCleared(Fault.RFID_READER)

    def _outputs_disturbed(self, event: OutputsDisturbed) -> Iterator[Event]:
        """Outputs are as told again, or will be now; but goods that passed a dead deactivator must not leave as disarmed."""
        if event.cause is Cause.OWNER_SILENT:
            self._applied = None  # what the lane still wants is told anew
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
                yield from _events_of(name, on=name in inputs, at_rest=name in self._normally_closed)


def _command(wanted: Outputs, name: str) -> Hold | Drop:
    """Return what the module is told about one of the held outputs."""
    if not getattr(wanted, name):
        return Drop(name)
    until = "exit_barrier" if name == "belt" and wanted.to_scale else ""
    return Hold(name, until, outlives_owner=name == "gate" and wanted.escape)


def _keypad(name: str, settings: LaneSettings, publish: Callable[[DeviceEvent], None]) -> Device[Any] | None:
    if settings.keypad_url is None:
        return None
    return Device(name, settings.keypad_url, settings.keypad.driver(), publish, settings.keypad.identity)


def _reader(name: str, settings: LaneSettings, publish: Callable[[DeviceEvent], None]) -> Device[Any] | None:
    rfid = settings.rfid
    return None if rfid is None else Device(name, rfid.url, rfid.driver(), publish, rfid.identity)


def _events_of(name: str, *, on: bool, at_rest: bool) -> Iterator[Event]:
    if name == "fire":
        yield words.FireCleared() if on == at_rest else words.FireAlarm(by_input=True)
    elif name == "eas_alarm":
        yield words.EasCleared() if on == at_rest else words.EasAlarm()
    elif name == "emergency_stop":
        yield words.FaultCleared(Fault.EMERGENCY_STOP) if on else words.FaultRaised(Fault.EMERGENCY_STOP)
    elif name == "belt_fault":
        yield words.FaultRaised(Fault.BELT) if on else words.FaultCleared(Fault.BELT)
    elif name == "entry_barrier":
        yield words.EntryBarrier(broken=on)
    elif name == "exit_barrier":
        yield words.ExitBarrier(broken=on)
    elif name == "passage" and on:
        crash_point("passage.seen")
        yield words.Passage()
    elif name == "staff_key" and on:
        yield words.StaffReleased(staff="key", reason="release key")
