"""Large baskets: a supermarket's week of promotions, and promotions that all compete for the same goods."""

from __future__ import annotations

from random import Random

from pydantic import TypeAdapter

from store_server.contract.article_messages import Article
from store_server.contract.order_messages import OrderLine
from store_server.contract.promotions import Promotion

DEPARTMENTS = tuple(f"Department {number}" for number in range(12))
RANGE = 600
BRAND = 6
PROMOTION: TypeAdapter[Promotion] = TypeAdapter(Promotion)
Terms = dict[str, object]


def shop_range(rng: Random) -> list[Article]:
    """Return the shop's articles."""
    return [
        Article(
            code=f"{number:014d}",
            name={"en": f"Article {number}"},
            department=DEPARTMENTS[number % len(DEPARTMENTS)],
            sold_by="weight" if number % 10 == 0 else "piece",
            unit_price_minor=rng.randrange(99, 4000),
            tax_class="standard" if number % 2 else "reduced",
        )
        for number in range(1, RANGE + 1)
    ]


def basket(rng: Random, articles: list[Article], lines: int) -> list[OrderLine]:
    """Return a basket of so many different articles."""
    return [
        OrderLine(code=article.code, weight_g=rng.randrange(100, 2000))
        if article.sold_by == "weight"
        else OrderLine(code=article.code, quantity=rng.choice((1, 1, 1, 2, 2, 3, 4, 6)))
        for article in rng.sample(articles, lines)
    ]


def week(rng: Random, articles: list[Article], wanted: int) -> list[Promotion]:
    """Return promotions as shops have them: most on a brand or two, some on a department, meal deals, two on the basket."""
    brands = [[article.code for article in articles[first : first + BRAND]] for first in range(0, RANGE, BRAND)]
    rng.shuffle(brands)
    terms: list[Terms] = []
    for number in range(wanted - 2):
        brand: Terms = {"goods": {"codes": brands.pop()}}
        two: Terms = {"goods": {"codes": brands[0] + brands[1]}}
        price: Terms = {"price_minor": rng.randrange(1000, 5000)}
        if number % 16 == 0:
            terms.append({"kind": "bundle", "parts": _meal(rng, articles), **price})
        elif number % 16 == 8:
            department = {"departments": [rng.choice(DEPARTMENTS)]}
            terms.append({"kind": "mix_and_match", "goods": department, "count": 4, "basis_points": 1500, "or_more": True})
        else:
            terms.append(_usual(number, brand, two, price))
    return _numbered([*terms, *_on_the_basket()])


def _meal(rng: Random, articles: list[Article]) -> list[Terms]:
    return [{"goods": {"codes": [one.code for one in rng.sample(articles, 15)]}} for _part in range(3)]


def _usual(number: int, brand: Terms, two: Terms, price: Terms) -> Terms:
    usual: tuple[Terms, ...] = (
        {"kind": "multi_buy", "count": 3, **brand, **price},
        {"kind": "n_for_m", "count": 3, "pay": 2, **brand},
        {"kind": "percent_off", "basis_points": 2000, **brand},
        {"kind": "mix_and_match", "count": 2, "basis_points": 5000, "cheapest": 1, **two},
        {"kind": "special_price", "price_minor": 250, **brand},
        {"kind": "amount_off", "amount_minor": 50, "limit": 2, **brand},
        {"kind": "multi_buy", "count": 2, **two, **price},
    )
    return usual[number % len(usual)]


def _on_the_basket() -> list[Terms]:
    return [
        {"kind": "basket_off", "spend_minor": 30_000, "amount_minor": 2000},
        {"kind": "basket_off", "basis_points": 500},
    ]


def tangled_week(rng: Random, articles: list[Article], wanted: int) -> list[Promotion]:
    """Return promotions on arbitrary stretches of the range, so that most overlap several others."""
    terms: list[Terms] = []
    for number in range(wanted - 2):
        first = rng.randrange(RANGE - 30)
        stretch: Terms = {"goods": {"codes": [one.code for one in articles[first : first + rng.randrange(5, 30)]]}}
        price: Terms = {"price_minor": rng.randrange(500, 4000)}
        if number % 8 == 7:
            parts = [stretch, {"goods": {"codes": [one.code for one in rng.sample(articles, 20)]}}]
            terms.append({"kind": "bundle", "parts": parts, **price})
        else:
            terms.append(_usual(number, stretch, stretch, price))
    return _numbered([*terms, *_on_the_basket()])


def knot(rng: Random, articles: list[Article], wanted: int) -> list[Promotion]:
    """Return promotions that each reach half of all goods at random, so that all compete with all."""
    terms: list[Terms] = []
    for number in range(wanted):
        count = rng.randrange(2, 6)
        goods: Terms = {"goods": {"codes": [one.code for one in rng.sample(articles, RANGE // 2)]}, "count": count}
        fixed: Terms = {"kind": "multi_buy", "price_minor": count * rng.randrange(800, 1600)}
        terms.append(goods | (fixed if number % 2 else {"kind": "n_for_m", "pay": count - 1}))
    return _numbered(terms)


def _numbered(terms: list[Terms]) -> list[Promotion]:
    return [
        PROMOTION.validate_python({"promotion_id": f"p{number}", "texts": {"en": f"Promotion {number}"}, **one})
        for number, one in enumerate(terms)
    ]
