"""Which terminal of the module is what on a lane, and what the module is; settings can change all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

from hardware.io_module.register_maps import WAVESHARE, Counters, RegisterMap

CHANNELS_MAX, UNIT_MAX = 8, 247
"""No module that we know has more of a kind."""
_FORBID_UNKNOWN_KEYS: Mapping[str, str] = {"extra": "forbid"}


@dataclass(frozen=True)
class Wiring:
    """Names to channels from 0; None where nothing is wired."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _FORBID_UNKNOWN_KEYS
    """A settings section may hold a wiring: pydantic then refuses unknown names."""

    def __post_init__(self) -> None:
        """Check that every channel exists and is used once."""
        used: dict[int, str] = {}
        for name, channel in self.channels().items():
            if not 0 <= channel < CHANNELS_MAX:
                raise ValueError(f"{name}: there is no channel {channel}; the module has 0 to {CHANNELS_MAX - 1}")
            if channel in used:
                raise ValueError(f"{used[channel]} and {name} are both on channel {channel}")
            used[channel] = name

    def channels(self) -> dict[str, int]:
        """Return what is wired."""
        wired = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: channel for name, channel in wired.items() if channel is not None}

    def check(self, count: int, kind: str, module: str) -> None:
        """Check that the module has all these channels; raises ValueError with a sentence."""
        for name, channel in self.channels().items():
            if channel >= count:
                raise ValueError(
                    f"{name}: {module} has no {kind} {channel}, only 0 to {count - 1}; wire it to another channel, or leave "
                    f'it out by {name} = "none"'
                )

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
    fire: int | None = None
    """The building's fire alarm system."""


@dataclass(frozen=True)
class IoModuleSetup:
    """What the driver must know of a module; what cannot be is refused with a sentence."""

    register_map: RegisterMap = WAVESHARE
    unit: int = 1
    """The module's Modbus address, 1 to 247."""
    inputs: LaneInputs = LaneInputs()
    outputs: LaneOutputs = LaneOutputs()
    counted: frozenset[str] = frozenset()
    """Names of inputs whose counters are read, so that a pulse shorter than the poll is heard."""
    watchdog_s: float = 1.0
    """After so much silence the module's own watchdog switches its outputs off; used by maps that have one."""
    unguarded: bool = False
    """Drive belt and deactivator although nothing stops them when this program dies."""

    def __post_init__(self) -> None:
        """Check that map, wiring and counters fit together."""
        found = self.register_map
        if not 1 <= self.unit <= UNIT_MAX:
            raise ValueError(f"a module's address is 1 to {UNIT_MAX}, not {self.unit}")
        self.inputs.check(found.inputs.count, "input", found.name)
        self.outputs.check(found.outputs.count, "output", found.name)
        self._check_guard()
        self._check_counted()

    def _check_guard(self) -> None:
        pulsed = sorted(PULSED & set(self.outputs.channels()))
        if pulsed and self.register_map.guard is None and not self.unguarded:
            raise ValueError(
                f"{self.register_map.name} has nothing that stops {' and '.join(pulsed)} when this program dies; use a module "
                "with timed pulses or a watchdog, or set unguarded = true and guard them by other means"
            )

    def _check_counted(self) -> None:
        unknown = sorted(self.counted - set(self.inputs.channels()))
        if unknown:
            known = ", ".join(self.inputs.channels())
            raise ValueError(f"counted: no input is called {', '.join(unknown)}; there are {known}")
        if self.counted and self.register_map.counters is None:
            raise ValueError(
                f"counted: {self.register_map.name} has no counters; leave counted empty and see that pulses last 0.1 s"
            )

    @property
    def counters(self) -> Counters | None:
        """Where the counters are, when any input is counted."""
        return self.register_map.counters if self.counted else None
