"""Commands and answers as bytes, both ways: the reference's vectors, and answers that real devices have given."""

from __future__ import annotations

import pytest

from hardware.errors import DeviceBusyError, ProtocolError
from hardware.recycler import protocol_answers as answers
from hardware.recycler import protocol_words as words
from hardware.recycler.protocol_events import Happened, Told, parse_events
from hardware.recycler.protocol_words import RefusedError, Route, Word

AMOUNT = (1000).to_bytes(4, "little") + b"CNY"
LEVELS = bytes.fromhex("04 6400 14000000 455552 4100 32000000 455552 0000 64000000 455552 0C00 C8000000 455552")
COUNTERS = bytes.fromhex("05 2C010000 D2000000 B4000000 68010000 19000000")


def test_commands_of_the_reference() -> None:
    assert words.pay_amount(1500, "EUR") == bytes.fromhex("33 DC 05 00 00 45 55 52 58")
    assert words.inhibits(frozenset(range(1, 17))) == bytes.fromhex("02 FF FF")
    assert words.inhibits(frozenset({1, 2, 3})) == bytes.fromhex("02 07 00")
    assert words.inhibits(frozenset({0, 99})) == bytes.fromhex("02 00 00")


def test_other_commands() -> None:
    assert words.pay_amount(500, "EUR", only_test=True)[-1] == words.TEST
    assert words.pay_notes({1000: 3}, "CNY") == b"\x46\x01\x03\x00" + AMOUNT + b"\x58"
    assert words.pay_notes({1000: 3}, "CNY", only_test=True)[-1] == words.TEST
    assert words.set_route(1000, "CNY", Route.STORE) == b"\x3b\x00" + AMOUNT
    assert words.get_route(1000, "CNY") == b"\x3c" + AMOUNT
    for notes in ({}, {1000: 0}, {1000: 101}):
        with pytest.raises(ValueError, match="cannot be paid"):
            words.pay_notes(notes, "CNY")
    for amount_minor, currency in ((-1, "CNY"), (1 << 32, "CNY"), (1, "CN")):
        with pytest.raises(ValueError, match="no amount"):
            words.amount_bytes(amount_minor, currency)


def setup(protocol: int, unit_type: int = 6) -> bytes:
    told = bytes([unit_type]) + b"0459CNY" + bytes((0, 0, 1, 3, 5, 10, 0, 2, 2, 2, 0, 0, 100, protocol))
    majors = b"".join(major.to_bytes(4, "little") for major in (5, 10, 20))
    return told + (b"CNYCNYEUR" + majors if protocol >= 6 else b"")


def test_the_setup() -> None:
    found = answers.parse_setup(setup(6))
    assert (found.firmware, found.currency, dict(found.values_minor)) == ("0459", "CNY", {1: 500, 2: 1000})
    assert found.has_store
    assert dict(answers.parse_setup(setup(4, 0)).values_minor) == {1: 500, 2: 1000}
    assert not answers.parse_setup(setup(4, 0)).has_store
    for bad in (b"", b"\x03" + bytes(30), setup(6)[:10], setup(6)[:16], setup(6)[:-1]):
        with pytest.raises(ProtocolError):
            answers.parse_setup(bad)


def test_levels_and_counters_as_devices_have_told_them() -> None:
    assert answers.parse_levels(LEVELS, "EUR") == {20: 100, 50: 65, 100: 0, 200: 12}
    assert answers.parse_levels(LEVELS, "CNY") == {}
    assert answers.parse_moved_to_box(LEVELS + bytes(4), "EUR")[200] == 12
    assert answers.parse_counters(COUNTERS) == answers.Counters(300, 210, 180, 360, 25)
    assert answers.parse_serial(bytes.fromhex("00 4A 78 B4")) == "4880564"
    assert [answers.parse_route(data) for data in (b"\0", b"\1")] == [Route.STORE, Route.BOX]
    for parse, bad in ((answers.parse_counters, COUNTERS[:-1]), (answers.parse_serial, b"1"), (answers.parse_route, b"\2")):
        with pytest.raises(ProtocolError):
            parse(bad)
    for bad in (b"", LEVELS[:-1]):
        with pytest.raises(ProtocolError):
            answers.parse_levels(bad, "EUR")


def test_answers_are_ok_or_say_why_not() -> None:
    assert words.checked(Word.POLL, b"\xf0\xef\x03") == b"\xef\x03"
    for answer in (b"\xf2", b"\xf5\x01", b"\x55"):
        with pytest.raises(RefusedError):
            words.checked(Word.PAY_NOTES, answer)
    with pytest.raises(DeviceBusyError):
        words.checked(Word.PAY_NOTES, b"\xf5\x03")
    with pytest.raises(ProtocolError):
        words.checked(Word.POLL, b"")


EVENTS = {
    "read": (b"\xef\x03", Told(Happened.READ, channel=3)),
    "credit": (b"\xee\x03", Told(Happened.CREDIT, channel=3)),
    "stored": (b"\xdb", Told(Happened.STORED)),
    "dispensing": (b"\xda\x01" + AMOUNT, Told(Happened.DISPENSING, amount_minor=1000)),
    "two currencies": (b"\xd2\x02" + AMOUNT + bytes(4) + b"EUR", Told(Happened.DISPENSED, amount_minor=1000)),
    "incomplete": (
        b"\xdc\x01" + bytes(4) + AMOUNT,
        Told(Happened.INCOMPLETE_PAYOUT, amount_minor=0, requested_minor=1000),
    ),
    "transferred": (b"\xc9" + AMOUNT, Told(Happened.TRANSFERRED, amount_minor=1000)),
    "fraud": (b"\xe6\x01" + AMOUNT, Told(Happened.FRAUD, amount_minor=1000)),
    "payout error": (b"\xb1\x01", Told(Happened.PAYOUT_ERROR, channel=1)),
    "unknown": (b"\xb7\x01\x02", Told(Happened.OTHER, code=0xB7)),
}


@pytest.mark.parametrize("name", EVENTS)
def test_events_of_a_poll(name: str) -> None:
    data, told = EVENTS[name]
    assert parse_events(data, "CNY", has_store=True) == [told]
    if told.what is not Happened.OTHER:
        assert parse_events(data + b"\xe8", "CNY", has_store=True) == [told, Told(Happened.DISABLED)]
        for cut in range(1, len(data)):
            with pytest.raises(ProtocolError):
                parse_events(data[:cut], "CNY", has_store=True)


def test_a_fraud_at_a_plain_validator_names_a_channel() -> None:
    assert parse_events(b"\xe6\x02", "CNY", has_store=False) == [Told(Happened.FRAUD, channel=2)]
