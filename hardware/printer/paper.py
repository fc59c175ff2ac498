"""What a simulated printer has put on its paper, as marks, as texts, and drawn as a picture."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

import qrcode
from PIL import Image, ImageDraw, ImageOps
from qrcode.exceptions import DataOverflowError

from hardware.printer.bars import ean_modules
from hardware.printer.fonts import chinese_font, latin_font

MARGIN_DOTS = 32
COLUMNS = 42
LETTER_DOTS = 24
NARROW_COLUMN_DOTS = 9
COLUMN_DOTS = 12
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
    underlined: bool = False
    inverted: bool = False
    narrow: bool = False
    """Font B."""

    @property
    def dots(self) -> int:
        """How wide it is."""
        return sum(map(self.letter_dots, self.text))

    def letter_dots(self, letter: str) -> int:
        """Return how wide a letter is; Chinese ones take two columns."""
        columns = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        return columns * self.wide * (NARROW_COLUMN_DOTS if self.narrow else COLUMN_DOTS)


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
class Bars:
    """A printed bar code of the EAN family; ``text`` has its check digit."""

    text: str
    module_dots: int
    height: int
    align: int


@dataclass(frozen=True, slots=True)
class Blank:
    """Paper fed without print."""

    height: int


Mark: TypeAlias = Row | Dots | Qr | Bars | Blank


@dataclass(frozen=True, slots=True)
class Sheet:
    """A piece of paper."""

    marks: tuple[Mark, ...]

    @property
    def lines(self) -> list[str]:
        """What a person reads, top to bottom; pictures that join are one, told by their size."""
        lines: list[str] = []
        width = height = 0
        for mark in (*self.marks, Blank(0)):
            if isinstance(mark, Dots):
                if width not in {0, mark.width_bytes * 8}:
                    lines.append(f"[picture {width} x {height}]")
                    height = 0
                width, height = mark.width_bytes * 8, height + mark.height
                continue
            if width:
                lines.append(f"[picture {width} x {height}]")
                width = height = 0
            if isinstance(mark, Row):
                lines.append(mark.text)
        return lines

    @property
    def qr_texts(self) -> list[str]:
        """What the QR codes hold."""
        return [mark.text for mark in self.marks if isinstance(mark, Qr)]

    @property
    def bar_code_texts(self) -> list[str]:
        """What the bar codes hold."""
        return [mark.text for mark in self.marks if isinstance(mark, Bars)]


def paper_dots(columns: int) -> int:
    """Return how wide the print is: 512 dots for 42 columns, 576 for 48."""
    return (columns * COLUMN_DOTS + 31) // 32 * 32


def png(sheet: Sheet, columns: int = COLUMNS) -> bytes:
    """Return the paper as a PNG file, one dot per pixel."""
    print_dots = paper_dots(columns)
    drawn = [_drawn(mark) for mark in sheet.marks]
    height = min(PICTURE_DOTS_MAX, sum(picture.height for picture, _align in drawn) + 2 * MARGIN_DOTS)
    paper = Image.new("L", (print_dots + 2 * MARGIN_DOTS, height), 255)
    down = MARGIN_DOTS
    for picture, align in drawn:
        paper.paste(picture, (MARGIN_DOTS + (print_dots - picture.width) * align // 2, down))
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
    if isinstance(mark, Bars):
        return _drawn_bars(mark), mark.align
    return Image.new("L", (1, mark.height), 255), 0


def _drawn_row(row: Row) -> Image.Image:
    picture = Image.new("L", (max(1, sum(run.dots for run in row.runs)), row.height), 255)
    right = 0
    for run in row.runs:
        if run.dots:
            picture.paste(_drawn_run(run, row.height), (right, 0))
        right += run.dots
    return picture


def _drawn_run(run: Run, height: int) -> Image.Image:
    """Draw letters once and stretch them, as a print head repeats its dots."""
    letters = Image.new("L", (run.dots // run.wide, LETTER_DOTS), 255)
    pen = ImageDraw.Draw(letters)
    size, right = 15 if run.narrow else LETTER_DOTS * 5 // 6, 0
    for letter in run.text:
        dots = run.letter_dots(letter) // run.wide
        font = (chinese_font(size) if unicodedata.east_asian_width(letter) in "WF" else None) or latin_font(size)
        pen.text((right + dots / 2, LETTER_DOTS / 2), letter, font=font, fill=0, anchor="mm", stroke_width=int(run.bold))
        right += dots
    letters = letters.resize((run.dots, LETTER_DOTS * run.high), Image.Resampling.NEAREST)
    picture = Image.new("L", (run.dots, height), 255)
    picture.paste(letters, (0, max(0, (height - letters.height) // 2)))
    if run.underlined:
        ImageDraw.Draw(picture).rectangle((0, height - 3, run.dots, height - 2), fill=0)
    return ImageOps.invert(picture) if run.inverted else picture


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


def _drawn_bars(code: Bars) -> Image.Image:
    modules = ean_modules(code.text)
    picture = Image.new("L", (len(modules), 1), 255)
    picture.putdata([0 if module == "1" else 255 for module in modules])
    return picture.resize((len(modules) * code.module_dots, code.height), Image.Resampling.NEAREST)
