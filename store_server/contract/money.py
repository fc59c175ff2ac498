"""Money as whole minor units of one ISO 4217 currency; never a float.

>>> Money(1280, "CNY") + Money(20, "CNY")
Money(minor=1300, currency='CNY')
>>> str(Money(1280, "CNY"))
'¥12.80'
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR_LIMIT = 10**12
"""No amount may reach this size; a larger one is a mistake, not a sale."""

_SYMBOLS = {"CNY": "¥", "EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
_EXPONENTS = {"JPY": 0, "KRW": 0}
_CURRENCY_CODE_LENGTH = 3


class MoneyError(ValueError):
    """An amount that cannot be: not an integer, out of range, or of another currency."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (fen, cent); negative only for differences."""

    minor: int
    """Minor units, strictly between -10**12 and 10**12."""
    currency: str
    """ISO 4217 letters, such as CNY."""

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise MoneyError(f"an amount is a whole number of minor units, not {self.minor!r}")
        if abs(self.minor) >= MINOR_LIMIT:
            raise MoneyError(f"{self.minor} minor units are out of range")
        if len(self.currency) != _CURRENCY_CODE_LENGTH or not (self.currency.isascii() and self.currency.isupper()):
            raise MoneyError(f"a currency is three capital letters (ISO 4217), not {self.currency!r}")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return format_minor(self.minor, self.currency)


def exponent(currency: str) -> int:
    """Return how many decimals the currency's minor unit has (ISO 4217), 2 unless known otherwise."""
    return _EXPONENTS.get(currency, 2)


def format_minor(minor: int, currency: str) -> str:
    """Write an amount for people.

    >>> format_minor(-205, "CNY")
    '-¥2.05'
    """
    digits = exponent(currency)
    major, rest = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{sign}{symbol}{major}.{rest:0{digits}d}" if digits else f"{sign}{symbol}{major}"


def round_half_up(amount: Decimal) -> int:
    """Round a computed amount to whole minor units, halves away from zero (the trade's commercial rounding)."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def cash_rounded(minor: int, step_minor: int) -> int:
    """Return the amount as it is paid in cash, where the smallest coin is ``step_minor``; halves go up.

    >>> [cash_rounded(minor, 10) for minor in (1234, 1235, 1240)]
    [1230, 1240, 1240]
    """
    if step_minor < 1:
        raise MoneyError(f"the smallest coin must be 1 minor unit or more, not {step_minor}")
    return (minor + step_minor // 2) // step_minor * step_minor
