"""From promotions to the deals of the search: multi-buy, n for m, mix and match, bundle, and single offers with a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store_server.contract.best_price.deals import Deal, Slot
from store_server.contract.best_price.single_offers import Saving, Shopper, best_own, combined, saving
from store_server.contract.best_price.stacks import Stack, covers, percent_of
from store_server.contract.coupons import Offer
from store_server.contract.promotions import (
    WHOLE_BASIS_POINTS,
    BasketOff,
    Bundle,
    Goods,
    MixAndMatch,
    MultiBuy,
    NForM,
    Promotion,
    SingleOffer,
    SpecialPrice,
)

Savings = tuple[Saving, ...]
Reach = tuple[frozenset[int], ...]
"""For each group of goods of an offer the stacks in it."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """A stack after all that needs no choice between deals."""

    stack: Stack
    first: Savings
    """What combinable offers take off each piece."""
    price_minor: int
    """After that: where everything else starts from."""
    singles: tuple[SingleOffer, ...]
    """The offers of which each piece may have one."""
    own: Saving
    """The best of them."""


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal and the offer behind it."""

    offer: Offer
    deal: Deal
    each: Mapping[int, Savings]
    """Stack to the savings of one reduced piece; empty for deals at a fixed price."""


def goods_of(promotion: Promotion) -> tuple[Goods, ...]:
    """Return the groups of goods that a promotion names."""
    return tuple(part.goods for part in promotion.parts) if isinstance(promotion, Bundle) else (promotion.goods,)


def reach_of(promotion: Promotion, stacks: Sequence[Stack]) -> Reach:
    """Return the stacks in each group; deals that count goods count pieces only."""
    any_kind = isinstance(promotion, SingleOffer | BasketOff)
    return tuple(
        frozenset(number for number, stack in enumerate(stacks) if (any_kind or not stack.weighed) and within(stack.article))
        for within in map(covers, goods_of(promotion))
    )


def reduced(stacks: Sequence[Stack], offers: Sequence[tuple[Offer, Reach]], shopper: Shopper) -> list[Reduced]:
    """Apply combinable offers to each stack and find its best single offer."""
    found = []
    for number, stack in enumerate(stacks):
        single = [
            offer.promotion
            for offer, reach in offers
            if offer.limit is None and isinstance(offer.promotion, SingleOffer) and number in reach[0]
        ]
        first = combined((one for one in single if not isinstance(one, SpecialPrice) and one.combinable), stack)
        price = stack.price_minor - sum(one.minor for one in first)
        others = tuple(one for one in single if not _is_combinable(one))
        found.append(Reduced(stack, first, price, others, best_own(others, stack, price, shopper)))
    return found


def _is_combinable(offer: SingleOffer) -> bool:
    return not isinstance(offer, SpecialPrice) and offer.combinable


def open_deal(stacks: Sequence[Reduced], offer: Offer, reach: Reach, shopper: Shopper) -> OpenDeal | None:
    """Return the deal that an offer makes; None where it makes none."""
    promotion = offer.promotion
    match promotion:
        case MultiBuy():
            return _at_a_price(stacks, offer, reach, (promotion.count,), promotion.price_minor)
        case Bundle():
            return _at_a_price(stacks, offer, reach, tuple(part.count for part in promotion.parts), promotion.price_minor)
        case NForM():
            return _reducing(stacks, offer, reach, WHOLE_BASIS_POINTS, promotion.count - promotion.pay)
        case MixAndMatch():
            return _reducing(stacks, offer, reach, promotion.basis_points, promotion.cheapest or 0)
        case BasketOff():
            return None
        case _:
            return None if offer.limit is None else _limited(stacks, offer, promotion, reach, shopper)


def _at_a_price(stacks: Sequence[Reduced], offer: Offer, reach: Reach, counts: Sequence[int], price_minor: int) -> OpenDeal:
    slots = tuple(
        Slot(count, tuple((number, stacks[number].price_minor) for number in sorted(some)))
        for count, some in zip(counts, reach, strict=True)
    )
    return OpenDeal(offer, Deal(slots, charge_minor=price_minor, limit=offer.limit, coupon=bool(offer.coupon_ids)), {})


def _reducing(stacks: Sequence[Reduced], offer: Offer, reach: Reach, basis_points: int, cheapest: int) -> OpenDeal:
    promotion = offer.promotion
    assert isinstance(promotion, NForM | MixAndMatch)
    each = {
        number: (Saving(promotion.promotion_id, percent_of(stacks[number].price_minor, basis_points)),)
        for number in sorted(reach[0])
    }
    deal = Deal(
        (_slot(promotion.count, each),),
        reduced=cheapest % promotion.count,
        or_more=isinstance(promotion, MixAndMatch) and promotion.or_more,
        limit=offer.limit,
        coupon=bool(offer.coupon_ids),
    )
    return OpenDeal(offer, deal, each)


def _limited(stacks: Sequence[Reduced], offer: Offer, promotion: SingleOffer, reach: Reach, shopper: Shopper) -> OpenDeal:
    """A single offer that only some pieces get; a combinable one comes before the piece's best other offer."""
    each: dict[int, Savings] = {}
    for number in sorted(reach[0]):
        here = stacks[number]
        off = saving(promotion, here.stack, here.price_minor)
        if _is_combinable(promotion):
            then = best_own(here.singles, here.stack, here.price_minor - off.minor, shopper)
            each[number] = (off, then)
        else:
            each[number] = (off,)
    deal = Deal((_slot(1, each),), limit=offer.limit, coupon=bool(offer.coupon_ids))
    return OpenDeal(offer, deal, each)


def _slot(count: int, each: Mapping[int, Savings]) -> Slot:
    return Slot(count, tuple((number, sum(one.minor for one in savings)) for number, savings in each.items()))
