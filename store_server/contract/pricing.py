"""From a basket to its price: the same sums on the handheld, the server and the staff page.

A piece costs its unit price; weighed goods cost grams x price per kilogram, rounded half up to the minor unit; a priced label
costs what it says. Then the best allowed discounts come off (the rules are in ``promotions``), and deposits are added. The
weight that a lane expects is summed here too, because it comes from the same lines.

Where prices include tax, the total is the sum of the lines and the tax is inside it. Where they do not, lines and discounts are
without tax and the tax of each class, rounded half up on the sum of its lines, is added; "best" then means the largest discount
before tax.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from store_server.contract.article_messages import Article
from store_server.contract.best_price.attribution import applied, receipt_of, unused
from store_server.contract.best_price.discounts import decided
from store_server.contract.best_price.single_offers import GUEST, Shopper
from store_server.contract.best_price.stacks import stacked
from store_server.contract.coupons import Occasion
from store_server.contract.money import round_half_up
from store_server.contract.order_messages import OrderLine, PricedLine, TaxShare
from store_server.contract.promotions import AppliedPromotion, Coupon, Promotion, UnusedCoupon

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
    discounts: tuple[AppliedPromotion, ...] = ()
    """Why the lines cost less than on the shelf, by promotion id."""
    prices_include_tax: bool = True
    unused_coupons: tuple[UnusedCoupon, ...] = ()
    """Coupons that were shown and stay unused; those used are in ``discounts``."""
    unproven_minor: int = 0
    """0 where the discounts are proven best; otherwise at most this much more could come off (``price_search``)."""

    @property
    def discount_minor(self) -> int:
        """All that came off."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def deposit_minor(self) -> int:
        """Deposits within the total."""
        return sum(line.deposit_minor for line in self.lines)

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
    """Price one line as on the shelf, without discounts.

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
    quantity = 1 if by_label else line.quantity
    deposit_minor = article.deposit_minor * quantity
    return PricedLine(
        code=line.code,
        name=article.name,
        quantity=quantity,
        weight_g=weight_g if by_label else None,
        sold_by=article.sold_by,
        unit_price_minor=article.unit_price_minor,
        total_minor=total_minor + deposit_minor,
        deposit_minor=deposit_minor,
        tax_class=article.tax_class,
        mean_g=float(weight_g) if by_label and weight_g is not None else article.mean_g,
        sd_g=LABEL_SD_G if by_label else article.sd_g,
        eas=article.eas,
        minimum_age=article.minimum_age,
    )


def price_lines(lines: Iterable[OrderLine], find: FindArticle) -> list[tuple[PricedLine, Article]]:
    """Price all lines as on the shelf, each with its article.

    Raises:
        UnknownArticleError: ``find`` does not know a line's article.
    """
    priced = []
    for line in lines:
        article = find(line.code)
        if article is None:
            raise UnknownArticleError(line.code)
        priced.append((price_line(line, article), article))
    return priced


def price_basket(
    lines: Iterable[OrderLine],
    find: FindArticle,
    tax_rates: Mapping[str, str],
    *,
    promotions: Sequence[Promotion] = (),
    coupons: Sequence[Coupon] = (),
    shopper: Shopper = GUEST,
    local_minute: int | None = None,
    prices_include_tax: bool = True,
) -> PricedBasket:
    """Price all lines, in their order, with the best allowed discounts.

    Args:
        lines: What was scanned.
        find: The price book's articles.
        tax_rates: Tax class to percent.
        promotions: The price book's.
        coupons: Those that were shown; whether they may still be used only the server knows.
        shopper: Member and tier, where the shopper has shown them.
        local_minute: The shop's time (``shop_time.local_minute``); without it nothing that has windows is given.
        prices_include_tax: As the price book says.

    Raises:
        UnknownArticleError: ``find`` does not know a line's article.
        TooManyCouponsError: more coupons than one order takes.
    """
    priced = price_lines(lines, find)
    decision = decided(stacked(priced), Occasion(tuple(promotions), tuple(coupons), shopper, local_minute))
    receipt = receipt_of(decision.plan, [line.quantity for line, _article in priced])
    reduced = []
    for place, (line, _article) in enumerate(priced):
        off = receipt.of_line(place)
        changes = {"discount_minor": off, "total_minor": line.total_minor - off}
        reduced.append(line.model_copy(update=changes) if off else line)
    discounts = applied(decision, receipt)
    basket = total_basket(reduced, tax_rates, prices_include_tax=prices_include_tax)
    return replace(
        basket,
        discounts=discounts,
        unused_coupons=unused(decision, discounts),
        unproven_minor=decision.plan.unproven_minor,
    )


def total_basket(lines: Iterable[PricedLine], tax_rates: Mapping[str, str], *, prices_include_tax: bool = True) -> PricedBasket:
    """Sum lines that are priced already; their discounts stay, the reasons for them are the caller's."""
    priced = tuple(lines)
    taxes = _tax_shares(priced, tax_rates, included=prices_include_tax)
    return PricedBasket(
        lines=priced,
        taxes=taxes,
        total_minor=sum(share.gross_minor for share in taxes),
        prices_include_tax=prices_include_tax,
    )


def _tax_shares(lines: Iterable[PricedLine], tax_rates: Mapping[str, str], *, included: bool) -> tuple[TaxShare, ...]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.tax_class] = sums.get(line.tax_class, 0) + line.total_minor
    shares = []
    for tax_class, sum_minor in sorted(sums.items()):
        rate = Decimal(tax_rates.get(tax_class, "0"))
        tax_minor = round_half_up(sum_minor * rate / (100 + rate if included else 100))
        gross_minor = sum_minor if included else sum_minor + tax_minor
        shares.append(TaxShare(tax_class=tax_class, rate=str(rate), gross_minor=gross_minor, tax_minor=tax_minor))
    return tuple(shares)
