"""Trips played event by event, one or more for each state."""

from __future__ import annotations

from uuid import UUID

from scanner_app.notices import Notice, NoticeKind
from scanner_app.trip import State, Trip, advance
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
    PricesRefreshed,
    QuantityChanged,
    ReviewPressed,
    StartPressed,
    StoreUnreachable,
    SubmitAccepted,
    SubmitPressed,
    SubmitRefused,
    TimeUp,
    UndoPressed,
)
from store_server.contract.order_status import OrderStatus
from store_server.contract.product_code import ProductCode
from store_server.contract.refusals import Refusal
from tests.unit.scanner_app.goods import APPLES, COLA, RICE, TEMPLATES, WINE, order

FIRST, SECOND = UUID(int=1), UUID(int=2)
SCAN_COLA = ArticleScanned(ProductCode.parse("9520000000011"), COLA)
SCAN_RICE = ArticleScanned(ProductCode.parse("9520000000028"), RICE)
SCAN_APPLES = ArticleScanned(ProductCode.parse("2112345008509", TEMPLATES), APPLES)
SCAN_WINE = ArticleScanned(ProductCode.parse("9520000000035"), WINE)
SUBMITTED = order(FIRST, OrderStatus.SUBMITTED)
PAID = order(FIRST, OrderStatus.PAID, paid_minor=4940, due_minor=0)
EXITED = order(FIRST, OrderStatus.EXITED, paid_minor=4940, due_minor=0)

EVENTS: dict[type[Event], Event] = {
    LanguageChosen: LanguageChosen("zh"),
    StartPressed: StartPressed(),
    ArticleScanned: SCAN_COLA,
    CodeRefused: CodeRefused(Notice(NoticeKind.UNKNOWN_ARTICLE, "1")),
    QuantityChanged: QuantityChanged(1, 3),
    LineRemoved: LineRemoved(1),
    UndoPressed: UndoPressed(),
    ReviewPressed: ReviewPressed(),
    BackPressed: BackPressed(),
    SubmitPressed: SubmitPressed(FIRST, 7),
    SubmitAccepted: SubmitAccepted(SUBMITTED),
    SubmitRefused: SubmitRefused(FIRST, Refusal.STALE_PRICE_BOOK),
    StoreUnreachable: StoreUnreachable(),
    AskingRefused: AskingRefused(Refusal.FORBIDDEN),
    OrderDue: OrderDue(SUBMITTED),
    OrderPaid: OrderPaid(PAID),
    OrderLeft: OrderLeft(EXITED),
    OrderDropped: OrderDropped(FIRST),
    PricesRefreshed: PricesRefreshed({COLA.code: COLA, RICE.code: RICE}),
    TimeUp: TimeUp(),
    IdleTimeUp: IdleTimeUp(),
}


def played(*events: Event, trip: Trip | None = None) -> tuple[Trip, list[Command]]:
    """Let events happen one after another; return the trip and all commands."""
    now = trip or Trip()
    done: list[Command] = []
    for event in events:
        now, commands = advance(now, event)
        done += commands
    return now, done


Events = tuple[Event, ...]
SHOPPING: Events = (StartPressed(), SCAN_COLA, SCAN_RICE)
REVIEWING: Events = (*SHOPPING, ReviewPressed())
WAITING: Events = (*REVIEWING, SubmitPressed(FIRST, 7))
HANDED_IN: Events = (*WAITING, SubmitAccepted(SUBMITTED))
DONE: Events = (*HANDED_IN, OrderPaid(PAID))
GONE: Events = (*DONE, OrderLeft(EXITED))

TRIPS: dict[State, list[Events]] = {
    State.WELCOME: [()],
    State.SHOPPING: [SHOPPING],
    State.REVIEWING: [REVIEWING, WAITING],
    State.SUBMITTED: [HANDED_IN],
    State.PAID: [DONE],
    State.LEFT: [GONE],
}
