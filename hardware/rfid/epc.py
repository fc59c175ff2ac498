"""Which article a tag stands for: SGTIN-96 (GS1 EPC Tag Data Standard, section 14.6.1); pure.

::

    8 bits   3 bits   3 bits      20-40 bits       24-4 bits                     38 bits
    0x30     filter   partition   company prefix   indicator digit + item        serial number

The partition says how many digits the company prefix has; prefix and item have 13 digits together, without check digit.
"""

from __future__ import annotations

from dataclasses import dataclass

EPC_96_BYTES = 12
HEADER_SGTIN_96 = 0x30

# By partition: bits and digits of the company prefix, bits and digits of indicator and item.
_PARTITIONS = ((40, 12, 4, 1), (37, 11, 7, 2), (34, 10, 10, 3), (30, 9, 14, 4), (27, 8, 17, 5), (24, 7, 20, 6), (20, 6, 24, 7))
_SERIAL_BITS = 38


@dataclass(frozen=True, slots=True)
class Sgtin:
    """One single piece of an article."""

    gtin: str
    """14 digits."""
    serial: int
    filter: int
    """1 is a consumer's piece, 2 a case; see the standard's table."""


def parse_sgtin(epc: str) -> Sgtin | None:
    """Read a tag's number written in hexadecimal; None when it is no SGTIN-96, or one that cannot be."""
    try:
        data = bytes.fromhex(epc)
    except ValueError:
        return None
    if len(data) != EPC_96_BYTES or data[0] != HEADER_SGTIN_96:
        return None
    number = int.from_bytes(data, "big")
    partition = number >> 82 & 0b111
    if partition >= len(_PARTITIONS):
        return None
    company_bits, company_digits, item_bits, item_digits = _PARTITIONS[partition]
    company = number >> _SERIAL_BITS + item_bits & (1 << company_bits) - 1
    item = number >> _SERIAL_BITS & (1 << item_bits) - 1
    if company >= 10**company_digits or item >= 10**item_digits:
        return None
    items = f"{item:0{item_digits}}"
    digits = items[0] + f"{company:0{company_digits}}" + items[1:]
    return Sgtin(digits + _check_digit(digits), number & (1 << _SERIAL_BITS) - 1, number >> 85 & 0b111)


def _check_digit(digits: str) -> str:
    """Return the check digit of 13 digits: every second one from the left counts three times."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(digits))
    return str(-total % 10)
