"""What a shop may promise: every kind of promotion, and the coupon that unlocks one, as they go over the wire.

How promotions combine (the shopper gets the best total that these rules allow; ``discounts`` applies them):

1. A *combinable* percent or amount off comes first and lowers the price that everything else starts from. One with a ``limit``
   joins only offers on single pieces that have no limit (percent, amount, special, member, tier price), one such on each piece.
2. Otherwise a piece takes part in at most one promotion on articles: a member or tier price is one of them, being left alone
   another. Deals that count goods (multi-buy, n for m, mix and match, bundle) count pieces, never weighed goods.
3. Basket promotions follow. At most one that is not combinable is given, combinable ones all are; percents before amounts.
4. A coupon's promotion needs the coupon; where an ``alone`` coupon is used, no other coupon is.
5. Spending and minimums are counted at shelf prices, before promotions and without deposits, so that buying more never loses an
   offer. Deposits and articles that are not ``discountable`` are neither counted nor reduced.

Rounding: a percentage is taken per piece (per line for weighed goods, per basket for basket promotions), halves up.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

CODES_MAX = 2_000
PROMOTIONS_MAX = 500
COUPONS_MAX = 20
"""Coupons on one order."""
MINUTES_PER_DAY = 1440
WHOLE_BASIS_POINTS = 10_000
"""All of it: 100 %."""

_Minor = Annotated[int, Field(ge=0, le=100_000_000)]
_PositiveMinor = Annotated[int, Field(ge=1, le=100_000_000)]
_BasisPoints = Annotated[int, Field(ge=1, le=WHOLE_BASIS_POINTS)]
_Pieces = Annotated[int, Field(ge=2, le=99)]
_Limit = Annotated[int, Field(ge=1, le=999)]
_MinuteOfDay = Annotated[int, Field(ge=0, le=MINUTES_PER_DAY)]
_Code = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
_Word = Annotated[str, Field(min_length=1, max_length=60)]
PromotionId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
CouponId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]


class _Terms(BaseModel):
    """Read leniently by clients, as every answer is; whoever writes promotions validates with ``extra="forbid"``."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Goods(_Terms):
    """Which articles: those named, or of a department named; where neither is, all. Exceptions come off."""

    codes: Annotated[tuple[_Code, ...], Field(max_length=CODES_MAX)] = ()
    departments: Annotated[tuple[_Word, ...], Field(max_length=100)] = ()
    except_codes: Annotated[tuple[_Code, ...], Field(max_length=CODES_MAX)] = ()


class Window(_Terms):
    """When: all four must hold. In the shop's local time."""

    weekdays: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(max_length=7)] = ()
    """Monday is 0; empty for every day. A window over midnight belongs to the day on which it opens."""
    from_minute: _MinuteOfDay = 0
    """Minute of the day, included."""
    until_minute: _MinuteOfDay = MINUTES_PER_DAY
    """Minute of the day, excluded; not after ``from_minute`` means on the next day."""
    first_day: date | None = None
    last_day: date | None = None
    """Included."""


class _Promotion(_Terms):
    """What all promotions have."""

    promotion_id: PromotionId
    texts: Annotated[dict[str, str], Field(min_length=1)]
    """Language code to what the receipt says, such as {"en": "3 for 2"}."""
    windows: Annotated[tuple[Window, ...], Field(max_length=50)] = ()
    """Open in any of them; empty for always."""
    members_only: bool = False
    tiers: Annotated[tuple[_Word, ...], Field(max_length=20)] = ()
    """Only members of one of these tiers; empty for all."""
    minimum_minor: _Minor = 0
    """The whole basket must be worth this much (rule 5)."""
    by_coupon: bool = False
    """Only with a coupon that names it."""
    alone: bool = False
    """A coupon that is not combinable with any other coupon."""
    limit: _Limit | None = None
    """How often in one basket (pieces, or complete deals); with coupons: for each coupon."""

    @model_validator(mode="after")
    def _alone_is_for_coupons(self) -> Self:
        if self.alone and not self.by_coupon:
            raise ValueError("only a coupon's promotion (by_coupon) can be marked alone")
        return self


class PercentOff(_Promotion):
    """A percentage off each piece or weighed line of these goods."""

    kind: Literal["percent_off"] = "percent_off"
    goods: Goods = Goods()
    basis_points: _BasisPoints
    combinable: bool = False


class AmountOff(_Promotion):
    """An amount off each piece, or off each kilogram of weighed goods."""

    kind: Literal["amount_off"] = "amount_off"
    goods: Goods = Goods()
    amount_minor: _PositiveMinor
    combinable: bool = False


class SpecialPrice(_Promotion):
    """Another price for each piece, or for each kilogram of weighed goods."""

    kind: Literal["special_price"] = "special_price"
    goods: Goods = Goods()
    price_minor: _Minor


class MultiBuy(_Promotion):
    """``count`` pieces of these goods, of one article or mixed, for a fixed price: 3 for 10.00."""

    kind: Literal["multi_buy"] = "multi_buy"
    goods: Goods = Goods()
    count: _Pieces
    price_minor: _Minor


class NForM(_Promotion):
    """``count`` pieces for the price of ``pay``; of mixed goods the cheapest are free: 3 for 2."""

    kind: Literal["n_for_m"] = "n_for_m"
    goods: Goods = Goods()
    count: _Pieces
    pay: Annotated[int, Field(ge=1, le=98)]

    @model_validator(mode="after")
    def _something_is_free(self) -> Self:
        if self.pay >= self.count:
            raise ValueError("n for the price of m: m must be smaller than n")
        return self


class MixAndMatch(_Promotion):
    """``count`` pieces of these goods together: a percentage off all, or off the cheapest few (second at half price)."""

    kind: Literal["mix_and_match"] = "mix_and_match"
    goods: Goods = Goods()
    count: _Pieces
    basis_points: _BasisPoints
    cheapest: Annotated[int, Field(ge=1, le=99)] | None = None
    """How many of them, the cheapest first, get it; None for all."""
    or_more: bool = False
    """``count`` or more: all pieces beyond get it too. Without ``cheapest`` and ``limit``."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.cheapest is not None and self.cheapest > self.count:
            raise ValueError("no more pieces can be reduced than the deal has")
        if self.or_more and (self.cheapest is not None or self.limit is not None):
            raise ValueError("count-or-more reduces every piece: leave out 'cheapest' and 'limit'")
        return self


class BundlePart(_Terms):
    """Some pieces of one group within a bundle."""

    goods: Goods
    count: Annotated[int, Field(ge=1, le=20)] = 1


class Bundle(_Promotion):
    """One (or more) of each of several groups together at a price: a sandwich, a drink and a fruit for 5.00."""

    kind: Literal["bundle"] = "bundle"
    parts: Annotated[tuple[BundlePart, ...], Field(min_length=2, max_length=6)]
    price_minor: _Minor


class BasketOff(_Promotion):
    """Off the whole basket: an amount or a percentage, given from a spending on; spend 100, get 20 off."""

    kind: Literal["basket_off"] = "basket_off"
    goods: Goods = Goods()
    """Whose spending counts; the discount is given on the whole basket."""
    spend_minor: _Minor = 0
    amount_minor: _PositiveMinor | None = None
    basis_points: _BasisPoints | None = None
    repeats: bool = False
    """The amount once for every ``spend_minor``, at most ``limit`` times."""
    combinable: bool = False

    @model_validator(mode="after")
    def _one_reward(self) -> Self:
        if (self.amount_minor is None) == (self.basis_points is None):
            raise ValueError("give exactly one of amount_minor and basis_points")
        if self.repeats and (self.amount_minor is None or self.spend_minor == 0):
            raise ValueError("only an amount for a spending can repeat")
        return self


SingleOffer = PercentOff | AmountOff | SpecialPrice
GroupDeal = MultiBuy | NForM | MixAndMatch | Bundle
Promotion = Annotated[SingleOffer | GroupDeal | BasketOff, Field(discriminator="kind")]


class Coupon(_Terms):
    """A coupon that was shown: one piece of paper or one code. Whether it may still be used only the server decides."""

    coupon_id: CouponId
    """What must not be used twice, when it is for single use."""
    promotion_id: PromotionId
    uses: Literal["single", "multi"] = "single"
    """``multi``: the same code may be shown again with another order; within one order it counts once."""


class CouponReason(StrEnum):
    """Why a coupon that was shown is not used."""

    UNKNOWN = "unknown"
    NOT_NOW = "not_now"
    NOT_FOR_YOU = "not_for_you"
    BELOW_MINIMUM = "below_minimum"
    NO_USE = "no_use"
    """No goods for it, or the shopper is better off without; it stays unused."""


class UnusedCoupon(_Terms):
    """A coupon that stays the shopper's, and why."""

    coupon_id: CouponId
    reason: CouponReason


class LineTake(_Terms):
    """What one line of the basket gave to a promotion."""

    line: int
    """Its place in the basket, from 0."""
    units: int
    """Pieces that took part (1 for a weighed line), also those that pay in full so that another is free."""
    amount_minor: int


class AppliedPromotion(_Terms):
    """One discount and why."""

    promotion_id: str
    """``member.price`` and ``tier.price`` for those prices."""
    texts: dict[str, str]
    amount_minor: int
    """Always above 0: what comes off."""
    times: int
    """Complete deals, or pieces for offers on single pieces."""
    takes: tuple[LineTake, ...]
    coupon_ids: tuple[str, ...] = ()
    """The coupons that this used up."""
