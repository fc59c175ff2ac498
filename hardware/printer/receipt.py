"""What stands on a receipt, and how its lines are laid out; pure. :mod:`hardware.printer.rendering` makes the bytes.

A receipt is lines on 42 columns, or on as many as the paper has. Amounts stand at the right edge.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

COLUMNS = 42
QR_TEXT_MAX = 1000
QR_MODULE_DOTS = 5
FEED_MAX = 20
LINES_MAX = 2000


@dataclass(frozen=True, slots=True)
class TextLine:
    """Text at the left edge, and perhaps an amount at the right edge of the same line."""

    left: str
    right: str = ""
    bold: bool = False
    double: bool = False
    """Twice as high and wide: half as many columns."""
    centred: bool = False
    """Only without ``right``."""
    fallback: str = ""
    """In place of ``left`` where it can be neither encoded nor drawn."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code in the middle, error correction M."""

    text: str
    module_dots: int = QR_MODULE_DOTS


@dataclass(frozen=True, slots=True)
class Logo:
    """The shop's logo in the middle, where the printer's profile has one."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed to the knife and cut, leaving a bridge."""


ReceiptLine: TypeAlias = TextLine | Rule | QrCode | Logo | Feed | Cut
Receipt: TypeAlias = "tuple[ReceiptLine, ...]"


def columns_of(text: str) -> int:
    """Return how many columns a text takes; Chinese letters take two each."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def laid_out(line: TextLine, columns: int) -> list[str]:
    """Return the rows of a text line: wrapped, with the amount at the right edge of the last row."""
    rows = _wrapped(printable(line.left), columns)
    right = _clipped(printable(line.right), columns)
    if right:
        room = columns - columns_of(right)
        if columns_of(rows[-1]) >= room:
            rows.append("")
        rows[-1] += " " * (room - columns_of(rows[-1])) + right
    elif line.centred:
        rows = [" " * ((columns - columns_of(row)) // 2) + row for row in rows]
    return rows


def printable(text: str) -> str:
    """Return ``text`` on one line, composed, without control characters, which a printer would take as commands."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else letter for letter in composed)


def _wrapped(text: str, columns: int) -> list[str]:
    """Break at blanks, and inside words that are longer than a row; blanks at the beginning stay."""
    rows: list[str] = []
    for word in text.split(" "):
        joined = f"{rows[-1]} {word}" if rows else word
        if rows and columns_of(joined) <= columns:
            rows[-1] = joined
            continue
        rest = word
        while columns_of(rest) > columns:
            rows.append(_clipped(rest, columns))
            rest = rest[len(rows[-1]) :]
        rows.append(rest)
    return rows


def _clipped(text: str, columns: int) -> str:
    while columns_of(text) > columns:
        text = text[:-1]
    return text
