"""What leads from a basket to a paid order and out of the shop. The state of the trip is the target already."""

from __future__ import annotations

from dataclasses import replace

from scanner_app.notices import Notice, NoticeKind
from scanner_app.trip_events import (
    AskingRefused,
    BackPressed,
    IdleTimeUp,
    OrderDropped,
    OrderDue,
    OrderLeft,
    OrderPaid,
    PollOrder,
    RefreshPrices,
    ReviewPressed,
    Say,
    Speech,
    StartPressed,
    StoreUnreachable,
    Submit,
    SubmitAccepted,
    SubmitPressed,
    SubmitRefused,
    TimeUp,
    WakeAfter,
    Wipe,
)
from scanner_app.trip_state import RETRY_S, State, Step, Trip
from store_server.contract.order_messages import REPLACES_MAX, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal

POLL_PERIOD_S = 1.0
FAREWELL_S = 5.0


def begun(trip: Trip, _event: StartPressed) -> Step:
    """Begin with an empty basket."""
    return _fresh(trip), ()


def _fresh(trip: Trip) -> Trip:
    """The trip with nothing about the shopper but the language."""
    return Trip(state=trip.state, language=trip.language, house_language=trip.house_language)


def _forgotten(trip: Trip) -> Step:
    return Trip(language=trip.house_language, house_language=trip.house_language), (Wipe(),)


def reviewed(trip: Trip, _event: ReviewPressed) -> Step:
    """Show the whole basket."""
    return replace(trip, notice=None), ()


def turned_back(trip: Trip, _event: BackPressed) -> Step:
    """Go on shopping; what was sent and not answered is remembered."""
    after = replace(trip, submission=None, failed_attempts=0, notice=None)
    sent = trip.submission
    if sent is None:
        return after, ()
    unanswered = tuple(dict.fromkeys((*trip.unanswered, sent.order_id)))[-REPLACES_MAX:]
    return replace(after, given_up=sent, unanswered=unanswered), ()


def handed_in(trip: Trip, event: SubmitPressed) -> Step:
    """Hand the basket in, under the id that it was sent with before."""
    order = SubmitOrder(
        order_id=event.order_id,
        price_book_version=event.price_book_version,
        lines=[line.order_line for line in trip.lines],
        replaces=trip.unanswered,
    )
    if trip.given_up is not None and trip.given_up.lines == order.lines:
        order = trip.given_up
    return replace(trip, submission=order, given_up=None, failed_attempts=0, notice=None), (Submit(order),)


def accepted(trip: Trip, event: SubmitAccepted) -> Step:
    """Show the order that the store has."""
    after = replace(_answered(trip), order=event.order, failed_attempts=0, history=(), notice=None)
    return after, (Say(Speech.PAY_AT_KIOSK), WakeAfter(POLL_PERIOD_S))


def _answered(trip: Trip) -> Trip:
    return replace(trip, submission=None, given_up=None, unanswered=())


def refused(trip: Trip, event: SubmitRefused) -> Step:
    """Say why the store does not take the basket."""
    after = replace(trip, submission=None, failed_attempts=0, notice=Notice(NoticeKind.REFUSED, refusal=event.refusal))
    return after, ((RefreshPrices(),) if event.refusal in _STALE_PRICES else ())


_STALE_PRICES = frozenset({Refusal.STALE_PRICE_BOOK, Refusal.UNKNOWN_ARTICLE, Refusal.RECALLED_ARTICLE, Refusal.NOT_FOR_SALE})
"""The store knows more of the basket's articles than the price book here."""


def unreachable(trip: Trip, _event: StoreUnreachable) -> Step:
    """Try again later."""
    after = replace(trip, failed_attempts=trip.failed_attempts + 1)
    return after, (WakeAfter(after.retry_s),)


def asking_refused(trip: Trip, event: AskingRefused) -> Step:
    """Say why the store tells nothing of the order, and ask again."""
    after = replace(trip, failed_attempts=0, notice=Notice(NoticeKind.REFUSED, refusal=event.refusal))
    return after, (WakeAfter(RETRY_S[-1]),)


def due(trip: Trip, event: OrderDue) -> Step:
    """Something is to be paid."""
    again = trip.order is not None and event.order.revision > trip.order.revision
    spoken = (Say(Speech.PAY_DIFFERENCE),) if again else ()
    return replace(trip, order=event.order, failed_attempts=0, notice=None), (*spoken, WakeAfter(POLL_PERIOD_S))


def paid(trip: Trip, event: OrderPaid) -> Step:
    """Nothing is to be paid any more."""
    news = trip.order is None or trip.order.status not in {OrderStatus.PAID, OrderStatus.LEAVING}
    spoken = (Say(Speech.PAID),) if news else ()
    return replace(trip, order=event.order, failed_attempts=0, notice=None), (*spoken, WakeAfter(POLL_PERIOD_S))


def left(trip: Trip, _event: OrderLeft | IdleTimeUp) -> Step:
    """The goods left, or the handheld was left behind: say good-bye."""
    # Only the farewell is left of the shopper, also on disk: a handheld that is switched off now keeps nothing.
    return _fresh(trip), (Say(Speech.THANK_YOU), WakeAfter(FAREWELL_S))


def dropped(trip: Trip, _event: OrderDropped) -> Step:
    """The order ended unpaid: the basket is back."""
    notice = Notice(NoticeKind.ORDER_DROPPED)
    if any(line.article.withheld == "recalled" for line in trip.lines):
        notice = Notice(NoticeKind.REFUSED, refusal=Refusal.RECALLED_ARTICLE)
    return replace(trip, order=None, failed_attempts=0, notice=notice), (RefreshPrices(),)


def time_up(trip: Trip, _event: TimeUp) -> Step:
    """Do again what was waited with."""
    if trip.submission is not None:
        return trip, (Submit(trip.submission),)
    if trip.order is not None:
        return trip, (PollOrder(trip.order.order_id),)
    return _forgotten(trip)


def left_behind(trip: Trip, event: IdleTimeUp) -> Step:
    """Nobody is there any more: forget the shopper."""
    return left(trip, event) if trip.state is State.LEFT else _forgotten(trip)
