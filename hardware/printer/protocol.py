"""What an ESC/POS printer says back (Epson, ESC/POS command reference); pure.

::

    DLE EOT n           10 04 n                      -> one byte: 0 x x 1 x x 1 0
    automatic status    1D 61 FF                     -> four bytes at each change, the first 0 x x 1 x x 0 0
    GS r 1              1D 72 01                     -> one byte: 0 0 0 0 x x x x, when the data before it is done
    GS ( H fn 48        1D 28 48 06 00 30 30 d1..d4  -> 37 22 d1 d2 d3 d4 00, when the data before it is done
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import TypeAlias

INITIALISE = b"\x1b\x40"
ASK_PAPER_QUEUED = b"\x1d\x72\x01"
"""Is answered when everything sent before it has been taken out of the printer's buffer."""
_CONFIRM_HEAD = b"\x1d\x28\x48\x06\x00\x30\x30"
_CONFIRMED_FIRST = 0x37
_CONFIRMED_LENGTH = 7
_ASB_LENGTH = 4


class Query(IntEnum):
    """What DLE EOT asks about."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR = 3
    PAPER = 4


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
    unrecoverable_error: bool = False
    other_error: bool = False
    """Too hot, or another fault that passes."""
    online: bool = True

    @property
    def error(self) -> str:
        """The fault in a few words, empty where there is none."""
        if self.unrecoverable_error:
            return "broken"
        if self.cutter_error:
            return "cutter jammed"
        return "paused by a fault" if self.other_error else ""

    @property
    def obstacle(self) -> str:
        """Why it cannot print now, empty where it can."""
        if self.cover_open:
            return "the cover is open"
        if self.paper is Paper.OUT:
            return "out of paper"
        return self.error or ("" if self.online else "offline")


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


Reply: TypeAlias = StatusByte | AutomaticStatus | QueuedPaper | Confirmed


def ask(query: Query) -> bytes:
    """Return DLE EOT n."""
    return bytes((0x10, 0x04, query.value))


def ask_confirmation(confirmation_id: str) -> bytes:
    """Return GS ( H fn 48 with four characters of our choice, each 0x20 to 0x7E."""
    characters = confirmation_id.encode("ascii")
    assert len(characters) == 4, confirmation_id  # noqa: PLR2004 - the command has room for four
    return _CONFIRM_HEAD + characters


def understood(condition: Condition, query: Query, value: int) -> Condition:
    """Return ``condition`` with what the answer to one DLE EOT tells."""
    if query is Query.PRINTER:
        return replace(condition, online=not value & 0x08)
    if query is Query.OFFLINE_CAUSE:
        return replace(condition, cover_open=bool(value & 0x04))
    if query is Query.ERROR:
        return replace(
            condition,
            cutter_error=bool(value & 0x08),
            unrecoverable_error=bool(value & 0x20),
            other_error=bool(value & 0x44),
        )
    return replace(condition, paper=_paper(near_end=bool(value & 0x0C), out=bool(value & 0x60)))


def understood_automatic(data: bytes) -> Condition:
    """Return what four bytes of automatic status tell."""
    return Condition(
        paper=_paper(near_end=bool(data[2] & 0x03), out=bool(data[2] & 0x0C)),
        cover_open=bool(data[0] & 0x20),
        cutter_error=bool(data[1] & 0x08),
        unrecoverable_error=bool(data[1] & 0x20),
        other_error=bool(data[1] & 0x44),
        online=not data[0] & 0x08,
    )


def status_byte(condition: Condition, query: Query) -> int:
    """Return how a printer answers DLE EOT."""
    value = 0x12
    if query is Query.PRINTER:
        value |= 0x00 if condition.online else 0x08
    elif query is Query.OFFLINE_CAUSE:
        value |= 0x04 if condition.cover_open else 0
        value |= 0x20 if condition.paper is Paper.OUT else 0
        value |= 0x40 if condition.error else 0
    elif query is Query.ERROR:
        value |= _fault_bits(condition)
    else:
        value |= {Paper.OK: 0x00, Paper.NEAR_END: 0x0C, Paper.OUT: 0x6C}[condition.paper]
    return value


def automatic_status(condition: Condition) -> bytes:
    """Return the four bytes of automatic status."""
    first = 0x10 | (0x00 if condition.online else 0x08) | (0x20 if condition.cover_open else 0)
    paper = {Paper.OK: 0x00, Paper.NEAR_END: 0x03, Paper.OUT: 0x0F}[condition.paper]
    return bytes((first, _fault_bits(condition), paper, 0x00))


def queued_paper(condition: Condition) -> int:
    """Return how a printer answers GS r 1."""
    return {Paper.OK: 0x00, Paper.NEAR_END: 0x03, Paper.OUT: 0x0F}[condition.paper]


def confirmation(confirmation_id: bytes) -> bytes:
    """Return how a printer answers GS ( H fn 48."""
    return bytes((_CONFIRMED_FIRST, 0x22)) + confirmation_id + b"\x00"


def _fault_bits(condition: Condition) -> int:
    bits = 0x08 if condition.cutter_error else 0
    bits |= 0x20 if condition.unrecoverable_error else 0
    return bits | (0x40 if condition.other_error else 0)


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
        if first & 0x93 == 0x12:  # noqa: PLR2004 - the fixed bits of DLE EOT's answer
            replies.append(StatusByte(first))
            return 1
        if first & 0x93 == 0x10:  # noqa: PLR2004 - the fixed bits of automatic status
            return self._take_automatic(replies)
        if first & 0xF0 == 0:
            replies.append(QueuedPaper(first))
            return 1
        self.dropped += 1
        return 1

    def _take_confirmed(self, replies: list[Reply]) -> int:
        block = bytes(self._unread[:_CONFIRMED_LENGTH])
        if len(block) > 1 and block[1] != 0x22:  # noqa: PLR2004 - the block's second byte
            self.dropped += 1
            return 1
        if len(block) < _CONFIRMED_LENGTH:
            return 0
        if block[-1] != 0 or not all(0x20 <= byte <= 0x7E for byte in block[2:6]):  # noqa: PLR2004 - printable ASCII
            self.dropped += 1
            return 1
        replies.append(Confirmed(block[2:6].decode("ascii")))
        return _CONFIRMED_LENGTH

    def _take_automatic(self, replies: list[Reply]) -> int:
        block = bytes(self._unread[:_ASB_LENGTH])
        if any(byte & 0x90 for byte in block[1:]):
            self.dropped += 1
            return 1
        if len(block) < _ASB_LENGTH:
            return 0
        replies.append(AutomaticStatus(block))
        return _ASB_LENGTH
