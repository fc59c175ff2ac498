"""What a note recycler sends: frames, encrypted answers, setups, levels, counters and the events of a poll."""

from __future__ import annotations

import contextlib

from hardware.errors import DeviceError, ProtocolError
from hardware.recycler import protocol_answers as answers
from hardware.recycler import protocol_words as words
from hardware.recycler.protocol import STX, Packet, Reader, crc_bytes, encode
from hardware.recycler.protocol_cipher import Session
from hardware.recycler.protocol_events import parse_events
from tests.fuzz.fuzzing import Feed, Target

_KEY = bytes.fromhex("67452301674523019565000000000000")
_SEALED = bytes.fromhex("7E702FFE1D411944ADDAD1DFD677F533CC")
_CURRENCY = "CNY"
_AMOUNT = bytes.fromhex("E8030000") + b"CNY"
_SETUP = b"\x06" + b"0459CNY" + bytes((0, 0, 1, 2, 5, 10, 2, 2, 0, 0, 100, 6)) + b"CNYCNY" + bytes((5, 0, 0, 0, 10, 0, 0, 0))


def _frames() -> Feed:
    return Reader().feed


def _sealed(frame: bytes) -> bytes:
    """Make length, checksum and doubled bytes right."""
    body = frame[1:-2][:257]
    if len(body) < 3:
        return frame
    body = bytes((body[0], len(body) - 2)) + body[2:]
    return bytes([STX]) + (body + crc_bytes(body)).replace(bytes([STX]), bytes([STX, STX]))


def _answers() -> Feed:
    def feed(data: bytes) -> None:
        session = Session(_KEY, bytes)
        with contextlib.suppress(ProtocolError):
            session.opened(data)
        with contextlib.suppress(DeviceError):
            words.checked(words.Word.PAY_NOTES, data)
        for parse in (answers.parse_setup, answers.parse_serial, answers.parse_counters, answers.parse_route):
            with contextlib.suppress(ProtocolError):
                parse(data)
        for counted in (answers.parse_levels, answers.parse_moved_to_box):
            with contextlib.suppress(ProtocolError):
                counted(data, _CURRENCY)

    return feed


def _events() -> Feed:
    def feed(data: bytes) -> None:
        for has_store in (True, False):
            with contextlib.suppress(ProtocolError):
                parse_events(data, _CURRENCY, has_store=has_store)

    return feed


TARGETS = (
    Target(
        "SSP frames",
        _frames,
        tuple(
            encode(Packet(0, bit, data)) for bit in (False, True) for data in (b"\xf0", b"\xf0\xef\x03", b"\x7f" * 9, _SEALED)
        ),
        ("hardware.recycler.protocol",),
        seal=_sealed,
    ),
    Target(
        "SSP answers",
        _answers,
        (
            _SEALED,
            _SETUP,
            bytes.fromhex("004A78B4"),
            b"\x05" + bytes(range(20)),
            b"\x02\x04\x00" + _AMOUNT + b"\x00\x00" + _AMOUNT,
            b"\xf5\x03",
            b"\xf0",
        ),
        ("hardware.recycler.protocol_answers", "hardware.recycler.protocol_words", "hardware.recycler.protocol_cipher"),
    ),
    Target(
        "SSP poll events",
        _events,
        (
            b"\xef\x03",
            b"\xee\x03\xcc",
            b"\xda\x01" + _AMOUNT,
            b"\xd2\x02" + _AMOUNT + bytes(4) + b"EUR",
            b"\xdc\x01" + bytes(4) + _AMOUNT,
            b"\xc9" + _AMOUNT + b"\xb1\x01\xe6\x01" + _AMOUNT,
            b"\xf1\xe2\x01\xb7",
        ),
        ("hardware.recycler.protocol_events",),
    ),
)
