"""Drawn symbols against an independent decoder, digits against published examples."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp

from hardware.camera.symbol import SymbolError, check_digit, encode, expand_upc_e, has_right_check_digit

FORMATS = {"EAN13": zxingcpp.BarcodeFormat.EAN13, "EAN8": zxingcpp.BarcodeFormat.EAN8, "UPCA": zxingcpp.BarcodeFormat.UPCA}
BODIES = {"EAN13": 12, "EAN8": 7, "UPCA": 11}


def read_back(digits: str, symbology: str) -> list[str]:
    symbol = encode(digits, symbology)
    row = "0" * symbol.quiet_left + symbol.modules + "0" * symbol.quiet_right
    line = np.array([0 if module == "1" else 255 for module in row], np.uint8)
    picture = np.repeat(np.repeat(line[None, :], 60, axis=0), 3, axis=1)
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.EAN13, FORMATS[symbology]])
    return [barcode.text for barcode in zxingcpp.read_barcodes(picture, formats=formats)]


@pytest.mark.parametrize("symbology", sorted(BODIES))
def test_an_independent_decoder_reads_random_symbols(symbology: str, rng: np.random.Generator) -> None:
    for _ in range(200):
        body = "".join(str(digit) for digit in rng.integers(0, 10, BODIES[symbology]))
        digits = body + check_digit(body)
        wanted = digits.zfill(13) if symbology == "UPCA" else digits
        assert read_back(digits, symbology) == [wanted]


@pytest.mark.parametrize("first", "0123456789")
def test_each_first_digit_has_its_own_pattern(first: str) -> None:
    body = f"{first}12345678901"
    digits = body + check_digit(body)
    assert read_back(digits, "EAN13") == [digits]


def test_modules_of_an_ean_13_written_out() -> None:
    # 4 006381 333931: the first digit 4 sets ABAABB on the left.
    symbol = encode("4006381333931", "EAN13")
    left = "0001101 0100111 0101111 0111101 0001001 0110011"
    right = "1000010 1000010 1000010 1110100 1000010 1100110"
    assert symbol.modules == f"101{left}01010{right}101".replace(" ", "")
    assert (symbol.quiet_left, symbol.quiet_right, symbol.width) == (11, 7, 113)
    assert symbol.guards == {0, 2, 46, 48, 92, 94}


def test_sizes() -> None:
    assert len(encode("96385074", "EAN8").modules) == 67
    assert len(encode("036000291452", "UPCA").modules) == 95


@pytest.mark.parametrize("digits", ["4006381333931", "036000291452", "96385074", "09520000000011"])
def test_right_check_digits(digits: str) -> None:
    assert has_right_check_digit(digits)


@pytest.mark.parametrize("digits", ["", "0", "4006381333932", "40063813339३1", "400638133393x", "-1"])
def test_wrong_check_digits(digits: str) -> None:
    assert not has_right_check_digit(digits)


@pytest.mark.parametrize(
    ("digits", "symbology", "part"),
    [
        ("4006381333932", "EAN13", "end in 1"),
        ("400638133393", "EAN13", "takes 13 digits"),
        ("4006381333931", "EAN8", "takes 8 digits"),
        ("40063813339x1", "EAN13", "takes 13 digits"),
        ("", "UPCA", "takes 12 digits"),
        ("123", "CODE128", "choose one of EAN13, EAN8, UPCA"),
    ],
)
def test_refused_digits_say_what_was_expected(digits: str, symbology: str, part: str) -> None:
    with pytest.raises(SymbolError, match=part):
        encode(digits, symbology)


@pytest.mark.parametrize("last", "0123456789")
def test_upc_e_expands_as_an_independent_decoder_does(last: str) -> None:
    body = f"012987{last}"
    check = next(check for check in "0123456789" if has_right_check_digit(expand_upc_e(body + check)))
    barcode = zxingcpp.create_barcode(body + check, zxingcpp.BarcodeFormat.UPCE)
    assert expand_upc_e(body + check) == barcode.text


@pytest.mark.parametrize("digits", ["", "0123456", "23456789", "0123456x"])
def test_what_is_no_upc_e_is_refused(digits: str) -> None:
    with pytest.raises(SymbolError, match="8 digits that begin with 0 or 1"):
        expand_upc_e(digits)
