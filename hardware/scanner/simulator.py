"""A simulated serial scanner: sends what is held before it, obeys Datalogic's host bytes when it is of that kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from hardware.bench.simulator import Action, ActionError, JsonValue

TEXT_LIMIT = 7089
"""No symbology holds more: a QR code of version 40 with digits only."""
_AIM = {
    "EAN13": "]E0",
    "UPCA": "]E0",
    "EAN8": "]E4",
    "CODE128": "]C0",
    "GS1_128": "]C1",
    "CODE39": "]A0",
    "ITF": "]I0",
    "PDF417": "]L0",
    "GS1_DATABAR": "]e0",
    "DATA_MATRIX": "]d1",
    "GS1_DATA_MATRIX": "]d2",
    "QR": "]Q1",
    "GS1_QR": "]Q3",
    "AZTEC": "]z0",
}


class ScannerOptions(BaseModel):
    """What kind of scanner it is and how it is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dialect: Literal["none", "datalogic_std"] = "none"
    aim: bool = True
    """Whether it sends AIM identifiers."""
    prefix: str = ""
    suffix: str = "\r\n"
    model: str = "Magellan 1500i"
    serial_number: str = "S22F00417"
    firmware: str = "610016740"


def build(options: Mapping[str, JsonValue], seed: int) -> ScannerSimulator:
    """Make a scanner from the bench's settings; raises ValueError when they make no sense. It has no use for the seed."""
    del seed
    return ScannerSimulator(ScannerOptions.model_validate(dict(options)))


class ScannerSimulator:
    """A scanner on a serial line."""

    def __init__(self, options: ScannerOptions) -> None:
        self._options = options
        self._output = bytearray()
        self._enabled = True
        self._scans = 0
        self._unread = 0
        """Codes held before it while it was switched off."""
        self._last_text = ""
        self._good_reads = 0
        self._not_on_files = 0
        self._obey: dict[int, Callable[[], None]] = {
            ord("E"): self._enable,
            ord("D"): self._disable,
            ord("R"): self._reset,
            ord("B"): self._sound_good_read,
            0x01: self._sound_good_read,
            0x07: self._sound_good_read,
            ord("F"): self._sound_not_on_file,
            ord("i"): self._identify,
            ord("h"): self._tell_health,
        }

    # The bench's side.

    def scan(self, text: str, symbology: str = "QR") -> JsonValue:
        """Hold a code before the scanner."""
        self._read(self._line(text, symbology))
        self._last_text = text
        return None

    def scan_doubled(self, text: str, symbology: str = "QR") -> JsonValue:
        """Hold a code before the scanner so long that it reads it twice."""
        return self.scan(text, symbology) or self.scan(text, symbology)

    def scan_truncated(self, text: str, symbology: str = "QR") -> JsonValue:
        """Let the line break in the middle of a code."""
        line = self._line(text, symbology)
        self._read(line[: len(line) // 2])
        return None

    def scan_merged(self, first: str, second: str, symbology: str = "QR") -> JsonValue:
        """Lose the end of the first code's line, so that two codes come as one."""
        self._read(self._line(first, symbology).removesuffix(self._options.suffix.encode()) + self._line(second, symbology))
        return None

    def actions(self) -> Mapping[str, Action]:
        """What a person can do to a scanner."""
        return {
            "scan": self.scan,
            "scan_doubled": self.scan_doubled,
            "scan_truncated": self.scan_truncated,
            "scan_merged": self.scan_merged,
        }

    def facts(self) -> dict[str, JsonValue]:
        """What it has done."""
        return {
            "enabled": self._enabled,
            "scans": self._scans,
            "unread": self._unread,
            "last_text": self._last_text,
            "good_read_sounds": self._good_reads,
            "not_on_file_sounds": self._not_on_files,
        }

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take host bytes; a plain scanner has no ear."""
        del now_s
        if self._options.dialect == "none":
            return
        for byte in data:
            self._obey.get(byte, lambda: None)()

    def send(self, now_s: float) -> bytes:
        """Return what was read."""
        del now_s
        output = bytes(self._output)
        self._output.clear()
        return output

    def power_cycle(self, now_s: float) -> None:
        """Start again, switched on."""
        del now_s
        self._reset()

    def _line(self, text: str, symbology: str) -> bytes:
        if symbology not in _AIM:
            raise ActionError(f"No symbology {symbology!r}; there are {', '.join(_AIM)}.")
        if not 0 < len(text) <= TEXT_LIMIT:
            raise ActionError(f"A code holds 1 to {TEXT_LIMIT} characters, not {len(text)}.")
        options = self._options
        return f"{options.prefix}{_AIM[symbology] if options.aim else ''}{text}{options.suffix}".encode()

    def _read(self, line: bytes) -> None:
        if self._enabled:
            self._scans += 1
            self._output += line
        else:
            self._unread += 1

    def _enable(self) -> None:
        self._enabled = True

    def _disable(self) -> None:
        self._enabled = False

    def _reset(self) -> None:
        self._output.clear()
        self._enabled = True

    def _sound_good_read(self) -> None:
        self._good_reads += 1

    def _sound_not_on_file(self) -> None:
        self._not_on_files += 1

    def _identify(self) -> None:
        options = self._options
        self._answer({"M": options.model, "S": options.serial_number, "R": options.firmware})

    def _tell_health(self) -> None:
        self._answer({"m": "OK", "h": "OK", "s": "NA"})

    def _answer(self, items: dict[str, str]) -> None:
        body = "".join(f"\x02{letter}{text}\x03" for letter, text in items.items())
        self._output += f"\x01{body}\x04".encode("ascii", errors="replace")
