"""How a simulated module cuts bytes into questions and wraps its answers: on a serial line, or on a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

SILENCE_S = 0.05
"""A frame that stops this long is thrown away. The wire's own 4 ms would be too strict for ptys and busy machines."""
BROADCAST = 0
_SHORT_FRAME, _LONG_FRAME_HEAD = 8, 9
_SHORT, _LONG = frozenset({1, 2, 3, 4, 5, 6}), frozenset({0x0F, 0x10})
_FRAME_MIN, _FRAME_MAX = 4, 256
_HEADER, _TCP_LENGTH_MAX = 7, 254


@dataclass(frozen=True, slots=True)
class Question:
    """What a host asked, without its frame."""

    unit: int
    pdu: bytes
    number: bytes = b""
    """The network's transaction."""


class Framer(Protocol):
    """One kind of line."""

    def feed(self, data: bytes, now_s: float) -> Iterator[Question]:
        """Take bytes; yield the questions that are whole."""

    def wait(self, now_s: float) -> Iterator[Question]:
        """Yield what silence ends."""

    def forget(self) -> None:
        """Lose what has come of a question."""

    def is_for(self, question: Question, unit: int) -> bool:
        """Whether a module at this address obeys."""

    def framed(self, question: Question, answer: bytes) -> bytes:
        """Return the bytes of an answer; none for a broadcast."""


class RtuFramer:
    """Address, function, data, CRC-16."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._heard_s = 0.0

    def feed(self, data: bytes, now_s: float) -> Iterator[Question]:
        """Take bytes; yield the questions whose length their function tells."""
        yield from self.wait(now_s)
        self._heard_s = now_s
        self._received += data
        while frame := self._next():
            yield Question(frame[0], frame[1:-2])

    def wait(self, now_s: float) -> Iterator[Question]:
        """End a frame by silence: one of unknown length is looked at, anything else was noise."""
        if not self._received or now_s - self._heard_s < SILENCE_S:
            return
        frame = bytes(self._received)
        self._received.clear()
        if len(frame) >= _FRAME_MIN and crc(frame) == b"\0\0":
            yield Question(frame[0], frame[1:-2])

    def forget(self) -> None:
        """Lose what has come of a question."""
        self._received.clear()

    def is_for(self, question: Question, unit: int) -> bool:
        """Its own address, or everybody's."""
        return question.unit in {BROADCAST, unit}

    def framed(self, question: Question, answer: bytes) -> bytes:
        """A broadcast is obeyed in silence."""
        if question.unit == BROADCAST:
            return b""
        frame = bytes([question.unit]) + answer
        return frame + crc(frame)

    def _next(self) -> bytes:
        received = bytes(self._received)
        if len(received) > _FRAME_MAX:
            self._received.clear()
            return b""
        length = _request_length(received)
        if length is None or len(received) < length or crc(received[:length]) != b"\0\0":
            return b""
        del self._received[:length]
        return received[:length]


class TcpFramer:
    """Transaction, protocol 0, length, unit, function, data."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._heard_s = 0.0

    def feed(self, data: bytes, now_s: float) -> Iterator[Question]:
        """Take bytes; yield whole questions. After a header that cannot be, everything up to a silence is lost."""
        yield from self.wait(now_s)
        self._heard_s = now_s
        self._received += data
        while len(self._received) >= _HEADER:
            received = bytes(self._received)
            length = received[4] << 8 | received[5]
            if received[2:4] != b"\0\0" or not 2 <= length <= _TCP_LENGTH_MAX:  # noqa: PLR2004 - unit and function
                self._received.clear()
                return
            if len(received) < 6 + length:
                return
            del self._received[: 6 + length]
            yield Question(received[6], received[_HEADER : 6 + length], received[:2])

    def wait(self, now_s: float) -> Iterator[Question]:
        """A question that stops half way is lost."""
        if self._received and now_s - self._heard_s >= SILENCE_S:
            self._received.clear()
        yield from ()

    def forget(self) -> None:
        """Lose what has come of a question."""
        self._received.clear()

    def is_for(self, question: Question, unit: int) -> bool:
        """Its own address, or one of those that mean whoever is there."""
        return question.unit in {0, 0xFF, unit}

    def framed(self, question: Question, answer: bytes) -> bytes:
        """Under the question's number."""
        rest = bytes([question.unit]) + answer
        return question.number + b"\0\0" + bytes([len(rest) >> 8, len(rest) & 0xFF]) + rest


def crc(data: bytes) -> bytes:
    """CRC-16 as the standard's appendix describes it, bit by bit; over a whole sound frame it is 0."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            carry = value & 1
            value >>= 1
            if carry:
                value ^= 0xA001
    return bytes([value & 0xFF, value >> 8])


def _request_length(received: bytes) -> int | None:
    """How long this request is; None while or where it cannot be told."""
    if len(received) > 1 and received[1] in _SHORT:
        return _SHORT_FRAME
    if len(received) > 6 and received[1] in _LONG:  # noqa: PLR2004 - the byte that counts
        return _LONG_FRAME_HEAD + received[6]
    return None
