"""Which promotions are open to this shopper now, and which coupons may be used together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store_server.contract.best_price.single_offers import GUEST, Shopper
from store_server.contract.promotions import COUPONS_MAX, Coupon, CouponReason, Promotion, UnusedCoupon
from store_server.contract.shop_time import is_open


class TooManyCouponsError(ValueError):
    """More coupons than one order can carry."""

    def __init__(self) -> None:
        super().__init__(f"one order takes at most {COUPONS_MAX} coupons; please use the others next time")


@dataclass(frozen=True, slots=True)
class Occasion:
    """All that decides about discounts besides the goods."""

    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    shopper: Shopper = GUEST
    local_minute: int | None = None
    """The shop's time (``shop_time``); without it nothing that has windows is open."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion that is open, with the coupons for it."""

    promotion: Promotion
    coupon_ids: tuple[str, ...] = ()

    @property
    def limit(self) -> int | None:
        """How often it is given in this basket."""
        limit = self.promotion.limit
        return limit if limit is None or not self.coupon_ids else limit * len(self.coupon_ids)

    def used(self, times: int) -> tuple[str, ...]:
        """Return the coupons that so many times use up."""
        if self.promotion.limit is None or not self.coupon_ids:
            return self.coupon_ids[:1]
        return self.coupon_ids[: -(-times // self.promotion.limit)]


@dataclass(frozen=True, slots=True)
class Opened:
    """What an occasion opens."""

    scenarios: tuple[tuple[Offer, ...], ...]
    """Sets of offers that may be used together, each sorted by id; the best of them is given. The first is for most coupons."""
    refused: tuple[UnusedCoupon, ...]
    shown: tuple[str, ...]
    """The other coupons."""


def opened(occasion: Occasion, spent_minor: int) -> Opened:
    """Sort out promotions and coupons for a basket of this shelf value.

    Raises:
        TooManyCouponsError: more than :data:`COUPONS_MAX`.
    """
    coupons = {coupon.coupon_id: coupon for coupon in sorted(occasion.coupons, key=lambda one: one.coupon_id)}
    if len(coupons) > COUPONS_MAX:
        raise TooManyCouponsError
    promotions = {one.promotion_id: one for one in sorted(occasion.promotions, key=lambda one: one.promotion_id)}
    free = [Offer(one) for one in promotions.values() if not one.by_coupon and _why_not(one, occasion, spent_minor) is None]
    together: dict[str, list[str]] = {}
    alone: list[Offer] = []
    refused: list[UnusedCoupon] = []
    for coupon in coupons.values():
        promotion = promotions.get(coupon.promotion_id)
        reason = CouponReason.UNKNOWN
        if promotion is not None and promotion.by_coupon:
            why_not = _why_not(promotion, occasion, spent_minor)
            if why_not is None:
                if promotion.alone:
                    alone.append(Offer(promotion, (coupon.coupon_id,)))
                else:
                    together.setdefault(promotion.promotion_id, []).append(coupon.coupon_id)
                continue
            reason = why_not
        refused.append(UnusedCoupon(coupon_id=coupon.coupon_id, reason=reason))
    joint = [Offer(promotions[key], tuple(ids)) for key, ids in together.items()]
    scenarios = [_sorted([*free, *joint]), *(_sorted([*free, one]) for one in _one_of_a_kind(alone))]
    named = {one.coupon_id for one in refused}
    return Opened(tuple(scenarios), tuple(refused), tuple(key for key in coupons if key not in named))


def _why_not(promotion: Promotion, occasion: Occasion, spent_minor: int) -> CouponReason | None:
    if not is_open(promotion.windows, occasion.local_minute):
        return CouponReason.NOT_NOW
    shopper = occasion.shopper
    if (promotion.members_only and not shopper.is_member) or (promotion.tiers and shopper.tier not in promotion.tiers):
        return CouponReason.NOT_FOR_YOU
    return CouponReason.BELOW_MINIMUM if spent_minor < promotion.minimum_minor else None


def _one_of_a_kind(offers: Sequence[Offer]) -> Iterable[Offer]:
    """Of several coupons for the same lone promotion the first does."""
    return {offer.promotion.promotion_id: offer for offer in reversed(offers)}.values()


def _sorted(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    return tuple(sorted(offers, key=lambda offer: offer.promotion.promotion_id))
