"""A receipt as a page, for printers that take no commands: a picture, and plain text for those that print no pictures.

The picture is as wide as the paper, one dot per pixel: 504 dots for 42 columns, 576 for 48.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from hardware.printer.fonts import chinese_font
from hardware.printer.raster import COLUMN_DOTS, LINE_DOTS, drawn_qr, drawn_rows
from hardware.printer.receipt import (
    COLUMNS,
    FEED_MAX,
    LINES_MAX,
    QR_TEXT_MAX,
    Cut,
    Feed,
    Logo,
    QrCode,
    Receipt,
    ReceiptLine,
    Rule,
    TextLine,
    laid_out,
)

_BEYOND_LATIN = "\u0250"
_SPACE_DOTS = 16
"""Above and below a code or picture."""


@dataclass(frozen=True, slots=True)
class Page:
    """One receipt in both forms."""

    png: bytes
    text: bytes
    """UTF-8; codes and pictures are left out."""


def page_of(receipt: Receipt, columns: int = COLUMNS, logo: Image.Image | None = None) -> Page:
    """Draw a receipt.

    Raises:
        ValueError: it is empty or too long, or a QR text is empty, too long or not ASCII.
    """
    if not 1 <= len(receipt) <= LINES_MAX:
        raise ValueError(f"a receipt has between 1 and {LINES_MAX} lines, this one {len(receipt)}")
    pictures = [_drawn(line, columns, logo) for line in receipt]
    paper = Image.new("L", (columns * COLUMN_DOTS, max(1, sum(picture.height for picture in pictures))), 255)
    top = 0
    for picture in pictures:
        paper.paste(picture, ((paper.width - picture.width) // 2, top))
        top += picture.height
    file = io.BytesIO()
    paper.save(file, "PNG")
    text = "\n".join(row for line in receipt for row in _written(line, columns))
    return Page(file.getvalue(), f"{text}\n".encode())


def _drawn(line: ReceiptLine, columns: int, logo: Image.Image | None) -> Image.Image:
    if isinstance(line, TextLine):
        rows = _rows(line, columns, in_chinese=chinese_font(LINE_DOTS) is not None)
        return drawn_rows(rows, columns, bold=line.bold, double=line.double)
    if isinstance(line, Rule):
        picture = Image.new("1", (columns * COLUMN_DOTS, LINE_DOTS), 1)
        picture.paste(0, (0, LINE_DOTS // 2 - 1, picture.width, LINE_DOTS // 2 + 1))
        return picture
    if isinstance(line, QrCode):
        if not 1 <= len(line.text) <= QR_TEXT_MAX or not line.text.isascii():
            raise ValueError(f"a QR code on a receipt holds between 1 and {QR_TEXT_MAX} ASCII characters")
        return _spaced(drawn_qr(line.text, line.module_dots))
    if isinstance(line, Logo) and logo is not None:
        return _spaced(logo)
    return Image.new("1", (1, LINE_DOTS * _empty_rows(line)), 1)


def _written(line: ReceiptLine, columns: int) -> list[str]:
    if isinstance(line, TextLine):
        return [row.rstrip() for row in _rows(line, columns, in_chinese=True)]
    if isinstance(line, Rule):
        return ["-" * columns]
    return [""] * _empty_rows(line)


def _rows(line: TextLine, columns: int, *, in_chinese: bool) -> list[str]:
    """Lay out a text line; without a font for Chinese its fallback stands in, letters that are still missing become ``?``."""
    rows = laid_out(line, columns // 2 if line.double else columns)
    if in_chinese or all(letter < _BEYOND_LATIN for row in rows for letter in row):
        return rows
    left = _latin(line.fallback or line.left)
    return laid_out(TextLine(left, _latin(line.right), centred=line.centred), columns // 2 if line.double else columns)


def _latin(text: str) -> str:
    return "".join(letter if letter < _BEYOND_LATIN else "?" for letter in text)


def _spaced(picture: Image.Image) -> Image.Image:
    spaced = Image.new("L", (picture.width, picture.height + 2 * _SPACE_DOTS), 255)
    spaced.paste(picture, (0, _SPACE_DOTS))
    return spaced


def _empty_rows(line: ReceiptLine) -> int:
    if not isinstance(line, Feed):
        return int(isinstance(line, Cut))
    if not 1 <= line.lines <= FEED_MAX:
        raise ValueError(f"feed between 1 and {FEED_MAX} lines, not {line.lines}")
    return line.lines
