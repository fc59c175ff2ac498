"""What a scale tells its owner and what the owner can ask of it, whatever words are spoken on the wire."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.device import DeviceCommand, DeviceEvent
from hardware.scale.reading import Unavailable


@dataclass(frozen=True, slots=True)
class WeightRead(DeviceEvent):
    """The scale told a weight; comes with every poll."""

    grams: float
    """As shown, net of zero; below zero when something was taken off after zeroing."""
    stable: bool
    raw: str
    """The scale's own words, for the log."""


@dataclass(frozen=True, slots=True)
class WeightUnavailable(DeviceEvent):
    """The scale works but cannot tell a weight; comes with every poll while that is so."""

    reason: Unavailable


@dataclass(frozen=True, slots=True)
class Zero(DeviceCommand):
    """Call the present load zero. Only when the belt is known to be empty; answered by :class:`ZeroFinished`."""


@dataclass(frozen=True, slots=True)
class ZeroFinished(DeviceEvent):
    """What became of :class:`Zero`."""

    done: bool
    reason: str = ""
    """Why not, in a sentence."""


@dataclass(frozen=True, slots=True)
class RunSelfTest(DeviceCommand):
    """Let the scale test its memories; it weighs nothing meanwhile. Answered by :class:`SelfTested`; Toledo 8217 only."""


@dataclass(frozen=True, slots=True)
class SelfTested(DeviceEvent):
    """What became of :class:`RunSelfTest`."""

    passed: bool
    reason: str = ""
    """What failed, in a sentence."""
