"""Every kind of promotion once, in a basket that a person can add up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from store_server.contract.article_messages import Article, PriceBook
from store_server.contract.best_price.single_offers import Shopper
from store_server.contract.coupons import TooManyCouponsError
from store_server.contract.order_messages import OrderLine
from store_server.contract.pricing import PricedBasket, price_basket, price_line
from store_server.contract.promotions import COUPONS_MAX, Coupon, Promotion
from store_server.contract.shop_time import is_open, local_minute

PROMOTION: TypeAdapter[Promotion] = TypeAdapter(Promotion)
RATES = {"standard": "13"}
MONDAY_NOON = local_minute(datetime.fromisoformat("2026-11-23T12:00"))


def article(code: int, price: int, **more: object) -> Article:
    terms = {"department": "Food", "sold_by": "piece", "tax_class": "standard"} | more
    return Article.model_validate({"code": f"{code:014d}", "name": {"en": f"A{code}"}, "unit_price_minor": price} | terms)


TEA = article(1, 300)
CAKE = article(2, 500)
WINE = article(3, 2000, department="Wine", member_price_minor=1800, tier_prices_minor={"gold": 1700})
COLA = article(4, 200, deposit_minor=25)
APPLES = article(5, 1000, sold_by="weight", member_price_minor=900)
TOBACCO = article(6, 900, discountable=False)
ARTICLES = {one.code: one for one in (TEA, CAKE, WINE, COLA, APPLES, TOBACCO)}
MEMBER, GOLD = Shopper(member=True), Shopper(tier="gold")


def promotion(kind: str, name: str = "deal", **terms: Any) -> Promotion:
    return PROMOTION.validate_python({"kind": kind, "promotion_id": name, "texts": {"en": name}} | terms)


def basket(wanted: dict[str, int], *promotions: Promotion, **more: Any) -> PricedBasket:
    lines = [
        OrderLine(code=code, weight_g=count) if ARTICLES[code].sold_by == "weight" else OrderLine(code=code, quantity=count)
        for code, count in wanted.items()
    ]
    return price_basket(lines, ARTICLES.get, RATES, promotions=promotions, **more)


def goods(*articles: Article) -> dict[str, list[str]]:
    return {"codes": [one.code for one in articles]}


CASES = [
    ("multi-buy: 3 for 7.00", promotion("multi_buy", goods=goods(TEA), count=3, price_minor=700), {TEA.code: 7}, 400),
    ("3 for 2", promotion("n_for_m", goods=goods(TEA), count=3, pay=2), {TEA.code: 7}, 600),
    (
        "3 for 2, mixed: the cheapest is free",
        promotion("n_for_m", goods=goods(TEA, CAKE), count=3, pay=2),
        {TEA.code: 1, CAKE.code: 2},
        300,
    ),
    (
        "mixed, any 2 for 6.00",
        promotion("multi_buy", goods=goods(TEA, CAKE), count=2, price_minor=600),
        {TEA.code: 1, CAKE.code: 1},
        200,
    ),
    ("second at half price", promotion("mix_and_match", count=2, basis_points=5000, cheapest=1), {CAKE.code: 2}, 250),
    ("2 together 10 % off", promotion("mix_and_match", goods=goods(CAKE), count=2, basis_points=1000), {CAKE.code: 3}, 100),
    (
        "2 or more 10 % off",
        promotion("mix_and_match", goods=goods(CAKE), count=2, basis_points=1000, or_more=True),
        {CAKE.code: 3},
        150,
    ),
    ("2 or more, only 1 bought", promotion("mix_and_match", count=2, basis_points=1000, or_more=True), {CAKE.code: 1}, 0),
    (
        "tea and cake for 6.00",
        promotion("bundle", parts=[{"goods": goods(TEA)}, {"goods": goods(CAKE)}], price_minor=600),
        {TEA.code: 3, CAKE.code: 2},
        400,
    ),
    (
        "20 % off a department",
        promotion("percent_off", goods={"departments": ["Wine"]}, basis_points=2000),
        {WINE.code: 2, TEA.code: 1},
        800,
    ),
    ("0.50 off, twice at most", promotion("amount_off", goods=goods(TEA), amount_minor=50, limit=2), {TEA.code: 5}, 100),
    ("0.50 off a kilogram", promotion("amount_off", goods=goods(APPLES), amount_minor=50), {APPLES.code: 500}, 25),
    ("special price", promotion("special_price", goods=goods(TEA), price_minor=250), {TEA.code: 3}, 150),
    ("a special price above the price", promotion("special_price", price_minor=5000), {TEA.code: 3}, 0),
    (
        "all but wine",
        promotion("percent_off", goods={"except_codes": [WINE.code]}, basis_points=1000),
        {WINE.code: 1, TEA.code: 1},
        30,
    ),
    ("5 % off the basket", promotion("basket_off", basis_points=500), {WINE.code: 1, TEA.code: 1}, 115),
    ("spend 20, get 3 off", promotion("basket_off", spend_minor=2000, amount_minor=300), {WINE.code: 2}, 300),
    ("spent too little", promotion("basket_off", spend_minor=2001, amount_minor=300), {WINE.code: 1}, 0),
    ("3 off for each 20 spent", promotion("basket_off", spend_minor=2000, amount_minor=300, repeats=True), {WINE.code: 3}, 900),
    ("never below zero", promotion("basket_off", amount_minor=5000), {COLA.code: 2}, 400),
    ("not on tobacco", promotion("percent_off", basis_points=5000), {TOBACCO.code: 3}, 0),
    ("deposits stay", promotion("percent_off", basis_points=10_000), {COLA.code: 4}, 800),
    ("weighed goods are no pieces", promotion("n_for_m", count=2, pay=1), {APPLES.code: 999, TEA.code: 1}, 0),
]


@pytest.mark.parametrize(("one", "wanted", "saved"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_kind_takes_off_what_it_says(one: Promotion, wanted: dict[str, int], saved: int) -> None:
    priced = basket(wanted, one)
    assert priced.discount_minor == saved
    assert [(why.promotion_id, why.amount_minor) for why in priced.discounts] == ([("deal", saved)] if saved else [])


def test_a_discount_says_why_how_often_and_from_which_lines() -> None:
    tea = promotion("n_for_m", "tea", goods=goods(TEA, CAKE), count=3, pay=2, texts={"en": "3 for 2", "zh": "买二送一"})
    priced = basket({WINE.code: 1, TEA.code: 1, CAKE.code: 5}, tea)
    (why,) = priced.discounts
    assert (why.texts["zh"], why.times, why.amount_minor) == ("买二送一", 2, 800)
    assert [(take.line, take.units, take.amount_minor) for take in why.takes] == [(1, 1, 300), (2, 5, 500)]
    assert [(line.discount_minor, line.total_minor) for line in priced.lines] == [(0, 2000), (300, 0), (500, 2000)]


def test_a_fixed_price_is_split_over_its_lines_to_the_last_minor_unit() -> None:
    priced = basket({TEA.code: 1, CAKE.code: 1, WINE.code: 1}, promotion("multi_buy", count=3, price_minor=1000))
    assert [line.total_minor for line in priced.lines] == [107, 179, 714]


def test_of_two_promotions_for_a_piece_the_better_mix_is_given() -> None:
    three = promotion("multi_buy", "three", goods=goods(TEA), count=3, price_minor=600)
    ten = promotion("percent_off", "ten", goods=goods(TEA), basis_points=1000)
    priced = basket({TEA.code: 5}, three, ten)
    assert {why.promotion_id: why.amount_minor for why in priced.discounts} == {"three": 300, "ten": 60}


def test_a_combinable_promotion_comes_first_and_the_others_on_top() -> None:
    ten = promotion("percent_off", "ten", basis_points=1000, combinable=True)
    free = promotion("n_for_m", "free", goods=goods(CAKE), count=2, pay=1)
    assert basket({CAKE.code: 2}, ten, free).discount_minor == 100 + 450
    fixed = promotion("multi_buy", "fixed", goods=goods(CAKE), count=2, price_minor=600)
    assert basket({CAKE.code: 2}, ten, fixed).total_minor == 600


def test_basket_promotions_follow_and_only_combinable_ones_add_up() -> None:
    five, three = promotion("basket_off", "five", basis_points=500), promotion("basket_off", "three", amount_minor=300)
    assert basket({WINE.code: 1}, five, three).discount_minor == 300
    both = promotion("basket_off", "five", basis_points=500, combinable=True)
    assert basket({WINE.code: 1}, both, three).discount_minor == 100 + 300


def test_members_and_tiers_have_their_prices() -> None:
    for shopper, saved, why in ((Shopper(), 0, []), (MEMBER, 200, ["member.price"]), (GOLD, 300, ["tier.price"])):
        priced = basket({WINE.code: 1}, shopper=shopper)
        assert (priced.discount_minor, [one.promotion_id for one in priced.discounts]) == (saved, why)
    assert basket({APPLES.code: 1500}, shopper=MEMBER).discount_minor == 150
    assert basket({WINE.code: 1}, promotion("percent_off", basis_points=1000, members_only=True)).discount_minor == 0
    assert (
        basket({TEA.code: 1}, promotion("percent_off", basis_points=1000, tiers=["gold"]), shopper=MEMBER).discount_minor == 0
    )
    assert basket({TEA.code: 1}, promotion("percent_off", basis_points=1000, tiers=["gold"]), shopper=GOLD).discount_minor == 30


# Coupons --------------------------------------------------------------------------------------------------------------


def coupon(number: int, name: str = "deal") -> Coupon:
    return Coupon(coupon_id=f"c{number}", promotion_id=name)


def test_a_coupon_is_needed_and_used_up_once_for_its_pieces() -> None:
    off = promotion("amount_off", goods=goods(TEA), amount_minor=100, limit=1, by_coupon=True)
    assert basket({TEA.code: 3}, off).discount_minor == 0
    priced = basket({TEA.code: 3}, off, coupons=[coupon(1), coupon(2), coupon(1)])
    assert (priced.discount_minor, priced.discounts[0].coupon_ids) == (200, ("c1", "c2"))
    priced = basket({TEA.code: 1}, off, coupons=[coupon(2), coupon(1)])
    assert (priced.discounts[0].coupon_ids, priced.unused_coupons[0].coupon_id) == (("c1",), "c2")


def test_a_coupon_that_brings_nothing_more_stays_unused() -> None:
    same = promotion("percent_off", "free", basis_points=1000)
    off = promotion("percent_off", basis_points=1000, by_coupon=True)
    priced = basket({TEA.code: 1}, same, off, coupons=[coupon(1)])
    assert [why.promotion_id for why in priced.discounts] == ["free"]
    assert [(one.coupon_id, one.reason) for one in priced.unused_coupons] == [("c1", "no_use")]


def test_a_lone_coupon_excludes_others_and_the_better_side_wins() -> None:
    alone = promotion("basket_off", "alone", amount_minor=250, by_coupon=True, alone=True)
    tea = promotion("amount_off", "tea", goods=goods(TEA), amount_minor=150, limit=1, by_coupon=True)
    cake = promotion("amount_off", "cake", goods=goods(CAKE), amount_minor=150, limit=1, by_coupon=True)
    shown = [coupon(1, "alone"), coupon(2, "tea"), coupon(3, "cake")]
    priced = basket({TEA.code: 1, CAKE.code: 1}, alone, tea, cake, coupons=shown)
    assert (priced.discount_minor, [one.coupon_id for one in priced.unused_coupons]) == (300, ["c1"])
    priced = basket({TEA.code: 1, CAKE.code: 1}, alone, tea, cake, coupons=shown[:2])
    assert (priced.discount_minor, [one.coupon_id for one in priced.unused_coupons]) == (250, ["c2"])


def test_a_combinable_coupon_goes_on_top_of_a_special_price() -> None:
    special = promotion("special_price", "special", goods=goods(TEA), price_minor=250)
    off = promotion("amount_off", goods=goods(TEA), amount_minor=20, limit=1, by_coupon=True, combinable=True)
    priced = basket({TEA.code: 2}, special, off, coupons=[coupon(1)])
    assert priced.discount_minor == 100
    better = promotion("percent_off", "special", goods=goods(TEA), basis_points=1000)
    assert basket({TEA.code: 2}, better, off, coupons=[coupon(1)]).discount_minor == 20 + 28 + 30


def test_a_refused_coupon_says_why() -> None:
    late = promotion("percent_off", "late", basis_points=1000, by_coupon=True, windows=[{"last_day": "2026-11-01"}])
    members = promotion("percent_off", "members", basis_points=1000, by_coupon=True, members_only=True)
    much = promotion("percent_off", "much", basis_points=1000, by_coupon=True, minimum_minor=301)
    shown = [coupon(number, name) for number, name in enumerate(("late", "members", "much", "other"))]
    priced = basket({TEA.code: 1}, late, members, much, coupons=shown, local_minute=MONDAY_NOON)
    assert [one.reason for one in priced.unused_coupons] == ["not_now", "not_for_you", "below_minimum", "unknown"]
    assert basket({TEA.code: 2}, much, coupons=shown).discount_minor == 60


def test_too_many_coupons_are_refused_with_a_sentence() -> None:
    with pytest.raises(TooManyCouponsError, match="at most"):
        basket({TEA.code: 1}, coupons=[coupon(number) for number in range(COUPONS_MAX + 1)])


# Time -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "when", "open_then"),
    [
        ({}, "2026-11-23T12:00", True),
        ({"weekdays": [0]}, "2026-11-23T00:00", True),
        ({"weekdays": [0]}, "2026-11-24T00:00", False),
        ({"from_minute": 600, "until_minute": 660}, "2026-11-23T10:00", True),
        ({"from_minute": 600, "until_minute": 660}, "2026-11-23T11:00", False),
        ({"from_minute": 1320, "until_minute": 120, "weekdays": [4]}, "2026-11-28T01:59", True),
        ({"from_minute": 1320, "until_minute": 120, "weekdays": [4]}, "2026-11-28T02:00", False),
        ({"from_minute": 1320, "until_minute": 120, "weekdays": [4]}, "2026-11-28T22:00", False),
        ({"first_day": "2026-11-23", "last_day": "2026-11-23"}, "2026-11-23T23:59", True),
        ({"first_day": "2026-11-24"}, "2026-11-23T23:59", False),
        ({"last_day": "2026-11-22"}, "2026-11-23T00:00", False),
    ],
)
def test_a_window_is_open_in_its_hours(window: dict[str, object], when: str, open_then: bool) -> None:  # noqa: FBT001 - a table of answers
    happy = promotion("percent_off", basis_points=1000, windows=[window])
    minute = local_minute(datetime.fromisoformat(when))
    assert is_open(happy.windows, minute) is open_then
    assert (basket({TEA.code: 1}, happy, local_minute=minute).discount_minor == 30) is open_then
    assert basket({TEA.code: 1}, happy).discount_minor == 0


# Deposits and taxes ---------------------------------------------------------------------------------------------------


def test_deposits_are_part_of_the_line_and_taxed_with_it() -> None:
    line = price_line(OrderLine(code=COLA.code, quantity=4), COLA)
    assert (line.total_minor, line.deposit_minor, line.goods_minor) == (900, 100, 800)
    assert basket({COLA.code: 4}).total_minor == 900


def test_where_prices_are_without_tax_it_is_added_after_discounts() -> None:
    priced = basket({WINE.code: 1, TEA.code: 1}, promotion("basket_off", amount_minor=100), prices_include_tax=False)
    (tax,) = priced.taxes
    assert (sum(line.total_minor for line in priced.lines), tax.tax_minor, priced.total_minor) == (2200, 286, 2486)


# On the wire ----------------------------------------------------------------------------------------------------------


def test_a_price_book_carries_every_kind_of_promotion() -> None:
    book = PriceBook(
        version=1,
        shop_id=1,
        currency="CNY",
        cash_rounding_minor=10,
        tax_rates=RATES,
        label_templates=[],
        articles=[TEA, WINE, COLA],
        promotions=[case[1] for case in CASES],
    )
    assert PriceBook.model_validate_json(book.model_dump_json()) == book


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("n_for_m", {"count": 2, "pay": 2}),
        ("multi_buy", {"count": 1, "price_minor": 100}),
        ("multi_buy", {"count": 3, "price_minor": -1}),
        ("percent_off", {"basis_points": 10_001}),
        ("percent_off", {"basis_points": 0}),
        ("percent_off", {"basis_points": 100, "alone": True}),
        ("mix_and_match", {"count": 2, "basis_points": 100, "cheapest": 3}),
        ("mix_and_match", {"count": 2, "basis_points": 100, "or_more": True, "limit": 1}),
        ("bundle", {"parts": [{"goods": {}}], "price_minor": 1}),
        ("basket_off", {}),
        ("basket_off", {"amount_minor": 1, "basis_points": 1}),
        ("basket_off", {"amount_minor": 1, "repeats": True}),
        ("percent_off", {"basis_points": 100, "windows": [{"weekdays": [7]}]}),
        ("percent_off", {"basis_points": 100, "promotion_id": "member.price"}),
        ("gift", {}),
    ],
)
def test_a_promotion_that_makes_no_sense_is_refused(kind: str, terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        promotion(kind, **{"name": "deal"} | terms)
