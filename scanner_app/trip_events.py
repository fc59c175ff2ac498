"""What can happen on a trip, and what the desk then has to do; the rules between them are in :mod:`scanner_app.trip`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias
from uuid import UUID

from scanner_app.notices import Notice
from store_server.contract.article_messages import Article
from store_server.contract.order_messages import Order, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.product_code import ProductCode
from store_server.contract.refusals import Refusal

# Events: what happened.


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The shopper wants another language."""

    language: str


@dataclass(frozen=True, slots=True)
class StartPressed:
    """A shopper takes the handheld."""


@dataclass(frozen=True, slots=True)
class ArticleScanned:
    """The camera read an article's code, or the shopper typed it."""

    code: ProductCode
    article: Article


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """A code was read that adds nothing."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class QuantityChanged:
    """The shopper counts a line up or down."""

    number: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LineRemoved:
    """The shopper puts an article back."""

    number: int


@dataclass(frozen=True, slots=True)
class UndoPressed:
    """The shopper takes the last change of the basket back."""


@dataclass(frozen=True, slots=True)
class ReviewPressed:
    """The shopper has all that is needed."""


@dataclass(frozen=True, slots=True)
class BackPressed:
    """The shopper wants to go on shopping."""


@dataclass(frozen=True, slots=True)
class SubmitPressed:
    """The shopper hands the basket in."""

    order_id: UUID
    """A fresh id, used unless the same basket was sent before."""
    price_book_version: int


@dataclass(frozen=True, slots=True)
class SubmitAccepted:
    """The store has the order."""

    order: Order


@dataclass(frozen=True, slots=True)
class SubmitRefused:
    """The store does not take the order; its id is spent."""

    order_id: UUID
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class StoreUnreachable:
    """No answer: what happened is unknown."""


@dataclass(frozen=True, slots=True)
class AskingRefused:
    """The store does not tell how the order is."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class OrderDue:
    """The order is there and something is to be paid."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The order is paid."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderLeft:
    """The goods have left the shop, or all the money went back: the trip is over."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderDropped:
    """The order was never paid and does not count any more, or the store does not know it."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class PricesRefreshed:
    """A newer price book is here."""

    articles: Mapping[str, Article]
    """What it says about the articles in the basket; a missing one is not sold any more."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The wait of the last :class:`WakeAfter` is over."""


@dataclass(frozen=True, slots=True)
class IdleTimeUp:
    """Nobody touched the handheld for the trip's ``idle_limit_s``."""


Event: TypeAlias = (
    LanguageChosen
    | StartPressed
    | ArticleScanned
    | CodeRefused
    | QuantityChanged
    | LineRemoved
    | UndoPressed
    | ReviewPressed
    | BackPressed
    | SubmitPressed
    | SubmitAccepted
    | SubmitRefused
    | StoreUnreachable
    | AskingRefused
    | OrderDue
    | OrderPaid
    | OrderLeft
    | OrderDropped
    | PricesRefreshed
    | TimeUp
    | IdleTimeUp
)


def seen(order: Order) -> OrderDue | OrderPaid | OrderLeft | OrderDropped:
    """Return what an order's status means for the trip."""
    if order.status in {OrderStatus.PAID, OrderStatus.LEAVING}:
        return OrderPaid(order)
    if order.status in {OrderStatus.EXITED, OrderStatus.REFUNDED}:
        return OrderLeft(order)
    if order.status in {OrderStatus.VOIDED, OrderStatus.EXPIRED} and order.paid_minor == 0:
        return OrderDropped(order.order_id)
    return OrderDue(order)


# Commands: what the desk has to do, in this order.


@dataclass(frozen=True, slots=True)
class StoreTrip:
    """Write the trip to disk before anything that follows."""


@dataclass(frozen=True, slots=True)
class Submit:
    """Send the order; answer with SubmitAccepted, SubmitRefused or StoreUnreachable."""

    order: SubmitOrder


@dataclass(frozen=True, slots=True)
class PollOrder:
    """Ask how the order is; answer with the event of :func:`seen`, AskingRefused or StoreUnreachable."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class WakeAfter:
    """Report TimeUp after so long; a newer one replaces it."""

    delay_s: float


class Speech(Enum):
    """What the handheld says aloud."""

    PAY_AT_KIOSK = "pay_at_kiosk"
    PAY_DIFFERENCE = "pay_difference"
    PAID = "paid"
    THANK_YOU = "thank_you"


@dataclass(frozen=True, slots=True)
class Say:
    """Speak in the shopper's language."""

    speech: Speech


@dataclass(frozen=True, slots=True)
class RefreshPrices:
    """Fetch the newest price book now."""


@dataclass(frozen=True, slots=True)
class Wipe:
    """Delete everything about the shopper from disk and memory."""


Command: TypeAlias = StoreTrip | Submit | PollOrder | WakeAfter | Say | RefreshPrices | Wipe
