"""Amounts and currencies as terminals write them: built from minor units, never by way of a float."""

from __future__ import annotations

from decimal import Decimal

from hardware.errors import ProtocolError

DIGITS_DEFAULT = 2
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF"), 0),
    **dict.fromkeys(("XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""ISO 4217: digits behind the point, where they are not two."""
NUMERIC = {
    "AUD": 36,
    "CAD": 124,
    "CHF": 756,
    "CNY": 156,
    "CZK": 203,
    "DKK": 208,
    "EUR": 978,
    "GBP": 826,
    "HKD": 344,
    "HUF": 348,
    "JPY": 392,
    "KRW": 410,
    "MOP": 446,
    "NOK": 578,
    "PLN": 985,
    "RON": 946,
    "SEK": 752,
    "SGD": 702,
    "TWD": 901,
    "USD": 840,
}  # fmt: skip - a table
"""ISO 4217: the three digits that ZVT knows a currency by."""


def digits_of(currency: str) -> int:
    """Return how many digits stand behind the point."""
    return _DIGITS.get(currency, DIGITS_DEFAULT)


def major(amount_minor: int, currency: str) -> Decimal:
    """Return an amount in major units, with all its digits: 1099 fen are 10.99.

    >>> major(1099, "CNY"), major(500, "JPY"), major(1234, "KWD")
    (Decimal('10.99'), Decimal('500'), Decimal('1.234'))
    """
    return Decimal(amount_minor).scaleb(-digits_of(currency))


def minor(amount: object, currency: str) -> int:
    """Return an amount in minor units.

    Raises:
        ProtocolError: it is no number, below zero, too large, or has a part of a minor unit.
    """
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise ProtocolError(f"{amount!r} is no amount")
    value = Decimal(amount)
    if not value.is_finite() or not 0 <= value < Decimal(10) ** 12:
        raise ProtocolError(f"{amount} is no amount")
    scaled = value.scaleb(digits_of(currency))
    if scaled != scaled.to_integral_value():
        raise ProtocolError(f"{amount} {currency} has a part of the smallest unit")
    return int(scaled)
