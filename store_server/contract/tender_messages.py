"""What goes over the wire about paying an order, with whatever it is paid, and about giving money back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from store_server.contract.order_messages import Order
from store_server.contract.wire import Answer, Count, MemberToken, PaidMinor, Reason, Request


class BeginTendering(Request):
    """A kiosk takes hold of an order: by the scanned claim or by the typed number, exactly one of them."""

    session_id: UUID
    claim: Annotated[str, Field(max_length=512)] | None = None
    order_number: Annotated[str, Field(pattern=r"^[0-9]{7}$")] | None = None


class TenderKind(StrEnum):
    """What an order, or a part of it, is paid with."""

    CASH = "cash"
    BALANCE = "balance"
    COUPON = "coupon"
    CARD = "card"
    """Taken by a terminal that is not ours; only recorded here."""


class IdentifyMember(Request):
    """A member pays this order: points are theirs, and prices where the shop gives them for any tender."""

    request_id: UUID
    member_token: MemberToken


class HoldBalance(Request):
    """Set money of a member's balance aside for the order that this session holds."""

    hold_id: UUID
    member_token: MemberToken
    amount_minor: PaidMinor | None = None
    """None: all that is still to be paid."""


class EnterCoupon(Request):
    """The shopper shows a coupon."""

    entry_id: UUID
    code: Annotated[str, Field(min_length=1, max_length=64)]
    """As scanned or typed; spaces, dashes and small letters do not matter."""


class RecordCard(Request):
    """A card terminal took money for the order that this session holds; that stays with the order."""

    payment_id: UUID
    amount_minor: PaidMinor
    reference: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9 ./:_-]+$")]
    """The terminal's; never a card number."""


class SettleOrder(Request):
    """All is covered without cash: the kiosk asks to be told that the order is paid."""

    payment_id: UUID
    session_id: UUID
    order_id: UUID
    revision: Count


class Tendering(Answer):
    """An order while it is being paid."""

    session_id: UUID
    order: Order
    held_minor: int
    """Set aside on balances for it."""
    rest_minor: int
    """Still to be covered: due less held."""
    cash_due_minor: int
    """The rest in coins that exist."""


class Payment(Answer):
    """One tender of one order."""

    payment_id: UUID
    order_id: UUID
    revision: int
    tender: TenderKind
    covered_minor: int
    """Of the order's total."""
    captured_minor: int
    """What was really taken; in cash it is rounded."""
    refund_reserved_minor: int
    """What went back, or is about to."""
    paid_at: int


class RefundDestination(StrEnum):
    """Where refunded money goes."""

    BALANCE = "balance"
    CLAIM = "claim"
    """A claim on cash, paid out at the service desk."""
    CARD = "card"


class RefundState(StrEnum):
    """How far a refund is."""

    WAITING = "waiting"
    """For a second member of staff."""
    DONE = "done"
    DECLINED = "declined"
    PAID_OUT = "paid_out"
    """Done, and its claim was paid in cash."""


class AskRefund(Request):
    """Staff gives money back; above the shop's limit a second person must agree."""

    refund_id: UUID
    payment_id: UUID
    amount_minor: PaidMinor
    reason: Reason


class Refund(Answer):
    """One refund."""

    refund_id: UUID
    payment_id: UUID
    order_id: UUID
    amount_minor: int
    destination: RefundDestination
    state: RefundState
    requested_by: str
    decided_by: str | None
    reason: str
