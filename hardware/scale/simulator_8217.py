"""A simulated Toledo 8217 scale: speaks single letters about a :class:`~hardware.scale.pan.Pan`.

Where makers differ, its options choose, and the defaults make a driver's life hard: bytes carry their parity bit, as when a
real 7E1 scale hangs on a line that is read as 8N1, and T and C are obeyed in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.scale.simulator_pan import OnAPan, PanOptions

ZERO_RANGE = 0.02
"""How much of the capacity can be called zero."""
TEST_S = 1.0
_GRAMS = {"kg": 1000.0, "lb": 453.59237}
_WIDTH = {"kg": (6, 3), "lb": (5, 2)}
_TARE_DIGITS = 5
_STX, _CR, _SIX = "\x02", "\r", 0x40


class Toledo8217Options(PanOptions):
    """What kind of scale it is."""

    unit: Literal["kg", "lb"] = "kg"
    capacity_g: float = Field(default=15000.0, gt=0, le=45000)
    parity_bit: bool = True
    """Whether bytes carry even parity in bit 7."""
    bit_6: bool = True
    """Whether status bytes have bit 6 set, as in Mettler's manual."""
    echo: bool = True
    """Whether it knows E and F."""
    answers_tare: bool = False
    """Whether T and C are answered with a status."""
    waits_for_rest: bool = False
    """Whether W keeps silent until the load has come to rest, instead of saying that it moves."""


def build(options: Mapping[str, JsonValue], seed: int) -> Toledo8217Simulator:
    """Make a scale from the bench's settings; raises ValueError when they make no sense."""
    return Toledo8217Simulator(Toledo8217Options.model_validate(dict(options)), seed)


class Toledo8217Simulator(OnAPan):
    """A scale on a serial line."""

    def __init__(self, options: Toledo8217Options, seed: int = 0) -> None:
        self._options = options
        super().__init__(options, seed)
        self._output = bytearray()
        self._echoing = False
        self._tare_digits: str | None = None
        """Digits of a tare that is being typed over the line; None when none is."""
        self._waiting = False
        """Whether a W is not yet answered."""
        self._test_until_s = 0.0
        self._failures = 0
        self._result_is_new = False
        self._commands: dict[str, Callable[[float], None]] = {
            "W": self._weigh,
            "Z": self._zero,
            "T": self._begin_tare,
            "C": self._clear_tare,
            "A": self._start_test,
            "B": self._tell_test,
        }

    # The bench's side.

    def press_tare(self, now_s: float) -> JsonValue:
        """Press the tare key of its keyboard."""
        self._pan.advance(now_s)
        self._tare(self._pan.gross_g)
        return None

    def fail_memory(self, bits: int) -> JsonValue:
        """Let its next tests find these faults: 2 NOVRAM, 4 RAM, 8 processor RAM, 16 ROM, or their sum; 0 mends all."""
        if bits & ~0x1E:
            raise ActionError("Faults are 2, 4, 8, 16 or a sum of these; 0 is none.")
        self._failures = bits
        return None

    def actions(self) -> Mapping[str, Action]:
        """What a person can do to a scale."""
        return {"put": self.put, "disturb": self.disturb, "press_tare": self.press_tare, "fail_memory": self.fail_memory}

    def facts(self) -> dict[str, JsonValue]:
        """What lies on it and what it shows."""
        return {
            **self.pan_facts(),
            "unit": self._options.unit,
            "echoing": self._echoing,
        }

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take command letters."""
        self._pan.advance(now_s)
        for byte in data:
            self._hear(chr(byte & 0x7F), now_s)

    def send(self, now_s: float) -> bytes:
        """Return the answers that are due."""
        self._pan.advance(now_s)
        if self._waiting and self._pan.is_stable:
            self._waiting = False
            self._weigh(now_s)
        answer = bytes(self._output)
        self._output.clear()
        return answer

    def power_cycle(self, now_s: float) -> None:
        """Forget tare and echo; find zero again if little lies on the pan."""
        self._pan.advance(now_s)
        self._output.clear()
        self._echoing = self._waiting = self._result_is_new = False
        self._tare_digits = None
        self._pan.tare_g = 0.0
        if self._pan.is_stable and self._is_near_zero():
            self._pan.zero()

    def _hear(self, letter: str, now_s: float) -> None:
        if self._echoing:
            self._say(letter)
            self._echoing = letter != "F"
        elif self._tare_digits is not None and (letter.isdigit() or letter == _CR):
            self._type_tare(letter)
        elif letter == "E" and self._options.echo:
            self._echoing = True
            self._say(f"{_STX}E{_CR}")
        elif letter in self._commands and now_s >= self._test_until_s:
            self._tare_digits = None
            self._commands[letter](now_s)

    def _say(self, text: str) -> None:
        for letter in text:
            byte = ord(letter)
            odd = self._options.parity_bit and byte.bit_count() % 2
            self._output.append(byte | 0x80 if odd else byte)

    # What it answers.

    def _weigh(self, _now_s: float) -> None:
        pan = self._pan
        if not pan.is_stable and self._options.waits_for_rest:
            self._waiting = True
        elif not pan.is_stable or pan.is_overloaded or pan.net_g < 0:
            self._tell_status()
        else:
            width, places = _WIDTH[self._options.unit]
            shown = f"{pan.net_g / _GRAMS[self._options.unit] + 0.0:0{width}.{places}f}"
            self._say(f"{_STX}{shown}{'N' if pan.tare_g else ''}{_CR}")

    def _tell_status(self) -> None:
        pan = self._pan
        conditions = (
            not pan.is_stable,
            pan.is_overloaded,
            pan.net_g < 0,
            not self._is_near_zero(),
            abs(pan.gross_g) <= pan.division_g / 4,
            bool(pan.tare_g),
        )
        bits = sum(1 << place for place, holds in enumerate(conditions) if holds)
        self._say(f"{_STX}?{chr(bits | (_SIX if self._options.bit_6 else 0))}{_CR}")

    def _is_near_zero(self) -> bool:
        """Whether what lies on it may be called zero."""
        return abs(self._pan.gross_g + self._pan.zero_g) <= ZERO_RANGE * self._pan.capacity_g

    def _zero(self, _now_s: float) -> None:
        if self._pan.is_stable and self._is_near_zero():
            self._pan.zero()
        self._tell_status()

    def _begin_tare(self, _now_s: float) -> None:
        """T alone tares what lies there; digits that follow replace that by a tare of their own."""
        self._tare(self._pan.gross_g)
        self._tare_digits = ""
        self._answer_tare()

    def _type_tare(self, letter: str) -> None:
        digits = self._tare_digits or ""
        if letter != _CR:
            self._tare_digits = (digits + letter)[:_TARE_DIGITS]
            return
        self._tare_digits = None
        if len(digits) == _TARE_DIGITS:
            places = _WIDTH[self._options.unit][1]
            self._tare(int(digits) / 10**places * _GRAMS[self._options.unit])
            self._answer_tare()

    def _tare(self, grams: float) -> None:
        if self._pan.is_stable and 0 <= grams <= self._pan.capacity_g:
            self._pan.tare_g = self._pan.rounded(grams)

    def _clear_tare(self, _now_s: float) -> None:
        self._pan.tare_g = 0.0
        self._answer_tare()

    def _answer_tare(self) -> None:
        if self._options.answers_tare:
            self._tell_status()

    def _start_test(self, now_s: float) -> None:
        self._test_until_s = now_s + TEST_S
        self._result_is_new = True
        self._say(f"{_STX}{_CR}")

    def _tell_test(self, _now_s: float) -> None:
        self._say(f"{_STX}{chr(self._failures | (_SIX if self._result_is_new else 0))}{_CR}")
        self._result_is_new = False
