"""What the I/O module tells its owner."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.device import DeviceEvent
from hardware.io_module.commands import OutputCommand


@dataclass(frozen=True, slots=True)
class InputsChanged(DeviceEvent):
    """The settled inputs; comes once after each connection and then with every change."""

    inputs: frozenset[str]
    """Names of the inputs that are on, as in :class:`~hardware.io_module.wiring.LaneInputs`."""
    at_s: float
    """When they were read, on the monotonic clock."""


@dataclass(frozen=True, slots=True)
class OutputsDisturbed(DeviceEvent):
    """The outputs were not as told, and were put right: the module rebooted, or somebody else writes."""

    expected: frozenset[str]
    found: frozenset[str]


@dataclass(frozen=True, slots=True)
class OutputsCommanded(DeviceEvent):
    """What became of a command.

    Not done for want of an answer: the connection is lost as well, and comes back with all outputs off.
    """

    command: OutputCommand
    done: bool
    reason: str = ""
    """Why not, in a sentence."""
