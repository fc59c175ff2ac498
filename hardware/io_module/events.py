"""What the I/O module tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hardware.device import DeviceEvent
from hardware.io_module.commands import OutputCommand


@dataclass(frozen=True, slots=True)
class InputsChanged(DeviceEvent):
    """The settled inputs; comes once after each connection and then with every change.

    A pulse that only the module's counter saw comes as two of these, changed and changed back.
    """

    inputs: frozenset[str]
    """Names of the inputs that are on, as in :class:`~hardware.io_module.wiring.LaneInputs`."""
    at_s: float
    """When the first reading that showed it came, on the monotonic clock; a change is told once a second one agrees."""


class Cause(Enum):
    """Why outputs were not as told, as far as the module shows."""

    RESTARTED = "the module restarted, or its watchdog switched it off"
    OTHER_MASTER = "somebody else switches outputs"
    OWNER_SILENT = "the program that wants them does not say so any more"


@dataclass(frozen=True, slots=True)
class OutputsDisturbed(DeviceEvent):
    """The outputs were not as told, and were put right; or were switched off, when their owner hangs."""

    expected: frozenset[str]
    found: frozenset[str]
    cause: Cause = Cause.OTHER_MASTER


@dataclass(frozen=True, slots=True)
class OutputsCommanded(DeviceEvent):
    """What became of a command.

    Not done for want of an answer: the connection is lost as well, and comes back with all outputs off.
    """

    command: OutputCommand
    done: bool
    reason: str = ""
    """Why not, in a sentence."""
