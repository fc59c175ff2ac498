"""The print head of a simulated printer: carries out commands, one after another, and leaves marks on the paper; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hardware.printer.code_pages import decoded
from hardware.printer.commands import BarCode, BitImage, Block, ColumnImage, Command, Control, Setting, Text
from hardware.printer.paper import COLUMNS, LETTER_DOTS, Blank, Dots, Mark, Qr, Row, Run

LINE_SPACING_DOTS = 30
KNIFE_DOTS = 100
"""From the print head to the knife."""
TAB_COLUMNS = 8
QR_BYTES_MAX = 7089
GRAPHICS_BYTES_MAX = 200_000
_QR_KIND = 0x31


@dataclass(frozen=True, slots=True)
class Style:
    """How the next letters look; what ESC @ sets back."""

    align: int = 0
    bold: bool = False
    wide: int = 1
    high: int = 1
    page: int = 0
    line_spacing: int = LINE_SPACING_DOTS


@dataclass(slots=True)
class QrMemory:
    """What GS ( k has set up."""

    module_dots: int = 3
    correction: int = 48
    data: bytes = b""


@dataclass(slots=True)
class Head:
    """The print head over the paper; ``marks`` is what it has printed and nobody has taken from it yet."""

    style: Style = Style()
    marks: list[Mark] = field(default_factory=list)
    cuts: int = 0
    """Cuts done and not yet fetched."""
    drawer_kicks: int = 0
    unknown: int = 0
    _row: list[Run] = field(default_factory=list)
    _qr: QrMemory = field(default_factory=QrMemory)
    _graphics: BitImage | None = None
    _strip_waits: bool = False
    """A strip of columns is on the paper, and the line feed that belongs to it is still to come."""

    def reset(self) -> None:
        """Forget style, codes and the line that is not printed yet."""
        self.style, self._qr, self._graphics = Style(), QrMemory(), None
        self._row.clear()
        self._strip_waits = False

    def carry_out(self, command: Command) -> None:
        """Carry out one command."""
        if isinstance(command, Text):
            self._write(decoded(command.data, self.style.page))
        elif isinstance(command, Control):
            self._control(command.code)
        elif isinstance(command, Setting):
            self._set(command)
        elif isinstance(command, BitImage):
            self._print_image(command)
        elif isinstance(command, ColumnImage):
            self._print_columns(command)
        elif isinstance(command, BarCode):
            self._write("".join(chr(byte) for byte in command.data if 0x20 <= byte < 0x7F))  # noqa: PLR2004 - printable ASCII
            self._end_row()
        elif isinstance(command, Block) and command.letter in "kL":
            self._code(command.data) if command.letter == "k" else self._graphic(command.data)
        else:
            self.unknown += 1

    def _write(self, text: str) -> None:
        style = self.style
        while text:
            room = (COLUMNS - sum(run.columns for run in self._row)) // style.wide
            if room < 1:
                self._end_row()
                continue
            self._row.append(Run(text[:room], style.bold, style.wide, style.high))
            text = text[room:]

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
            used = sum(run.columns for run in self._row)
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

    def _feed(self, dots: int) -> None:
        if dots:
            self.marks.append(Blank(dots))

    def _cut(self, parameters: bytes) -> None:
        self._end_begun_row()
        if len(parameters) > 1:
            self._feed(KNIFE_DOTS + parameters[1])
        self.cuts += 1

    def _print_image(self, image: BitImage) -> None:
        self._end_begun_row()
        width_bytes, height, data = image.width_bytes, image.height, image.data
        if image.scale_y > 1:
            rows = [data[at : at + width_bytes] for at in range(0, len(data), width_bytes)]
            data = b"".join(row * image.scale_y for row in rows)
            height *= image.scale_y
        if image.scale_x > 1:
            data = b"".join(_doubled(byte) for byte in data)
            width_bytes *= image.scale_x
        if width_bytes and height:
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
        if len(data) >= 10 and data[1] == 112:  # noqa: PLR2004 - store a raster picture: m fn a bx by c xL xH yL yH
            width, height = data[6] + 256 * data[7], data[8] + 256 * data[9]
            width_bytes = (width + 7) // 8
            if len(data) - 10 == width_bytes * height <= GRAPHICS_BYTES_MAX:
                self._graphics = BitImage(width_bytes, height, data[10:], max(1, data[3]), max(1, data[4]))
        elif len(data) >= 2 and data[1] in {2, 50} and self._graphics is not None:  # noqa: PLR2004 - print what is stored
            self._print_image(self._graphics)
            self._graphics = None


def _doubled(byte: int) -> bytes:
    wide = 0
    for bit in range(8):
        if byte >> bit & 1:
            wide |= 0b11 << 2 * bit
    return wide.to_bytes(2, "big")


def _print_mode(style: Style, value: int) -> Style:
    return replace(style, bold=bool(value & 0x08), high=2 if value & 0x10 else 1, wide=2 if value & 0x20 else 1)


_STYLES: dict[str, Callable[[Style, int], Style]] = {
    "ESC !": _print_mode,
    "ESC E": lambda style, value: replace(style, bold=bool(value & 1)),
    "ESC G": lambda style, value: replace(style, bold=bool(value & 1)),
    "ESC a": lambda style, value: replace(style, align=value % 48 if value % 48 <= 2 else style.align),  # noqa: PLR2004 - 0 to 2
    "ESC t": lambda style, value: replace(style, page=value),
    "ESC 2": lambda style, _value: replace(style, line_spacing=LINE_SPACING_DOTS),
    "ESC 3": lambda style, value: replace(style, line_spacing=value),
    "GS !": lambda style, value: replace(style, wide=1 + (value >> 4 & 7), high=1 + (value & 7)),
}
