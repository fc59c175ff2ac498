"""EAN-13, EAN-8 and UPC-A as dark and light modules (GS1 General Specifications 5.2), for the simulated paper; pure."""

from __future__ import annotations

_ODD = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
_PARITY = ("OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO")
_GUARD, _CENTRE = "101", "01010"


def ean_digits(data: bytes, *, upc: bool) -> str | None:
    """Return the 13 or 8 digits of what GS k got, its check digit added where it is missing; nothing where that is no EAN."""
    text = data.decode("ascii", "replace")
    lengths = {11, 12} if upc else {7, 8, 12, 13}
    if not (text.isascii() and text.isdigit()) or len(text) not in lengths:
        return None
    digits = f"0{text}" if upc else text
    body = digits[:7] if len(digits) <= 8 else digits[:12]  # noqa: PLR2004 - EAN-8, else EAN-13
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return f"{body}{-weighed % 10}"


def ean_modules(digits: str) -> str:
    """Return the modules of 13 or 8 digits, 1 for dark."""
    if len(digits) == 8:  # noqa: PLR2004 - EAN-8
        left = "".join(_ODD[int(digit)] for digit in digits[:4])
        return _GUARD + left + _CENTRE + "".join(map(_right, digits[4:])) + _GUARD
    parity = _PARITY[int(digits[0])]
    left = "".join(_ODD[int(digit)] if kind == "O" else _even(digit) for digit, kind in zip(digits[1:7], parity, strict=True))
    return _GUARD + left + _CENTRE + "".join(map(_right, digits[7:])) + _GUARD


def _right(digit: str) -> str:
    return _ODD[int(digit)].translate({ord("0"): "1", ord("1"): "0"})


def _even(digit: str) -> str:
    return _right(digit)[::-1]
