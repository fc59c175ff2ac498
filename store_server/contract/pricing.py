"""From a basket to its price: the same sums on the handheld, the server and the staff page.

Prices include tax. A piece costs its unit price; weighed goods cost grams x price per kilogram, rounded half up to the minor
unit; a priced label costs what it says. The weight that a lane expects is summed here too, because it comes from the same
lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from store_server.contract.messages import Article, OrderLine, PricedLine, TaxShare
from store_server.contract.money import round_half_up

GRAMS_PER_KG = 1000
LABEL_SD_G = 2.0
"""A labelled weight is net and rounded: wrapping and rounding spread it by about this much."""

FindArticle = Callable[[str], Article | None]


class UnknownArticleError(LookupError):
    """A line names an article that the price book does not have."""

    def __init__(self, code: str) -> None:
        super().__init__(f"article {code} is not in the price book")
        self.code = code


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """A basket with every amount that is shown or charged."""

    lines: tuple[PricedLine, ...]
    taxes: tuple[TaxShare, ...]
    total_minor: int

    @property
    def article_count(self) -> int:
        """Pieces; a weighed line counts as one."""
        return sum(line.quantity for line in self.lines)

    @property
    def expected_g(self) -> float:
        """Expected gross weight of all lines whose weight is known."""
        return sum(line.mean_g * line.quantity for line in self.lines if line.mean_g is not None)

    @property
    def spread_g(self) -> float:
        """Standard deviation of the expected weight, pieces being independent."""
        return math.sqrt(sum(line.quantity * line.sd_g**2 for line in self.lines if line.mean_g is not None))


def price_line(line: OrderLine, article: Article) -> PricedLine:
    """Price one line.

    >>> apple = Article(code="02112345000008", name={"en": "Apples"}, department="Fruit", sold_by="weight",
    ...                 unit_price_minor=1290, tax_class="standard")
    >>> price_line(OrderLine(code=apple.code, weight_g=850), apple).total_minor
    1097
    """
    weight_g, total_minor = line.weight_g, line.price_minor
    if article.sold_by == "weight":
        if total_minor is None:
            total_minor = round_half_up(Decimal(article.unit_price_minor) * (weight_g or 0) / GRAMS_PER_KG)
        elif weight_g is None and article.unit_price_minor:
            weight_g = round_half_up(Decimal(total_minor) * GRAMS_PER_KG / article.unit_price_minor)
    else:
        total_minor = article.unit_price_minor * line.quantity
    by_label = article.sold_by == "weight"
    return PricedLine(
        code=line.code,
        name=article.name,
        quantity=1 if by_label else line.quantity,
        weight_g=weight_g if by_label else None,
        sold_by=article.sold_by,
        unit_price_minor=article.unit_price_minor,
        total_minor=total_minor,
        tax_class=article.tax_class,
        mean_g=float(weight_g) if by_label and weight_g is not None else article.mean_g,
        sd_g=LABEL_SD_G if by_label else article.sd_g,
        eas=article.eas,
        minimum_age=article.minimum_age,
    )


def price_basket(lines: Iterable[OrderLine], find: FindArticle, tax_rates: Mapping[str, str]) -> PricedBasket:
    """Price all lines in their order.

    Raises:
        UnknownArticleError: ``find`` does not know a line's article.
    """
    priced = []
    for line in lines:
        article = find(line.code)
        if article is None:
            raise UnknownArticleError(line.code)
        priced.append(price_line(line, article))
    return total_basket(priced, tax_rates)


def total_basket(lines: Iterable[PricedLine], tax_rates: Mapping[str, str]) -> PricedBasket:
    """Sum lines that are priced already."""
    priced = tuple(lines)
    return PricedBasket(
        lines=priced,
        taxes=_tax_shares(priced, tax_rates),
        total_minor=sum(line.total_minor for line in priced),
    )


def _tax_shares(lines: Iterable[PricedLine], tax_rates: Mapping[str, str]) -> tuple[TaxShare, ...]:
    gross: dict[str, int] = {}
    for line in lines:
        gross[line.tax_class] = gross.get(line.tax_class, 0) + line.total_minor
    shares = []
    for tax_class, gross_minor in sorted(gross.items()):
        rate = Decimal(tax_rates.get(tax_class, "0"))
        tax_minor = round_half_up(gross_minor * rate / (100 + rate))
        shares.append(TaxShare(tax_class=tax_class, rate=str(rate), gross_minor=gross_minor, tax_minor=tax_minor))
    return tuple(shares)
