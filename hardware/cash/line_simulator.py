"""The wire of a simulated ccTalk bus: echo, frames, silence, collisions.

Who answers at the same moment pulls the one wire down together: the master hears the logical AND of all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from hardware.cash.protocol import DATA_MAX, INTER_BYTE_S, START_BYTES, frame_length

REPLY_DELAY_S = 0.003
WAITING_MAX = 256
"""Chunks that wait to be sent; more means that nobody reads."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What one device puts on the wire."""

    data: bytes
    delay_s: float = REPLY_DELAY_S
    """After the end of the question."""


Answer = Callable[[bytes, float], list[Voice]]
"""What the devices say to a whole frame."""


class Wire:
    """One wire with everything on it, seen from the master's end."""

    def __init__(self, answer: Answer, *, echo: bool) -> None:
        self.echo = echo
        self._answer = answer
        self._received = b""
        self._received_at_s = 0.0
        self._waiting: deque[tuple[float, bytes]] = deque(maxlen=WAITING_MAX)

    def receive(self, data: bytes, now_s: float) -> None:
        """Take what the master sent; a half frame is forgotten after a silence."""
        if self.echo and data:
            self._waiting.append((now_s, data))
        if now_s - self._received_at_s > INTER_BYTE_S:
            self._received = b""
        self._received_at_s = now_s
        self._received += data
        while len(self._received) >= START_BYTES:
            if self._received[1] > DATA_MAX:
                # No such length: nobody knows where the next frame begins, so only a silence helps.
                self._received = self._received[:START_BYTES]
                return
            length = frame_length(self._received)
            if len(self._received) < length:
                return
            whole, self._received = self._received[:length], self._received[length:]
            self._speak(self._answer(whole, now_s), now_s)

    def send(self, now_s: float) -> bytes:
        """Return what has come on the wire for the master."""
        sent = b""
        while self._waiting and self._waiting[0][0] <= now_s:
            sent += self._waiting.popleft()[1]
        return sent

    def silence(self) -> None:
        """Forget everything: the power went."""
        self._received = b""
        self._waiting.clear()

    def _speak(self, voices: list[Voice], now_s: float) -> None:
        for delay_s in sorted({voice.delay_s for voice in voices}):
            together = [voice.data for voice in voices if voice.delay_s == delay_s]
            self._waiting.append((now_s + delay_s, collided(together)))


def collided(voices: list[bytes]) -> bytes:
    """Return what is heard when several speak at once."""
    heard = bytearray(b"\xff" * max(map(len, voices)))
    for voice in voices:
        for at, byte in enumerate(voice):
            heard[at] &= byte
    return bytes(heard)
