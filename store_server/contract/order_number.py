"""Order numbers that a person can type: seven digits, the last a Damm check digit, shown in two groups.

The Damm digit finds every single wrong digit and every swap of neighbours (H. M. Damm, 2004), the slips people make at a
keypad.

>>> print(OrderNumber.of(48213))
048-2135
>>> OrderNumber.parse("0482135").serial
48213
"""

from __future__ import annotations

from dataclasses import dataclass

SERIAL_LIMIT = 1_000_000
_LENGTH = 7

# The totally anti-symmetric quasigroup of order 10 given in Damm's thesis.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


class OrderNumberError(ValueError):
    """What was typed is no order number; the message says how one looks."""


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """A valid order number."""

    serial: int
    """0 to 999,999, given by the server."""

    @classmethod
    def of(cls, serial: int) -> OrderNumber:
        """Make the number for a serial; the server begins again at 0 after 999,999."""
        if not 0 <= serial < SERIAL_LIMIT:
            raise OrderNumberError(f"an order serial is 0 to {SERIAL_LIMIT - 1}, not {serial}")
        return cls(serial)

    @classmethod
    def parse(cls, text: str) -> OrderNumber:
        """Read what a person typed; blanks and dashes do not matter.

        Raises:
            OrderNumberError: not seven digits, or the check digit says that one was mistyped.
        """
        digits = text.replace("-", "").replace(" ", "")
        if len(digits) != _LENGTH or not (digits.isascii() and digits.isdigit()):
            raise OrderNumberError("An order number has 7 digits, such as 048-2135. Please type it again.")
        if check_digit(digits) != 0:
            raise OrderNumberError("That number has a typing slip. Please compare it with the handheld.")
        return cls(int(digits[:-1]))

    @property
    def digits(self) -> str:
        """The seven digits without the dash."""
        body = f"{self.serial:06d}"
        return f"{body}{check_digit(body)}"

    def __str__(self) -> str:
        return f"{self.digits[:3]}-{self.digits[3:]}"


def check_digit(digits: str) -> int:
    """Return the Damm digit that makes ``digits`` whole; 0 when its last digit is one already."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return interim
