"""A recording of a line as text, one chunk of bytes per line; pure.

::

    # scanlane line recording 1: lane-1-scale, 2026-11-22 01:50:00 UTC
    0.000000 > 0D 0A                    | ..
    0.102113 > 40 0D 0A                 | @..
    0.109871 < 49 34 20 41 20 22 42 22 0D 0A   | I4 A "B"..

Seconds since the recording began, who sent it (``>`` the product, ``<`` the device), the bytes. What follows the bar is for the
eye. Lines that begin with ``#`` and empty lines are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TITLE = "# scanlane line recording 1"
CHUNK_BYTES_MAX = 65_536
LINES_MAX = 1_000_000


class RecordingError(ValueError):
    """The text is no recording; the sentence says in which line."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that went over the line at one moment."""

    at_s: float
    from_device: bool
    data: bytes


def format_chunk(chunk: Chunk) -> str:
    """Return the chunk as one line, without its end."""
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in chunk.data)  # noqa: PLR2004 - printable ASCII
    return f"{chunk.at_s:.6f} {'<' if chunk.from_device else '>'} {chunk.data.hex(' ').upper()}   | {shown}"


def parse_recording(text: str) -> tuple[Chunk, ...]:
    """Read a recording.

    Raises:
        RecordingError: it has no title, a line that is none, or times that run backwards.
    """
    lines = text.splitlines()
    if not lines or not lines[0].startswith(TITLE):
        raise RecordingError(f"no recording of a line: it must begin with {TITLE!r}")
    if len(lines) > LINES_MAX:
        raise RecordingError(f"a recording has {LINES_MAX} lines at most")
    chunks: list[Chunk] = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            chunk = _parsed(line, number)
            if chunks and chunk.at_s < chunks[-1].at_s:
                raise RecordingError(f"line {number}: its time is before that of the line above")
            chunks.append(chunk)
    return tuple(chunks)


def _parsed(line: str, number: int) -> Chunk:
    words = line.split("|", 1)[0].split(maxsplit=2)
    try:
        at, direction, digits = words
        data = bytes.fromhex(digits)
        at_s = float(at)
    except ValueError as error:
        raise RecordingError(f"line {number}: write SECONDS, > or <, and bytes as hexadecimal digits, not {line!r}") from error
    if direction not in {"<", ">"} or not data or len(data) > CHUNK_BYTES_MAX or not 0 <= at_s < float("inf"):
        raise RecordingError(f"line {number}: write SECONDS, > or <, and bytes as hexadecimal digits, not {line!r}")
    return Chunk(at_s, direction == "<", data)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the product said, and what the device said after it."""

    question: bytes
    """Empty for what the device said before it was asked anything."""
    replies: tuple[tuple[float, bytes], ...]
    """Seconds after the question's last byte, and bytes."""


def exchanges(chunks: Iterable[Chunk]) -> tuple[Exchange, ...]:
    """Cut a recording where the product begins to speak."""
    found: list[Exchange] = []
    question, asked_s, replies = bytearray(), 0.0, list[tuple[float, bytes]]()

    def ended() -> None:
        if question or replies:
            found.append(Exchange(bytes(question), tuple(replies)))

    for chunk in chunks:
        if chunk.from_device:
            replies.append((chunk.at_s - asked_s, chunk.data))
            continue
        if replies:
            ended()
            question.clear()
            replies.clear()
        question += chunk.data
        asked_s = chunk.at_s
    ended()
    return tuple(found)
