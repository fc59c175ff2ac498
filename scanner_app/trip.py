"""One shopper's trip from Start to the exit, as a machine without I/O.

1. Shopping and reviewing need no store: the basket is priced from the local price book.
2. The id of an order belongs to its basket: it is stored before the first sending and repeated with the same contents until the
   store has answered, also after a restart. While the store is away the trip stays in REVIEWING with a ``submission``.
3. What the newest price book does not sell any more, or what was recalled, is in no sum, and has to be taken out before the
   basket is handed in.
4. Turning back to shopping gives the submission up, not its id: when the unchanged basket is handed in again, the same order
   goes out again, because nobody knows whether it had arrived. A changed basket is another order, which names the unanswered
   ones that it ``replaces``, so that the store never keeps two of one trip.
5. An order that was dropped unpaid gives the basket back, priced anew. One that got something due again (staff added an
   article) is shown as an order to pay again.
6. When the goods have left the shop, everything about the shopper is wiped :data:`scanner_app.order_steps.FAREWELL_S` later.

What each event does is in :mod:`scanner_app.basket_steps` and :mod:`scanner_app.order_steps`. Pure: ids and the price book's
version come with the events, time comes as :class:`TimeUp` and :class:`IdleTimeUp`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scanner_app import basket_steps, order_steps
from scanner_app.basket import PIECES_MAX, find_line
from scanner_app.trip_events import (
    ArticleScanned,
    AskingRefused,
    BackPressed,
    CodeRefused,
    Command,
    Event,
    IdleTimeUp,
    LanguageChosen,
    LineRemoved,
    OrderDropped,
    OrderDue,
    OrderLeft,
    OrderPaid,
    PollOrder,
    PricesRefreshed,
    QuantityChanged,
    ReviewPressed,
    StartPressed,
    StoreTrip,
    StoreUnreachable,
    Submit,
    SubmitAccepted,
    SubmitPressed,
    SubmitRefused,
    TimeUp,
    UndoPressed,
    WakeAfter,
)
from scanner_app.trip_state import State, Step, Trip

__all__ = ["TRANSITIONS", "IllegalTransitionError", "State", "Trip", "accepts", "advance", "resume"]


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen now; a mistake in our code."""


TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.WELCOME, LanguageChosen): State.WELCOME,
    (State.WELCOME, StartPressed): State.SHOPPING,
    (State.SHOPPING, LanguageChosen): State.SHOPPING,
    (State.SHOPPING, ArticleScanned): State.SHOPPING,
    (State.SHOPPING, CodeRefused): State.SHOPPING,
    (State.SHOPPING, QuantityChanged): State.SHOPPING,
    (State.SHOPPING, LineRemoved): State.SHOPPING,
    (State.SHOPPING, UndoPressed): State.SHOPPING,
    (State.SHOPPING, PricesRefreshed): State.SHOPPING,
    (State.SHOPPING, ReviewPressed): State.REVIEWING,
    (State.SHOPPING, IdleTimeUp): State.WELCOME,
    (State.REVIEWING, LanguageChosen): State.REVIEWING,
    (State.REVIEWING, BackPressed): State.SHOPPING,
    (State.REVIEWING, PricesRefreshed): State.REVIEWING,
    (State.REVIEWING, SubmitPressed): State.REVIEWING,
    (State.REVIEWING, SubmitRefused): State.REVIEWING,
    (State.REVIEWING, StoreUnreachable): State.REVIEWING,
    (State.REVIEWING, TimeUp): State.REVIEWING,
    (State.REVIEWING, SubmitAccepted): State.SUBMITTED,
    (State.REVIEWING, IdleTimeUp): State.WELCOME,
    (State.SUBMITTED, LanguageChosen): State.SUBMITTED,
    (State.SUBMITTED, StoreUnreachable): State.SUBMITTED,
    (State.SUBMITTED, AskingRefused): State.SUBMITTED,
    (State.SUBMITTED, TimeUp): State.SUBMITTED,
    (State.SUBMITTED, OrderDue): State.SUBMITTED,
    (State.SUBMITTED, OrderPaid): State.PAID,
    (State.SUBMITTED, OrderLeft): State.LEFT,
    (State.SUBMITTED, OrderDropped): State.REVIEWING,
    (State.SUBMITTED, PricesRefreshed): State.SUBMITTED,
    (State.PAID, LanguageChosen): State.PAID,
    (State.PAID, StoreUnreachable): State.PAID,
    (State.PAID, AskingRefused): State.PAID,
    (State.PAID, TimeUp): State.PAID,
    (State.PAID, OrderPaid): State.PAID,
    (State.PAID, OrderDue): State.SUBMITTED,
    (State.PAID, OrderLeft): State.LEFT,
    (State.PAID, IdleTimeUp): State.LEFT,
    (State.LEFT, LanguageChosen): State.LEFT,
    (State.LEFT, TimeUp): State.WELCOME,
}


def accepts(trip: Trip, event: Event) -> bool:
    """Whether the event can happen now.

    Touches, scans and answers cross; the desk drops what comes too late.
    """
    guard = _GUARDS.get(type(event))
    return (trip.state, type(event)) in TRANSITIONS and (guard is None or guard(trip, event))


def advance(trip: Trip, event: Event) -> Step:
    """Return the trip after ``event`` and what the desk must do.

    Raises:
        IllegalTransitionError: the pair is not in :data:`TRANSITIONS`, or the event does not fit the basket or order.
    """
    if not accepts(trip, event):
        raise IllegalTransitionError(f"{event} cannot happen in {trip.state.name}")
    target = TRANSITIONS[trip.state, type(event)]
    after, commands = _HANDLERS[type(event)](replace(trip, state=target), event)
    if after.state is not State.WELCOME and _durable(after) != _durable(trip):
        commands = (StoreTrip(), *commands)
    return after, commands


def resume(trip: Trip) -> tuple[Command, ...]:
    """Return what to do first with a trip that was read from disk after a restart."""
    if trip.submission is not None:
        return (Submit(trip.submission),)
    if trip.state in {State.SUBMITTED, State.PAID} and trip.order is not None:
        return (PollOrder(trip.order.order_id),)
    return (WakeAfter(order_steps.FAREWELL_S),) if trip.state is State.LEFT else ()


def _durable(trip: Trip) -> Trip:
    """What a restart must find again."""
    return replace(trip, last_number=None, history=(), failed_attempts=0, notice=None)


def _language(trip: Trip, event: LanguageChosen) -> Step:
    return replace(trip, language=event.language), ()


_HANDLERS: dict[type[Event], Callable[[Trip, Any], Step]] = {
    LanguageChosen: _language,
    StartPressed: order_steps.begun,
    ArticleScanned: basket_steps.scanned,
    CodeRefused: basket_steps.code_refused,
    QuantityChanged: basket_steps.counted,
    LineRemoved: basket_steps.removed,
    UndoPressed: basket_steps.undone,
    ReviewPressed: order_steps.reviewed,
    BackPressed: order_steps.turned_back,
    SubmitPressed: order_steps.handed_in,
    SubmitAccepted: order_steps.accepted,
    SubmitRefused: order_steps.refused,
    StoreUnreachable: order_steps.unreachable,
    AskingRefused: order_steps.asking_refused,
    OrderDue: order_steps.due,
    OrderPaid: order_steps.paid,
    OrderLeft: order_steps.left,
    OrderDropped: order_steps.dropped,
    PricesRefreshed: basket_steps.repriced,
    TimeUp: order_steps.time_up,
    IdleTimeUp: order_steps.left_behind,
}


# What an event needs besides the state.


def _is_countable(trip: Trip, event: QuantityChanged) -> bool:
    line = find_line(trip.lines, event.number)
    return line is not None and not line.is_label and 1 <= event.quantity <= PIECES_MAX


def _is_this_order(trip: Trip, event: OrderDue | OrderPaid | OrderLeft) -> bool:
    return trip.order is not None and event.order.order_id == trip.order.order_id


_GUARDS: dict[type[Event], Callable[[Trip, Any], bool]] = {
    QuantityChanged: _is_countable,
    LineRemoved: lambda trip, event: find_line(trip.lines, event.number) is not None,
    UndoPressed: lambda trip, _event: bool(trip.history),
    ReviewPressed: lambda trip, _event: bool(trip.lines),
    SubmitPressed: lambda trip, _event: trip.can_be_handed_in,
    SubmitAccepted: lambda trip, event: trip.submission is not None and event.order.order_id == trip.submission.order_id,
    SubmitRefused: lambda trip, event: trip.submission is not None and event.order_id == trip.submission.order_id,
    StoreUnreachable: lambda trip, _event: trip.state is not State.REVIEWING or trip.submission is not None,
    OrderDue: _is_this_order,
    OrderPaid: _is_this_order,
    OrderLeft: _is_this_order,
    OrderDropped: lambda trip, event: trip.order is not None and event.order_id == trip.order.order_id,
    TimeUp: lambda trip, _event: trip.state is not State.REVIEWING or trip.submission is not None,
    IdleTimeUp: lambda trip, _event: trip.idle_limit_s is not None,
}
