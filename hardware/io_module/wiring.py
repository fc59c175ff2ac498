"""Which terminal of the module is what on a lane; settings can move every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

from hardware.io_module.protocol import CHANNELS

_FORBID_UNKNOWN_KEYS: Mapping[str, str] = {"extra": "forbid"}


@dataclass(frozen=True)
class Wiring:
    """Names to channels, 0 to 7; None where nothing is wired."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _FORBID_UNKNOWN_KEYS
    """A settings section may hold a wiring: pydantic then refuses unknown names."""

    def __post_init__(self) -> None:
        """Check that every channel exists and is used once."""
        used: dict[int, str] = {}
        for name, channel in self.channels().items():
            if not 0 <= channel < CHANNELS:
                raise ValueError(f"{name}: there is no channel {channel}; the module has 0 to {CHANNELS - 1}")
            if channel in used:
                raise ValueError(f"{used[channel]} and {name} are both on channel {channel}")
            used[channel] = name

    def channels(self) -> dict[str, int]:
        """Return what is wired."""
        wired = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: channel for name, channel in wired.items() if channel is not None}

    def names(self, bits: tuple[bool, ...]) -> frozenset[str]:
        """Return the names of the channels that are on."""
        return frozenset(name for name, channel in self.channels().items() if bits[channel])


@dataclass(frozen=True)
class LaneOutputs(Wiring):
    """The outputs of a lane."""

    belt: int | None = 0
    """Runs while on; only pulsed."""
    deactivator: int | None = 1
    """Kills security tags while on; only pulsed."""
    red: int | None = 2
    amber: int | None = 3
    green: int | None = 4
    siren: int | None = 5
    gate: int | None = 6
    """Lets one shopper through while on."""
    spare: int | None = 7
    """Nothing is wired to it: the driver tries there how the module's pulses behave."""


PULSED = frozenset({"belt", "deactivator"})
"""Outputs that must stop by themselves when this program dies."""


@dataclass(frozen=True)
class LaneInputs(Wiring):
    """The inputs of a lane."""

    eas_alarm: int | None = 0
    """The pedestal sees a live tag."""
    entry_barrier: int | None = 1
    """On: goods break the beam at the belt's entry."""
    exit_barrier: int | None = 2
    """On: goods break the beam at the end of the scale."""
    emergency_stop: int | None = 3
    """Normally closed: on is fine, off is pressed or a broken wire."""
    staff_key: int | None = 4
    """Staff's key."""
    belt_fault: int | None = 5
    passage: int | None = 6
    """On while the shopper walks through."""
    live_zero: int | None = 7
    """Wired to 1: off means that the inputs have no supply and none of them can be believed."""
