"""What the shopper is told besides the basket: one notice at a time, the newest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from store_server.contract.refusals import Refusal


class NoticeKind(Enum):
    """What happened; the presenter has the words."""

    NOT_A_PRODUCT = "not_a_product"
    """The code is no product code; ``detail`` is what was read or typed."""
    UNKNOWN_ARTICLE = "unknown_article"
    """No such article in the price book; ``detail`` is the code."""
    RECALLED = "recalled"
    NOT_FOR_SALE = "not_for_sale"
    EXPIRED = "expired"
    """The symbol says that its last day of sale is over."""
    NEEDS_LABEL = "needs_label"
    """Sold by weight, but the code tells neither weight nor price; ``detail`` is the code."""
    PIECES_LIMIT = "pieces_limit"
    LINES_LIMIT = "lines_limit"
    PRICES_CHANGED = "prices_changed"
    """Prices of articles in the basket changed."""
    ORDER_DROPPED = "order_dropped"
    """The order was not paid in time, or the store gave it up; the basket is back."""
    REFUSED = "refused"
    """The store said no; ``refusal`` tells why."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message on the screen."""

    kind: NoticeKind
    detail: str = ""
    refusal: Refusal | None = None
