"""What happens to a payout, one dataclass per event; :mod:`hardware.cash.payout` is the machine."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.cash.events import PayoutReason
from hardware.cash.protocol_counters import HopperFlag, HopperStatus


@dataclass(frozen=True, slots=True)
class Reading:
    """What a hopper says about itself: status first, then the count, so that a count after standstill is final."""

    status: HopperStatus
    dispensed: int
    """Coins ever paid (header 168)."""
    flags: HopperFlag
    now_s: float


@dataclass(frozen=True, slots=True)
class ReadyToPay:
    """The hopper stands still and nothing blocks it."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Blocked:
    """A jam or a covered sensor of an earlier time is still flagged."""


@dataclass(frozen=True, slots=True)
class ResetDone:
    """The hopper was reset, or at least told so."""

    now_s: float


@dataclass(frozen=True, slots=True)
class IntentWritten:
    """The intent is on disk."""

    now_s: float


@dataclass(frozen=True, slots=True)
class Enabled:
    """The hopper may pay."""


@dataclass(frozen=True, slots=True)
class DispenseHeard:
    """The hopper answered that it pays."""

    now_s: float


@dataclass(frozen=True, slots=True)
class DispenseDoubtful:
    """No answer, a broken one, or a refusal: ask what happened."""

    now_s: float
    was_refused: bool


@dataclass(frozen=True, slots=True)
class NeverReceived:
    """The hopper's counters say that it never heard the order."""


@dataclass(frozen=True, slots=True)
class Running:
    """Coins remain to be paid."""

    paid: int


@dataclass(frozen=True, slots=True)
class TooEarly:
    """It stands still, but a frame or a coin may still be on its way."""


@dataclass(frozen=True, slots=True)
class PortionPaid:
    """A portion is paid in full and more is due."""

    reading: Reading
    paid: int
    """Of the whole payout."""


@dataclass(frozen=True, slots=True)
class StoodStill:
    """The hopper has stopped: this is the outcome."""

    paid: int
    reason: PayoutReason
    uncertain: bool = False
    has_mismatch: bool = False


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The owner wants it to stop, or it ran too long."""

    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class StopSent:
    """The emergency stop went out, answered or not."""

    now_s: float


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A question got no answer; ask again."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It will not go on."""

    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class LinkReturned:
    """The connection was lost and is back."""

    now_s: float


Event = (
    ReadyToPay
    | Blocked
    | ResetDone
    | IntentWritten
    | Enabled
    | DispenseHeard
    | DispenseDoubtful
    | NeverReceived
    | Running
    | TooEarly
    | PortionPaid
    | StoodStill
    | StopAsked
    | StopSent
    | NoAnswer
    | GivenUp
    | LinkReturned
)
