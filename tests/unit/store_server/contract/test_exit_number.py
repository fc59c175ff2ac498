"""Exit numbers: typed in place of a scanned pass."""

from __future__ import annotations

import pytest

from store_server.contract.exit_number import ExitNumber, ExitNumberError

PASS = "HTTPS://SHOP.EXAMPLE/P/" + "A" * 207


def test_a_number_is_of_one_pass_only() -> None:
    number = ExitNumber.of(48213, PASS)
    assert number.digits.startswith("0482135")
    assert ExitNumber.parse(str(number)) == number == ExitNumber.of_order("048-2135", PASS)
    assert number.is_of(PASS)
    assert not number.is_of(PASS[:-1] + "B")


def test_the_host_in_the_text_does_not_matter() -> None:
    assert ExitNumber.of(1, PASS) == ExitNumber.of(1, PASS.replace("SHOP.EXAMPLE", "MARKET.EXAMPLE"))


def test_every_single_slip_and_swap_is_noticed() -> None:
    digits = ExitNumber.of(48213, PASS).digits
    slips = {digits[:i] + d + digits[i + 1 :] for i in range(13) for d in "0123456789"} - {digits}
    slips |= {digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(12)} - {digits}
    for slip in slips:
        with pytest.raises(ExitNumberError, match="slip"):
            ExitNumber.parse(slip)


@pytest.mark.parametrize("typed", ["", "0482135", "04821356602580", "0482135660x58", "\u0660" * 13, "9" * 1000])
def test_what_is_no_number_says_how_one_looks(typed: str) -> None:
    with pytest.raises(ExitNumberError, match="13 digits"):
        ExitNumber.parse(typed)


def test_the_neighbours_number_tells_nothing() -> None:
    proofs = {ExitNumber.of(serial, PASS[:-4] + f"{serial:04d}").proof for serial in range(1000)}
    assert len(proofs) > 980
