"""The best price by trying everything: written from the rules in ``promotions``, sharing no code with the search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import chain, combinations
from typing import TypeVar

from store_server.contract.messages import Article, OrderLine
from store_server.contract.promotions import (
    AmountOff,
    BasketOff,
    Bundle,
    Coupon,
    Goods,
    MixAndMatch,
    MultiBuy,
    NForM,
    PercentOff,
    Promotion,
    SpecialPrice,
)
from store_server.contract.single_offers import Shopper

Single = PercentOff | AmountOff | SpecialPrice
T = TypeVar("T")


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


def _least(pieces: list[Piece], offers: list[tuple[Promotion, int]], shopper: Shopper) -> int:
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


def _article_totals(
    pieces: list[Piece], prices: tuple[int, ...], offers: list[tuple[Promotion, int]], shopper: Shopper
) -> frozenset[int]:
    uses = tuple(99 if one.limit is None else one.limit * copies for one, copies in offers)

    @cache
    def totals(left: frozenset[int], uses: tuple[int, ...]) -> frozenset[int]:
        if not left:
            return frozenset({0})
        piece = min(left)
        found: set[int] = set()

        def take(taken: Iterable[int], price: int, spent: int | None = None) -> None:
            after = uses if spent is None else (*uses[:spent], uses[spent] - 1, *uses[spent + 1 :])
            found.update(price + more for more in totals(left - frozenset(taken), after))

        own = _own_prices(pieces[piece], prices[piece], offers, shopper)
        for price in own:
            take([piece], price)
        for number, (one, _copies) in enumerate(offers):
            if not uses[number]:
                continue
            if isinstance(one, Single):
                if one.limit is not None and among(one.goods, pieces[piece]):
                    reduced = after_single(one, pieces[piece], prices[piece])
                    on_top = not isinstance(one, SpecialPrice) and one.combinable
                    for price in _own_prices(pieces[piece], reduced, offers, shopper) if on_top else {reduced}:
                        take([piece], price, number)
                continue
            for others in subsets(sorted(left - {piece})):
                group = [piece, *others]
                price = _group_price(one, [pieces[place] for place in group], [prices[place] for place in group])
                if price is not None:
                    take(group, price, number)
        return frozenset(found)

    return totals(frozenset(range(len(pieces))), uses)


def _own_prices(piece: Piece, price: int, offers: list[tuple[Promotion, int]], shopper: Shopper) -> set[int]:
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


def _group_price(one: Promotion, pieces: list[Piece], prices: list[int]) -> int | None:
    if any(piece.article.sold_by == "weight" for piece in pieces):
        return None
    if isinstance(one, Bundle):
        wanted = sum(part.count for part in one.parts)
        if len(pieces) != wanted or sum(prices) < one.price_minor or not _fits([*one.parts], pieces):
            return None
        return one.price_minor
    assert isinstance(one, MultiBuy | NForM | MixAndMatch)
    if not all(among(one.goods, piece) for piece in pieces):
        return None
    more = isinstance(one, MixAndMatch) and one.or_more
    if len(pieces) < one.count or (len(pieces) > one.count and not more):
        return None
    if isinstance(one, MultiBuy):
        return one.price_minor if sum(prices) >= one.price_minor else None
    dearest_last = sorted(prices)
    if isinstance(one, NForM):
        return sum(dearest_last[one.count - one.pay :])
    reduced = len(pieces) if one.cheapest is None else one.cheapest
    return sum(price - percent(price, one.basis_points) for price in dearest_last[:reduced]) + sum(dearest_last[reduced:])


def _fits(parts: list[object], pieces: list[Piece]) -> bool:
    slots = [part.goods for part in parts for _one in range(part.count)]  # type: ignore[attr-defined]

    def place(slot: int, left: frozenset[int]) -> bool:
        if slot == len(slots):
            return True
        return any(among(slots[slot], pieces[number]) and place(slot + 1, left - {number}) for number in left)

    return place(0, frozenset(range(len(pieces))))


def _after_basket(total: int, pieces: list[Piece], offers: list[tuple[BasketOff, int]]) -> int:
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
