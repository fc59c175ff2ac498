"""What is missing for the next promotion: "one more of these saves 2.50". For the handheld while shopping; pure.

Every hint was tried: the basket was priced with the missing goods in it. At most :data:`TRIES_MAX` are tried, those first for
which least is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store_server.contract.article_messages import Article
from store_server.contract.best_price.basket_offers import BasketOffer, best_basket, times_met
from store_server.contract.best_price.discounts import Decision, decided
from store_server.contract.best_price.open_deals import goods_of, reach_of
from store_server.contract.best_price.single_offers import GUEST, Shopper
from store_server.contract.best_price.stacks import Stack, covers, stacked
from store_server.contract.coupons import Occasion, Offer
from store_server.contract.order_messages import OrderLine, PricedLine
from store_server.contract.pricing import FindArticle, price_line, price_lines
from store_server.contract.promotions import BasketOff, Bundle, Coupon, MixAndMatch, MultiBuy, NForM, Promotion

MISSING_MAX = 2
"""Pieces; whoever lacks more is not nearly there."""
SPEND_SHARE = 2
"""A spending is near when at least one part in so many is reached."""
CANDIDATES_MAX = 3
"""Articles that are tried for one promotion, the cheapest first."""
TRIES_MAX = 12

Additions = tuple[tuple[str, int], ...]
Basket = Sequence[tuple[PricedLine, Article]]


@dataclass(frozen=True, slots=True)
class Nearly:
    """What to add, and what that brings."""

    promotion_id: str
    texts: dict[str, str]
    add: Additions
    """(article, pieces) to add; empty where any goods will do."""
    spend_minor: int
    """How much more to spend, at shelf prices; 0 where ``add`` says what."""
    saves_minor: int
    """How much more comes off than now."""
    costs_minor: int
    """How much more the goods then cost, without deposits; 0 or less: they come for nothing."""


def nearly(
    lines: Iterable[OrderLine],
    find: FindArticle,
    *,
    promotions: Sequence[Promotion],
    coupons: Sequence[Coupon] = (),
    shopper: Shopper = GUEST,
    local_minute: int | None = None,
    most: int = 3,
    tries: int = TRIES_MAX,
) -> tuple[Nearly, ...]:
    """Return the hints that save most, the best first; arguments as for ``price_basket``.

    At most ``most`` are returned and ``tries`` are tried: each costs as much as pricing the basket.

    Raises:
        UnknownArticleError: ``find`` does not know a line's article.
        TooManyCouponsError: more coupons than one order takes.
    """
    basket = price_lines(lines, find)
    occasion = Occasion(tuple(promotions), tuple(coupons), shopper, local_minute)
    stacks = stacked(basket)
    if not stacks:
        return ()
    decision = decided(stacks, occasion)
    hints = [hint for offer in decision.offers if (hint := _spending(decision, stacks, offer)) is not None]
    wanted = sorted(
        (sum(pieces for _code, pieces in add), offer.promotion.promotion_id, place, add)
        for offer in decision.offers
        for place, add in enumerate(_additions(decision, stacks, offer, find))
    )
    offers = {offer.promotion.promotion_id: offer for offer in decision.offers}
    for _missing, name, _place, add in wanted[:tries]:
        hint = _tried(basket, decision, occasion, offers[name], add=add, find=find)
        if hint is not None:
            hints.append(hint)
    best: dict[str, Nearly] = {}
    for hint in sorted(hints, key=lambda one: (-one.saves_minor, one.costs_minor, one.promotion_id, one.add)):
        best.setdefault(hint.promotion_id, hint)
    return tuple(best.values())[:most]


def _used(decision: Decision, promotion_id: str) -> int:
    """Return how many pieces take part in a deal."""
    return sum(use.pieces for deal, use in decision.plan.deals if deal.offer.promotion.promotion_id == promotion_id)


def _additions(decision: Decision, stacks: Sequence[Stack], offer: Offer, find: FindArticle) -> list[Additions]:
    """Return what could complete one more deal of an offer."""
    promotion = offer.promotion
    reach = reach_of(promotion, stacks)
    if isinstance(promotion, Bundle):
        return _bundle_additions(promotion, [sum(stacks[number].count for number in some) for some in reach], find)
    if not isinstance(promotion, MultiBuy | NForM | MixAndMatch):
        return []
    used = _used(decision, promotion.promotion_id)
    free = sum(stacks[number].count for number in reach[0]) - used
    if isinstance(promotion, MixAndMatch) and promotion.or_more and used:
        return []
    missing = -free % promotion.count
    if not free or not 0 < missing <= MISSING_MAX:
        return []
    cheapest = sorted(reach[0], key=lambda number: (stacks[number].price_minor, stacks[number].article.code))
    return [((stacks[number].article.code, missing),) for number in cheapest[:CANDIDATES_MAX]]


def _bundle_additions(promotion: Bundle, counts: Sequence[int], find: FindArticle) -> list[Additions]:
    """Return what a bundle lacks where all but one or two pieces are there; only goods that it names can be proposed."""
    complete = min(count // part.count for count, part in zip(counts, promotion.parts, strict=True))
    lacks = [max(0, (complete + 1) * part.count - count) for count, part in zip(counts, promotion.parts, strict=True)]
    if not 0 < sum(lacks) <= MISSING_MAX or sum(lack > 0 for lack in lacks) > 1:
        return []
    number = next(place for place, lack in enumerate(lacks) if lack)
    goods = goods_of(promotion)[number]
    known = [article for code in goods.codes[: 10 * CANDIDATES_MAX] if (article := find(code)) is not None]
    proposed = [one for one in known if _is_proposed(one) and covers(goods)(one)]
    proposed.sort(key=lambda one: (one.unit_price_minor, one.code))
    return [((one.code, lacks[number]),) for one in proposed[:CANDIDATES_MAX]]


def _is_proposed(article: Article) -> bool:
    return article.sold_by == "piece" and article.discountable and article.withheld is None


def _tried(
    basket: Basket, decision: Decision, occasion: Occasion, offer: Offer, *, add: Additions, find: FindArticle
) -> Nearly | None:
    """Price the basket with the missing goods; a hint only where the promotion is then given more often and more is saved."""
    more: list[tuple[PricedLine, Article]] = []
    for code, pieces in add:
        article = find(code)
        if article is None:
            return None
        more.append((price_line(OrderLine(code=code, quantity=pieces), article), article))
    then = decided(stacked([*basket, *more]), occasion)
    name = offer.promotion.promotion_id
    saves = then.plan.saved_minor - decision.plan.saved_minor
    if saves <= 0 or _used(then, name) <= _used(decision, name):
        return None
    costs = sum(line.goods_minor for line, _article in more) - saves
    return Nearly(name, offer.promotion.texts, add, 0, saves, costs)


def _spending(decision: Decision, stacks: Sequence[Stack], offer: Offer) -> Nearly | None:
    """Return how much more to spend for a basket promotion, where a good part is reached."""
    promotion = offer.promotion
    if not isinstance(promotion, BasketOff) or not promotion.spend_minor:
        return None
    spent = sum(stacks[number].price_minor * stacks[number].count for number in reach_of(promotion, stacks)[0])
    times = times_met(promotion, spent, promotion.limit)
    missing = promotion.spend_minor * (times + 1) - spent
    if (
        missing <= 0
        or missing > promotion.spend_minor - promotion.spend_minor // SPEND_SHARE
        or (times and not promotion.repeats)
    ):
        return None
    worth = sum(stack.price_minor * stack.count for stack in stacks)
    now = [one.offer for one in decision.plan.basket]
    left = worth - decision.plan.saved_minor + sum(one.minor for one in decision.plan.basket) + missing
    others = [one for one in now if one.promotion.promotion_id != promotion.promotion_id]
    then = [*others, BasketOffer(promotion, times_met(promotion, spent + missing, promotion.limit), offer.coupon_ids)]
    given = best_basket(then, left)
    saves = sum(one.minor for one in given) - sum(one.minor for one in decision.plan.basket)
    is_given = any(one.offer.promotion == promotion and one.offer.times > times for one in given)
    if saves <= 0 or not is_given:
        return None
    return Nearly(promotion.promotion_id, promotion.texts, (), missing, saves, missing - saves)
