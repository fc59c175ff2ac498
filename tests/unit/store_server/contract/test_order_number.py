from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.order_number import SERIAL_LIMIT, OrderNumber, OrderNumberError


@given(st.integers(0, SERIAL_LIMIT - 1))
def test_a_number_reads_back(serial: int) -> None:
    number = OrderNumber.of(serial)
    assert OrderNumber.parse(number.digits) == OrderNumber.parse(str(number)) == number
    assert len(number.digits) == 7


def test_damms_own_example() -> None:
    # H. M. Damm's published example: 572 has the check digit 4; leading zeros change nothing.
    assert OrderNumber.of(572).digits == "0005724"


@given(st.integers(0, SERIAL_LIMIT - 1), st.integers(0, 6), st.integers(1, 9))
def test_one_wrong_digit_is_found(serial: int, place: int, by: int) -> None:
    digits = OrderNumber.of(serial).digits
    slip = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    with pytest.raises(OrderNumberError, match="typing slip"):
        OrderNumber.parse(slip)


@given(st.integers(0, SERIAL_LIMIT - 1), st.integers(0, 5))
def test_swapped_neighbours_are_found(serial: int, place: int) -> None:
    digits = OrderNumber.of(serial).digits
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if swapped == digits:
        assert OrderNumber.parse(swapped).serial == serial
    else:
        with pytest.raises(OrderNumberError, match="typing slip"):
            OrderNumber.parse(swapped)


@pytest.mark.parametrize("text", ["", "123", "12345678", "abcdefg", "048213²", "٠١٢٣٤٥٦", "048.2132"])
def test_what_is_no_number_says_how_one_looks(text: str) -> None:
    with pytest.raises(OrderNumberError, match="7 digits, such as 048-2135"):
        OrderNumber.parse(text)


@pytest.mark.parametrize("serial", [-1, SERIAL_LIMIT])
def test_a_serial_out_of_range_is_refused(serial: int) -> None:
    with pytest.raises(OrderNumberError):
        OrderNumber.of(serial)
