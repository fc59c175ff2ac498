"""Exit numbers: what a shopper types at the lane when the code on the receipt cannot be scanned.

Order numbers are given one after the other, so the neighbour's is easily guessed. An exit number is the order number (7 digits)
with five digits drawn from the exit pass's own signature and a Damm check digit over all, 13 in all. Whoever holds the exit
pass can work it out and print it; nobody else can, and it changes with every revision of the order. It proves nothing by
itself: only the server, which can issue the pass again, can tell a right one, and it counts wrong ones.

>>> number = ExitNumber.of(48213, "HTTPS://SHOP.EXAMPLE/P/ABC")
>>> str(number)
'048-2135-660-258'
>>> ExitNumber.parse("048 2135 660258") == number
True
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from store_server.contract.order_number import OrderNumber, OrderNumberError, check_digit

LENGTH = 13
_ORDER_LENGTH = 7
_PROOF_LENGTH = 5


class ExitNumberError(ValueError):
    """What was typed is no exit number; the message says how one looks."""


@dataclass(frozen=True, slots=True)
class ExitNumber:
    """A number whose check digits are right; whether it is the order's own, only the server knows."""

    order_number: OrderNumber
    proof: str
    """Five digits that only the holder of the exit pass knows."""

    @classmethod
    def of(cls, order_serial: int, exit_pass: str) -> ExitNumber:
        """Work out the number of an exit pass, given as its QR text."""
        body = exit_pass.rpartition("/")[2].encode("ascii")
        drawn = int.from_bytes(hashlib.sha256(b"scanlane exit number\n" + body).digest()[:8])
        return cls(OrderNumber.of(order_serial), f"{drawn % 10**_PROOF_LENGTH:0{_PROOF_LENGTH}d}")

    @classmethod
    def of_order(cls, order_number: str, exit_pass: str) -> ExitNumber:
        """The same by the order's seven digits, as an order's answer has them."""
        return cls.of(OrderNumber.parse(order_number).serial, exit_pass)

    @classmethod
    def parse(cls, text: str) -> ExitNumber:
        """Read what a person typed; blanks and dashes do not matter.

        Raises:
            ExitNumberError: not 13 digits, or a check digit says that one was mistyped.
        """
        digits = text.replace("-", "").replace(" ", "")
        if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
            raise ExitNumberError("An exit number has 13 digits; it is printed under the code on the receipt.")
        try:
            order_number = OrderNumber.parse(digits[:_ORDER_LENGTH])
        except OrderNumberError as error:
            raise ExitNumberError("That number has a typing slip. Please compare it with the receipt.") from error
        if check_digit(digits[:-1]) != int(digits[-1]):
            raise ExitNumberError("That number has a typing slip. Please compare it with the receipt.")
        return cls(order_number, digits[_ORDER_LENGTH:-1])

    def is_of(self, exit_pass: str) -> bool:
        """Tell whether this number belongs to an exit pass, in a time that tells nothing."""
        return hmac.compare_digest(self.digits, ExitNumber.of(self.order_number.serial, exit_pass).digits)

    @property
    def digits(self) -> str:
        """The thirteen digits without dashes."""
        body = f"{self.order_number.digits}{self.proof}"
        return f"{body}{check_digit(body)}"

    def __str__(self) -> str:
        digits = self.digits
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:10]}-{digits[10:]}"
