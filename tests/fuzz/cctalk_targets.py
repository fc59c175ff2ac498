"""What devices on a ccTalk bus send."""

from __future__ import annotations

import contextlib

from hardware.cash import protocol_counters as counters
from hardware.cash import protocol_values as values
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


def _read_contents(data: bytes) -> None:
    """Take data as the answer to every question."""
    for read in _READERS:
        with contextlib.suppress(ProtocolError):
            read(data)
    for country in ("CN", "EU"):
        values.parse_coin_id(data, country)
        values.parse_bill_id(data, country, values.CountryScaling(100, 2))
    values.parse_text(data)
    values.country_of([data])


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


_READERS = (
    values.parse_serial,
    values.parse_polling_priority,
    values.parse_country_scaling,
    counters.parse_event_buffer,
    counters.parse_hopper_status,
    counters.parse_dispense_count,
    counters.parse_hopper_test,
    counters.parse_hopper_sensors,
    counters.parse_flow_level,
)

TARGETS = (
    Target(
        "ccTalk contents",
        lambda: _read_contents,
        (b"\x02\x14", b"CN100A", b"CN0010A", b"CN5K0A", b"\x64\x00\x02", b"\x03\x05\x01" + bytes(8), b"\x01\x03\x01\x00"),
        ("hardware.cash.protocol_values", "hardware.cash.protocol_counters"),
    ),
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
