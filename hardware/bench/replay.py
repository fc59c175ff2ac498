"""A device that answers as another one was recorded to answer; pure but for reading the file once.

What the product says is looked for among the recorded questions, from the last one on and round; the recorded answer follows
with its recorded delays. What was never asked in the recording is met with silence and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from hardware.bench.recording import Exchange, exchanges, parse_recording
from hardware.bench.simulator import Action, JsonValue

HALF_QUESTION_S = 1.0
"""A question whose rest does not come is forgotten."""
RECORDING_BYTES_MAX = 200_000_000
UNKNOWN_SHOWN_BYTES = 64


class ReplayOptions(BaseModel):
    """What to replay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path
    """A recording of a line."""


def build(options: Mapping[str, JsonValue], seed: int) -> ReplaySimulator:
    """Make a device from a recording; raises ValueError when the file is none. It has no use for the seed."""
    del seed
    path = ReplayOptions.model_validate(dict(options)).file
    try:
        if path.stat().st_size > RECORDING_BYTES_MAX:
            raise ValueError(f"{path} is longer than {RECORDING_BYTES_MAX} bytes")
        text = path.read_text(encoding="ascii")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    return ReplaySimulator(exchanges(parse_recording(text)))


class ReplaySimulator:
    """A recorded device."""

    def __init__(self, recorded: tuple[Exchange, ...]) -> None:
        self._recorded = tuple(exchange for exchange in recorded if exchange.question)
        self._unasked = tuple(exchange for exchange in recorded if not exchange.question)
        self._next = 0
        self._heard = bytearray()
        self._heard_s = 0.0
        self._due: list[tuple[float, bytes]] = []
        self._begun = False
        self._asked = 0
        self._unknown = 0
        self._last_unknown = b""

    def receive(self, data: bytes, now_s: float) -> None:
        """Take what the product says."""
        if now_s - self._heard_s > HALF_QUESTION_S:
            self._give_up()
        self._heard += data
        self._heard_s = now_s
        while self._heard and self._answer(now_s):
            pass

    def send(self, now_s: float) -> bytes:
        """Return what is due."""
        if not self._begun:
            self._begun = True
            self._say(self._unasked, now_s)
        if self._heard and now_s - self._heard_s > HALF_QUESTION_S:
            self._give_up()
        sent = b"".join(data for due_s, data in self._due if due_s <= now_s)
        self._due = [(due_s, data) for due_s, data in self._due if due_s > now_s]
        return sent

    def power_cycle(self, now_s: float) -> None:
        """Begin at the beginning."""
        del now_s
        self._next, self._begun = 0, False
        self._heard.clear()
        self._due.clear()

    def actions(self) -> Mapping[str, Action]:
        """Nothing can be done to a recording but to play it again."""
        return {"play_again": self.play_again}

    def play_again(self, now_s: float) -> JsonValue:
        """Say again what the device said unasked, and begin with the first question."""
        self.power_cycle(now_s)
        return None

    def facts(self) -> dict[str, JsonValue]:
        """How far it is."""
        return {
            "questions_recorded": len(self._recorded),
            "next_question": self._next,
            "asked": self._asked,
            "unknown_questions": self._unknown,
            "last_unknown": self._last_unknown.hex(" ").upper(),
        }

    def _answer(self, now_s: float) -> bool:
        """Take one question off what was heard and answer it; whether there may be another."""
        heard = bytes(self._heard)
        turn = [*range(self._next, len(self._recorded)), *range(self._next)]
        whole = [place for place in turn if heard.startswith(self._recorded[place].question)]
        exact = next((place for place in whole if self._recorded[place].question == heard), None)
        place = exact if exact is not None else next(iter(whole), None)
        if place is None:
            if not any(exchange.question.startswith(heard) for exchange in self._recorded):
                self._give_up()
            return False
        exchange = self._recorded[place]
        del self._heard[: len(exchange.question)]
        self._next = (place + 1) % len(self._recorded)
        self._asked += 1
        self._say((exchange,), now_s)
        return True

    def _say(self, said: tuple[Exchange, ...], now_s: float) -> None:
        self._due += [(now_s + delay_s, data) for exchange in said for delay_s, data in exchange.replies]
        self._due.sort(key=lambda reply: reply[0])

    def _give_up(self) -> None:
        if self._heard:
            self._unknown += 1
            self._last_unknown = bytes(self._heard[:UNKNOWN_SHOWN_BYTES])
            self._heard.clear()
