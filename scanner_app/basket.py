"""What lies in the trolley: the lines of one trip and the rules for counting them up and down.

1. A piece that is scanned again raises its line; a weighed or priced label is a line of its own with quantity 1.
2. A line holds 1 to :data:`PIECES_MAX` pieces, a basket up to ``LINES_MAX`` lines.
3. A line keeps the article as it was when scanned, so that a basket shows names and prices whatever happens to the price book.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from store_server.contract.article_messages import Article
from store_server.contract.order_messages import OrderLine
from store_server.contract.product_code import ProductCode
from store_server.contract.wire import LINES_MAX

PIECES_MAX = 50
"""More pieces of one article than this go through the staff."""


class BasketLimit(Enum):
    """What stops a basket from growing."""

    PIECES = "pieces"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line as the shopper scanned it."""

    number: int
    """Names the line within its trip; never used again."""
    article: Article
    quantity: int = 1
    weight_g: int | None = None
    price_minor: int | None = None
    gone: bool = False
    """The newest price book does not sell the article any more."""

    @property
    def is_label(self) -> bool:
        """Whether it stands for one labelled pack, whose quantity cannot change."""
        return self.weight_g is not None or self.price_minor is not None

    @property
    def order_line(self) -> OrderLine:
        """The line as it is handed in."""
        return OrderLine(code=self.article.code, quantity=self.quantity, weight_g=self.weight_g, price_minor=self.price_minor)


Basket = tuple[BasketLine, ...]


def find_line(basket: Basket, number: int) -> BasketLine | None:
    """Return the line with this number."""
    return next((line for line in basket if line.number == number), None)


def add(basket: Basket, code: ProductCode, article: Article, next_number: int) -> tuple[Basket, int] | BasketLimit:
    """Add one scan; return the basket and the number of the line it went to, or what stops it."""
    by_label = article.sold_by == "weight"
    same = None if by_label else next((line for line in basket if line.article.code == article.code), None)
    if same is not None:
        if same.quantity >= PIECES_MAX:
            return BasketLimit.PIECES
        grown = replace(same, article=article, quantity=same.quantity + 1, gone=False)
        return tuple(grown if line is same else line for line in basket), same.number
    if len(basket) >= LINES_MAX:
        return BasketLimit.LINES
    line = BasketLine(
        number=next_number,
        article=article,
        weight_g=code.weight_g if by_label else None,
        price_minor=code.price_minor if by_label else None,
    )
    return (*basket, line), next_number


def with_quantity(basket: Basket, number: int, quantity: int) -> Basket:
    """Return the basket with another quantity in one line."""
    return tuple(replace(line, quantity=quantity) if line.number == number else line for line in basket)


def without(basket: Basket, number: int) -> Basket:
    """Return the basket without one line."""
    return tuple(line for line in basket if line.number != number)


def repriced(basket: Basket, articles: Mapping[str, Article]) -> Basket:
    """Return the basket with the articles of a newer price book; what it lacks keeps its old article and is ``gone``.

    What it withholds is ``gone`` too, and says why.
    """
    return tuple(_repriced_line(line, articles.get(line.article.code)) for line in basket)


def _repriced_line(line: BasketLine, article: Article | None) -> BasketLine:
    if article is None:
        return replace(line, gone=True)
    if article.withheld is None:
        return replace(line, article=article, gone=False)
    return replace(line, article=line.article.model_copy(update={"withheld": article.withheld}), gone=True)
