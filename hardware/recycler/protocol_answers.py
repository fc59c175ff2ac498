"""What a recycler's answers say: setup, serial number, levels, counters, routes (ITL SSP protocol 6, GA138).

Setup answer (code 05) of a note validator with n channels::

    F0 | type | firmware 4 | currency 3 | multiplier 3 | n | values n | security n | real multiplier 3 | protocol
       | currencies 3 n | values 4 n (in major units)

The real multiplier, high byte first, makes minor units of the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.errors import ProtocolError
from hardware.recycler.protocol_words import AMOUNT_BYTES, CURRENCY_BYTES, PROTOCOL_VERSION, Route, UnitType

_SETUP_FRONT = 12
_COUNTERS = 5
_LEVEL_BYTES = 2 + AMOUNT_BYTES + CURRENCY_BYTES


@dataclass(frozen=True, slots=True)
class Setup:
    """What a device says about itself."""

    unit_type: int
    firmware: str
    currency: str
    values_minor: Mapping[int, int]
    """Channel, from 1, to value; channels of another currency are left out."""
    protocol: int

    @property
    def has_store(self) -> bool:
        """Whether notes can be paid out."""
        return self.unit_type == UnitType.VALIDATOR_WITH_STORE


@dataclass(frozen=True, slots=True)
class Counters:
    """Notes that ever moved; kept without power."""

    stacked: int
    stored: int
    dispensed: int
    transferred: int
    """From the store into the cash box."""
    rejected: int


def parse_setup(data: bytes) -> Setup:
    """Read the answer to the setup question.

    Raises:
        ProtocolError: it is cut off, or of a device that is no note validator.
    """
    _long_enough(data, 1, "setup")
    if data[0] == UnitType.HOPPER:
        raise ProtocolError("a coin hopper answers, not a note recycler")
    _long_enough(data, _SETUP_FRONT, "setup")
    count = data[_SETUP_FRONT - 1]
    end = _SETUP_FRONT + 2 * count + 4
    _long_enough(data, end, "setup")
    multiplier = int.from_bytes(data[8:11], "big")
    real_multiplier = int.from_bytes(data[end - 4 : end - 1], "big")
    protocol = data[end - 1]
    currency = _text(data[5:8])
    if protocol >= PROTOCOL_VERSION:
        _long_enough(data, end + 7 * count, "setup")
        currencies = [_text(data[end + 3 * at : end + 3 * at + 3]) for at in range(count)]
        numbers = data[end + 3 * count :]
        majors = [int.from_bytes(numbers[4 * at : 4 * at + 4], "little") for at in range(count)]
    else:
        currencies = [currency] * count
        majors = [value * multiplier for value in data[_SETUP_FRONT : _SETUP_FRONT + count]]
    values = {
        at + 1: major * real_multiplier
        for at, (major, of) in enumerate(zip(majors, currencies, strict=True))
        if major * real_multiplier and of == currency
    }
    return Setup(data[0], _text(data[1:5]), currency, values, protocol)


def parse_serial(data: bytes) -> str:
    """Read a serial number, high byte first.

    Raises:
        ProtocolError: it is not 4 bytes.
    """
    if len(data) != 4:  # noqa: PLR2004 - GA138
        raise ProtocolError(f"a serial number is 4 bytes, not {len(data)}")
    return str(int.from_bytes(data, "big"))


def parse_levels(data: bytes, currency: str) -> dict[int, int]:
    """Read how many notes of each value are in the store.

    Raises:
        ProtocolError: it is cut off.
    """
    return _counted(data, currency, "levels")


def parse_moved_to_box(data: bytes, currency: str) -> dict[int, int]:
    """Read how many notes of each value the last emptying moved into the cash box.

    Raises:
        ProtocolError: it is cut off.
    """
    return _counted(data, currency, "what was moved")


def parse_counters(data: bytes) -> Counters:
    """Read the counters.

    Raises:
        ProtocolError: it is cut off.
    """
    _long_enough(data, 1 + 4 * _COUNTERS, "counters")
    numbers = (int.from_bytes(data[1 + 4 * at : 5 + 4 * at], "little") for at in range(_COUNTERS))
    return Counters(*numbers)


def parse_route(data: bytes) -> Route:
    """Read where notes of a value go.

    Raises:
        ProtocolError: it is none of the two.
    """
    if data[:1] not in {b"\x00", b"\x01"}:
        raise ProtocolError(f"{data.hex(' ')!r} is no route")
    return Route(data[0])


def _counted(data: bytes, currency: str, what: str) -> dict[int, int]:
    _long_enough(data, 1, what)
    _long_enough(data, 1 + data[0] * _LEVEL_BYTES, what)
    counted: dict[int, int] = {}
    for at in range(1, 1 + data[0] * _LEVEL_BYTES, _LEVEL_BYTES):
        if _text(data[at + 6 : at + 9]) == currency:
            counted[int.from_bytes(data[at + 2 : at + 6], "little")] = int.from_bytes(data[at : at + 2], "little")
    return counted


def _long_enough(data: bytes, count: int, what: str) -> None:
    if len(data) < count:
        raise ProtocolError(f"the answer about {what} is cut off: {data.hex(' ')}")


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace").strip()
