"""What stands on a receipt, and the bytes that print it; pure but for the fonts.

A receipt is lines on 42 columns, or on as many as the paper has. Amounts stand at the right edge. Letters go out in the
printer's code pages by python-escpos; a line that they cannot carry, as Chinese, goes out as a picture drawn with the system's
font, and where there is none as the line's ``fallback``, or with ``?`` in place of each letter.
"""

from __future__ import annotations

import contextlib
import shutil
import unicodedata
from dataclasses import dataclass
from typing import Any, TypeAlias

from escpos import capabilities
from escpos.escpos import QR_ECLEVEL_M
from escpos.printer import Dummy
from PIL import Image, ImageDraw

from hardware.printer.fonts import chinese_font, latin_font

COLUMNS = 42
COLUMN_DOTS = 12
LINE_DOTS = 30
PROFILE = "TM-T88V"
QR_TEXT_MAX = 1000
QR_MODULE_DOTS = 5
FEED_MAX = 20
LINES_MAX = 2000
_CODE_PAGES = ("cp437", "cp1252", "cp858", "cp866")
"""Pages that every printer of this kind has; a letter outside all of them goes into a picture."""

# python-escpos leaves a folder in /tmp behind at every import.
shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class TextLine:
    """Text at the left edge, and perhaps an amount at the right edge of the same line."""

    left: str
    right: str = ""
    bold: bool = False
    double: bool = False
    """Twice as high and wide: 21 columns."""
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
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed to the knife and cut, leaving a bridge."""


ReceiptLine: TypeAlias = TextLine | Rule | QrCode | Feed | Cut
Receipt: TypeAlias = "tuple[ReceiptLine, ...]"


def rendered(receipt: Receipt, columns: int = COLUMNS) -> bytes:
    """Return the bytes that print a receipt on paper with so many columns.

    Raises:
        ValueError: it is too long, or a QR text is empty, too long or not ASCII.
    """
    if len(receipt) > LINES_MAX:
        raise ValueError(f"a receipt has at most {LINES_MAX} lines, this one {len(receipt)}")
    printer = Dummy(profile=PROFILE)
    printer.hw("INIT")
    for line in receipt:
        _render(printer, line, columns)
    output: bytes = printer.output
    return output


def columns_of(text: str) -> int:
    """Return how many columns a text takes; Chinese letters take two each."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def laid_out(line: TextLine, columns: int) -> list[str]:
    """Return the rows of a text line: wrapped, with the amount at the right edge of the last row."""
    rows = _wrapped(_printable(line.left), columns)
    right = _clipped(_printable(line.right), columns)
    if right:
        room = columns - columns_of(right)
        if columns_of(rows[-1]) >= room:
            rows.append("")
        rows[-1] += " " * (room - columns_of(rows[-1])) + right
    elif line.centred:
        rows = [" " * ((columns - columns_of(row)) // 2) + row for row in rows]
    return rows


def _render(printer: Any, line: ReceiptLine, columns: int) -> None:
    if isinstance(line, TextLine):
        _render_text(printer, line, columns)
    elif isinstance(line, Rule):
        printer.text("-" * columns + "\n")
    elif isinstance(line, QrCode):
        _render_qr(printer, line)
    elif isinstance(line, Feed):
        if not 1 <= line.lines <= FEED_MAX:
            raise ValueError(f"feed between 1 and {FEED_MAX} lines, not {line.lines}")
        printer.print_and_feed(line.lines)
    else:
        printer.cut(mode="PART")


def _render_text(printer: Any, line: TextLine, paper_columns: int) -> None:
    columns = paper_columns // 2 if line.double else paper_columns
    if not _is_encodable(line.left + line.right):
        if chinese_font(LINE_DOTS) is not None:
            printer.image(_drawn(laid_out(line, columns), line, paper_columns), impl="bitImageRaster")
            return
        line = _without_pictures(line)
    printer.set(bold=line.bold, double_height=line.double, double_width=line.double, normal_textsize=not line.double)
    for row in laid_out(line, columns):
        printer.text(f"{row}\n")
    printer.set(bold=False, normal_textsize=True)


def _render_qr(printer: Any, line: QrCode) -> None:
    if not 1 <= len(line.text) <= QR_TEXT_MAX or not line.text.isascii():
        raise ValueError(f"a QR code on a receipt holds between 1 and {QR_TEXT_MAX} ASCII characters")
    # A printer adds no quiet zone of its own.
    printer.text("\n")
    printer.set(align="center")
    printer.qr(line.text, ec=QR_ECLEVEL_M, size=line.module_dots, native=True)
    printer.text("\n")
    printer.set(align="left")


def _drawn(rows: list[str], line: TextLine, paper_columns: int) -> Image.Image:
    """Return text as a picture, column by column, so that it stands in line with printed text."""
    scale = 2 if line.double else 1
    picture = Image.new("1", (paper_columns * COLUMN_DOTS, LINE_DOTS * scale * len(rows)), 1)
    pen = ImageDraw.Draw(picture)
    wide_font = chinese_font(2 * COLUMN_DOTS * scale)
    narrow_font = latin_font(2 * COLUMN_DOTS * scale * 5 // 6)
    assert wide_font is not None
    for number, row in enumerate(rows):
        column = 0
        for letter in row:
            columns = columns_of(letter)
            middle = ((column + columns / 2) * COLUMN_DOTS * scale, (number + 0.5) * LINE_DOTS * scale)
            font = narrow_font if columns == 1 and letter.isascii() else wide_font
            pen.text(middle, letter, font=font, fill=0, anchor="mm", stroke_width=1 if line.bold else 0)
            column += columns
    return picture


def _without_pictures(line: TextLine) -> TextLine:
    left = line.fallback or line.left
    return TextLine(_encodable(left), _encodable(line.right), bold=line.bold, double=line.double, centred=line.centred)


def _encodable(text: str) -> str:
    return "".join(letter if _is_encodable(letter) else "?" for letter in _printable(text))


def _is_encodable(text: str) -> bool:
    return all(any(_has(page, letter) for page in _CODE_PAGES) for letter in _printable(text))


def _has(page: str, letter: str) -> bool:
    with contextlib.suppress(UnicodeEncodeError):
        letter.encode(page)
        return True
    return False


def _printable(text: str) -> str:
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
