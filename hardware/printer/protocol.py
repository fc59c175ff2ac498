"""What the driver asks an ESC/POS printer and what it answers (Epson, ESC/POS command reference); pure.

::

    DLE EOT n           10 04 n                      -> one byte: 0 x x 1 x x 1 0        at once
    DLE ENQ n           10 05 n                      -> nothing; 1 goes on, 2 clears     at once
    automatic status    1D 61 FF                     -> four bytes now and at each change, the first 0 x x 1 x x 0 0
    GS r 1              1D 72 01                     -> one byte: 0 0 0 0 x x x x, when the data before it is done
    GS ( H fn 48        1D 28 48 06 00 30 30 d1..d4  -> 37 22 d1 d2 d3 d4 00, when the data before it is done
    GS I n              1D 49 n                      -> 5F text 00, when the data before it is done

The simulated printer has its own words (:mod:`hardware.printer.simulator_status`), so that no mistake sits on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import TypeAlias

INITIALISE = b"\x1b\x40"
NOTHING = b"\x00"
"""Fills a command that was cut off, and does nothing outside of one."""
AUTOMATIC_STATUS_ON = b"\x1d\x61\xff"
ASK_PAPER_QUEUED = b"\x1d\x72\x01"
"""Is answered when everything sent before it has been taken out of the printer's buffer."""
GO_ON_AFTER_ERROR = b"\x10\x05\x01"
"""The jam was removed: print on from the line where it stopped."""
CLEAR_AFTER_ERROR = b"\x10\x05\x02"
"""The jam was removed: forget what was not printed; only where the job is printed again from its start."""
CONFIRMATION_IDS = 36**4
IDENTITY_MAX = 80
_CONFIRM_HEAD = b"\x1d\x28\x48\x06\x00\x30\x30"
_CONFIRMED_FIRST, _CONFIRMED_SECOND, _CONFIRMED_LENGTH = 0x37, 0x22, 7
_IDENTITY_FIRST = 0x5F
_ASB_LENGTH = 4
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAPER_ANSWERS = frozenset((0x00, 0x03, 0x0C, 0x0F))


class Query(IntEnum):
    """What DLE EOT asks about."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR = 3
    PAPER = 4


class IdentityQuery(IntEnum):
    """What GS I asks about."""

    MODEL = 67
    SERIAL_NUMBER = 68


class Paper(Enum):
    """How much paper there is."""

    OK = "ok"
    NEAR_END = "near_end"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Condition:
    """Everything that a printer tells about itself."""

    paper: Paper = Paper.OK
    cover_open: bool = False
    cutter_error: bool = False
    recoverable_error: bool = False
    unrecoverable_error: bool = False
    too_hot: bool = False
    """It cools down and goes on by itself."""
    online: bool = True

    @property
    def error(self) -> str:
        """The fault in a few words, empty where there is none."""
        if self.unrecoverable_error:
            return "broken"
        if self.cutter_error:
            return "cutter jammed"
        if self.recoverable_error:
            return "stopped by a fault"
        return "too hot" if self.too_hot else ""

    @property
    def obstacle(self) -> str:
        """Why it cannot print now, empty where it can. Paper near its end is none."""
        if self.cover_open:
            return "the cover is open"
        if self.paper is Paper.OUT:
            return "out of paper"
        return self.error or ("" if self.online else "offline")

    @property
    def needs_recovery(self) -> bool:
        """Whether it goes on only after DLE ENQ, once the fault is removed."""
        return self.cutter_error or self.recoverable_error


@dataclass(frozen=True, slots=True)
class StatusByte:
    """The answer to DLE EOT; which one it answers is known from the order of asking."""

    value: int


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes sent at a change."""

    data: bytes


@dataclass(frozen=True, slots=True)
class QueuedPaper:
    """The answer to GS r 1."""

    value: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The answer to GS ( H: everything before it was processed."""

    id: str


@dataclass(frozen=True, slots=True)
class IdentityText:
    """The answer to GS I."""

    text: str


Reply: TypeAlias = StatusByte | AutomaticStatus | QueuedPaper | Confirmed | IdentityText


def ask(query: Query) -> bytes:
    """Return DLE EOT n."""
    return bytes((0x10, 0x04, query.value))


def ask_identity(query: IdentityQuery) -> bytes:
    """Return GS I n."""
    return bytes((0x1D, 0x49, query.value))


def confirmation_id(number: int) -> str:
    """Return the four characters for a number; they repeat after :data:`CONFIRMATION_IDS`."""
    characters = ""
    for _place in range(4):
        number, digit = divmod(number, 36)
        characters = _DIGITS[digit] + characters
    return characters


def ask_confirmation(identifier: str) -> bytes:
    """Return GS ( H fn 48 with four characters of our choice, each 0x20 to 0x7E."""
    characters = identifier.encode("ascii")
    assert len(characters) == 4, identifier  # noqa: PLR2004 - the command has room for four
    return _CONFIRM_HEAD + characters


def understood(condition: Condition, query: Query, value: int) -> Condition:
    """Return ``condition`` with what the answer to one DLE EOT tells."""
    if query is Query.PRINTER:
        return replace(condition, online=not value & 0x08)
    if query is Query.OFFLINE_CAUSE:
        return replace(condition, cover_open=bool(value & 0x04))
    if query is Query.ERROR:
        return _with_faults(condition, value)
    return replace(condition, paper=_paper(near_end=bool(value & 0x0C), out=bool(value & 0x60)))


def understood_automatic(data: bytes) -> Condition:
    """Return what four bytes of automatic status tell."""
    condition = Condition(
        paper=_paper(near_end=bool(data[2] & 0x03), out=bool(data[2] & 0x0C)),
        cover_open=bool(data[0] & 0x20),
        online=not data[0] & 0x08,
    )
    return _with_faults(condition, data[1])


def _with_faults(condition: Condition, value: int) -> Condition:
    """Read the byte of faults, the same for DLE EOT 3 and the second byte of automatic status."""
    return replace(
        condition,
        recoverable_error=bool(value & 0x04),
        cutter_error=bool(value & 0x08),
        unrecoverable_error=bool(value & 0x20),
        too_hot=bool(value & 0x40),
    )


def _paper(*, near_end: bool, out: bool) -> Paper:
    if out:
        return Paper.OUT
    return Paper.NEAR_END if near_end else Paper.OK


class ReplyReader:
    """Cuts what comes from the printer into replies, whatever pieces it comes in; drops what is none."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self.dropped = 0
        """Bytes that were no reply."""

    def feed(self, data: bytes) -> list[Reply]:
        """Take bytes; return the replies that are whole."""
        self._unread += data
        replies: list[Reply] = []
        while self._unread and (used := self._take(replies)):
            del self._unread[:used]
        return replies

    def _take(self, replies: list[Reply]) -> int:
        """Add the first reply, return its length; 0 when it is not whole yet."""
        first = self._unread[0]
        if first == _CONFIRMED_FIRST:
            return self._take_confirmed(replies)
        if first == _IDENTITY_FIRST:
            return self._take_identity(replies)
        if first & 0x93 == 0x10:  # noqa: PLR2004 - the fixed bits of automatic status
            return self._take_automatic(replies)
        if first & 0x93 == 0x12:  # noqa: PLR2004 - the fixed bits of DLE EOT's answer
            replies.append(StatusByte(first))
        elif first in _PAPER_ANSWERS:
            replies.append(QueuedPaper(first))
        else:
            self.dropped += 1
        return 1

    def _take_confirmed(self, replies: list[Reply]) -> int:
        block = bytes(self._unread[:_CONFIRMED_LENGTH])
        if len(block) > 1 and block[1] != _CONFIRMED_SECOND:
            return self._drop_one()
        if not all(map(_is_printable, block[2:6])) or any(block[6:]):
            return self._drop_one()
        if len(block) < _CONFIRMED_LENGTH:
            return 0
        replies.append(Confirmed(block[2:6].decode("ascii")))
        return _CONFIRMED_LENGTH

    def _take_automatic(self, replies: list[Reply]) -> int:
        block = bytes(self._unread[:_ASB_LENGTH])
        if any(byte & 0x90 for byte in block[1:]):
            return self._drop_one()
        if len(block) < _ASB_LENGTH:
            return 0
        replies.append(AutomaticStatus(block))
        return _ASB_LENGTH

    def _take_identity(self, replies: list[Reply]) -> int:
        end = self._unread.find(b"\x00", 1, IDENTITY_MAX + 2)
        text = bytes(self._unread[1 : end if end >= 0 else IDENTITY_MAX + 2])
        if len(text) > IDENTITY_MAX or not all(map(_is_printable, text)):
            return self._drop_one()
        if end < 0:
            return 0
        replies.append(IdentityText(text.decode("ascii").strip()))
        return end + 1

    def _drop_one(self) -> int:
        self.dropped += 1
        return 1


def _is_printable(byte: int) -> bool:
    return 0x20 <= byte <= 0x7E  # noqa: PLR2004 - printable ASCII
