"""Events about the anti-theft pedestal, RFID tags at the gate, and fire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gate_controller.words.check import UnpaidTag


@dataclass(frozen=True, slots=True)
class EasAlarm:
    """The pedestal senses a live tag, or the RFID gate one that is not paid."""

    unpaid: tuple[UnpaidTag, ...] = ()
    """Which, where the gate can tell."""


@dataclass(frozen=True, slots=True)
class EasCleared:
    """The pedestal's contact is open again."""


@dataclass(frozen=True, slots=True)
class AlarmSilenced:
    """Staff has seen to the alarm."""


@dataclass(frozen=True, slots=True)
class AlarmSilencedForOrder:
    """Staff has seen to the alarm; an order is still in the lane."""


@dataclass(frozen=True, slots=True)
class SirenDone:
    """The siren was loud long enough."""


@dataclass(frozen=True, slots=True)
class FireAlarm:
    """The fire alarm system, another lane, or staff says that there is a fire: open, and stay open."""

    by_input: bool
    """This lane's own input says so."""


@dataclass(frozen=True, slots=True)
class FireCleared:
    """The fire input is at rest again; the lane stays open."""


@dataclass(frozen=True, slots=True)
class FireReset:
    """Staff says that the fire is over."""

    staff: str


@dataclass(frozen=True, slots=True)
class FireResetForOrder:
    """The fire is over, and an order was in the lane when it began."""


@dataclass(frozen=True, slots=True)
class FireStillOn:
    """Staff wants to end it, but the fire input still says fire."""


AlarmEvent: TypeAlias = (
    EasAlarm
    | EasCleared
    | AlarmSilenced
    | AlarmSilencedForOrder
    | SirenDone
    | FireAlarm
    | FireCleared
    | FireReset
    | FireResetForOrder
    | FireStillOn
)
