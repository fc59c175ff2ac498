"""One shopper's trip from Start to the exit, as a machine without I/O.

1. Shopping and reviewing need no store: the basket is priced from the local price book.
2. The id of an order belongs to its basket: it is stored before the first sending and repeated with the same contents until the
   store has answered, also after a restart. While the store is away the trip stays in REVIEWING with a ``submission``.
3. Turning back to shopping gives the submission up, not its id: when the unchanged basket is handed in again, the same order
   goes out again, because nobody knows whether it had arrived. A changed basket is another order, which names the unanswered
   ones that it ``replaces``, so that the store never keeps two of one trip.
4. An order that was dropped unpaid gives the basket back. One that got something due again (staff added an article) is shown as
   an order to pay again.
5. When the goods have left the shop, everything about the shopper is wiped :data:`FAREWELL_S` later.

Pure: ids and the price book's version come with the events, time comes as :class:`TimeUp` and :class:`IdleTimeUp`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any
from uuid import UUID

from scanner_app import basket as goods
from scanner_app.basket import PIECES_MAX, Basket, BasketLimit, find_line
from scanner_app.notices import Notice, NoticeKind
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
    RefreshPrices,
    ReviewPressed,
    Say,
    Speech,
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
    Wipe,
)
from store_server.contract.order_messages import REPLACES_MAX, Order, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal

UNDO_MAX = 20
POLL_PERIOD_S = 1.0
RETRY_S = (1.0, 2.0, 3.0, 5.0)
"""Waits between attempts while the store is away; the last one is repeated."""
FAREWELL_S = 5.0
IDLE_LIMIT_S = 1800.0
"""A basket that nobody touched for so long was left behind."""


class State(Enum):
    """Where the trip is."""

    WELCOME = "welcome"
    SHOPPING = "shopping"
    REVIEWING = "reviewing"
    SUBMITTED = "submitted"
    PAID = "paid"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Trip:
    """All that is known of one shopper's trip."""

    state: State = State.WELCOME
    language: str = "en"
    house_language: str = "en"
    """What the next shopper is greeted in."""
    lines: Basket = ()
    next_number: int = 1
    last_number: int | None = None
    """The line that was touched last."""
    history: tuple[Basket, ...] = ()
    """Earlier baskets, for undo."""
    submission: SubmitOrder | None = None
    """Handed in, not answered."""
    given_up: SubmitOrder | None = None
    """Handed in, not answered, and the shopper turned back: nobody knows whether the store has it."""
    unanswered: tuple[UUID, ...] = ()
    """Orders of baskets since changed that nobody knows of whether the store has them; the next order replaces them."""
    order: Order | None = None
    """As the store last told."""
    failed_attempts: int = 0
    """Attempts in a row that the store did not answer."""
    notice: Notice | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The articles that the basket and its undo history name."""
        return frozenset(line.article.code for basket in (self.lines, *self.history) for line in basket)

    @property
    def idle_limit_s(self) -> float | None:
        """How long the handheld may lie untouched in this state; None where waiting is right."""
        if self.state in {State.SHOPPING, State.PAID} or (self.state is State.REVIEWING and self.submission is None):
            return IDLE_LIMIT_S
        return None

    @property
    def retry_s(self) -> float:
        """How long to wait before the store is asked again."""
        return RETRY_S[min(max(self.failed_attempts, 1), len(RETRY_S)) - 1]


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

Step = tuple[Trip, tuple[Command, ...]]


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
    return (WakeAfter(FAREWELL_S),) if trip.state is State.LEFT else ()


def _durable(trip: Trip) -> Trip:
    """What a restart must find again."""
    return replace(trip, last_number=None, history=(), failed_attempts=0, notice=None)


# What each event does, the state being the target already.


def _language(trip: Trip, event: LanguageChosen) -> Step:
    return replace(trip, language=event.language), ()


def _start(trip: Trip, _event: StartPressed) -> Step:
    return _fresh(trip), ()


def _fresh(trip: Trip) -> Trip:
    """The trip with nothing about the shopper but the language."""
    return Trip(state=trip.state, language=trip.language, house_language=trip.house_language)


def _forgotten(trip: Trip) -> Step:
    return Trip(language=trip.house_language, house_language=trip.house_language), (Wipe(),)


def _scanned(trip: Trip, event: ArticleScanned) -> Step:
    added = goods.add(trip.lines, event.code, event.article, trip.next_number)
    if isinstance(added, BasketLimit):
        kind = NoticeKind.PIECES_LIMIT if added is BasketLimit.PIECES else NoticeKind.LINES_LIMIT
        return replace(trip, notice=Notice(kind)), ()
    basket, number = added
    changed = _changed(trip, basket, number)
    return replace(changed, next_number=max(trip.next_number, number + 1)), ()


def _refused_code(trip: Trip, event: CodeRefused) -> Step:
    return replace(trip, notice=event.notice), ()


def _quantity(trip: Trip, event: QuantityChanged) -> Step:
    return _changed(trip, goods.with_quantity(trip.lines, event.number, event.quantity), event.number), ()


def _removed(trip: Trip, event: LineRemoved) -> Step:
    return _changed(trip, goods.without(trip.lines, event.number), None), ()


def _undo(trip: Trip, _event: UndoPressed) -> Step:
    return replace(trip, lines=trip.history[-1], history=trip.history[:-1], last_number=None, notice=None), ()


def _changed(trip: Trip, basket: Basket, number: int | None) -> Trip:
    history = (*trip.history, trip.lines)[-UNDO_MAX:]
    return replace(trip, lines=basket, history=history, last_number=number, notice=None)


def _review(trip: Trip, _event: ReviewPressed) -> Step:
    return replace(trip, notice=None), ()


def _back(trip: Trip, _event: BackPressed) -> Step:
    after = replace(trip, submission=None, failed_attempts=0, notice=None)
    sent = trip.submission
    if sent is None:
        return after, ()
    unanswered = tuple(dict.fromkeys((*trip.unanswered, sent.order_id)))[-REPLACES_MAX:]
    return replace(after, given_up=sent, unanswered=unanswered), ()


def _submit(trip: Trip, event: SubmitPressed) -> Step:
    order = SubmitOrder(
        order_id=event.order_id,
        price_book_version=event.price_book_version,
        lines=[line.order_line for line in trip.lines],
        replaces=trip.unanswered,
    )
    if trip.given_up is not None and trip.given_up.lines == order.lines:
        order = trip.given_up
    return replace(trip, submission=order, given_up=None, failed_attempts=0, notice=None), (Submit(order),)


def _accepted(trip: Trip, event: SubmitAccepted) -> Step:
    after = replace(_answered(trip), order=event.order, failed_attempts=0, history=(), notice=None)
    return after, (Say(Speech.PAY_AT_KIOSK), WakeAfter(POLL_PERIOD_S))


def _answered(trip: Trip) -> Trip:
    return replace(trip, submission=None, given_up=None, unanswered=())


def _submit_refused(trip: Trip, event: SubmitRefused) -> Step:
    after = replace(trip, submission=None, failed_attempts=0, notice=Notice(NoticeKind.REFUSED, refusal=event.refusal))
    return after, ((RefreshPrices(),) if event.refusal in _STALE_PRICES else ())


_STALE_PRICES = frozenset({Refusal.STALE_PRICE_BOOK, Refusal.UNKNOWN_ARTICLE, Refusal.RECALLED_ARTICLE, Refusal.NOT_FOR_SALE})
"""The store knows more of the basket's articles than the price book here."""


def _unreachable(trip: Trip, _event: StoreUnreachable) -> Step:
    after = replace(trip, failed_attempts=trip.failed_attempts + 1)
    return after, (WakeAfter(after.retry_s),)


def _asking_refused(trip: Trip, event: AskingRefused) -> Step:
    after = replace(trip, failed_attempts=0, notice=Notice(NoticeKind.REFUSED, refusal=event.refusal))
    return after, (WakeAfter(RETRY_S[-1]),)


def _due(trip: Trip, event: OrderDue) -> Step:
    again = trip.order is not None and event.order.revision > trip.order.revision
    spoken = (Say(Speech.PAY_DIFFERENCE),) if again else ()
    return replace(trip, order=event.order, failed_attempts=0, notice=None), (*spoken, WakeAfter(POLL_PERIOD_S))


def _paid(trip: Trip, event: OrderPaid) -> Step:
    news = trip.order is None or trip.order.status not in {OrderStatus.PAID, OrderStatus.LEAVING}
    spoken = (Say(Speech.PAID),) if news else ()
    return replace(trip, order=event.order, failed_attempts=0, notice=None), (*spoken, WakeAfter(POLL_PERIOD_S))


def _left(trip: Trip, _event: OrderLeft | IdleTimeUp) -> Step:
    # Only the farewell is left of the shopper, also on disk: a handheld that is switched off now keeps nothing.
    return _fresh(trip), (Say(Speech.THANK_YOU), WakeAfter(FAREWELL_S))


def _dropped(trip: Trip, _event: OrderDropped) -> Step:
    return replace(trip, order=None, failed_attempts=0, notice=Notice(NoticeKind.ORDER_DROPPED)), ()


def _repriced(trip: Trip, event: PricesRefreshed) -> Step:
    basket = goods.repriced(trip.lines, event.articles)
    before = [(line.article.unit_price_minor, line.gone) for line in trip.lines]
    same = before == [(line.article.unit_price_minor, line.gone) for line in basket]
    history = tuple(goods.repriced(old, event.articles) for old in trip.history)
    notice = trip.notice if same else Notice(NoticeKind.PRICES_CHANGED)
    recalled = {line.number for line in basket if line.article.withheld == "recalled"}
    if any(line.article.withheld is None and line.number in recalled for line in trip.lines):
        notice = Notice(NoticeKind.REFUSED, refusal=Refusal.RECALLED_ARTICLE)
    return replace(trip, lines=basket, history=history, notice=notice), ()


def _time_up(trip: Trip, _event: TimeUp) -> Step:
    if trip.submission is not None:
        return trip, (Submit(trip.submission),)
    if trip.order is not None:
        return trip, (PollOrder(trip.order.order_id),)
    return _forgotten(trip)


def _idle(trip: Trip, event: IdleTimeUp) -> Step:
    return _left(trip, event) if trip.state is State.LEFT else _forgotten(trip)


_HANDLERS: dict[type[Event], Callable[[Trip, Any], Step]] = {
    LanguageChosen: _language,
    StartPressed: _start,
    ArticleScanned: _scanned,
    CodeRefused: _refused_code,
    QuantityChanged: _quantity,
    LineRemoved: _removed,
    UndoPressed: _undo,
    ReviewPressed: _review,
    BackPressed: _back,
    SubmitPressed: _submit,
    SubmitAccepted: _accepted,
    SubmitRefused: _submit_refused,
    StoreUnreachable: _unreachable,
    AskingRefused: _asking_refused,
    OrderDue: _due,
    OrderPaid: _paid,
    OrderLeft: _left,
    OrderDropped: _dropped,
    PricesRefreshed: _repriced,
    TimeUp: _time_up,
    IdleTimeUp: _idle,
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
    SubmitPressed: lambda trip, _event: bool(trip.lines) and trip.submission is None,
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
