"""What an ESC/POS printer is told: cuts a byte stream into commands; pure.

Knows the part of ESC/POS that receipts use: text, code pages, size and weight of letters, alignment, feeding, cutting, bit
images, two-dimensional codes, bar codes, drawer, and questions. ``ESC`` and ``GS`` commands begin with 1B and 1D, questions
that are answered at once with 10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
TAB_STOPS_MAX = 32
BAR_CODE_MAX = 255
UNFINISHED_MAX = 80_000
"""A command longer than this is no command."""


@dataclass(frozen=True, slots=True)
class Text:
    """Characters in the present code page."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Control:
    """A control character: LF, CR, HT, FF; and NUL, which does nothing."""

    code: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A command of fixed length: its name, as ``ESC a``, and its parameters."""

    name: str
    parameters: bytes


@dataclass(frozen=True, slots=True)
class RealTime:
    """A command that is carried out at once: DLE EOT (status), DLE ENQ (recover)."""

    name: str
    parameter: int


@dataclass(frozen=True, slots=True)
class Block:
    """``GS ( X`` or ``GS 8 X`` with a length in it: codes, graphics, confirmation."""

    letter: str
    data: bytes


@dataclass(frozen=True, slots=True)
class BitImage:
    """A picture, one bit per dot, rows of ``width_bytes``; ``scale_x`` and ``scale_y`` enlarge it."""

    width_bytes: int
    height: int
    data: bytes
    scale_x: int = 1
    scale_y: int = 1


@dataclass(frozen=True, slots=True)
class ColumnImage:
    """A strip of columns (ESC *), 8 or 24 dots high."""

    mode: int
    columns: int
    data: bytes


@dataclass(frozen=True, slots=True)
class BarCode:
    """GS k."""

    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Unknown:
    """A byte sequence that begins no known command."""

    data: bytes


Command: TypeAlias = Text | Control | Setting | RealTime | Block | BitImage | ColumnImage | BarCode | Unknown


_Found: TypeAlias = "tuple[Command, int] | int"
"""A command and its length; or, where it is not whole, how many bytes it takes at least."""

_ESC_PARAMETERS = {
    "@": 0, "2": 0, "<": 0, "L": 0, "S": 0, "i": 0, "m": 0,
    "!": 1, "-": 1, "3": 1, "=": 1, " ": 1, "E": 1, "G": 1, "J": 1, "K": 1, "M": 1, "R": 1, "T": 1, "V": 1, "a": 1, "d": 1,
    "e": 1, "t": 1, "{": 1, "r": 1, "U": 1,
    "$": 2, "\\": 2, "c": 2, "p": 3,
}  # fmt: skip
_GS_PARAMETERS = {
    "!": 1, "B": 1, "H": 1, "I": 1, "a": 1, "b": 1, "f": 1, "h": 1, "r": 1, "w": 1,
    "L": 2, "P": 2, "W": 2, "$": 2, "\\": 2,
}  # fmt: skip
_FS_PARAMETERS = {"&": 0, ".": 0, "!": 1, "-": 1, "C": 1, "S": 2, "W": 1, "p": 2}
_CUT_WITH_FEED = (65, 66, 97, 98, 103, 104)
_REAL_TIME = {0x04: "DLE EOT", 0x05: "DLE ENQ", 0x14: "DLE DC4"}
_BARCODE_LENGTH_FORM = 65
_CONTROLS = frozenset((0x00, 0x09, 0x0A, 0x0C, 0x0D))


class CommandReader:
    """Cuts what a printer is told into commands, whatever pieces it comes in."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._needed = 1
        """So many bytes the first command takes at least; fewer are not looked at, or long commands would cost long."""

    @property
    def is_between_commands(self) -> bool:
        """Whether the bytes so far end with a whole command."""
        return not self._unread

    def feed(self, data: bytes) -> list[tuple[Command, int]]:
        """Take bytes; return the whole commands, each with its length in bytes."""
        self._unread += data
        found: list[tuple[Command, int]] = []
        if len(self._unread) < self._needed:
            return found
        unread, at, self._needed = bytes(self._unread), 0, 1
        while at < len(unread):
            one = _first(unread, at)
            if isinstance(one, int):
                if one <= UNFINISHED_MAX:
                    self._needed = one
                    break
                one = Unknown(unread[at : at + 1]), 1
            found.append(one)
            at += one[1]
        del self._unread[:at]
        return found


def _first(unread: bytes, at: int) -> _Found:
    first = unread[at]
    read = _BY_FIRST.get(first)
    if read is not None:
        return read(unread, at)
    if first in _CONTROLS:
        return Control(first), 1
    if first < 0x20:  # noqa: PLR2004 - the other control characters
        return Unknown(bytes((first,))), 1
    end = at
    while end < len(unread) and unread[end] >= 0x20:  # noqa: PLR2004 - a printable character
        end += 1
    return Text(unread[at:end]), end - at


def _real_time(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 2:
        return 2
    name = _REAL_TIME.get(unread[at + 1])
    if name is None:
        return Unknown(unread[at : at + 2]), 2
    length = 5 if name == "DLE DC4" else 3
    if len(unread) < at + length:
        return length
    return RealTime(name, unread[at + 2]), length


def _escape(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 2:
        return 2
    if chr(unread[at + 1]) == "*":
        return _column_image(unread, at)
    if chr(unread[at + 1]) == "D":
        return _tab_stops(unread, at)
    return _fixed("ESC", _ESC_PARAMETERS, unread, at)


def _tab_stops(unread: bytes, at: int) -> _Found:
    end = unread.find(b"\x00", at + 2, at + 2 + TAB_STOPS_MAX + 1)
    if end >= 0:
        return Setting("ESC D", unread[at + 2 : end]), end + 1 - at
    have = len(unread) - at
    return have + 1 if have <= 2 + TAB_STOPS_MAX else (Unknown(unread[at : at + 2]), 2)


def _kanji(unread: bytes, at: int) -> _Found:
    return _fixed("FS", _FS_PARAMETERS, unread, at)


def _group(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 2:
        return 2
    special = _GS_SPECIAL.get(chr(unread[at + 1]))
    return special(unread, at) if special is not None else _fixed("GS", _GS_PARAMETERS, unread, at)


def _fixed(prefix: str, lengths: dict[str, int], unread: bytes, at: int) -> _Found:
    if len(unread) < at + 2:
        return 2
    letter = chr(unread[at + 1])
    count = lengths.get(letter)
    if count is None:
        return Unknown(unread[at : at + 2]), 2
    if len(unread) < at + 2 + count:
        return 2 + count
    return Setting(f"{prefix} {letter}", unread[at + 2 : at + 2 + count]), 2 + count


def _cut(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 3:
        return 3
    length = 4 if unread[at + 2] in _CUT_WITH_FEED else 3
    if len(unread) < at + length:
        return length
    return Setting("GS V", unread[at + 2 : at + length]), length


def _block(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 5:
        return 5
    length = 5 + unread[at + 3] + 256 * unread[at + 4]
    if len(unread) < at + length:
        return length
    return Block(chr(unread[at + 2]), unread[at + 5 : at + length]), length


def _long_block(unread: bytes, at: int) -> _Found:
    """GS 8 L: as GS ( L, with a length of four bytes."""
    if len(unread) < at + 7:
        return 7
    length = 7 + int.from_bytes(unread[at + 3 : at + 7], "little")
    if len(unread) < at + length:
        return length
    return Block(chr(unread[at + 2]), unread[at + 7 : at + length]), length


def _raster(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 8:
        return 8
    mode = unread[at + 3]
    width_bytes = unread[at + 4] + 256 * unread[at + 5]
    height = unread[at + 6] + 256 * unread[at + 7]
    length = 8 + width_bytes * height
    if len(unread) < at + length:
        return length
    return BitImage(width_bytes, height, unread[at + 8 : at + length], 1 + (mode & 1), 1 + (mode >> 1 & 1)), length


def _column_image(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 5:
        return 5
    mode = unread[at + 2]
    columns = unread[at + 3] + 256 * unread[at + 4]
    length = 5 + columns * (3 if mode & 0x20 else 1)
    if len(unread) < at + length:
        return length
    return ColumnImage(mode, columns, unread[at + 5 : at + length]), length


def _bar_code(unread: bytes, at: int) -> _Found:
    if len(unread) < at + 4:
        return 4
    kind = unread[at + 2]
    if kind >= _BARCODE_LENGTH_FORM:
        length = 4 + unread[at + 3]
        return (BarCode(kind, unread[at + 4 : at + length]), length) if len(unread) >= at + length else length
    end = unread.find(b"\x00", at + 3, at + 4 + BAR_CODE_MAX)
    if end >= 0:
        return BarCode(kind, unread[at + 3 : end]), end + 1 - at
    have = len(unread) - at
    return have + 1 if have <= 3 + BAR_CODE_MAX else (Unknown(unread[at : at + 2]), 2)


_GS_SPECIAL: dict[str, Callable[[bytes, int], _Found]] = {
    "V": _cut,
    "(": _block,
    "8": _long_block,
    "v": _raster,
    "k": _bar_code,
}
_BY_FIRST: dict[int, Callable[[bytes, int], _Found]] = {DLE: _real_time, ESC: _escape, FS: _kanji, GS: _group}
