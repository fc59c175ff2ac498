"""What a host says to a recycler and what it answers, inside the frames (ITL SSP protocol 6, GA138).

An answer begins with a status. Amounts are minor units in 4 bytes, low byte first, followed by three letters of currency.
Setup answer (code 05) of a note validator with n channels::

    F0 | type | firmware 4 | currency 3 | multiplier 3 | n | values n | security n | real multiplier 3 | protocol
       | currencies 3 n | values 4 n (in major units)

The real multiplier, high byte first, makes minor units of the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from hardware.errors import DeviceBusyError, DeviceRefusedError, ProtocolError

PROTOCOL_VERSION = 6
"""The poll's events are read as this version writes them."""
CHANNELS_MAX = 16
AMOUNT_BYTES = 4
CURRENCY_BYTES = 3
AMOUNT_MAX_MINOR = 2**32 - 1
NOTES_MAX = 100
"""More notes than this are not asked for in one payout."""
DENOMINATIONS_MAX = 20
DO, TEST = 0x58, 0x19
_SETUP_FRONT = 12
_COUNTERS = 5
_LEVEL_BYTES = 2 + AMOUNT_BYTES + CURRENCY_BYTES


class Word(IntEnum):
    """What a question is about."""

    RESET = 0x01
    INHIBITS = 0x02
    SETUP = 0x05
    PROTOCOL = 0x06
    POLL = 0x07
    REJECT = 0x08
    DISABLE = 0x09
    ENABLE = 0x0A
    SERIAL = 0x0C
    UNIT_DATA = 0x0D
    CHANNEL_VALUES = 0x0E
    SYNC = 0x11
    LAST_REJECT = 0x17
    HOLD = 0x18
    FIRMWARE = 0x20
    LEVELS = 0x22
    PAY_AMOUNT = 0x33
    HALT = 0x38
    SET_ROUTE = 0x3B
    GET_ROUTE = 0x3C
    EMPTY = 0x3F
    PAY_NOTES = 0x46
    GENERATOR = 0x4A
    MODULUS = 0x4B
    KEY_EXCHANGE = 0x4C
    SMART_EMPTY = 0x52
    MOVED_TO_BOX = 0x53
    COUNTERS = 0x58
    PAYOUT_OFF = 0x5B
    PAYOUT_ON = 0x5C


class Status(IntEnum):
    """How an answer begins."""

    OK = 0xF0
    UNKNOWN = 0xF2
    WRONG_PARAMETERS = 0xF3
    OUT_OF_RANGE = 0xF4
    CANNOT = 0xF5
    SOFTWARE_ERROR = 0xF6
    FAIL = 0xF8
    NO_KEY = 0xFA


class Route(IntEnum):
    """Where notes of a value go."""

    STORE = 0
    """Kept for paying out."""
    BOX = 1
    """Into the cash box, for good."""


class UnitType(IntEnum):
    """What kind of device answers the setup question."""

    VALIDATOR = 0
    HOPPER = 3
    VALIDATOR_WITH_STORE = 6


PAYOUT_BUSY = 3
"""The reason of a refused payout that ends by itself; no refusal moves a note."""


class RefusedError(DeviceRefusedError):
    """The device said no, and why."""

    def __init__(self, word: int, status: int, code: int | None) -> None:
        name = Status(status).name.lower().replace("_", " ") if status in set(Status) else f"status {status:#04x}"
        why = f" ({code})" if code is not None else ""
        super().__init__(f"the recycler refused {word:#04x}: {name}{why}")
        self.status = status
        self.code = code


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


def checked(word: int, answer: bytes) -> bytes:
    """Return what follows OK.

    Raises:
        RefusedError: it says no.
        DeviceBusyError: it is busy with a payout.
        ProtocolError: it is empty.
    """
    if not answer:
        raise ProtocolError("an answer without a status")
    if answer[0] == Status.OK:
        return answer[1:]
    code = answer[1] if len(answer) > 1 else None
    if answer[0] == Status.CANNOT and code == PAYOUT_BUSY and word in {Word.PAY_AMOUNT, Word.PAY_NOTES}:
        raise DeviceBusyError("the recycler is busy")
    raise RefusedError(word, answer[0], code)


def inhibits(channels: frozenset[int]) -> bytes:
    """Say which channels may take notes."""
    mask = sum(1 << channel - 1 for channel in channels if 1 <= channel <= CHANNELS_MAX)
    return bytes([Word.INHIBITS]) + mask.to_bytes(2, "little")


def amount_bytes(amount_minor: int, currency: str) -> bytes:
    """Write an amount.

    Raises:
        ValueError: it cannot be sent.
    """
    letters = currency.encode("ascii")
    if not 0 <= amount_minor <= AMOUNT_MAX_MINOR or len(letters) != CURRENCY_BYTES:
        raise ValueError(f"{amount_minor} {currency!r} is no amount")
    return amount_minor.to_bytes(AMOUNT_BYTES, "little") + letters


def pay_amount(amount_minor: int, currency: str, *, only_test: bool = False) -> bytes:
    """Ask to pay an amount in whatever notes the device chooses."""
    return bytes([Word.PAY_AMOUNT]) + amount_bytes(amount_minor, currency) + bytes([TEST if only_test else DO])


def pay_notes(notes: Mapping[int, int], currency: str, *, only_test: bool = False) -> bytes:
    """Ask to pay so many notes of each value.

    Raises:
        ValueError: that cannot be asked.
    """
    if not 1 <= len(notes) <= DENOMINATIONS_MAX or not all(1 <= count <= NOTES_MAX for count in notes.values()):
        raise ValueError(f"{dict(notes)} cannot be paid")
    told = b"".join(count.to_bytes(2, "little") + amount_bytes(value, currency) for value, count in notes.items())
    return bytes([Word.PAY_NOTES, len(notes)]) + told + bytes([TEST if only_test else DO])


def set_route(value_minor: int, currency: str, route: Route) -> bytes:
    """Say where notes of a value go from now on."""
    return bytes([Word.SET_ROUTE, route]) + amount_bytes(value_minor, currency)


def get_route(value_minor: int, currency: str) -> bytes:
    """Ask where notes of a value go."""
    return bytes([Word.GET_ROUTE]) + amount_bytes(value_minor, currency)


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
