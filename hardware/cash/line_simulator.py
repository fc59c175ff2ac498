"""The wire of a simulated ccTalk bus: echo, frames, silence."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hardware.cash.protocol import (
    HOST,
    INTER_BYTE_S,
    START_BYTES,
    Checksum,
    Frame,
    decode,
    encode,
    frame_length,
)
from hardware.errors import ProtocolError

REPLY_DELAY_S = 0.003
WAITING_MAX = 256
"""Chunks that wait to be sent; more means that nobody reads."""

Answer = Callable[[Frame, float], Frame | None]
"""What the devices say to a frame; None is silence."""


class Wire:
    """One wire with everything on it, seen from the master's end."""

    def __init__(self, checksum: Checksum, answer: Answer, *, echo: bool) -> None:
        self._checksum: Checksum = checksum
        self._answer = answer
        self._echo = echo
        self._received = b""
        self._received_at_s = 0.0
        self._waiting: deque[tuple[float, bytes]] = deque(maxlen=WAITING_MAX)

    def receive(self, data: bytes, now_s: float) -> None:
        """Take what the master sent; a half frame is forgotten after a silence."""
        if self._echo and data:
            self._waiting.append((now_s, data))
        if now_s - self._received_at_s > INTER_BYTE_S:
            self._received = b""
        self._received_at_s = now_s
        self._received += data
        while len(self._received) >= START_BYTES and len(self._received) >= frame_length(self._received):
            length = frame_length(self._received)
            whole, self._received = self._received[:length], self._received[length:]
            self._handle(whole, now_s)

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

    def _handle(self, whole: bytes, now_s: float) -> None:
        try:
            question = decode(whole, self._checksum)
        except ProtocolError:
            return
        answer = self._answer(question, now_s)
        if answer is not None and question.source in {None, HOST}:
            self._waiting.append((now_s + REPLY_DELAY_S, encode(answer, self._checksum)))
