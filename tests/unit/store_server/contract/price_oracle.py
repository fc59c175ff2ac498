"""The best price by trying everything: written from the rules in ``promotions``, sharing no code with the search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import chain, combinations
from typing import TypeVar

from store_server.contract.article_messages import Article
from store_server.contract.best_price.single_offers import Shopper
from store_server.contract.order_messages import OrderLine
from store_server.contract.promotions import (
    AmountOff,
    BasketOff,
    Bundle,
    BundlePart,
    Coupon,
    Goods,
    MixAndMatch,
    MultiBuy,
    NForM,
    PercentOff,
    Promotion,
    SpecialPrice,
)

Single = PercentOff | AmountOff | SpecialPrice
T = TypeVar("T")
Offers = Sequence[tuple[Promotion, int]]
"""Promotions that are open, with the number of coupons for each (1 where none is needed)."""


@dataclass(frozen=True)
class Piece:
    article: Article
    price: int
    size: Decimal


def whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent(amount: int, basis_points: int) -> int:
    return whole(Decimal(amount) * basis_points / 10_000)


def pieces_of(lines: Iterable[OrderLine], articles: dict[str, Article]) -> list[Piece]:
    found = []
    for line in lines:
        article = articles[line.code]
        if not article.discountable:
            continue
        if article.sold_by == "weight":
            size = Decimal(line.weight_g or 0) / 1000
            found.append(Piece(article, whole(article.unit_price_minor * size), size))
        else:
            found += [Piece(article, article.unit_price_minor, Decimal(1))] * line.quantity
    return found


def among(goods: Goods, piece: Piece) -> bool:
    article = piece.article
    if article.code in goods.except_codes:
        return False
    if not goods.codes and not goods.departments:
        return True
    return article.code in goods.codes or article.department in goods.departments


def subsets(items: Sequence[T]) -> Iterator[tuple[T, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


def after_single(promotion: Single, piece: Piece, price: int) -> int:
    if isinstance(promotion, PercentOff):
        return price - percent(price, promotion.basis_points)
    if isinstance(promotion, AmountOff):
        return max(0, price - whole(promotion.amount_minor * piece.size))
    return min(price, whole(promotion.price_minor * piece.size))


def best_saving(
    lines: Sequence[OrderLine],
    articles: dict[str, Article],
    promotions: Sequence[Promotion],
    coupons: Sequence[Coupon],
    shopper: Shopper,
) -> int:
    """Return the most that may come off."""
    pieces = pieces_of(lines, articles)
    worth = sum(piece.price for piece in pieces)
    by_id = {promotion.promotion_id: promotion for promotion in promotions}
    usable = [coupon for coupon in coupons if coupon.promotion_id in by_id and by_id[coupon.promotion_id].by_coupon]
    best = 0
    for shown in subsets(usable):
        if len(shown) > 1 and any(by_id[coupon.promotion_id].alone for coupon in shown):
            continue
        offers = []
        for promotion in promotions:
            copies = sum(coupon.promotion_id == promotion.promotion_id for coupon in shown)
            for_shopper = (shopper.is_member or not promotion.members_only) and (
                not promotion.tiers or shopper.tier in promotion.tiers
            )
            if for_shopper and worth >= promotion.minimum_minor and (copies or not promotion.by_coupon):
                offers.append((promotion, max(1, copies)))
        best = max(best, worth - _least(pieces, offers, shopper))
    return best


def _least(pieces: Sequence[Piece], offers: Offers, shopper: Shopper) -> int:
    always = [
        one for one, _copies in offers if isinstance(one, PercentOff | AmountOff) and one.combinable and one.limit is None
    ]
    always.sort(key=lambda one: (isinstance(one, AmountOff), one.promotion_id))
    rest = [(one, copies) for one, copies in offers if one not in always and not isinstance(one, BasketOff)]
    baskets = [(one, copies) for one, copies in offers if isinstance(one, BasketOff)]
    least = sum(piece.price for piece in pieces)
    for first in subsets(always):
        prices = []
        for piece in pieces:
            price = piece.price
            for one in first:
                if among(one.goods, piece):
                    price = after_single(one, piece, price)
            prices.append(price)
        for total in _article_totals(pieces, tuple(prices), rest, shopper):
            least = min(least, _after_basket(total, pieces, baskets))
    return least


def _article_totals(pieces: Sequence[Piece], prices: tuple[int, ...], offers: Offers, shopper: Shopper) -> frozenset[int]:
    """Return every total that the promotions on articles can leave."""
    uses = tuple(99 if one.limit is None else one.limit * copies for one, copies in offers)

    @cache
    def totals(left: frozenset[int], uses: tuple[int, ...]) -> frozenset[int]:
        if not left:
            return frozenset({0})
        first = min(left)
        found: set[int] = set()
        steps: list[tuple[tuple[int, ...], int, int]] = [
            ((first,), price, -1) for price in _own_prices(pieces[first], prices[first], offers, shopper)
        ]
        for number, (one, _copies) in enumerate(offers):
            if uses[number] and isinstance(one, Single):
                steps += [
                    ((first,), price, number) for price in _limited_prices(one, pieces[first], prices[first], offers, shopper)
                ]
            elif uses[number]:
                steps += [(group, price, number) for group, price in _groups(one, pieces, prices, left)]
        for taken, price, number in steps:
            after = tuple(use - (place == number) for place, use in enumerate(uses))
            found.update(price + more for more in totals(left - frozenset(taken), after))
        return frozenset(found)

    return totals(frozenset(range(len(pieces))), uses)


def _groups(
    one: Promotion, pieces: Sequence[Piece], prices: Sequence[int], left: frozenset[int]
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Tell every deal that the first piece can be in, and its price."""
    first = min(left)
    for others in subsets(sorted(left - {first})):
        group = (first, *others)
        price = _group_price(one, [pieces[place] for place in group], [prices[place] for place in group])
        if price is not None:
            yield group, price


def _limited_prices(one: Single, piece: Piece, price: int, offers: Offers, shopper: Shopper) -> set[int]:
    if one.limit is None or not among(one.goods, piece):
        return set()
    reduced = after_single(one, piece, price)
    on_top = not isinstance(one, SpecialPrice) and one.combinable
    return _own_prices(piece, reduced, offers, shopper) if on_top else {reduced}


def _own_prices(piece: Piece, price: int, offers: Offers, shopper: Shopper) -> set[int]:
    found = {price}
    for one, _copies in offers:
        if isinstance(one, Single) and one.limit is None and among(one.goods, piece):
            found.add(after_single(one, piece, price))
    article = piece.article
    if shopper.is_member and article.member_price_minor is not None:
        found.add(min(price, whole(article.member_price_minor * piece.size)))
    if shopper.tier in article.tier_prices_minor:
        found.add(min(price, whole(article.tier_prices_minor[shopper.tier or ""] * piece.size)))
    return found


def _group_price(one: Promotion, pieces: Sequence[Piece], prices: Sequence[int]) -> int | None:
    """Return what these pieces cost as one deal; None where they are none, or where it would be dearer."""
    if not _is_deal(one, pieces):
        return None
    cheapest_first = sorted(prices)
    match one:
        case MultiBuy() | Bundle():
            return one.price_minor if sum(prices) >= one.price_minor else None
        case NForM():
            return sum(cheapest_first[one.count - one.pay :])
        case MixAndMatch():
            reduced = len(pieces) if one.cheapest is None else one.cheapest
            return sum(price - percent(price, one.basis_points) for price in cheapest_first[:reduced]) + sum(
                cheapest_first[reduced:]
            )
        case _:
            raise AssertionError(one)


def _is_deal(one: Promotion, pieces: Sequence[Piece]) -> bool:
    if any(piece.article.sold_by == "weight" for piece in pieces):
        return False
    if isinstance(one, Bundle):
        return len(pieces) == sum(part.count for part in one.parts) and _fits(one.parts, pieces)
    assert isinstance(one, MultiBuy | NForM | MixAndMatch)
    more = isinstance(one, MixAndMatch) and one.or_more
    enough = len(pieces) == one.count or (more and len(pieces) > one.count)
    return enough and all(among(one.goods, piece) for piece in pieces)


def _fits(parts: Sequence[BundlePart], pieces: Sequence[Piece]) -> bool:
    slots = [part.goods for part in parts for _one in range(part.count)]

    def place(slot: int, left: frozenset[int]) -> bool:
        if slot == len(slots):
            return True
        return any(among(slots[slot], pieces[number]) and place(slot + 1, left - {number}) for number in left)

    return place(0, frozenset(range(len(pieces))))


def _after_basket(total: int, pieces: Sequence[Piece], offers: list[tuple[BasketOff, int]]) -> int:
    met = []
    for one, copies in offers:
        spent = sum(piece.price for piece in pieces if among(one.goods, piece))
        if spent < one.spend_minor:
            continue
        times = spent // one.spend_minor if one.repeats else 1
        times = times if one.limit is None else min(times, one.limit)
        met += [(one, times)] * (copies if one.combinable else 1)
    least = total
    for chosen in subsets(met):
        if sum(not one.combinable for one, _times in chosen) > 1:
            continue
        left = total
        for one, times in sorted(
            chosen, key=lambda pair: (pair[0].basis_points is None, pair[0].by_coupon, pair[0].promotion_id)
        ):
            if one.basis_points is not None:
                left -= percent(left, one.basis_points)
            else:
                left -= min(left, (one.amount_minor or 0) * times)
        least = min(least, left)
    return least
