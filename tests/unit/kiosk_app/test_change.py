from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_app.change import STEPS_MAX, ChangeError, can_give, exact_change, most_change

SMALL_STOCKS = st.dictionaries(st.integers(1, 25), st.integers(0, 4), max_size=4)


def every_way(stock: dict[int, int]) -> dict[int, int]:
    """Return every amount that the stock can make, and the fewest coins for it, by trying all combinations."""
    fewest: dict[int, int] = {}
    for counts in itertools.product(*(range(count + 1) for count in stock.values())):
        amount = sum(value * count for value, count in zip(stock, counts, strict=True))
        fewest[amount] = min(fewest.get(amount, 10**9), sum(counts))
    return fewest


@given(stock=SMALL_STOCKS, amount=st.integers(0, 320))
@settings(max_examples=300, deadline=None)
def test_exact_change_is_exact_within_stock_and_the_fewest_coins(stock: dict[int, int], amount: int) -> None:
    truth = every_way(stock)
    plan = exact_change(amount, stock)
    assert can_give(amount, stock) is (amount in truth)
    if amount not in truth:
        assert plan is None
        return
    assert plan is not None
    assert sum(value * count for value, count in plan.items()) == amount
    assert all(0 < count <= stock[value] for value, count in plan.items())
    assert sum(plan.values()) == truth[amount]


@given(stock=SMALL_STOCKS, amount=st.integers(0, 320))
@settings(max_examples=300, deadline=None)
def test_most_change_is_the_largest_amount_that_is_not_too_much(stock: dict[int, int], amount: int) -> None:
    best = max(made for made in every_way(stock) if made <= amount)
    plan = most_change(amount, stock)
    assert sum(value * count for value, count in plan.items()) == best
    assert all(0 < count <= stock[value] for value, count in plan.items())


def test_greedy_would_be_wrong() -> None:
    assert exact_change(60, {50: 1, 20: 6}) == {20: 3}


def test_a_whole_kiosk_is_planned_at_once() -> None:
    stock = {100: 500, 50: 500, 10: 500}
    assert exact_change(54_360, stock) == {100: 500, 50: 87, 10: 1}
    assert exact_change(80_001, stock) is None


def test_nothing_is_always_given() -> None:
    assert exact_change(0, {}) == {}
    assert can_give(0, {})
    assert not can_give(10, {})
    assert most_change(10, {}) == {}


@pytest.mark.parametrize("stock", [{0: 1}, {-5: 1}, {10: -1}, {1: STEPS_MAX + 1}])
def test_impossible_stocks_are_refused(stock: dict[int, int]) -> None:
    with pytest.raises(ChangeError):
        exact_change(10, stock)
