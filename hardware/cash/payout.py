"""The payout machine: coins leave a hopper at most once, and how many left is told by the hopper's own counters.

1. Nothing moves before the intent (with the hopper's coin counter) is on disk.
2. The order to dispense goes out again only after the hopper itself has shown that it never heard of it: event counter and coin
   counter as before, some time later. Every other doubt ends in reading counters.
3. ``paid`` is the difference of the coins-ever-paid counter (header 168). "Counter advanced" and "refused" prove nothing.
4. After a lost connection nothing is sent again; the counters are read and the owner decides about the rest.

Large payouts go in portions, so that a hopper whose host has died does not run for minutes. What a reading of the hopper's
counters means is decided in :mod:`hardware.cash.payout_reading`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from hardware.cash import payout_events as happened
from hardware.cash.events import PayoutReason
from hardware.cash.payout_events import Event, Reading
from hardware.cash.payout_state import COMMANDS, PORTION_MAX, SENT, Command, Payout, State


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.READING, happened.ReadyToPay): State.JOURNALLING,
    (State.READING, happened.Blocked): State.RESETTING,
    (State.READING, happened.NoAnswer): State.READING,
    (State.READING, happened.GivenUp): State.FINISHED,
    (State.READING, happened.StopAsked): State.FINISHED,
    (State.READING, happened.LinkReturned): State.FINISHED,
    (State.RESETTING, happened.ResetDone): State.READING,
    (State.RESETTING, happened.LinkReturned): State.FINISHED,
    (State.JOURNALLING, happened.IntentWritten): State.ENABLING,
    (State.JOURNALLING, happened.GivenUp): State.FINISHED,
    (State.ENABLING, happened.Enabled): State.DISPENSING,
    (State.ENABLING, happened.NoAnswer): State.ENABLING,
    (State.ENABLING, happened.GivenUp): State.FINISHED,
    (State.ENABLING, happened.StopAsked): State.FINISHED,
    (State.ENABLING, happened.LinkReturned): State.FINISHED,
    (State.DISPENSING, happened.DispenseHeard): State.PAYING,
    (State.DISPENSING, happened.DispenseDoubtful): State.CHECKING,
    (State.DISPENSING, happened.LinkReturned): State.PAYING,
    (State.CHECKING, happened.NeverReceived): State.DISPENSING,
    (State.CHECKING, happened.TooEarly): State.CHECKING,
    (State.CHECKING, happened.Running): State.PAYING,
    (State.CHECKING, happened.PortionPaid): State.DISPENSING,
    (State.CHECKING, happened.StoodStill): State.FINISHED,
    (State.CHECKING, happened.NoAnswer): State.CHECKING,
    (State.CHECKING, happened.GivenUp): State.FINISHED,
    (State.CHECKING, happened.StopAsked): State.STOPPING,
    (State.CHECKING, happened.LinkReturned): State.PAYING,
    (State.PAYING, happened.Running): State.PAYING,
    (State.PAYING, happened.PortionPaid): State.DISPENSING,
    (State.PAYING, happened.StoodStill): State.FINISHED,
    (State.PAYING, happened.NoAnswer): State.PAYING,
    (State.PAYING, happened.GivenUp): State.FINISHED,
    (State.PAYING, happened.StopAsked): State.STOPPING,
    (State.PAYING, happened.LinkReturned): State.PAYING,
    (State.STOPPING, happened.StopSent): State.SETTLING,
    (State.STOPPING, happened.LinkReturned): State.SETTLING,
    (State.SETTLING, happened.TooEarly): State.SETTLING,
    (State.SETTLING, happened.StoodStill): State.FINISHED,
    (State.SETTLING, happened.NoAnswer): State.SETTLING,
    (State.SETTLING, happened.GivenUp): State.FINISHED,
    (State.SETTLING, happened.StopAsked): State.STOPPING,
    (State.SETTLING, happened.LinkReturned): State.SETTLING,
}

Step = tuple[Payout, Command]


def asked(payout_id: UUID, hopper: str, dispensed_before: int, count: int, now_s: float) -> Payout:
    """Return a payout of an earlier start whose outcome is to be learned; it only watches."""
    return Payout(
        payout_id,
        hopper,
        count,
        now_s,
        State.PAYING,
        dispensed_before,
        is_question=True,
        portion_dispensed_before=dispensed_before,
    )


def advance(payout: Payout, event: Event) -> Step:
    """Return the payout after ``event`` and what the driver must do next.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((payout.state, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen to a payout in {payout.state.name}")
    changed = replace(_REMEMBER.get(type(event), _nothing)(payout, event), state=target)
    if target is State.FINISHED and changed.reason is None:
        raise IllegalTransitionError(f"{type(event).__name__} ends a payout without a reason")
    return changed, COMMANDS[target]


def _nothing(payout: Payout, _event: Event) -> Payout:
    return payout


def _ready(payout: Payout, event: happened.ReadyToPay) -> Payout:
    return _next_portion(replace(payout, dispensed_before=event.reading.dispensed), event.reading)


def _portion_paid(payout: Payout, event: happened.PortionPaid) -> Payout:
    return _next_portion(replace(payout, paid=event.paid), event.reading)


def _next_portion(payout: Payout, reading: Reading) -> Payout:
    return replace(
        payout,
        portion=min(PORTION_MAX, payout.count - payout.paid),
        paid_before_portion=payout.paid,
        portion_dispensed_before=reading.dispensed,
        event_counter_before=reading.status.event_counter,
        was_heard=False,
        was_refused=False,
        resends=0,
    )


def _blocked(payout: Payout, _event: Event) -> Payout:
    return replace(payout, was_unblocked=True)


def _restart_clock(payout: Payout, event: Any) -> Payout:
    return replace(payout, started_s=event.now_s)


def _heard(payout: Payout, event: happened.DispenseHeard) -> Payout:
    return replace(payout, started_s=event.now_s, was_heard=True)


def _doubtful(payout: Payout, event: happened.DispenseDoubtful) -> Payout:
    return replace(payout, started_s=event.now_s, was_refused=event.was_refused)


def _never_received(payout: Payout, _event: Event) -> Payout:
    return replace(payout, resends=payout.resends + 1)


def _running(payout: Payout, event: happened.Running) -> Payout:
    return replace(payout, paid=event.paid, was_heard=True)


def _stood_still(payout: Payout, event: happened.StoodStill) -> Payout:
    return replace(payout, paid=event.paid, reason=event.reason, uncertain=event.uncertain, has_mismatch=event.has_mismatch)


def _stop_asked(payout: Payout, event: happened.StopAsked) -> Payout:
    return replace(payout, reason=payout.reason or event.reason)


def _stop_sent(payout: Payout, event: happened.StopSent) -> Payout:
    return replace(payout, started_s=event.now_s, stops=payout.stops + 1)


def _given_up(payout: Payout, event: happened.GivenUp) -> Payout:
    return replace(payout, reason=event.reason, uncertain=payout.state in SENT)


def _link_returned(payout: Payout, event: happened.LinkReturned) -> Payout:
    return replace(payout, started_s=event.now_s, reason=payout.reason or PayoutReason.LINK_LOST)


_REMEMBER: dict[type[Event], Callable[[Payout, Any], Payout]] = {
    happened.ReadyToPay: _ready,
    happened.Blocked: _blocked,
    happened.ResetDone: _restart_clock,
    happened.IntentWritten: _restart_clock,
    happened.DispenseHeard: _heard,
    happened.DispenseDoubtful: _doubtful,
    happened.NeverReceived: _never_received,
    happened.Running: _running,
    happened.PortionPaid: _portion_paid,
    happened.StoodStill: _stood_still,
    happened.StopAsked: _stop_asked,
    happened.StopSent: _stop_sent,
    happened.GivenUp: _given_up,
    happened.LinkReturned: _link_returned,
}
