"""Offers on single pieces: percent off, amount off, special, member and tier prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from store_server.contract.best_price.stacks import Stack, percent_of
from store_server.contract.promotions import AmountOff, PercentOff, SingleOffer

MEMBER_PRICE = "member.price"
TIER_PRICE = "tier.price"
PRICE_TEXTS = {
    MEMBER_PRICE: {"en": "Member price", "zh": "会员价"},
    TIER_PRICE: {"en": "Member tier price", "zh": "会员等级价"},
}


@dataclass(frozen=True, slots=True)
class Shopper:
    """Whose prices these are. Where discounts need paying from the balance, pass a member only then."""

    member: bool = False
    tier: str | None = None
    """The member's tier, such as "gold"; means a member."""

    @property
    def is_member(self) -> bool:
        """Whether member prices and members' promotions are for this shopper."""
        return self.member or self.tier is not None


GUEST = Shopper()


@dataclass(frozen=True, slots=True)
class Saving:
    """What one offer takes off one piece."""

    promotion_id: str
    minor: int
    by_coupon: bool = False


NO_SAVING = Saving("", 0)


def saving(offer: SingleOffer, stack: Stack, price_minor: int) -> Saving:
    """Return what an offer takes off one piece that now costs ``price_minor``; never more than that."""
    match offer:
        case PercentOff():
            minor = percent_of(price_minor, offer.basis_points)
        case AmountOff():
            minor = stack.at(offer.amount_minor) or 0
        case _:
            price = stack.at(offer.price_minor)
            minor = 0 if price is None else price_minor - price
    return Saving(offer.promotion_id, max(0, min(minor, price_minor)), offer.by_coupon)


def combined(offers: Iterable[PercentOff | AmountOff], stack: Stack) -> tuple[Saving, ...]:
    """Apply combinable offers one after the other: percents first, then amounts, by id within each."""
    price, savings = stack.price_minor, []
    for offer in sorted(offers, key=lambda offer: (isinstance(offer, AmountOff), offer.promotion_id)):
        off = saving(offer, stack, price)
        price -= off.minor
        savings.append(off)
    return tuple(savings)


def best_own(offers: Iterable[SingleOffer], stack: Stack, price_minor: int, shopper: Shopper) -> Saving:
    """Return the best of the offers that exclude each other; of equals one without coupon, then the first by id."""
    savings = [saving(offer, stack, price_minor) for offer in offers]
    prices = {MEMBER_PRICE: stack.article.member_price_minor if shopper.is_member else None}
    prices[TIER_PRICE] = stack.article.tier_prices_minor.get(shopper.tier or "")
    for name, unit_price in prices.items():
        price = None if unit_price is None else stack.at(unit_price)
        if price is not None:
            savings.append(Saving(name, max(0, price_minor - price)))
    best = min(savings, key=lambda one: (-one.minor, one.by_coupon, one.promotion_id), default=NO_SAVING)
    return best if best.minor else NO_SAVING
