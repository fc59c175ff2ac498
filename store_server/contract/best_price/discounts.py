"""The best allowed discounts of a basket: every set of offers that may be used together is planned, the best plan is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store_server.contract.best_price.basket_offers import BasketOffer, BasketSaving, best_basket, times_met
from store_server.contract.best_price.deals import Pile
from store_server.contract.best_price.open_deals import OpenDeal, Reach, Reduced, open_deal, reach_of, reduced
from store_server.contract.best_price.price_search import Use, best_use
from store_server.contract.best_price.single_offers import Shopper
from store_server.contract.best_price.stacks import Stack
from store_server.contract.coupons import Occasion, Offer, Opened, opened
from store_server.contract.promotions import BasketOff


@dataclass(frozen=True, slots=True)
class Plan:
    """Who takes what."""

    stacks: tuple[Reduced, ...]
    deals: tuple[tuple[OpenDeal, Use], ...]
    """Those that are used."""
    basket: tuple[BasketSaving, ...]
    saved_minor: int
    unproven_minor: int
    """At most this much more could have been saved on articles; 0: proven best."""

    @property
    def coupons(self) -> int:
        """How many coupons it needs, about."""
        singles = {one.own.promotion_id for one in self.stacks if one.own.by_coupon}
        deals = sum(len(deal.offer.used(use.pieces // deal.deal.size)) for deal, use in self.deals)
        return len(singles) + deals + sum(one.offer.promotion.by_coupon for one in self.basket)


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan that is given."""

    plan: Plan
    offers: tuple[Offer, ...]
    opened: Opened


def decided(stacks: Sequence[Stack], occasion: Occasion) -> Decision:
    """Return the best plan of all scenarios; of equals the one with the fewest coupons, then the first.

    Raises:
        TooManyCouponsError: more coupons than one order takes.
    """
    spent_minor = sum(stack.price_minor * stack.count for stack in stacks)
    choices = opened(occasion, spent_minor)
    plans = [(_planned(stacks, offers, occasion.shopper), offers) for offers in choices.scenarios]
    plan, offers = min(plans, key=lambda one: (-one[0].saved_minor, one[0].coupons))
    return Decision(plan, offers, choices)


def _planned(stacks: Sequence[Stack], offers: Sequence[Offer], shopper: Shopper) -> Plan:
    reaching = [(offer, reach_of(offer.promotion, stacks)) for offer in offers]
    lowered = reduced(stacks, reaching, shopper)
    deals = [deal for offer, reach in reaching if (deal := open_deal(lowered, offer, reach, shopper)) is not None]
    piles = [Pile(one.price_minor, one.stack.count, one.own.minor, one.own.by_coupon) for one in lowered]
    best = best_use(piles, [deal.deal for deal in deals])
    used = tuple((deal, use) for deal, use in zip(deals, best.uses, strict=True) if use.taken)
    left = [one.stack.count for one in lowered]
    saved = sum(use.saved_minor for _deal, use in used)
    for _deal, use in used:
        for number, pieces, _reduced in use.taken:
            left[number] -= pieces
    for one, pieces in zip(lowered, left, strict=True):
        saved += one.own.minor * pieces + (one.stack.price_minor - one.price_minor) * one.stack.count
    spent_minor = sum(stack.price_minor * stack.count for stack in stacks)
    basket = best_basket(_basket_offers(stacks, reaching), spent_minor - saved)
    saved += sum(one.minor for one in basket)
    return Plan(tuple(lowered), used, basket, saved, best.unproven_minor)


def _basket_offers(stacks: Sequence[Stack], offers: Sequence[tuple[Offer, Reach]]) -> list[BasketOffer]:
    met = []
    for offer, reach in offers:
        promotion = offer.promotion
        if isinstance(promotion, BasketOff):
            spent = sum(stacks[number].price_minor * stacks[number].count for number in reach[0])
            times = times_met(promotion, spent, promotion.limit)
            if times:
                met.append(BasketOffer(promotion, times, offer.coupon_ids))
    return met
