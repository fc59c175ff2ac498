"""What a host says to a recycler and what it answers, inside the frames (ITL SSP protocol 6, GA138).

An answer begins with a status. Amounts are minor units in 4 bytes, low byte first, followed by three letters of currency.
"""

from __future__ import annotations

from collections.abc import Mapping
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
