"""What goes over the wire about members, coupons, tenders and refunds; the rules are those of ``messages``.

A member's token is a secret like a device's; it travels in bodies, because the device that sends it has a token of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from store_server.contract.messages import (
    AMOUNT_MAX_MINOR,
    AmountMinor,
    Answer,
    CashEvent,
    Count,
    DeviceName,
    Order,
    Request,
)
from store_server.contract.promotions import PromotionId

COUPONS_AT_ONCE_MAX = 1000
COUPON_USES_MAX = 1_000_000

PaidMinor = Annotated[int, Field(ge=1, le=AMOUNT_MAX_MINOR)]
MemberToken = Annotated[str, Field(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
Reason = Annotated[str, Field(min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Login = Annotated[str, Field(min_length=3, max_length=120, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Password = Annotated[str, Field(min_length=8, max_length=200)]


# Members --------------------------------------------------------------------------------------------------------------


class RegisterMember(Request):
    """Somebody becomes a member; the id is made by the caller and says nothing of the person."""

    member_id: UUID
    login: Login
    """Such as a mail address or telephone number; capital and small letters are the same."""
    password: Password
    name: Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class MemberLogin(Request):
    """A member logs in on a device of the shop."""

    login: Annotated[str, Field(min_length=1, max_length=120)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class ShowMember(Request):
    """Whoever holds the token asks how the member stands, or ends the session."""

    member_token: MemberToken


class DeleteMember(Request):
    """A member wants to be forgotten; sums stay, the person goes."""

    member_token: MemberToken
    password: Annotated[str, Field(min_length=1, max_length=200)]
    give_up_balance: bool = False
    """Needed while there is money on the balance."""


class MemberAccount(Answer):
    """How a member stands; nothing in it names the person."""

    member_id: UUID
    available_minor: int
    held_minor: int
    """Set aside for orders that are being paid."""
    points: int
    tier: str | None
    """Its prices and promotions are the member's; None for the ground floor."""


class MemberSession(Answer):
    """A member is logged in."""

    token: str
    account: MemberAccount


class MemberDeleted(Answer):
    """The person is forgotten."""

    member_id: UUID
    left_minor: int
    """What stayed on the balance and can no longer be paid with."""


class TopUp(Request):
    """A kiosk took cash for a member's balance; the session is one without an order."""

    top_up_id: UUID
    session_id: UUID
    member_token: MemberToken
    amount_minor: PaidMinor
    taken: Annotated[list[CashEvent], Field(min_length=1, max_length=500)]
    change_minor: AmountMinor
    """sum(taken) - amount; still to be paid out."""


class ToppedUp(Answer):
    """The money is on the balance."""

    top_up_id: UUID
    available_minor: int


# Tenders --------------------------------------------------------------------------------------------------------------


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


# Coupons --------------------------------------------------------------------------------------------------------------


class IssueCoupons(Request):
    """Make coupons for a promotion; each batch once."""

    batch_id: UUID
    promotion_id: PromotionId
    count: Annotated[int, Field(ge=1, le=COUPONS_AT_ONCE_MAX)] = 1
    uses_max: Annotated[int, Field(ge=1, le=COUPON_USES_MAX)] = 1
    """How often each may be used; 1 for a coupon of paper."""
    valid_from: Count
    valid_until: Count


class CouponsIssued(Answer):
    """The codes, shown this once."""

    batch_id: UUID
    codes: list[str]


# Refunds --------------------------------------------------------------------------------------------------------------


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


class VoidOrder(Request):
    """Why an unpaid order is given up."""

    reason: Reason


# Kiosks ---------------------------------------------------------------------------------------------------------------


class OpenKiosk(Request):
    """A kiosk goes into service."""

    kiosk_session_id: UUID


class CloseKiosk(Request):
    """A kiosk goes out of service, its cash counted by staff or by its devices."""

    kiosk_session_id: UUID
    counted: Annotated[dict[DeviceName, Annotated[int, Field(ge=-AMOUNT_MAX_MINOR, le=AMOUNT_MAX_MINOR)]], Field(max_length=50)]
    """Device to how much came in since the session was opened, less what was paid out."""


class KioskSession(Answer):
    """One time of service of one kiosk."""

    kiosk_session_id: UUID
    kiosk: str
    state: Literal["open", "closed"]
    opened_at: int
    closed_at: int | None
    expected: dict[str, int]
    """Device to what the ledger says came in since opening."""
    differences: dict[str, int]
    """Device to counted less expected; only where they differ."""
