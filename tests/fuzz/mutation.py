"""How a frame is made from others: bits, bytes, pieces cut, doubled, moved and joined."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

FRAME_MAX, OFTEN_MAX = 600, 96
"""A frame's length, and that of three of four frames: most of what can go wrong, goes wrong in a short one."""
LONG = 0.25
CHANGES_MAX = 4
_EDGES = (
    0x00,
    0x01,
    0x02,
    0x03,
    0x04,
    0x05,
    0x06,
    0x0A,
    0x0D,
    0x10,
    0x15,
    0x1B,
    0x20,
    0x2E,
    0x30,
    0x39,
    0x7F,
    0x80,
    0xFE,
    0xFF,
)


def mutated(chance: random.Random, corpus: Sequence[bytes]) -> bytes:
    """Return a frame made from the corpus by one to some changes."""
    frame = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, CHANGES_MAX)):
        chance.choice(_CHANGES)(chance, frame, corpus)
    return bytes(frame[: FRAME_MAX if chance.random() < LONG else OFTEN_MAX])


def _place(chance: random.Random, frame: bytearray) -> int:
    return chance.randrange(len(frame) + 1)


def _flip(chance: random.Random, frame: bytearray, _corpus: Sequence[bytes]) -> None:
    if frame:
        frame[chance.randrange(len(frame))] ^= 1 << chance.randrange(8)


def _replace(chance: random.Random, frame: bytearray, _corpus: Sequence[bytes]) -> None:
    if frame:
        frame[chance.randrange(len(frame))] = chance.choice((chance.randrange(256), chance.choice(_EDGES)))


def _count_up(chance: random.Random, frame: bytearray, _corpus: Sequence[bytes]) -> None:
    if frame:
        place = chance.randrange(len(frame))
        frame[place] = (frame[place] + chance.randint(-3, 3)) % 256


def _insert(chance: random.Random, frame: bytearray, _corpus: Sequence[bytes]) -> None:
    place = _place(chance, frame)
    frame[place:place] = chance.randbytes(chance.randint(1, 8))


def _delete(chance: random.Random, frame: bytearray, _corpus: Sequence[bytes]) -> None:
    place = _place(chance, frame)
    del frame[place : place + chance.randint(1, 8)]


def _truncate(chance: random.Random, frame: bytearray, _corpus: Sequence[bytes]) -> None:
    del frame[_place(chance, frame) :]


def _double(chance: random.Random, frame: bytearray, _corpus: Sequence[bytes]) -> None:
    place = _place(chance, frame)
    piece = frame[place : place + chance.randint(1, 32)]
    frame[place:place] = piece * chance.choice((1, 1, 1, 2, 16))


def _join(chance: random.Random, frame: bytearray, corpus: Sequence[bytes]) -> None:
    frame += chance.choice(corpus)


def _splice(chance: random.Random, frame: bytearray, corpus: Sequence[bytes]) -> None:
    other = chance.choice(corpus)
    frame[_place(chance, frame) :] = other[chance.randrange(len(other) + 1) :]


_CHANGES: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip,
    _flip,
    _replace,
    _replace,
    _count_up,
    _insert,
    _delete,
    _truncate,
    _double,
    _join,
    _splice,
)
