from __future__ import annotations

from random import Random
from typing import Any

import pytest

from store_server.contract.nearly import Nearly, nearly
from store_server.contract.order_messages import OrderLine
from store_server.contract.pricing import price_basket
from store_server.contract.promotions import Promotion
from tests.unit.store_server.contract.random_baskets import RATES, random_case
from tests.unit.store_server.contract.test_promotions import ARTICLES, CAKE, COLA, TEA, WINE, goods, promotion

THREE_FOR_TWO = promotion("n_for_m", "three", goods=goods(TEA, CAKE), count=3, pay=2)


def hints(wanted: dict[str, int], *promotions: Promotion) -> tuple[Nearly, ...]:
    return nearly([OrderLine(code=code, quantity=count) for code, count in wanted.items()], ARTICLES.get, promotions=promotions)


def test_one_more_completes_three_for_two() -> None:
    (hint,) = hints({TEA.code: 2}, THREE_FOR_TWO)
    assert (hint.promotion_id, hint.add, hint.saves_minor, hint.costs_minor) == ("three", ((TEA.code, 1),), 300, 0)


def test_of_several_articles_the_one_that_saves_most_is_proposed() -> None:
    (hint,) = hints({TEA.code: 1, CAKE.code: 1}, THREE_FOR_TWO)
    assert (hint.add, hint.saves_minor, hint.costs_minor) == (((TEA.code, 1),), 300, 0)


def test_a_complete_deal_or_none_begun_gives_no_hint() -> None:
    assert hints({TEA.code: 3}, THREE_FOR_TWO) == ()
    assert hints({COLA.code: 2}, THREE_FOR_TWO) == ()
    assert nearly([], ARTICLES.get, promotions=[THREE_FOR_TWO]) == ()


def test_the_missing_half_of_a_bundle_is_named_also_when_none_of_it_is_there() -> None:
    bundle = promotion("bundle", "tea-time", parts=[{"goods": goods(TEA)}, {"goods": goods(CAKE, WINE)}], price_minor=600)
    (hint,) = hints({TEA.code: 1}, bundle)
    assert (hint.add, hint.saves_minor, hint.costs_minor) == (((WINE.code, 1),), 1700, 300)


def test_a_spending_tells_how_much_is_missing() -> None:
    off = promotion("basket_off", "twenty", spend_minor=2500, amount_minor=400)
    (hint,) = hints({WINE.code: 1}, off)
    assert (hint.add, hint.spend_minor, hint.saves_minor, hint.costs_minor) == ((), 500, 400, 100)
    assert hints({TEA.code: 1}, off) == ()
    assert hints({WINE.code: 2}, off) == ()


@pytest.mark.parametrize("seed", range(200))
def test_every_hint_keeps_its_word(seed: int) -> None:
    case = random_case(Random(f"hint {seed}"), pieces_max=8, promotions_max=6)
    terms: dict[str, Any] = {"promotions": case.promotions, "coupons": case.coupons, "shopper": case.shopper}
    now = price_basket(case.lines, case.articles.get, RATES, **terms)
    for hint in nearly(case.lines, case.articles.get, **terms):
        if hint.add:
            more = [OrderLine(code=code, quantity=pieces) for code, pieces in hint.add]
            then = price_basket([*case.lines, *more], case.articles.get, RATES, **terms)
            goods_minor = sum(line.goods_minor for line in then.lines) - sum(line.goods_minor for line in now.lines)
            assert then.discount_minor - now.discount_minor == hint.saves_minor > 0
            assert goods_minor - hint.saves_minor == hint.costs_minor
            assert hint.promotion_id in {why.promotion_id for why in then.discounts}
