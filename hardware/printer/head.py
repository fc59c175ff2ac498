"""The print head of a simulated printer: carries out commands, one after another, and leaves marks on the paper; pure."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hardware.printer.bars import ean_digits
from hardware.printer.code_pages import decoded
from hardware.printer.commands import BarCode, BitImage, Block, ColumnImage, Command, Control, Setting, Text
from hardware.printer.graphics import Graphics
from hardware.printer.paper import COLUMN_DOTS, COLUMNS, LETTER_DOTS, Bars, Blank, Dots, Mark, Qr, Row, Run

LINE_SPACING_DOTS = 30
KNIFE_DOTS = 100
"""From the print head to the knife."""
TAB_COLUMNS = 8
QR_BYTES_MAX = 7089
_QR_KIND = 0x31
_UPC = frozenset((0, 1, 65, 66))
_EAN = frozenset((2, 3, 67, 68))


@dataclass(frozen=True, slots=True)
class Style:
    """How the next letters look; what ESC @ sets back."""

    align: int = 0
    bold: bool = False
    underlined: bool = False
    inverted: bool = False
    narrow: bool = False
    wide: int = 1
    high: int = 1
    page: int = 0
    chinese: bool = False
    """Bytes from 81 on begin Chinese letters."""
    line_spacing: int = LINE_SPACING_DOTS
    bar_height: int = 162
    bar_dots: int = 3


@dataclass(slots=True)
class QrMemory:
    """What GS ( k has set up."""

    module_dots: int = 3
    correction: int = 48
    data: bytes = b""


@dataclass(slots=True)
class Head:
    """The print head over the paper; ``marks`` is what it has printed and nobody has taken from it yet."""

    columns: int = COLUMNS
    has_chinese: bool = False
    """Whether it has a Chinese font (GB18030)."""
    style: Style = Style()
    marks: list[Mark] = field(default_factory=list)
    cuts: int = 0
    """Cuts done and not yet fetched."""
    drawer_kicks: int = 0
    unknown: int = 0
    graphics: Graphics = field(default_factory=Graphics)
    _row: list[Run] = field(default_factory=list)
    _qr: QrMemory = field(default_factory=QrMemory)
    _chinese: codecs.IncrementalDecoder | None = None
    """Holds the first half of a letter whose second half is still on the wire."""
    _strip_waits: bool = False
    """A strip of columns is on the paper, and the line feed that belongs to it is still to come."""

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget style, codes and the line that is not printed yet; printers with a Chinese font begin with it switched on."""
        self.style, self._qr, self.graphics.waiting = Style(chinese=self.has_chinese), QrMemory(), None
        self._row.clear()
        self._strip_waits = False
        self._chinese = None

    def carry_out(self, command: Command) -> None:
        """Carry out one command."""
        if isinstance(command, Text):
            self._write(self._letters(command.data))
            return
        self._chinese = None
        if isinstance(command, Control):
            self._control(command.code)
        elif isinstance(command, Setting):
            self._set(command)
        elif isinstance(command, BitImage):
            self._print_image(command)
        elif isinstance(command, ColumnImage):
            self._print_columns(command)
        elif isinstance(command, BarCode):
            self._bar_code(command)
        elif isinstance(command, Block) and command.letter in "kL":
            self._code(command.data) if command.letter == "k" else self._graphic(command.data)
        else:
            self.unknown += 1

    def _letters(self, data: bytes) -> str:
        if not self.style.chinese:
            return decoded(data, self.style.page)
        if self._chinese is None:
            self._chinese = codecs.getincrementaldecoder("gb18030")("replace")
        return self._chinese.decode(data)

    def _write(self, text: str) -> None:
        style = self.style
        room = self.columns * COLUMN_DOTS - sum(run.dots for run in self._row)
        run = Run("", style.bold, style.wide, style.high, style.underlined, style.inverted, style.narrow)
        fitting = ""
        for letter in text:
            dots = run.letter_dots(letter)
            if dots > room:
                self._row += [replace(run, text=fitting)] if fitting else []
                self._end_row()
                fitting, room = "", self.columns * COLUMN_DOTS
            fitting += letter
            room -= dots
        self._row += [replace(run, text=fitting)] if fitting else []

    def _end_row(self) -> None:
        height = max([self.style.line_spacing, *(LETTER_DOTS * run.high for run in self._row)])
        self.marks.append(Row(tuple(self._row), self.style.align, height))
        self._row.clear()

    def _end_begun_row(self) -> None:
        if self._row:
            self._end_row()

    def _control(self, code: int) -> None:
        if code == 0x0A:  # noqa: PLR2004 - LF
            if not self._strip_waits:
                self._end_row()
            self._strip_waits = False
        elif code == 0x09:  # noqa: PLR2004 - HT
            used = sum(run.dots for run in self._row) // COLUMN_DOTS
            self._write(" " * (TAB_COLUMNS - used % TAB_COLUMNS))

    def _set(self, command: Setting) -> None:
        name, parameters = command.name, command.parameters
        value = parameters[0] if parameters else 0
        restyle = _STYLES.get(name)
        if restyle is not None:
            self.style = restyle(self.style, value)
        elif name == "ESC @":
            self.reset()
        elif name == "ESC d":
            self._end_begun_row()
            self._feed(value * self.style.line_spacing)
        elif name == "ESC J":
            self._end_begun_row()
            self._feed(value)
        elif name in {"GS V", "ESC i", "ESC m"}:
            self._cut(parameters)
        elif name == "ESC p":
            self.drawer_kicks += 1
        elif name.startswith("FS"):
            self._set_chinese(name)

    def _set_chinese(self, name: str) -> None:
        if not self.has_chinese:
            self.unknown += 1
        elif name in {"FS &", "FS ."}:
            self.style = replace(self.style, chinese=name == "FS &")

    def _feed(self, dots: int) -> None:
        if dots:
            self.marks.append(Blank(dots))

    def _cut(self, parameters: bytes) -> None:
        self._end_begun_row()
        if len(parameters) > 1:
            self._feed(KNIFE_DOTS + parameters[1])
        self.cuts += 1

    def _bar_code(self, code: BarCode) -> None:
        self._end_begun_row()
        digits = ean_digits(code.data, upc=code.kind in _UPC) if code.kind in _UPC | _EAN else None
        if digits is not None:
            self.marks.append(Bars(digits, self.style.bar_dots, self.style.bar_height, self.style.align))
        self._write("".join(chr(byte) for byte in code.data if 0x20 <= byte < 0x7F))  # noqa: PLR2004 - printable ASCII
        self._end_row()

    def _print_image(self, image: BitImage) -> None:
        self._end_begun_row()
        width_bytes, height, data = image.width_bytes, image.height, image.data
        if not width_bytes or not height:
            return
        if image.scale_y > 1:
            rows = [data[at : at + width_bytes] for at in range(0, len(data), width_bytes)]
            data = b"".join(row * image.scale_y for row in rows)
            height *= image.scale_y
        if image.scale_x > 1:
            data = b"".join(_doubled(byte) for byte in data)
            width_bytes *= image.scale_x
        self.marks.append(Dots(width_bytes, height, data, self.style.align))

    def _print_columns(self, image: ColumnImage) -> None:
        deep = 3 if image.mode & 0x20 else 1
        width_bytes = (image.columns + 7) // 8
        rows = bytearray(width_bytes * deep * 8)
        for column in range(image.columns):
            for down in range(deep * 8):
                if image.data[column * deep + down // 8] >> (7 - down % 8) & 1:
                    rows[down * width_bytes + column // 8] |= 0x80 >> column % 8
        if width_bytes:
            self.marks.append(Dots(width_bytes, deep * 8, bytes(rows), self.style.align))
            self._strip_waits = True

    def _code(self, data: bytes) -> None:
        if len(data) < 3 or data[0] != _QR_KIND:  # noqa: PLR2004 - kind, function, parameter
            self.unknown += 1
            return
        function, value = data[1], data[2]
        if function == 67:  # noqa: PLR2004 - size of a module
            self._qr.module_dots = min(16, max(1, value))
        elif function == 69:  # noqa: PLR2004 - error correction
            self._qr.correction = value
        elif function == 80:  # noqa: PLR2004 - store
            self._qr.data = data[3 : 3 + QR_BYTES_MAX]
        elif function == 81 and self._qr.data:  # noqa: PLR2004 - print
            self._end_begun_row()
            text = self._qr.data.decode("utf-8", "replace")
            self.marks.append(Qr(text, self._qr.module_dots, self._qr.correction, self.style.align))

    def _graphic(self, data: bytes) -> None:
        picture, known = self.graphics.take(data)
        self.unknown += not known
        if picture is not None:
            self._print_image(picture)


def _doubled(byte: int) -> bytes:
    wide = 0
    for bit in range(8):
        if byte >> bit & 1:
            wide |= 0b11 << 2 * bit
    return wide.to_bytes(2, "big")


def _print_mode(style: Style, value: int) -> Style:
    return replace(
        style,
        narrow=bool(value & 0x01),
        bold=bool(value & 0x08),
        high=2 if value & 0x10 else 1,
        wide=2 if value & 0x20 else 1,
        underlined=bool(value & 0x80),
    )


_STYLES: dict[str, Callable[[Style, int], Style]] = {
    "ESC !": _print_mode,
    "ESC -": lambda style, value: replace(style, underlined=value % 48 in {1, 2}),
    "ESC E": lambda style, value: replace(style, bold=bool(value & 1)),
    "ESC G": lambda style, value: replace(style, bold=bool(value & 1)),
    "ESC M": lambda style, value: replace(style, narrow=value % 48 == 1),
    "ESC a": lambda style, value: replace(style, align=value % 48 if value % 48 <= 2 else style.align),  # noqa: PLR2004 - 0 to 2
    "ESC t": lambda style, value: replace(style, page=value),
    "ESC 2": lambda style, _value: replace(style, line_spacing=LINE_SPACING_DOTS),
    "ESC 3": lambda style, value: replace(style, line_spacing=value),
    "GS !": lambda style, value: replace(style, wide=1 + (value >> 4 & 7), high=1 + (value & 7)),
    "GS B": lambda style, value: replace(style, inverted=bool(value & 1)),
    "GS h": lambda style, value: replace(style, bar_height=max(1, value)),
    "GS w": lambda style, value: replace(style, bar_dots=min(6, max(1, value))),
}
