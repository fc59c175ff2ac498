"""A simulated receipt printer: prints at a real one's speed, runs out of paper, jams, and tells the truth about it.

Questions by DLE EOT are answered at once, all other commands wait in the buffer. With the cover open, without paper or with a
fault it stops and keeps its buffer; it goes on when that is mended, after a jam only when it is told to by DLE ENQ. Power takes
buffer and settings, not the paper and not the stored pictures; then it is dead for a moment.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.printer import simulator_status as status
from hardware.printer.commands import Block, Command, CommandReader, RealTime, Setting
from hardware.printer.head import Head
from hardware.printer.paper import DOTS_PER_MM, Sheet, png
from hardware.printer.simulator_status import Body

BUFFER_MAX = 65_536
RECEIPTS_MAX = 20
"""Receipts that hang out of the printer; older ones fall down."""
MARKS_MAX = 5_000
"""Uncut paper longer than this is torn off."""
OUTPUT_MAX = 4_096
"""What it says and nobody takes is lost beyond this."""
CUT_S = 0.2
_CONFIRM_FUNCTION = b"\x30\x30"
_GO_ON, _CLEAR = 1, 2
_CUTS = frozenset(("GS V", "ESC i", "ESC m"))
_INFORMATION = {65: "firmware", 66: "maker", 67: "model", 68: "serial_number"}


class PrinterOptions(BaseModel):
    """What kind of printer it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speed_mm_s: float = Field(default=150.0, gt=0)
    roll_mm: float = Field(default=80_000.0, gt=0)
    near_end_mm: float = Field(default=3_000.0, gt=0)
    columns: Literal[42, 48] = 42
    """Letters on a line: 512 or 576 dots."""
    confirms: bool = True
    """Whether it knows GS ( H; cheap ones do not."""
    automatic_status: bool = True
    """Whether it knows GS a."""
    chinese_font: bool = False
    """Whether it has Chinese letters (GB18030)."""
    buffer_bytes: int = Field(default=BUFFER_MAX, ge=256, le=BUFFER_MAX)
    boot_s: float = Field(default=1.0, ge=0)
    """How long it is dead after its power was cut."""
    model: str = "TM-T88V"
    serial_number: str = "P0000001"
    maker: str = "EPSON"
    firmware: str = "1.00 ESC/POS"


def build(options: Mapping[str, JsonValue], seed: int) -> PrinterSimulator:  # noqa: ARG001 - nothing in it is random
    """Make a printer from the bench's settings; raises ValueError when they make no sense."""
    return PrinterSimulator(PrinterOptions.model_validate(dict(options)))


class PrinterSimulator:
    """A printer on a serial line or TCP port."""

    def __init__(self, options: PrinterOptions | None = None) -> None:
        self._options = options or PrinterOptions()
        self._reader = CommandReader()
        self._buffer: deque[tuple[Command, int]] = deque()
        self._buffered = 0
        self._output = bytearray()
        self._head = Head(self._options.columns, self._options.chinese_font)
        self._free_at_s = 0.0
        self._dead_until_s = 0.0
        self._paper_mm = self._options.roll_mm
        self._cover_open = self._jam_in_cutter = self._jams_at_next_cut = self._cutter_error = False
        self._fault = "none"
        self._feed_button = False
        self._automatic = False
        self._told = self._body()
        self._receipts: deque[Sheet] = deque(maxlen=RECEIPTS_MAX)
        self._lost_bytes = 0

    # The device's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take what the product sends; answer real-time questions at once."""
        if now_s < self._dead_until_s:
            return
        if not self._buffer:
            self._free_at_s = max(self._free_at_s, now_s)
        for command, length in self._reader.feed(data):
            if isinstance(command, RealTime):
                self._real_time(command)
            elif self._buffered + length > self._options.buffer_bytes:
                self._lost_bytes += length
            else:
                self._buffer.append((command, length))
                self._buffered += length

    def send(self, now_s: float) -> bytes:
        """Print on, and return what the printer says."""
        while self._buffer and self._body().online and self._free_at_s <= now_s and now_s >= self._dead_until_s:
            command, length = self._buffer[0]
            if not self._carry_out(command):
                break
            self._buffer.popleft()
            self._buffered -= length
        if not self._body().online:
            self._free_at_s = now_s
        self._tell_change()
        said = bytes(self._output[:OUTPUT_MAX])
        self._output.clear()
        return said

    def power_cycle(self, now_s: float) -> None:
        """Lose the buffer and every setting; the paper stays, and so does a jam."""
        self._reader = CommandReader()
        self._forget_buffer()
        self._output.clear()
        self._automatic = False
        self._cutter_error = self._jam_in_cutter
        self._free_at_s = self._dead_until_s = now_s + self._options.boot_s

    # The bench's side.

    def facts(self) -> dict[str, JsonValue]:
        """Return how the printer is and what it has printed."""
        body = self._body()
        return {
            "paper": "out" if body.paper_end else "near_end" if body.near_end else "ok",
            "paper_mm": round(self._paper_mm),
            "cover_open": body.cover_open,
            "cutter_error": body.cutter_error,
            "fault": self._fault,
            "online": body.online,
            "buffered_bytes": self._buffered,
            "lost_bytes": self._lost_bytes,
            "unknown_commands": self._head.unknown,
            "drawer_kicks": self._head.drawer_kicks,
            "stored_pictures": [key.decode("latin-1") for key in self._head.graphics.kept],
            "receipts": [_told(sheet) for sheet in self._receipts],
            "uncut": _told(Sheet(tuple(self._head.marks))),
        }

    def actions(self) -> Mapping[str, Action]:
        """Return what a person can do at the printer."""
        return {
            "take_receipt": self.take_receipt,
            "paper": self.paper,
            "cover": self.cover,
            "cutter_error": self.cutter_error,
            "jam_next_cut": self.jam_next_cut,
            "fault": self.fault,
            "feed_button": self.feed_button,
        }

    def picture(self) -> bytes:
        """Return the paper that hangs out of the printer as a PNG: what is being printed, else the last receipt."""
        sheet = Sheet(tuple(self._head.marks))
        hanging = tuple(self._receipts)
        return png(sheet if sheet.marks or not hanging else hanging[-1], self._options.columns)

    def take_receipt(self) -> JsonValue:
        """Take the last receipt that was cut off; returns its text lines and the texts of its QR codes."""
        if not self._receipts:
            raise ActionError("No receipt hangs out of the printer.")
        return _told(self._receipts.pop())

    def paper(self, state: Literal["ok", "near_end", "out"]) -> None:
        """Put in a full roll, a roll that is near its end, or take the paper out."""
        lengths_mm = {"ok": self._options.roll_mm, "near_end": self._options.near_end_mm, "out": 0.0}
        self._paper_mm = lengths_mm[state]

    def cover(self, *, open: bool) -> None:  # noqa: A002 - the name that the control API gives it
        """Open or close the cover."""
        self._cover_open = open

    def cutter_error(self, *, on: bool) -> None:
        """Jam the cutter, or take the jam out; the printer stays in error until it is told to go on."""
        self._jam_in_cutter = on
        self._cutter_error = self._cutter_error or on

    def jam_next_cut(self) -> None:
        """Let the next cut jam."""
        self._jams_at_next_cut = True

    def fault(self, kind: Literal["none", "too_hot", "broken", "stopped"]) -> None:
        """Stop it by heat, a broken part, or a fault that DLE ENQ ends; or mend it."""
        self._fault = kind

    def feed_button(self, *, on: bool) -> None:
        """Hold the feed button, or let it go."""
        self._feed_button = on

    def _body(self) -> Body:
        return Body(
            near_end=self._paper_mm <= self._options.near_end_mm,
            paper_end=self._paper_mm <= 0,
            cover_open=self._cover_open,
            cutter_error=self._cutter_error,
            recoverable_error=self._fault == "stopped",
            broken=self._fault == "broken",
            too_hot=self._fault == "too_hot",
            feed_button=self._feed_button,
        )

    def _real_time(self, command: RealTime) -> None:
        if command.name == "DLE EOT":
            answer = status.real_time(self._body(), command.parameter)
            self._output += b"" if answer is None else bytes((answer,))
        elif command.name == "DLE ENQ" and command.parameter in {_GO_ON, _CLEAR}:
            if command.parameter == _CLEAR:
                self._forget_buffer()
            self._cutter_error = self._jam_in_cutter
            self._fault = "none" if self._fault == "stopped" else self._fault

    def _forget_buffer(self) -> None:
        self._buffer.clear()
        self._buffered = 0
        self._head.reset()

    def _carry_out(self, command: Command) -> bool:
        """Carry out one command; return whether it is done, which a cut is not when the cutter jams."""
        name = command.name if isinstance(command, Setting) else ""
        if name in _CUTS and self._jams_at_next_cut:
            self._jams_at_next_cut, self._jam_in_cutter, self._cutter_error = False, True, True
            return False
        if isinstance(command, Setting) and name in {"GS a", "GS r", "GS I"}:
            self._answer(name, command.parameters[0])
        elif isinstance(command, Block) and command.letter == "H":
            if self._options.confirms and command.data.startswith(_CONFIRM_FUNCTION):
                self._output += status.process_id(command.data[2:6])
        else:
            self._automatic = self._automatic and name != "ESC @"
            self._print(command)
        return True

    def _answer(self, name: str, parameter: int) -> None:
        if name == "GS a":
            self._automatic = bool(parameter) and self._options.automatic_status
            self._output += status.automatic(self._body()) if self._automatic else b""
        elif name == "GS r":
            answer = status.queued(self._body(), parameter)
            self._output += b"" if answer is None else bytes((answer,))
        elif parameter in _INFORMATION:
            self._output += status.information(getattr(self._options, _INFORMATION[parameter]))

    def _print(self, command: Command) -> None:
        begun = len(self._head.marks)
        self._head.carry_out(command)
        printed_mm = sum(mark.height for mark in self._head.marks[begun:]) / DOTS_PER_MM
        self._paper_mm = max(0.0, self._paper_mm - printed_mm)
        self._free_at_s += printed_mm / self._options.speed_mm_s
        if self._head.cuts or len(self._head.marks) > MARKS_MAX:
            self._head.cuts = 0
            self._free_at_s += CUT_S
            self._receipts.append(Sheet(tuple(self._head.marks)))
            self._head.marks.clear()

    def _tell_change(self) -> None:
        body = self._body()
        if body != self._told:
            self._told = body
            if self._automatic:
                self._output += status.automatic(body)


def _told(sheet: Sheet) -> JsonValue:
    return {
        "lines": list[JsonValue](sheet.lines),
        "qr_texts": list[JsonValue](sheet.qr_texts),
        "bar_codes": list[JsonValue](sheet.bar_code_texts),
    }
