"""What devices on a ccTalk bus send."""

from __future__ import annotations

import contextlib

from hardware.cash.protocol import Checksum, Frame, crc16, decode, encode, frame_length, sum8
from hardware.errors import ProtocolError
from tests.fuzz.fuzzing import Feed, Target

_FRAMES = (
    Frame(1, 0, b"", 2),
    Frame(1, 5, b"", 40),
    Frame(1, 0, bytes((3, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0)), 2),
    Frame(1, 0, b"CN0100A", 3),
)


def _decode(checksum: Checksum) -> Feed:
    def feed(data: bytes) -> None:
        while len(data) > 1:
            length = frame_length(data)
            with contextlib.suppress(ProtocolError):
                decode(data[:length], checksum)
            data = data[length:]

    return feed


def _sum8_sealed(frame: bytes) -> bytes:
    if len(frame) < 5:
        return frame
    body = bytes((frame[0], len(frame) - 5, *frame[2:-1]))
    return body + bytes([sum8(body)])


def _crc16_sealed(frame: bytes) -> bytes:
    if not 5 <= len(frame) <= 260:
        return frame
    start, rest = bytes((frame[0], len(frame) - 5)), frame[3:-1]
    crc = crc16(start + rest)
    return start + bytes([crc & 0xFF]) + rest + bytes([crc >> 8])


TARGETS = (
    Target(
        "ccTalk sum-8",
        lambda: _decode("sum8"),
        tuple(encode(frame, "sum8") for frame in _FRAMES),
        ("hardware.cash.protocol",),
        seal=lambda frame: _sum8_sealed(frame[:257]),
    ),
    Target(
        "ccTalk CRC-16",
        lambda: _decode("crc16"),
        tuple(encode(frame, "crc16") for frame in _FRAMES),
        ("hardware.cash.protocol",),
        seal=_crc16_sealed,
    ),
)
