"""Bytes of the Epson command reference, both directions."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hardware.printer import protocol
from hardware.printer.protocol import (
    AutomaticStatus,
    Condition,
    Confirmed,
    Paper,
    Query,
    QueuedPaper,
    Reply,
    ReplyReader,
    StatusByte,
)

FINE = Condition()
CONDITIONS = [
    Condition(paper, cover_open=cover, cutter_error=cutter, unrecoverable_error=broken, other_error=hot, online=online)
    for paper in Paper
    for cover in (False, True)
    for cutter in (False, True)
    for broken in (False, True)
    for hot in (False, True)
    for online in (False, True)
]


def test_questions() -> None:
    assert protocol.ask(Query.PRINTER) == bytes.fromhex("10 04 01")
    assert protocol.ask(Query.PAPER) == bytes.fromhex("10 04 04")
    assert bytes.fromhex("1B 40") == protocol.INITIALISE
    assert bytes.fromhex("1D 72 01") == protocol.ASK_PAPER_QUEUED
    assert protocol.ask_confirmation("0001") == bytes.fromhex("1D 28 48 06 00 30 30 30 30 30 31")
    assert protocol.confirmation(b"0001") == bytes.fromhex("37 22 30 30 30 31 00")


@pytest.mark.parametrize(
    ("query", "value", "expected"),
    [
        (Query.PRINTER, 0x12, FINE),
        (Query.PRINTER, 0x1A, replace(FINE, online=False)),
        (Query.OFFLINE_CAUSE, 0x16, replace(FINE, cover_open=True)),
        (Query.ERROR, 0x1A, replace(FINE, cutter_error=True)),
        (Query.ERROR, 0x32, replace(FINE, unrecoverable_error=True)),
        (Query.ERROR, 0x52, replace(FINE, other_error=True)),
        (Query.PAPER, 0x12, FINE),
        (Query.PAPER, 0x1E, replace(FINE, paper=Paper.NEAR_END)),
        (Query.PAPER, 0x7E, replace(FINE, paper=Paper.OUT)),
    ],
)
def test_status_bytes(query: Query, value: int, expected: Condition) -> None:
    assert protocol.understood(FINE, query, value) == expected
    assert protocol.status_byte(expected, query) == value


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_a_printer_says_is_what_is_understood(condition: Condition) -> None:
    asked = FINE
    for query in Query:
        value = protocol.status_byte(condition, query)
        assert value & 0x93 == 0x12
        asked = protocol.understood(asked, query, value)
    assert asked == condition
    automatic = protocol.automatic_status(condition)
    assert automatic[0] & 0x93 == 0x10
    assert all(byte & 0x90 == 0 for byte in automatic[1:])
    assert protocol.understood_automatic(automatic) == condition


@pytest.mark.parametrize(
    ("condition", "obstacle"),
    [
        (FINE, ""),
        (replace(FINE, paper=Paper.NEAR_END), ""),
        (replace(FINE, paper=Paper.OUT, online=False), "out of paper"),
        (replace(FINE, cover_open=True, online=False), "the cover is open"),
        (replace(FINE, cutter_error=True, online=False), "cutter jammed"),
        (replace(FINE, unrecoverable_error=True), "broken"),
        (replace(FINE, online=False), "offline"),
    ],
)
def test_obstacles(condition: Condition, obstacle: str) -> None:
    assert condition.obstacle == obstacle


REPLIES: list[tuple[str, Reply]] = [
    ("12", StatusByte(0x12)),
    ("7E", StatusByte(0x7E)),
    ("10 00 00 00", AutomaticStatus(bytes.fromhex("10 00 00 00"))),
    ("38 00 0C 00", AutomaticStatus(bytes.fromhex("38 00 0C 00"))),
    ("00", QueuedPaper(0)),
    ("0C", QueuedPaper(0x0C)),
    ("37 22 30 30 30 31 00", Confirmed("0001")),
]


@pytest.mark.parametrize(("sent", "reply"), REPLIES)
def test_replies(sent: str, reply: Reply) -> None:
    assert ReplyReader().feed(bytes.fromhex(sent)) == [reply]


def test_replies_in_any_pieces() -> None:
    stream = b"".join(bytes.fromhex(sent) for sent, _reply in REPLIES)
    expected = [reply for _sent, reply in REPLIES]
    for cut in range(1, len(stream)):
        reader = ReplyReader()
        assert reader.feed(stream[:cut]) + reader.feed(stream[cut:]) == expected
    reader = ReplyReader()
    assert [reply for byte in stream for reply in reader.feed(bytes((byte,)))] == expected
    assert reader.dropped == 0


@pytest.mark.parametrize("noise", ["FF", "91", "37 FF", "37 22 30 30 30 31 55", "10 FF", "37 22 05 30 30 31 00"])
def test_a_reply_after_noise_is_found(noise: str) -> None:
    reader = ReplyReader()
    replies = reader.feed(bytes.fromhex(noise) + bytes.fromhex("37 22 41 42 43 44 00"))
    assert replies[-1] == Confirmed("ABCD")
    assert reader.dropped > 0


def test_random_bytes_never_fail(chance: random.Random) -> None:
    reader = ReplyReader()
    for _round in range(2000):
        reader.feed(chance.randbytes(chance.randrange(1, 40)))
    reader.feed(bytes(10) + b"\xff" * 8)
    assert reader.feed(b"\x12") == [StatusByte(0x12)]
