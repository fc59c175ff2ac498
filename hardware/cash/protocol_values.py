"""What the data bytes of ccTalk frames mean: identity, money values, inhibits (ccTalk generic specification 4.x, part 2).

Values are written as texts on the wire::

    coin id (header 184, 171)  6 characters   CN050A    country, value in minor units, issue
    bill id (header 157)       7 characters   CN0010A   country, value x scaling = minor units, issue
    scaling (header 156)       3 bytes        64 00 02  factor low, factor high, decimals

A letter in the value of a coin is the decimal point of a multiple: ``5K0`` is 5.0 thousand, ``1M5`` is 1.5 million.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hardware.errors import ProtocolError

CHANNELS = 16
SERIAL_BYTES = 3
_SERIAL_BYTES_MAX = 8
COIN_ID_LENGTH = 6
BILL_ID_LENGTH = 7
ALL_INHIBITED = b"\x00\x00"
_COUNTRY_LENGTH = 2
_SCALING_BYTES = 3
_MOST_SIGNIFICANT_FIRST = ("ITL", "INNOVATIVE TECH")
_PRIORITY_UNITS_S = {1: 0.001, 2: 0.01, 3: 1.0, 4: 60.0, 5: 3600.0}
_PRIORITY_BYTES = 2
_MULTIPLES = {"K": 10**3, "M": 10**6, "G": 10**9}


@dataclass(frozen=True, slots=True)
class CountryScaling:
    """Header 156: how a bill's printed value becomes minor units."""

    factor: int
    decimals: int


def parse_text(data: bytes) -> str:
    """Read a text such as a product code; unprintable bytes are shown as dots."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data).strip()  # noqa: PLR2004 - printable ASCII


def parse_serial(data: bytes, manufacturer: str = "") -> str:
    """Read header 242: three bytes as a decimal text; least significant first, but for the devices of ITL."""
    if not SERIAL_BYTES <= len(data) <= _SERIAL_BYTES_MAX:
        raise ProtocolError(f"a serial number has {SERIAL_BYTES} bytes, not {len(data)}")
    is_turned = manufacturer.upper().startswith(_MOST_SIGNIFICANT_FIRST)
    return str(int.from_bytes(data, "big" if is_turned else "little"))


def serial_bytes(serial: str) -> bytes:
    """Return the three bytes of a serial number; the hopper wants them back when it is to pay.

    Raises:
        ProtocolError: it does not fit three bytes, so no hopper can be paid from by it.
    """
    try:
        return int(serial).to_bytes(SERIAL_BYTES, "little")
    except OverflowError as error:
        raise ProtocolError(f"serial number {serial} does not fit the {SERIAL_BYTES} bytes that a payout asks for") from error


def parse_polling_priority(data: bytes) -> float | None:
    """Read header 249: the longest time between two polls in seconds; None where the device does not care."""
    if len(data) != _PRIORITY_BYTES:
        raise ProtocolError(f"a polling priority has {_PRIORITY_BYTES} bytes, not {len(data)}")
    unit_s = _PRIORITY_UNITS_S.get(data[0])
    return unit_s * data[1] if unit_s and data[1] else None


def country_of(money_ids: Iterable[bytes]) -> str:
    """Return the country that most coin or bill ids name; empty if none does."""
    found = Counter(
        text[:_COUNTRY_LENGTH]
        for text in (money_id.decode("ascii", "replace") for money_id in money_ids)
        if len(text) in {COIN_ID_LENGTH, BILL_ID_LENGTH}
        and text[:_COUNTRY_LENGTH].isalpha()
        and _scaled_number(text[_COUNTRY_LENGTH:-1]) is not None
    )
    return found.most_common(1)[0][0] if found else ""


def parse_coin_id(data: bytes, country: str) -> int | None:
    """Return the value in minor units, or None for an unused channel, a token or a coin of another country."""
    text = data.decode("ascii", "replace")
    if len(text) != COIN_ID_LENGTH or text[:_COUNTRY_LENGTH] != country:
        return None
    return _scaled_number(text[_COUNTRY_LENGTH:-1])


def parse_bill_id(data: bytes, country: str, scaling: CountryScaling) -> int | None:
    """Return the value in minor units, or None for an unused channel or a note of another country."""
    text = data.decode("ascii", "replace")
    if len(text) != BILL_ID_LENGTH or text[:_COUNTRY_LENGTH] != country:
        return None
    value = _scaled_number(text[_COUNTRY_LENGTH:-1])
    return None if value is None or scaling.factor == 0 else value * scaling.factor


def coin_id(value_minor: int, country: str) -> bytes:
    """Return the id of a coin, issue A."""
    return f"{country}{value_minor:03d}A".encode("ascii")


def bill_id(value: int, country: str) -> bytes:
    """Return the id of a note, issue A; ``value`` is what is printed on it."""
    return f"{country}{value:04d}A".encode("ascii")


def parse_country_scaling(data: bytes) -> CountryScaling:
    """Read header 156; a factor of 0 says that the validator does not know the country."""
    if len(data) != _SCALING_BYTES:
        raise ProtocolError(f"country scaling has {_SCALING_BYTES} bytes, not {len(data)}")
    return CountryScaling(int.from_bytes(data[:2], "little"), data[2])


def inhibit_mask(values_minor: Mapping[int, int], wanted: frozenset[int]) -> bytes:
    """Return header 231's two bytes: the bit of each channel whose value is wanted is 1; channel 1 is the lowest bit."""
    mask = sum(1 << channel - 1 for channel, value in values_minor.items() if value in wanted)
    return mask.to_bytes(2, "little")


def _scaled_number(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text) or None
    for letter, multiple in _MULTIPLES.items():
        whole, found, part = text.partition(letter)
        digits = whole + part
        if found and digits.isascii() and digits.isdigit():
            return int(digits) * multiple // 10 ** len(part) or None
    return None
