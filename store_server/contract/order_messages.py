"""What goes over the wire about orders: a basket handed in, the order as the server sees it, what staff changes in it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from store_server.contract.order_status import OrderStatus
from store_server.contract.promotions import AppliedPromotion
from store_server.contract.wire import (
    LINES_MAX,
    AmountMinor,
    Answer,
    Count,
    Grams,
    Key14,
    MemberToken,
    Quantity,
    Reason,
    Request,
)

REPLACES_MAX = 20
"""Orders that one order can take the place of."""


class OrderLine(Request):
    """One line as the shopper scanned it; a weighed or priced label is a line of its own with quantity 1."""

    code: Key14
    quantity: Quantity = 1
    weight_g: Grams | None = None
    price_minor: AmountMinor | None = None


class SubmitOrder(Request):
    """A handheld hands in its basket."""

    order_id: UUID
    price_book_version: Count
    lines: Annotated[list[OrderLine], Field(min_length=1, max_length=LINES_MAX)]
    member_token: MemberToken | None = None
    """Of a member who is logged in on the handheld."""
    replaces: Annotated[tuple[UUID, ...], Field(max_length=REPLACES_MAX)] = ()
    """Orders of this trip that were handed in without an answer and that this one takes the place of; those that arrived are
    voided with it, those that did not never become orders."""


class PricedLine(Answer):
    """One line as the server charges it."""

    code: Key14
    name: dict[str, str]
    quantity: int
    weight_g: int | None
    """Net grams of a weighed line."""
    sold_by: Literal["piece", "weight"]
    unit_price_minor: int
    total_minor: int
    """What the line adds: its price, less discounts, plus deposit."""
    tax_class: str
    mean_g: float | None
    """Expected gross grams of one piece (of the whole line for weighed goods)."""
    sd_g: float
    eas: bool
    minimum_age: int
    discount_minor: int = 0
    """What came off, the line's share of basket discounts included."""
    deposit_minor: int = 0
    """Of the whole line, within ``total_minor``."""
    rescanned: bool = False
    """Staff added it in the lane."""

    @property
    def goods_minor(self) -> int:
        """The line's shelf price: before discounts, without deposit."""
        return self.total_minor + self.discount_minor - self.deposit_minor


class TaxShare(Answer):
    """The tax inside the total, per class; where prices are without tax, ``gross_minor`` is the lines' sum plus tax."""

    tax_class: str
    rate: str
    gross_minor: int
    tax_minor: int


class ShopperHistory(Answer):
    """What the books know of whoever brings an order to a lane: a member, or else nobody by name."""

    member: bool
    exits: int
    """Orders that left within the time that the shop looks back."""
    checks_clean: int
    checks_wrong: int
    """Checks that found something unpaid."""


class Order(Answer):
    """An order as the server sees it."""

    order_id: UUID
    order_number: str
    """Seven digits with check digit, without the dash."""
    status: OrderStatus
    revision: int
    """1 when submitted; staff's rescan raises it."""
    currency: str
    lines: list[PricedLine]
    taxes: list[TaxShare]
    discounts: list[AppliedPromotion] = Field(default=[])
    """Why the lines cost less than on the shelf."""
    prices_include_tax: bool = True
    """Otherwise the total is the lines' sum plus the taxes."""
    total_minor: int
    paid_minor: int
    due_minor: int
    """total - paid, never below 0."""
    overpaid_minor: int = 0
    """What staff still gives back: an article that was added in the lane made the order cheaper than what was paid."""
    article_count: int
    claim: str | None = None
    """QR text that a kiosk reads while something is due."""
    exit_pass: str | None = None
    """QR text that a lane reads once it is paid."""
    exited_at: int | None = None
    history: ShopperHistory | None = None
    """Told to a lane that lets the order in."""


class VoidOrder(Request):
    """Why an unpaid order is given up."""

    reason: Reason


class AddArticle(Request):
    """Staff rescans an article that was missing in an order."""

    amendment_id: UUID
    code: Annotated[str, Field(max_length=90)]
    """As scanned or typed."""
