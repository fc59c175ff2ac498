from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.money import MINOR_LIMIT, Money, MoneyError, cash_rounded, exponent, format_minor, round_half_up


def test_amounts_of_one_currency_add_subtract_and_multiply() -> None:
    assert Money(1280, "CNY") + Money(20, "CNY") == Money(1300, "CNY")
    assert Money(1280, "CNY") - Money(1300, "CNY") == Money(-20, "CNY")
    assert Money(125, "CNY") * 3 == Money(375, "CNY")


def test_amounts_of_one_currency_compare() -> None:
    assert Money(1, "CNY") < Money(2, "CNY") <= Money(2, "CNY")
    assert not Money(3, "CNY") <= Money(2, "CNY")


def test_two_currencies_never_mix() -> None:
    one, other = Money(1, "CNY"), Money(1, "EUR")
    for mix in (lambda: one + other, lambda: one - other, lambda: one < other, lambda: one <= other):
        with pytest.raises(MoneyError, match="CNY and EUR"):
            mix()


@pytest.mark.parametrize("minor", [1.0, "1", True, None, MINOR_LIMIT, -MINOR_LIMIT])
def test_what_is_no_amount_is_refused(minor: object) -> None:
    with pytest.raises(MoneyError):
        Money(minor, "CNY")  # type: ignore[arg-type]  # the wrong types are the point


@pytest.mark.parametrize("currency", ["cny", "CN", "CNYY", "", "元元元"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(MoneyError, match="ISO 4217"):
        Money(1, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1280, "CNY", "¥12.80"),
        (5, "CNY", "¥0.05"),
        (-205, "CNY", "-¥2.05"),
        (0, "EUR", "€0.00"),
        (1280, "JPY", "¥1280"),
        (1234, "CHF", "CHF 12.34"),
    ],
)
def test_an_amount_reads_as_people_write_it(minor: int, currency: str, text: str) -> None:
    assert format_minor(minor, currency) == text == str(Money(minor, currency))


def test_a_currency_without_decimals_has_none() -> None:
    assert [exponent(code) for code in ("JPY", "KRW", "CNY")] == [0, 0, 2]


@pytest.mark.parametrize(("amount", "whole"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("-0.5", -1), ("-2.4", -2)])
def test_halves_go_away_from_zero(amount: str, whole: int) -> None:
    assert round_half_up(Decimal(amount)) == whole


@pytest.mark.parametrize(("minor", "rounded"), [(0, 0), (4, 0), (5, 10), (1234, 1230), (1235, 1240), (1240, 1240)])
def test_cash_is_rounded_to_the_smallest_coin(minor: int, rounded: int) -> None:
    assert cash_rounded(minor, 10) == rounded


@given(st.integers(0, 10**11), st.integers(1, 10_000))
def test_cash_rounding_moves_an_amount_by_at_most_half_a_coin(minor: int, step: int) -> None:
    rounded = cash_rounded(minor, step)
    assert rounded % step == 0
    assert 2 * abs(rounded - minor) <= step


@pytest.mark.parametrize("step", [0, -10])
def test_a_smallest_coin_below_one_is_refused(step: int) -> None:
    with pytest.raises(MoneyError, match="smallest coin"):
        cash_rounded(100, step)
