"""Promotions on the whole basket: given on what is left after the promotions on articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store_server.contract.best_price.stacks import percent_of
from store_server.contract.promotions import BasketOff


@dataclass(frozen=True, slots=True)
class BasketOffer:
    """A basket promotion whose conditions are met."""

    promotion: BasketOff
    times: int
    """How often its amount is given."""
    coupon_ids: tuple[str, ...] = ()
    """The coupons for it that were shown; each gives it once."""

    @property
    def is_percent(self) -> bool:
        """Percents come before amounts."""
        return self.promotion.basis_points is not None

    def off(self, left_minor: int) -> int:
        """Return what it takes off so much, once."""
        if self.promotion.basis_points is not None:
            return percent_of(left_minor, self.promotion.basis_points)
        return min(left_minor, (self.promotion.amount_minor or 0) * self.times)


@dataclass(frozen=True, slots=True)
class BasketSaving:
    """What one basket promotion takes off."""

    offer: BasketOffer
    minor: int


def times_met(promotion: BasketOff, spent_minor: int, limit: int | None) -> int:
    """Return how often the reward is given for so much spending; 0 where it is too little."""
    if spent_minor < promotion.spend_minor:
        return 0
    times = spent_minor // promotion.spend_minor if promotion.repeats else 1
    return times if limit is None else min(times, limit)


def best_basket(offers: Sequence[BasketOffer], left_minor: int) -> tuple[BasketSaving, ...]:
    """Return the best allowed savings in the order they are taken: all combinable ones and at most one other.

    Each takes off what the ones before left, and a smaller rest never ends larger, so that leaving one out never helps.
    """
    always = [offer for offer in offers if offer.promotion.combinable for _copy in range(max(1, len(offer.coupon_ids)))]
    choices = [_taken(always, left_minor)]
    choices += [_taken([*always, other], left_minor) for other in offers if not other.promotion.combinable]
    return min(choices, key=_merit)


def _taken(offers: Sequence[BasketOffer], left_minor: int) -> tuple[BasketSaving, ...]:
    savings = []
    for offer in sorted(offers, key=lambda one: (not one.is_percent, one.promotion.by_coupon, one.promotion.promotion_id)):
        minor = offer.off(left_minor)
        left_minor -= minor
        if minor:
            savings.append(BasketSaving(offer, minor))
    return tuple(savings)


def _merit(savings: tuple[BasketSaving, ...]) -> tuple[int, int, list[str]]:
    """Order choices: most saved, fewest coupons, then by id."""
    coupons = sum(one.offer.promotion.by_coupon for one in savings)
    return -sum(one.minor for one in savings), coupons, [one.offer.promotion.promotion_id for one in savings]
