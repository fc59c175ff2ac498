"""A simulated receipt printer: prints at a real one's speed, runs out of paper, jams, and tells the truth about it.

Questions by DLE EOT are answered at once, all other commands wait in the buffer. With the cover open, without paper or with a
jammed cutter it stops and keeps its buffer; it goes on when that is mended. Power takes buffer and settings, not the paper.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.printer import protocol
from hardware.printer.commands import Block, Command, CommandReader, RealTime, Setting
from hardware.printer.head import Head
from hardware.printer.paper import DOTS_PER_MM, Sheet, png
from hardware.printer.protocol import Condition, Paper, Query

BUFFER_MAX = 65_536
RECEIPTS_MAX = 20
"""Receipts that hang out of the printer; older ones fall down."""
MARKS_MAX = 5_000
"""Uncut paper longer than this is torn off."""
CUT_S = 0.2
_CONFIRM_FUNCTION = b"\x30\x30"
_QUERIES = frozenset(query.value for query in Query)


class PrinterOptions(BaseModel):
    """What kind of printer it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speed_mm_s: float = Field(default=150.0, gt=0)
    roll_mm: float = Field(default=80_000.0, gt=0)
    near_end_mm: float = Field(default=3_000.0, gt=0)
    confirms: bool = True
    """Whether it knows GS ( H; cheap ones do not."""


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
        self._head = Head()
        self._free_at_s = 0.0
        self._paper_mm = self._options.roll_mm
        self._cover_open = False
        self._cutter_error = False
        self._automatic = False
        self._told = self._condition()
        self._receipts: deque[Sheet] = deque(maxlen=RECEIPTS_MAX)
        self._lost_bytes = 0

    # The device's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take what the product sends; answer real-time questions at once."""
        if not self._buffer:
            self._free_at_s = max(self._free_at_s, now_s)
        for command, length in self._reader.feed(data):
            if isinstance(command, RealTime):
                self._real_time(command)
            elif self._buffered + length > BUFFER_MAX:
                self._lost_bytes += length
            else:
                self._buffer.append((command, length))
                self._buffered += length

    def send(self, now_s: float) -> bytes:
        """Print on, and return what the printer says."""
        while self._buffer and self._condition().online and self._free_at_s <= now_s:
            command, length = self._buffer.popleft()
            self._buffered -= length
            self._carry_out(command)
        if not self._condition().online:
            self._free_at_s = now_s
        self._tell_change()
        said = bytes(self._output)
        self._output.clear()
        return said

    def power_cycle(self, now_s: float) -> None:
        """Lose the buffer and every setting; the paper stays."""
        self._reader = CommandReader()
        self._buffer.clear()
        self._buffered = 0
        self._output.clear()
        self._head.reset()
        self._automatic = False
        self._free_at_s = now_s

    # The bench's side.

    def facts(self) -> dict[str, JsonValue]:
        """Return how the printer is and what it has printed."""
        condition = self._condition()
        return {
            "paper": condition.paper.value,
            "paper_mm": round(self._paper_mm),
            "cover_open": condition.cover_open,
            "cutter_error": condition.cutter_error,
            "online": condition.online,
            "buffered_bytes": self._buffered,
            "lost_bytes": self._lost_bytes,
            "unknown_commands": self._head.unknown,
            "drawer_kicks": self._head.drawer_kicks,
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
        }

    def picture(self) -> bytes:
        """Return the paper that hangs out of the printer as a PNG: what is being printed, else the last receipt."""
        sheet = Sheet(tuple(self._head.marks))
        hanging = tuple(self._receipts)
        return png(sheet if sheet.marks or not hanging else hanging[-1])

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
        """Jam the cutter, or clear the jam."""
        self._cutter_error = on

    def _condition(self) -> Condition:
        paper = Paper.OK if self._paper_mm > self._options.near_end_mm else Paper.NEAR_END
        paper = paper if self._paper_mm > 0 else Paper.OUT
        online = paper is not Paper.OUT and not self._cover_open and not self._cutter_error
        return Condition(paper, cover_open=self._cover_open, cutter_error=self._cutter_error, online=online)

    def _real_time(self, command: RealTime) -> None:
        if command.name == "DLE EOT" and command.parameter in _QUERIES:
            self._output.append(protocol.status_byte(self._condition(), Query(command.parameter)))
        elif command.name == "DLE ENQ" and command.parameter == 2:  # noqa: PLR2004 - recover and clear the buffer
            self._buffer.clear()
            self._buffered = 0

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Setting) and command.name == "GS a":
            self._automatic = bool(command.parameters[0])
            if self._automatic:
                self._output += protocol.automatic_status(self._condition())
        elif isinstance(command, Setting) and command.name == "GS r":
            self._output.append(protocol.queued_paper(self._condition()))
        elif isinstance(command, Block) and command.letter == "H":
            if self._options.confirms and command.data.startswith(_CONFIRM_FUNCTION):
                self._output += protocol.confirmation(command.data[2:6])
        else:
            self._print(command)

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
        condition = self._condition()
        if condition != self._told:
            self._told = condition
            if self._automatic:
                self._output += protocol.automatic_status(condition)


def _told(sheet: Sheet) -> JsonValue:
    return {"lines": list[JsonValue](sheet.lines), "qr_texts": list[JsonValue](sheet.qr_texts)}
