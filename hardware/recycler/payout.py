"""Notes that go out: at most once, and how many went is told by the device.

1. Nothing is ordered before the intent, with the device's counters and levels, is on disk.
2. The order is repeated only under the same sequence bit and count, which a device does at most once. After a lost connection
   it is never sent again.
3. The device tells the end with what it has paid: dispensed, jammed, halted, timed out, or incomplete after a power cut.
4. If no end is told, its counters and levels judge (:mod:`hardware.recycler.judgement`) as soon as it stands still.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias
from uuid import UUID

from hardware.cash.events import PayoutReason

QUIET_S = 4.0
"""A device that says nothing of a payout for so long stands still."""
WAIT_S = 20.0
"""How long a payout waits for a note that is still coming in."""


class State(Enum):
    """How far a payout is."""

    WAITING = "waiting"
    JOURNALLING = "journalling"
    ORDERING = "ordering"
    PAYING = "paying"
    JUDGING = "judging"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Ready:
    """The device is free."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It will not be ordered."""

    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class IntentWritten:
    """The intent is on disk."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The device said that it pays."""

    now_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The device said no: nothing moved."""

    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class Progress:
    """The device is paying."""

    paid_minor: int
    now_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The device told the end and what it has paid."""

    paid_minor: int
    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class Quiet:
    """It says nothing any more."""

    now_s: float


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The owner wants it to stop."""


@dataclass(frozen=True, slots=True)
class LinkReturned:
    """The connection was lost and is back."""

    now_s: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What counters and levels say."""

    paid_minor: int
    is_certain: bool


Event: TypeAlias = (
    Ready | GivenUp | IntentWritten | Ordered | Refused | Progress | Ended | Quiet | StopAsked | LinkReturned | Judged
)


@dataclass(frozen=True, slots=True)
class Payout:
    """One payout."""

    payout_id: UUID
    place: str
    """Such as ``recycler-1000``; of an amount in any notes, ``recycler``."""
    amount_minor: int
    value_minor: int
    """Of the notes; 0: any."""
    since_s: float
    state: State = State.WAITING
    paid_minor: int = 0
    is_certain: bool = True
    reason: PayoutReason | None = None
    stop_wanted: bool = False


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


_S = State
TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (_S.WAITING, Ready): _S.JOURNALLING,
    (_S.WAITING, GivenUp): _S.FINISHED,
    (_S.WAITING, StopAsked): _S.FINISHED,
    (_S.WAITING, LinkReturned): _S.FINISHED,
    (_S.JOURNALLING, IntentWritten): _S.ORDERING,
    (_S.JOURNALLING, GivenUp): _S.FINISHED,
    (_S.JOURNALLING, LinkReturned): _S.FINISHED,
    (_S.ORDERING, Ordered): _S.PAYING,
    (_S.ORDERING, Refused): _S.FINISHED,
    (_S.ORDERING, LinkReturned): _S.JUDGING,
    (_S.PAYING, Progress): _S.PAYING,
    (_S.PAYING, Ended): _S.FINISHED,
    (_S.PAYING, Quiet): _S.JUDGING,
    (_S.PAYING, StopAsked): _S.PAYING,
    (_S.PAYING, LinkReturned): _S.JUDGING,
    (_S.JUDGING, Progress): _S.PAYING,
    (_S.JUDGING, Ended): _S.FINISHED,
    (_S.JUDGING, StopAsked): _S.JUDGING,
    (_S.JUDGING, LinkReturned): _S.JUDGING,
    (_S.JUDGING, Judged): _S.FINISHED,
}


def advance(payout: Payout, event: Event) -> Payout:
    """Return the payout after ``event``.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((payout.state, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen to a payout that is {payout.state.name}")
    return replace(_remembered(payout, event), state=target)


def _remembered(payout: Payout, event: Event) -> Payout:
    if isinstance(event, Progress):
        return replace(payout, paid_minor=max(payout.paid_minor, event.paid_minor), since_s=event.now_s)
    if isinstance(event, Ordered | Quiet | LinkReturned):
        reason = PayoutReason.LINK_LOST if isinstance(event, LinkReturned) else None
        return replace(payout, since_s=event.now_s, reason=payout.reason or reason)
    if isinstance(event, StopAsked):
        return replace(payout, stop_wanted=True, reason=payout.reason or PayoutReason.STOPPED)
    return _ended(payout, event)


def _ended(payout: Payout, event: Event) -> Payout:
    if isinstance(event, GivenUp | Refused):
        return replace(payout, reason=event.reason)
    if isinstance(event, Ended):
        return replace(payout, paid_minor=event.paid_minor, reason=event.reason)
    if isinstance(event, Judged):
        is_full = event.is_certain and event.paid_minor == payout.amount_minor
        reason = PayoutReason.DONE if is_full else payout.reason or PayoutReason.TIME_UP
        return replace(payout, paid_minor=event.paid_minor, is_certain=event.is_certain, reason=reason)
    return payout
