"""A device for the bench's own tests."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.bench.simulator import Action, ActionError, JsonValue


class Echo:
    """A device that says what it hears, and fails when it hears an exclamation mark."""

    def __init__(self) -> None:
        self._heard = b""
        self.power_cycles = 0
        self.chimes = 0

    def receive(self, data: bytes, now_s: float) -> None:
        del now_s
        if b"!" in data:
            raise RuntimeError("too loud")
        self._heard += data

    def send(self, now_s: float) -> bytes:
        del now_s
        said, self._heard = self._heard, b""
        return said

    def power_cycle(self, now_s: float) -> None:
        del now_s
        self.power_cycles += 1
        self._heard = b""

    def facts(self) -> dict[str, JsonValue]:
        return {"power_cycles": self.power_cycles, "chimes": self.chimes}

    def actions(self) -> Mapping[str, Action]:
        return {"say": self.say, "break_down": self.break_down}

    def say(self, text: str, times: int = 1) -> JsonValue:
        """Say something unasked."""
        if times < 1:
            raise ActionError("Say it once at least.")
        self._heard += text.encode() * times
        return len(text) * times

    def break_down(self) -> JsonValue:
        """Fail in a way nobody expects."""
        raise RuntimeError("broken")
