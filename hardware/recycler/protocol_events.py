"""What a recycler tells when it is polled: a row of events behind the status (ITL SSP protocol 6, GA138).

::

    F0 | EF 03 | DA 01  64 00 00 00  43 4E 59 | ...

How many bytes belong to an event follows from its code: none, a channel, an amount, or a number of amounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from hardware.errors import ProtocolError
from hardware.recycler.protocol_words import AMOUNT_BYTES, CURRENCY_BYTES

EVENTS_MAX = 255


class Happened(IntEnum):
    """What happened."""

    JAM_RECOVERY = 0xB0
    PAYOUT_ERROR = 0xB1
    SMART_EMPTYING = 0xB3
    SMART_EMPTIED = 0xB4
    CHANNELS_OFF = 0xB5
    INITIALISING = 0xB6
    EMPTYING = 0xC2
    EMPTIED = 0xC3
    STORE_OUT_OF_SERVICE = 0xC6
    TRANSFERRED = 0xC9
    BOXED_AT_START = 0xCA
    STORED_AT_START = 0xCB
    STACKING = 0xCC
    DISPENSED_AT_START = 0xCD
    IN_BEZEL = 0xCE
    STORE_FULL = 0xCF
    DISPENSED = 0xD2
    JAMMED = 0xD5
    HALTED = 0xD6
    FLOATING = 0xD7
    FLOATED = 0xD8
    TIME_OUT = 0xD9
    DISPENSING = 0xDA
    STORED = 0xDB
    INCOMPLETE_PAYOUT = 0xDC
    INCOMPLETE_FLOAT = 0xDD
    PATH_OPEN = 0xE0
    CLEARED_TO_FRONT = 0xE1
    CLEARED_TO_BOX = 0xE2
    BOX_REMOVED = 0xE3
    BOX_REPLACED = 0xE4
    FRAUD = 0xE6
    STACKER_FULL = 0xE7
    DISABLED = 0xE8
    UNSAFE_JAM = 0xE9
    SAFE_JAM = 0xEA
    STACKED = 0xEB
    REJECTED = 0xEC
    REJECTING = 0xED
    CREDIT = 0xEE
    READ = 0xEF
    RESET = 0xF1
    OTHER = 0x00
    """A code that this version of the protocol does not have; what follows it cannot be read."""


class _Form(Enum):
    PLAIN = auto()
    BYTE = auto()
    AMOUNT = auto()
    AMOUNTS = auto()
    PAIRS = auto()
    """Each what was paid and what was asked for."""


_H = Happened
_FORMS = {
    **dict.fromkeys((_H.READ, _H.CREDIT, _H.CLEARED_TO_FRONT, _H.CLEARED_TO_BOX, _H.PAYOUT_ERROR), _Form.BYTE),
    **dict.fromkeys((_H.TRANSFERRED, _H.DISPENSED_AT_START), _Form.AMOUNT),
    **dict.fromkeys((_H.DISPENSED, _H.JAMMED, _H.HALTED, _H.FLOATING, _H.FLOATED, _H.TIME_OUT, _H.DISPENSING), _Form.AMOUNTS),
    **dict.fromkeys((_H.SMART_EMPTYING, _H.SMART_EMPTIED), _Form.AMOUNTS),
    **dict.fromkeys((_H.INCOMPLETE_PAYOUT, _H.INCOMPLETE_FLOAT), _Form.PAIRS),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a poll."""

    what: Happened
    channel: int = 0
    """Of a note; 0 while it is being read. For an error, its cause."""
    amount_minor: int = 0
    """What has moved, in the device's currency."""
    requested_minor: int = 0
    """What was asked for, where the device tells it."""
    code: int = 0
    """The byte itself, for OTHER."""


def parse_events(data: bytes, currency: str, *, has_store: bool) -> list[Told]:
    """Read what follows the status of a poll's answer.

    Args:
        data: the bytes behind F0.
        currency: amounts in others are left out of the sums.
        has_store: a device with a store tells a fraud with amounts, one without with a channel.

    Raises:
        ProtocolError: an event is cut off.
    """
    told: list[Told] = []
    at = 0
    while at < len(data):
        code = data[at]
        if code == Happened.OTHER or code not in _CODES:
            told.append(Told(Happened.OTHER, code=code))
            break
        what = Happened(code)
        event, at = _event(what, _form(what, has_store=has_store), data, at + 1, currency)
        told.append(event)
    return told


_CODES = frozenset(int(what) for what in Happened)


def _form(what: Happened, *, has_store: bool) -> _Form:
    if what is Happened.FRAUD:
        return _Form.AMOUNTS if has_store else _Form.BYTE
    return _FORMS.get(what, _Form.PLAIN)


def _event(what: Happened, form: _Form, data: bytes, at: int, currency: str) -> tuple[Told, int]:
    if form is _Form.PLAIN:
        return Told(what), at
    if form is _Form.BYTE:
        return Told(what, channel=_bytes(data, at, 1)[0]), at + 1
    if form is _Form.AMOUNT:
        amount, at = _amounts(data, at, 1, 1, currency)
        return Told(what, amount_minor=amount[0]), at
    count = _bytes(data, at, 1)[0]
    numbers = 2 if form is _Form.PAIRS else 1
    sums, at = _amounts(data, at + 1, count, numbers, currency)
    return Told(what, amount_minor=sums[0], requested_minor=sums[1] if form is _Form.PAIRS else 0), at


def _amounts(data: bytes, at: int, count: int, numbers: int, currency: str) -> tuple[list[int], int]:
    """Sum up ``count`` rows of so many numbers and a currency."""
    sums = [0] * numbers
    width = numbers * AMOUNT_BYTES + CURRENCY_BYTES
    for _ in range(count):
        row = _bytes(data, at, width)
        if row[-CURRENCY_BYTES:] == currency.encode("ascii", "replace"):
            for place in range(numbers):
                sums[place] += int.from_bytes(row[place * AMOUNT_BYTES : (place + 1) * AMOUNT_BYTES], "little")
        at += width
    return sums, at


def _bytes(data: bytes, at: int, count: int) -> bytes:
    piece = data[at : at + count]
    if len(piece) != count:
        raise ProtocolError(f"the answer to a poll is cut off: {data.hex(' ')}")
    return piece
