"""Small baskets with random promotions and coupons, from any source of randomness."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from pydantic import TypeAdapter

from store_server.contract.article_messages import Article
from store_server.contract.best_price.single_offers import GUEST, Shopper
from store_server.contract.order_messages import OrderLine
from store_server.contract.promotions import Coupon, Goods, Promotion

RATES = {"standard": "13", "reduced": "9"}
PROMOTION: TypeAdapter[Promotion] = TypeAdapter(Promotion)
Terms = dict[str, object]
DEPARTMENTS = ("Dairy", "Drinks", "Fruit")
PRICES = (1, 5, 99, 100, 101, 250, 333, 499, 500, 1000, 1999)


@dataclass(frozen=True)
class Case:
    """A basket and all that prices it."""

    lines: tuple[OrderLine, ...]
    articles: dict[str, Article]
    promotions: tuple[Promotion, ...]
    coupons: tuple[Coupon, ...]
    shopper: Shopper


def random_article(rng: Random, number: int) -> Article:
    price = rng.choice(PRICES)
    weighed = rng.random() < 0.15
    return Article(
        code=f"{number:014d}",
        name={"en": f"Article {number}"},
        department=rng.choice(DEPARTMENTS),
        sold_by="weight" if weighed else "piece",
        unit_price_minor=price,
        tax_class=rng.choice(("standard", "reduced")),
        deposit_minor=rng.choice((0, 0, 0, 25)),
        member_price_minor=rng.choice((None, None, price * 8 // 10)),
        tier_prices_minor={"gold": price * 7 // 10} if rng.random() < 0.2 else {},
        discountable=rng.random() < 0.93,
    )


def random_lines(rng: Random, articles: list[Article], pieces_max: int) -> tuple[OrderLine, ...]:
    lines, left = [], rng.randint(1, pieces_max)
    while left:
        article = rng.choice(articles)
        quantity = 1 if article.sold_by == "weight" else rng.randint(1, left)
        weight_g = rng.choice((333, 500, 1250)) if article.sold_by == "weight" else None
        lines.append(OrderLine(code=article.code, quantity=quantity, weight_g=weight_g))
        left -= quantity
    return tuple(lines)


def random_goods(rng: Random, articles: list[Article]) -> Goods:
    kind = rng.randint(0, 4)
    if kind == 0:
        return Goods()
    if kind == 1:
        return Goods(departments=(rng.choice(DEPARTMENTS),))
    codes = tuple(article.code for article in rng.sample(articles, rng.randint(1, len(articles))))
    without = (rng.choice(articles).code,) if rng.random() < 0.1 else ()
    return Goods(codes=codes, except_codes=without)


def random_promotion(rng: Random, number: int, articles: list[Article]) -> Promotion:
    by_coupon = rng.random() < 0.3
    terms: Terms = {
        "promotion_id": f"p{number}",
        "texts": {"en": f"Promotion {number}"},
        "members_only": rng.random() < 0.1,
        "tiers": ["gold"] if rng.random() < 0.05 else [],
        "minimum_minor": rng.choice((0, 0, 0, 500)),
        "by_coupon": by_coupon,
        "alone": by_coupon and rng.random() < 0.3,
        "limit": rng.choice((None, None, 1, 2)),
        "goods": random_goods(rng, articles),
    }
    return PROMOTION.validate_python(terms | random_kind(rng, articles))


def random_kind(rng: Random, articles: list[Article]) -> Terms:
    count, share = rng.randint(2, 4), rng.choice((500, 1000, 3333, 5000, 10_000))
    amount, combinable, price = rng.choice((1, 10, 50, 150, 700)), rng.random() < 0.4, rng.choice(PRICES)
    kind = rng.choice(
        ("percent_off", "amount_off", "special_price", "multi_buy", "n_for_m", "mix", "more", "bundle", "basket", "basket")
    )
    spend = rng.choice((0, 300, 800))
    repeats = spend > 0 and rng.random() < 0.4
    kinds: dict[str, Terms] = {
        "percent_off": {"basis_points": share, "combinable": combinable},
        "amount_off": {"amount_minor": amount, "combinable": combinable},
        "special_price": {"price_minor": rng.choice((50, 99, 300))},
        "multi_buy": {"count": count, "price_minor": price * rng.randint(1, 2)},
        "n_for_m": {"count": count, "pay": rng.randint(1, count - 1)},
        "mix": {"kind": "mix_and_match", "count": count, "basis_points": share, "cheapest": rng.choice((None, 1, count))},
        "more": {"kind": "mix_and_match", "count": count, "basis_points": share, "or_more": True, "limit": None},
        "bundle": {"parts": random_parts(rng, articles), "price_minor": price},
        "basket": {"kind": "basket_off", "spend_minor": spend, "combinable": combinable},
    }
    reward: Terms = {"amount_minor": amount, "repeats": repeats} if rng.random() < 0.6 else {"basis_points": share}
    return {"kind": kind} | kinds[kind] | (reward if kind == "basket" else {})


def random_parts(rng: Random, articles: list[Article]) -> list[Terms]:
    return [{"goods": random_goods(rng, articles), "count": rng.choice((1, 1, 2))} for _part in range(rng.randint(2, 3))]


def random_case(rng: Random, *, articles_max: int = 4, pieces_max: int = 6, promotions_max: int = 4) -> Case:
    articles = [random_article(rng, number) for number in range(1, rng.randint(1, articles_max) + 1)]
    promotions = tuple(random_promotion(rng, number, articles) for number in range(rng.randint(1, promotions_max)))
    wanted = [one.promotion_id for one in promotions if one.by_coupon]
    coupons = tuple(
        Coupon(coupon_id=f"c{number}", promotion_id=rng.choice(wanted)) for number in range(rng.randint(0, 3)) if wanted
    )
    shopper = rng.choice((GUEST, GUEST, Shopper(member=True), Shopper(tier="gold")))
    return Case(
        random_lines(rng, articles, pieces_max), {article.code: article for article in articles}, promotions, coupons, shopper
    )
