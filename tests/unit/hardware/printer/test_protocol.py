"""Bytes of the Epson command reference, both directions: what the driver reads, what the simulated printer says."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from hardware.printer import protocol
from hardware.printer import simulator_status as status
from hardware.printer.protocol import (
    AutomaticStatus,
    Condition,
    Confirmed,
    IdentityQuery,
    IdentityText,
    Paper,
    Query,
    QueuedPaper,
    Reply,
    ReplyReader,
    StatusByte,
)
from hardware.printer.simulator_status import Body

FINE = Condition()
FLAGS = (
    "near_end",
    "paper_end",
    "cover_open",
    "cutter_error",
    "recoverable_error",
    "broken",
    "too_hot",
    "feed_button",
    "drawer_high",
)
BODIES = [Body(*flags) for flags in itertools.product((False, True), repeat=len(FLAGS))]


def test_questions() -> None:
    assert protocol.ask(Query.PRINTER) == bytes.fromhex("10 04 01")
    assert protocol.ask(Query.PAPER) == bytes.fromhex("10 04 04")
    assert bytes.fromhex("1B 40") == protocol.INITIALISE
    assert bytes.fromhex("1D 72 01") == protocol.ASK_PAPER_QUEUED
    assert bytes.fromhex("1D 61 FF") == protocol.AUTOMATIC_STATUS_ON
    assert bytes.fromhex("10 05 01") == protocol.GO_ON_AFTER_ERROR
    assert bytes.fromhex("10 05 02") == protocol.CLEAR_AFTER_ERROR
    assert protocol.ask_identity(IdentityQuery.SERIAL_NUMBER) == bytes.fromhex("1D 49 44")
    assert protocol.ask_confirmation("0001") == bytes.fromhex("1D 28 48 06 00 30 30 30 30 30 31")
    assert status.process_id(b"0001") == bytes.fromhex("37 22 30 30 30 31 00")


def test_every_confirmation_has_its_own_id() -> None:
    assert [protocol.confirmation_id(number) for number in (0, 35, 36, protocol.CONFIRMATION_IDS - 1)] == [
        "0000",
        "000Z",
        "0010",
        "ZZZZ",
    ]


@pytest.mark.parametrize(
    ("query", "value", "expected", "body"),
    [
        (Query.PRINTER, 0x12, FINE, Body()),
        (Query.PRINTER, 0x1A, replace(FINE, online=False), Body(cover_open=True)),
        (Query.PRINTER, 0x5A, replace(FINE, online=False), Body(feed_button=True)),
        (Query.OFFLINE_CAUSE, 0x16, replace(FINE, cover_open=True), Body(cover_open=True)),
        (Query.OFFLINE_CAUSE, 0x1A, FINE, Body(feed_button=True)),
        (Query.OFFLINE_CAUSE, 0x32, FINE, Body(paper_end=True)),
        (Query.OFFLINE_CAUSE, 0x52, FINE, Body(broken=True)),
        (Query.ERROR, 0x16, replace(FINE, recoverable_error=True), Body(recoverable_error=True)),
        (Query.ERROR, 0x1A, replace(FINE, cutter_error=True), Body(cutter_error=True)),
        (Query.ERROR, 0x32, replace(FINE, unrecoverable_error=True), Body(broken=True)),
        (Query.ERROR, 0x52, replace(FINE, too_hot=True), Body(too_hot=True)),
        (Query.PAPER, 0x12, FINE, Body()),
        (Query.PAPER, 0x1E, replace(FINE, paper=Paper.NEAR_END), Body(near_end=True)),
        (Query.PAPER, 0x7E, replace(FINE, paper=Paper.OUT), Body(paper_end=True)),
    ],
)
def test_status_bytes(query: Query, value: int, expected: Condition, body: Body) -> None:
    assert protocol.understood(FINE, query, value) == expected
    assert status.real_time(body, query) == value


def test_the_simulated_printer_knows_four_questions() -> None:
    assert status.real_time(Body(), 5) is None
    assert status.queued(Body(), 3) is None
    assert (status.queued(Body(near_end=True), 1), status.queued(Body(paper_end=True), 49)) == (0x03, 0x0F)
    assert (status.queued(Body(drawer_high=True), 2), status.queued(Body(), 50)) == (1, 0)


def test_what_a_printer_says_is_what_is_understood() -> None:
    for body in BODIES:
        asked = FINE
        for query in Query:
            value = status.real_time(body, query)
            assert value is not None
            assert value & 0x93 == 0x12
            asked = protocol.understood(asked, query, value)
        automatic = status.automatic(body)
        assert automatic[0] & 0x93 == 0x10
        assert all(byte & 0x90 == 0 for byte in automatic[1:])
        assert protocol.understood_automatic(automatic) == asked
        assert asked == Condition(
            Paper.OUT if body.paper_end else Paper.NEAR_END if body.near_end else Paper.OK,
            cover_open=body.cover_open,
            cutter_error=body.cutter_error,
            recoverable_error=body.recoverable_error,
            unrecoverable_error=body.broken,
            too_hot=body.too_hot,
            online=body.online,
        )


@pytest.mark.parametrize(
    ("condition", "obstacle"),
    [
        (FINE, ""),
        (replace(FINE, paper=Paper.NEAR_END), ""),
        (replace(FINE, paper=Paper.OUT, online=False), "out of paper"),
        (replace(FINE, cover_open=True, online=False), "the cover is open"),
        (replace(FINE, cutter_error=True, online=False), "cutter jammed"),
        (replace(FINE, recoverable_error=True, online=False), "stopped by a fault"),
        (replace(FINE, too_hot=True, online=False), "too hot"),
        (replace(FINE, unrecoverable_error=True), "broken"),
        (replace(FINE, online=False), "offline"),
    ],
)
def test_obstacles(condition: Condition, obstacle: str) -> None:
    assert condition.obstacle == obstacle
    assert condition.needs_recovery == (obstacle in {"cutter jammed", "stopped by a fault"})


REPLIES: list[tuple[str, Reply]] = [
    ("12", StatusByte(0x12)),
    ("7E", StatusByte(0x7E)),
    ("10 00 00 00", AutomaticStatus(bytes.fromhex("10 00 00 00"))),
    ("38 00 0C 00", AutomaticStatus(bytes.fromhex("38 00 0C 00"))),
    ("00", QueuedPaper(0)),
    ("0C", QueuedPaper(0x0C)),
    ("5F 54 4D 2D 54 38 38 56 00", IdentityText("TM-T88V")),
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


@pytest.mark.parametrize(
    "noise",
    ["FF", "91", "05", "37 FF", "37 22 30 30 30 31 55", "10 FF", "37 22 05 30 30 31 00", "5F 54 07", "5F" + "41" * 100],
)
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
