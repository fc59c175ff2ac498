"""What a simulated printer has put on its paper, as marks, as texts, and drawn as a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TypeAlias

import qrcode
from PIL import Image, ImageDraw
from qrcode.exceptions import DataOverflowError

from hardware.printer.fonts import chinese_font, latin_font

PRINT_DOTS = 512
MARGIN_DOTS = 32
COLUMNS = 42
COLUMN_DOTS = 12
LETTER_DOTS = 24
DOTS_PER_MM = 7.1
"""180 dots per inch."""
PICTURE_DOTS_MAX = 20_000
QR_MODULES_ASSUMED = 57
"""For the length of paper that a code takes before it is drawn."""

_CORRECTIONS = {
    48: qrcode.constants.ERROR_CORRECT_L,
    49: qrcode.constants.ERROR_CORRECT_M,
    50: qrcode.constants.ERROR_CORRECT_Q,
    51: qrcode.constants.ERROR_CORRECT_H,
}


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one look."""

    text: str
    bold: bool = False
    wide: int = 1
    high: int = 1

    @property
    def columns(self) -> int:
        """How many columns it takes."""
        return len(self.text) * self.wide


@dataclass(frozen=True, slots=True)
class Row:
    """A printed line; ``align`` is 0 left, 1 centre, 2 right."""

    runs: tuple[Run, ...]
    align: int
    height: int

    @property
    def text(self) -> str:
        """Its letters."""
        return "".join(run.text for run in self.runs).rstrip()


@dataclass(frozen=True, slots=True)
class Dots:
    """A printed picture, one bit per dot, rows of whole bytes; 1 is black."""

    width_bytes: int
    height: int
    data: bytes
    align: int


@dataclass(frozen=True, slots=True)
class Qr:
    """A printed QR code; ``correction`` is 48 L, 49 M, 50 Q, 51 H."""

    text: str
    module_dots: int
    correction: int
    align: int

    @property
    def height(self) -> int:
        """About how much paper it takes."""
        return QR_MODULES_ASSUMED * self.module_dots


@dataclass(frozen=True, slots=True)
class Blank:
    """Paper fed without print."""

    height: int


Mark: TypeAlias = Row | Dots | Qr | Blank


@dataclass(frozen=True, slots=True)
class Sheet:
    """A piece of paper."""

    marks: tuple[Mark, ...]

    @property
    def lines(self) -> list[str]:
        """What a person reads, top to bottom; a picture is told by its size."""
        lines: list[str] = []
        for mark in self.marks:
            if isinstance(mark, Row):
                lines.append(mark.text)
            elif isinstance(mark, Dots):
                lines.append(f"[picture {mark.width_bytes * 8} x {mark.height}]")
        return lines

    @property
    def qr_texts(self) -> list[str]:
        """What the QR codes hold."""
        return [mark.text for mark in self.marks if isinstance(mark, Qr)]


def png(sheet: Sheet) -> bytes:
    """Return the paper as a PNG file, one dot per pixel."""
    drawn = [_drawn(mark) for mark in sheet.marks]
    height = min(PICTURE_DOTS_MAX, sum(picture.height for picture, _align in drawn) + 2 * MARGIN_DOTS)
    paper = Image.new("L", (PRINT_DOTS + 2 * MARGIN_DOTS, height), 255)
    down = MARGIN_DOTS
    for picture, align in drawn:
        paper.paste(picture, (MARGIN_DOTS + (PRINT_DOTS - picture.width) * align // 2, down))
        down += picture.height
    file = io.BytesIO()
    paper.save(file, "PNG")
    return file.getvalue()


def _drawn(mark: Mark) -> tuple[Image.Image, int]:
    if isinstance(mark, Row):
        return _drawn_row(mark), mark.align
    if isinstance(mark, Dots):
        size = (mark.width_bytes * 8, mark.height)
        dots = bytes(byte ^ 0xFF for byte in mark.data)
        return Image.frombytes("1", size, dots).convert("L"), mark.align
    if isinstance(mark, Qr):
        return _drawn_qr(mark), mark.align
    return Image.new("L", (1, mark.height), 255), 0


def _drawn_row(row: Row) -> Image.Image:
    picture = Image.new("L", (max(1, sum(run.columns for run in row.runs)) * COLUMN_DOTS, row.height), 255)
    pen = ImageDraw.Draw(picture)
    column = 0
    for run in row.runs:
        for letter in run.text:
            font = latin_font(LETTER_DOTS * run.high * 5 // 6)
            if ord(letter) > 0x2E80:  # noqa: PLR2004 - from here on Unicode has the scripts of East Asia
                font = chinese_font(LETTER_DOTS * run.high * 5 // 6) or font
            middle = ((column + run.wide / 2) * COLUMN_DOTS, row.height / 2)
            pen.text(middle, letter, font=font, fill=0, anchor="mm", stroke_width=1 if run.bold else 0)
            column += run.wide
    return picture


def _drawn_qr(code: Qr) -> Image.Image:
    maker = qrcode.QRCode(
        error_correction=_CORRECTIONS.get(code.correction, qrcode.constants.ERROR_CORRECT_L), box_size=1, border=0
    )
    maker.add_data(code.text)
    try:
        maker.make(fit=True)
    except (DataOverflowError, ValueError):
        return Image.new("L", (1, 1), 255)
    modules = maker.get_matrix()
    picture = Image.new("L", (len(modules), len(modules)), 255)
    picture.putdata([0 if dark else 255 for row in modules for dark in row])
    return picture.resize((len(modules) * code.module_dots,) * 2, Image.Resampling.NEAREST)
