"""A simulated MT-SICS scale: speaks the words of levels 0 and 1 about a :class:`~hardware.scale.pan.Pan`.

Where the manual leaves a choice, it does what makes a driver's life harder: ``S``, ``Z`` and ``T`` keep silent until the weight
is stable, a line of garbage is answered with ES, and after power comes back it says its serial number unasked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.scale.simulator_identity import ScaleOptions, list_of, told
from hardware.scale.simulator_pan import OnAPan

LINE_LIMIT_BYTES = 100
STREAM_PERIOD_S = 0.2
ZERO_RANGE = 0.02
"""How much of the capacity can be called zero."""
_UNIT_G = {"g": 1.0, "kg": 1000.0}
_WITH_PARAMETERS = frozenset({"SR", "TA", "D"})
_BUSY = {name: name for name in ("Z", "ZI", "T", "TI", "TA", "TAC", "D", "DW")} | dict.fromkeys(("S", "SI", "SIR", "SR"), "S")
"""What cannot be done while someone is in its menu, and the name that says so."""
_WORD = re.compile(r'"[^"]*"|[^ "]+')


def build(options: Mapping[str, JsonValue], seed: int) -> ScaleSimulator:
    """Make a scale from the bench's settings; raises ValueError when they make no sense."""
    return ScaleSimulator(ScaleOptions.model_validate(dict(options)), seed)


class ScaleSimulator(OnAPan):
    """A scale on a serial line."""

    def __init__(self, options: ScaleOptions, seed: int = 0) -> None:
        self._options = options
        super().__init__(options, seed)
        self._input = bytearray()
        self._output = bytearray()
        self._display = ""
        self._unit: str = options.unit
        self._busy = False
        self._broken = False
        """Whether the next command arrives broken."""
        self._error = ""
        """What it shows in place of a weight."""
        self._threshold_g: float | None = None
        """From which change on SR tells; None waits for rest."""
        self._told_g = 0.0
        self._waiting: tuple[str, float] | None = None
        """A command that waits for a stable weight, and until when."""
        self._stream = ""
        self._stream_at = 0.0
        self._told_stable = True
        self._commands: dict[str, Callable[[list[str], float], str]] = {
            "S": self._wait,
            "Z": self._wait,
            "T": self._wait,
            "SI": self._weight_now,
            "SIR": self._start_stream,
            "SR": self._start_stream,
            "ZI": self._zero_now,
            "TI": self._tare_now,
            "TA": self._tare_value,
            "TAC": self._tare_clear,
            "@": self._reset,
            "I0": self._list_commands,
            "I1": self._tell,
            "I2": self._tell,
            "I3": self._tell,
            "I4": self._tell,
            "D": self._show,
            "DW": self._show_weight,
        }  # fmt: skip - one line per family reads as the manual's table

    # The bench's side.

    def change_unit(self, unit: str) -> JsonValue:
        """Press the unit key: g or kg."""
        if unit not in _UNIT_G:
            raise ActionError(f"It shows {' or '.join(_UNIT_G)}, not {unit!r}.")
        self._unit = unit
        return None

    def busy(self, on: bool) -> JsonValue:  # noqa: FBT001 - an action's arguments come by name
        """Open its menu, so that it cannot obey, or close it."""
        self._busy = on
        return None

    def break_command(self) -> JsonValue:
        """Let the next command arrive broken; it is answered with ET."""
        self._broken = True
        return None

    def show_error(self, text: str) -> JsonValue:
        """Let it show an error such as 10b in place of a weight; an empty text ends that."""
        self._error = text
        return None

    def actions(self) -> Mapping[str, Action]:
        """What a person can do to a scale."""
        deeds = (self.put, self.disturb, self.change_unit, self.busy, self.break_command, self.show_error)
        return {deed.__name__: deed for deed in deeds}

    def facts(self) -> dict[str, JsonValue]:
        """What lies on it and what it shows."""
        return {
            **self.pan_facts(),
            "serial_number": self._options.serial_number,
            "display": self._display,
        }

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take command bytes."""
        self._pan.advance(now_s)
        for byte in data:
            if byte == ord("\n"):
                line = bytes(self._input).rstrip(b"\r")
                self._input.clear()
                if line:
                    self._obey(line, now_s)
            elif len(self._input) < LINE_LIMIT_BYTES:
                self._input.append(byte)

    def send(self, now_s: float) -> bytes:
        """Return the replies that are due."""
        self._pan.advance(now_s)
        self._end_waiting(now_s)
        self._feed_stream(now_s)
        reply = bytes(self._output)
        self._output.clear()
        return reply

    def power_cycle(self, now_s: float) -> None:
        """Forget tare, display and pending commands; find zero again if little lies on the pan."""
        self._pan.advance(now_s)
        self._input.clear()
        self._output.clear()
        self._display = ""
        self._cancel()
        self._pan.tare_g = 0.0
        if self._pan.is_stable and abs(self._pan.gross_g + self._pan.zero_g) <= ZERO_RANGE * self._pan.capacity_g:
            self._pan.zero()
        self._say(self._identity())

    def _obey(self, line: bytes, now_s: float) -> None:
        words = _WORD.findall(line.decode("ascii", errors="replace"))
        command = self._commands.get(words[0]) if words else None
        if self._broken or command is None:
            self._say("ET" if self._broken else "ES")
            self._broken = False
            return
        if len(words) > 1 and words[0] not in _WITH_PARAMETERS:
            self._say("EL")
            return
        if self._busy and words[0] in _BUSY:
            self._say(f"{_BUSY[words[0]]} I")
            return
        self._waiting = None
        self._say(command(words, now_s))

    def _say(self, line: str) -> None:
        if line:
            self._output += line.encode("ascii", errors="replace") + b"\r\n"

    # Words about the weight.

    def _format(self, grams: float) -> str:
        unit = self._unit
        digits = max(0, math.ceil(-math.log10(self._pan.division_g / _UNIT_G[unit]) - 1e-9))
        return f"{grams / _UNIT_G[unit] + 0.0:>10.{digits}f} {unit}"

    def _out_of_range(self) -> str:
        if self._pan.is_overloaded:
            return "+"
        return "-" if self._pan.is_underloaded else ""

    def _weight(self) -> str:
        if self._error:
            return f"S S Error {self._error}"
        bad = self._out_of_range()
        return f"S {bad}" if bad else f"S {'S' if self._pan.is_stable else 'D'} {self._format(self._pan.net_g)}"

    def _weight_now(self, _words: list[str], _now_s: float) -> str:
        self._stream = ""
        return self._weight()

    def _wait(self, words: list[str], now_s: float) -> str:
        if words[0] == "S":
            self._stream = ""
        self._waiting = (words[0], now_s + self._options.stable_timeout_s)
        return ""

    def _end_waiting(self, now_s: float) -> None:
        if self._waiting is None:
            return
        name, until_s = self._waiting
        if self._pan.is_stable or self._out_of_range():
            self._waiting = None
            self._say({"S": self._weight, "Z": self._zero, "T": self._tare}[name]())
        elif now_s >= until_s:
            self._waiting = None
            self._say(f"{name} I")

    def _start_stream(self, words: list[str], now_s: float) -> str:
        self._threshold_g = None
        if len(words) > 1:
            self._threshold_g = _grams(words[1:])
            if words[0] != "SR" or self._threshold_g is None or self._threshold_g <= 0:
                return "S L"
        self._stream = words[0]
        self._stream_at = now_s + STREAM_PERIOD_S
        self._told_stable = self._pan.is_stable
        self._told_g = self._pan.net_g
        return self._weight()

    def _feed_stream(self, now_s: float) -> None:
        if self._stream == "SIR" and now_s >= self._stream_at:
            self._stream_at = now_s + STREAM_PERIOD_S
            self._say(self._weight())
        elif self._stream == "SR" and self._has_changed():
            self._told_stable = self._pan.is_stable
            self._told_g = self._pan.net_g
            self._say(self._weight())

    def _has_changed(self) -> bool:
        if self._threshold_g is None or self._pan.is_stable:
            return self._pan.is_stable != self._told_stable
        return self._told_stable and abs(self._pan.net_g - self._told_g) >= self._threshold_g

    # Zero and tare.

    def _zero(self, accepted: str = "A", name: str = "Z") -> str:
        from_factory_zero_g = self._pan.gross_g + self._pan.zero_g
        if abs(from_factory_zero_g) > ZERO_RANGE * self._pan.capacity_g:
            return f"{name} {'+' if from_factory_zero_g > 0 else '-'}"
        self._pan.zero()
        return f"{name} {accepted}"

    def _zero_now(self, _words: list[str], _now_s: float) -> str:
        return self._zero("S" if self._pan.is_stable else "D", "ZI")

    def _tare(self, name: str = "T", status: str = "S") -> str:
        bad = self._out_of_range()
        if bad:
            return f"{name} {bad}"
        self._pan.tare_g = self._pan.rounded(self._pan.gross_g)
        return f"{name} {status} {self._format(self._pan.tare_g)}"

    def _tare_now(self, _words: list[str], _now_s: float) -> str:
        return self._tare("TI", "S" if self._pan.is_stable else "D")

    def _tare_value(self, words: list[str], _now_s: float) -> str:
        if len(words) > 1:
            grams = _grams(words[1:])
            if grams is None or not 0 <= grams <= self._pan.capacity_g:
                return "TA L"
            self._pan.tare_g = self._pan.rounded(grams)
        return f"TA A {self._format(self._pan.tare_g)}"

    def _tare_clear(self, _words: list[str], _now_s: float) -> str:
        self._pan.tare_g = 0.0
        return "TAC A"

    # Words about itself.

    def _cancel(self) -> None:
        self._waiting = None
        self._stream = ""

    def _identity(self) -> str:
        return told("I4", self._options)

    def _reset(self, _words: list[str], _now_s: float) -> str:
        self._cancel()
        return self._identity()

    def _list_commands(self, _words: list[str], _now_s: float) -> str:
        return list_of(self._commands)

    def _tell(self, words: list[str], _now_s: float) -> str:
        return told(words[0], self._options, self._format(self._options.capacity_g).strip())

    def _show(self, words: list[str], _now_s: float) -> str:
        if len(words) != 2 or not words[1].startswith('"'):  # noqa: PLR2004 - the command and one text
            return "EL"
        self._display = words[1].strip('"')
        return "D A"

    def _show_weight(self, _words: list[str], _now_s: float) -> str:
        self._display = ""
        return "DW A"


def _grams(words: list[str]) -> float | None:
    """Read a weight with its unit; None when it is none."""
    try:
        value, unit = words
        return float(value) * _UNIT_G[unit]
    except (ValueError, KeyError):
        return None
