"""What goes over the wire about members and coupons.

A member's token is a secret like a device's; it travels in bodies, because the device that sends it has a token of its own.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from store_server.contract.cash_messages import CashEvent
from store_server.contract.promotions import PromotionId
from store_server.contract.wire import AmountMinor, Answer, Count, MemberToken, PaidMinor, Request

COUPONS_AT_ONCE_MAX = 1000
COUPON_USES_MAX = 1_000_000
Login = Annotated[str, Field(min_length=3, max_length=120, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Password = Annotated[str, Field(min_length=8, max_length=200)]


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
