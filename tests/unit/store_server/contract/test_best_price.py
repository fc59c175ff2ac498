"""The best allowed price against a brute-force oracle, and what must hold for every basket."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_server.contract.pricing import PricedBasket, price_basket
from tests.unit.store_server.contract.price_oracle import best_saving
from tests.unit.store_server.contract.random_baskets import RATES, Case, random_case

SEEDS_EACH = 1_000


def priced(case: Case, *, include: bool = True) -> PricedBasket:
    return price_basket(
        case.lines,
        case.articles.get,
        RATES,
        promotions=case.promotions,
        coupons=case.coupons,
        shopper=case.shopper,
        prices_include_tax=include,
    )


def oracle(case: Case) -> int:
    return best_saving(case.lines, case.articles, case.promotions, case.coupons, case.shopper)


def check_sums(case: Case, basket: PricedBasket) -> None:
    """Everything that is shown adds up, to the minor unit."""
    lines_sum = sum(line.total_minor for line in basket.lines)
    assert basket.total_minor == sum(share.gross_minor for share in basket.taxes)
    assert lines_sum == basket.total_minor - (
        0 if basket.prices_include_tax else sum(share.tax_minor for share in basket.taxes)
    )
    taken = [0] * len(basket.lines)
    for discount in basket.discounts:
        assert discount.amount_minor == sum(take.amount_minor for take in discount.takes) > 0
        assert discount.texts
        assert discount.times > 0
        for take in discount.takes:
            assert 1 <= take.units <= basket.lines[take.line].quantity
            assert take.amount_minor >= 0
            taken[take.line] += take.amount_minor
    for line, off in zip(basket.lines, taken, strict=True):
        assert line.discount_minor == off
        assert 0 <= off <= line.goods_minor
        assert line.total_minor == line.goods_minor - off + line.deposit_minor
        assert off == 0 or case.articles[line.code].discountable
    used = [key for discount in basket.discounts for key in discount.coupon_ids]
    left = [coupon.coupon_id for coupon in basket.unused_coupons]
    assert sorted(used + left) == sorted({coupon.coupon_id for coupon in case.coupons})
    assert used == [] or not any(one.alone and one.promotion_id in _of(case, used) for one in case.promotions) or len(used) == 1


def _of(case: Case, coupon_ids: list[str]) -> set[str]:
    return {coupon.promotion_id for coupon in case.coupons if coupon.coupon_id in coupon_ids}


@pytest.mark.parametrize("block", range(6))
def test_no_allowed_combination_saves_more_than_the_one_given(block: int) -> None:
    for seed in range(block * SEEDS_EACH, (block + 1) * SEEDS_EACH):
        case = random_case(Random(seed))
        basket = priced(case)
        print(f"seed {seed}")
        assert basket.discount_minor == oracle(case)
        assert basket.unproven_minor == 0
        check_sums(case, basket)


@pytest.mark.parametrize("block", range(2))
def test_nor_in_baskets_with_more_promotions(block: int) -> None:
    for seed in range(block * 500, (block + 1) * 500):
        case = random_case(Random(f"more {seed}"), articles_max=5, pieces_max=7, promotions_max=7)
        print(f"seed {seed}")
        assert priced(case).discount_minor == oracle(case)


@given(st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nor_in_any_basket_that_hypothesis_thinks_of(rng: Random) -> None:
    case = random_case(rng)
    basket = priced(case)
    assert basket.discount_minor == oracle(case)
    check_sums(case, basket)


@pytest.mark.parametrize("seed", range(150))
def test_the_order_of_scanning_changes_nothing(seed: int) -> None:
    rng = Random(f"order {seed}")
    case = random_case(rng, articles_max=6, pieces_max=15, promotions_max=8)
    order = list(range(len(case.lines)))
    rng.shuffle(order)
    other = Case(
        tuple(case.lines[place] for place in order), case.articles, case.promotions[::-1], case.coupons[::-1], case.shopper
    )
    first, second = priced(case), priced(other)
    assert first.total_minor == second.total_minor
    assert [(one.promotion_id, one.amount_minor, one.times, one.coupon_ids) for one in first.discounts] == [
        (one.promotion_id, one.amount_minor, one.times, one.coupon_ids) for one in second.discounts
    ]
    # Lines that are alike in all but their place may change places.
    assert sorted(map(repr, first.lines)) == sorted(map(repr, second.lines))


@pytest.mark.parametrize("seed", range(150))
def test_buying_more_never_loses_an_offer(seed: int) -> None:
    rng = Random(f"more {seed}")
    case = random_case(rng, articles_max=5, pieces_max=8, promotions_max=6)
    line = rng.choice(case.lines)
    longer = Case(
        (*case.lines, line.model_copy(update={"quantity": 1})), case.articles, case.promotions, case.coupons, case.shopper
    )
    assert priced(longer).discount_minor >= priced(case).discount_minor


@pytest.mark.parametrize("seed", range(100))
def test_without_tax_in_prices_the_lines_and_the_taxes_make_the_total(seed: int) -> None:
    case = random_case(Random(f"tax {seed}"), pieces_max=12)
    basket = priced(case, include=False)
    check_sums(case, basket)
    assert [line.total_minor for line in basket.lines] == [line.total_minor for line in priced(case).lines]
