"""The basket as promotions see it: stacks of identical goods, in an order that does not depend on the order of scanning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from store_server.contract.article_messages import Article
from store_server.contract.order_messages import PricedLine
from store_server.contract.promotions import WHOLE_BASIS_POINTS, Goods

GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class Stack:
    """Identical pieces, or weighed lines that are alike."""

    article: Article
    weighed: bool
    price_minor: int
    """Shelf price of one piece, or of one weighed line."""
    size: Fraction | None
    """1 for a piece, kilograms for a weighed line; None where nobody knows."""
    lines: tuple[tuple[int, int], ...]
    """(place in the basket, pieces), in the order in which lines hand over their pieces."""

    @property
    def count(self) -> int:
        """Pieces, or weighed lines."""
        return sum(pieces for _line, pieces in self.lines)

    def at(self, unit_price_minor: int) -> int | None:
        """Return what one of it costs at another price per piece or kilogram."""
        return None if self.size is None else half_up(unit_price_minor * self.size)


def half_up(amount: Fraction) -> int:
    """Round an amount that is not negative, halves up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def percent_of(minor: int, basis_points: int) -> int:
    """Return so many hundredths of a percent of an amount, halves up.

    >>> percent_of(1285, 1000)
    129
    """
    return (2 * minor * basis_points + WHOLE_BASIS_POINTS) // (2 * WHOLE_BASIS_POINTS)


def stacked(priced: Iterable[tuple[PricedLine, Article]]) -> tuple[Stack, ...]:
    """Return the discountable goods of a basket, the dearest first."""
    stacks: dict[tuple[int, str, int], tuple[PricedLine, Article, list[tuple[int, int]]]] = {}
    for place, (line, article) in enumerate(priced):
        price_minor = line.goods_minor // line.quantity
        if article.discountable and price_minor:
            key = (-price_minor, line.code, line.weight_g or 0)
            stacks.setdefault(key, (line, article, []))[2].append((-line.quantity, place))
    return tuple(
        Stack(article, line.sold_by == "weight", -key[0], _size(line, -key[0]), tuple((n, -less) for less, n in sorted(places)))
        for key, (line, article, places) in sorted(stacks.items(), key=lambda item: item[0])
    )


def _size(line: PricedLine, price_minor: int) -> Fraction | None:
    if line.sold_by == "piece":
        return Fraction(1)
    if line.weight_g is not None and price_minor == half_up(Fraction(line.unit_price_minor * line.weight_g, GRAMS_PER_KG)):
        return Fraction(line.weight_g, GRAMS_PER_KG)
    return Fraction(price_minor, line.unit_price_minor) if line.unit_price_minor else None


def covers(goods: Goods) -> Callable[[Article], bool]:
    """Return the test whether an article is among these goods."""
    codes, departments, without = frozenset(goods.codes), frozenset(goods.departments), frozenset(goods.except_codes)
    everything = not codes and not departments
    return lambda article: (
        (everything or article.code in codes or article.department in departments) and article.code not in without
    )
