"""LLRP as bytes: every vector of the hardware reference both ways, and what a reader may get wrong."""

from __future__ import annotations

import pytest

from hardware.errors import ProtocolError
from hardware.rfid import protocol_requests as requests
from hardware.rfid.protocol import MESSAGE_LIMIT_BYTES, Framer, Message, MessageType, encoded
from hardware.rfid.protocol_parameters import (
    ReaderEvent,
    Status,
    Tag,
    parameters,
    parse_capabilities,
    parse_event,
    parse_identification,
    parse_report,
    parse_status,
)
from hardware.rfid.simulator import build

EPC = bytes.fromhex("3034257BF7194E4000001A85")
VECTORS = [
    (requests.delete_all_rospecs(1), "04 15 00 00 00 0E 00 00 00 01 00 00 00 00"),
    (requests.enable_rospec(1), "04 18 00 00 00 0E 00 00 00 01 00 00 00 01"),
    (requests.start_rospec(1), "04 16 00 00 00 0E 00 00 00 01 00 00 00 01"),
    (requests.stop_rospec(1), "04 17 00 00 00 0E 00 00 00 01 00 00 00 01"),
    (Message(MessageType.KEEPALIVE, 1), "04 3E 00 00 00 0A 00 00 00 01"),
    (requests.acknowledge(Message(MessageType.KEEPALIVE, 1)), "04 48 00 00 00 0A 00 00 00 01"),
    (requests.close_connection(1), "04 0E 00 00 00 0A 00 00 00 01"),
]
CONNECTED = bytes.fromhex("043F00000020 00000000 00F60016 0080000C 0005 F5E1 0000 0000 0100 0006 0000")
REPORT = bytes.fromhex("043D00000020 00000005 00F00016 8D") + EPC + bytes.fromhex("81 0001 86CC")


def only(data: bytes) -> Message:
    (message,) = Framer().feed(data)
    return message


@pytest.mark.parametrize(("message", "hexadecimal"), VECTORS, ids=lambda value: value if isinstance(value, str) else "")
def test_the_references_vectors_pass_both_ways(message: Message, hexadecimal: str) -> None:
    assert encoded(message) == bytes.fromhex(hexadecimal)
    assert only(bytes.fromhex(hexadecimal)) == message


def test_the_references_greeting_and_report_are_read() -> None:
    greeting = only(CONNECTED)
    assert greeting.type == MessageType.READER_EVENT_NOTIFICATION
    assert parse_event(greeting.body) == ReaderEvent(connection_attempt=0)
    assert encoded(greeting) == CONNECTED
    report = only(REPORT)
    assert (report.type, report.number) == (MessageType.RO_ACCESS_REPORT, 5)
    assert parse_report(report.body) == [Tag(EPC, antenna=1, rssi_dbm=-52)]
    assert encoded(report) == REPORT


def test_the_simulator_greets_in_the_references_bytes() -> None:
    reader = build({}, 0)
    reader.connected(0.0)
    said = reader.send(0.0)
    assert said[:6] == CONNECTED[:6]
    assert said[10:18] == CONNECTED[10:18]
    assert said[26:] == CONNECTED[26:]


def test_keepalives_and_the_order_to_read_are_laid_out_as_in_the_standard() -> None:
    assert encoded(requests.set_keepalive(2, 5000)).hex(" ") == ("04 03 00 00 00 14 00 00 00 02 00 00 dc 00 09 01 00 00 13 88")
    assert encoded(requests.add_rospec(3, (1,))).hex() == (
        "04140000004b00000003"
        "00b1004100000001" "0000"
        "00b2001200b300050000b600090000000000"
        "00b7001800010001" "00b800090000000000" "00ba0007000101"
        "00ed000d02000100ee00061780"
    )  # fmt: skip
    assert encoded(requests.tell_events(6)).hex() == (
        "04030000002400000006" "00" "00f40019" "00f50007000380" "00f50007000480" "00f50007000880"
    )  # fmt: skip
    assert encoded(requests.get_capabilities(4)).hex() == "04010000000b0000000401"
    assert encoded(requests.get_identification(5)).hex() == "0402000000110000000500000100000000"


def test_antennas_are_named_or_all() -> None:
    both = encoded(requests.add_rospec(1, (1, 2)))
    every = encoded(requests.add_rospec(1))
    assert bytes.fromhex("0002 0001 0002") in both
    assert len(both) == len(every) + 2


@pytest.mark.parametrize("size", [1, 3, 10, 11, 64])
def test_messages_arrive_in_any_pieces(size: int) -> None:
    framer = Framer()
    stream = CONNECTED + REPORT + REPORT
    found = []
    for start in range(0, len(stream), size):
        found += framer.feed(stream[start : start + size])
    assert [message.type for message in found] == [63, 61, 61]
    assert not framer.is_partial


@pytest.mark.parametrize(
    "wrong",
    [
        bytes(10),
        b"\x08\x3e" + bytes.fromhex("0000000A00000001"),
        b"\x84\x3e" + bytes.fromhex("0000000A00000001"),
        b"\x04\x3e" + bytes.fromhex("0000000900000001"),
        b"\x04\x3e" + (MESSAGE_LIMIT_BYTES + 1).to_bytes(4, "big") + bytes(4),
    ],
)
def test_what_cannot_begin_a_message_is_told(wrong: bytes) -> None:
    framer = Framer()
    with pytest.raises(ProtocolError, match="out of step"):
        framer.feed(wrong)
    assert framer.feed(encoded(Message(62, 9))) == [Message(62, 9)]


def test_a_long_number_and_all_that_a_reader_may_add() -> None:
    number = bytes(range(1, 17))
    inner = bytes.fromhex("00F10016 0080") + number
    inner += bytes.fromhex("8900000001 8E0001 8A0001 81000482 0006094FB8B1D0C0")
    inner += bytes.fromhex("84 0006094FB8B1D0C1 86C4 870002 880007 9000000000")
    (tag,) = parse_report(b"\x00\xf0" + (4 + len(inner)).to_bytes(2, "big") + inner)
    assert tag == Tag(number, 4, -60, 7, 0x0006094FB8B1D0C0, 0x0006094FB8B1D0C1)


def test_a_number_of_odd_bits_takes_whole_bytes() -> None:
    (tag,) = parse_report(bytes.fromhex("00F0000C 00F10008 000C ABC0"))
    assert tag.epc == bytes.fromhex("ABC0")


def test_what_is_no_tag_is_skipped_in_a_report() -> None:
    custom = bytes.fromhex("03FF000C 00006514 00000001")
    assert parse_report(custom + REPORT[10:]) == [Tag(EPC, 1, -52)]


@pytest.mark.parametrize(
    "broken",
    [
        "00F0",  # a head cut off
        "00F00003",  # shorter than its head
        "00F00016 8D",  # longer than what is there
        "00F00006 FF00",  # an unknown TV
        "00F00007 810001",  # no number
        "00F00008 00F10004",  # a number without length
        "00F0000A 00F10006 0060",  # a number that is not there
        "00F0000A 00F10006 0000",  # a number of no bits
        "00F00005 8D",  # a TV cut off
    ],
)
def test_a_broken_report_is_a_protocol_error(broken: str) -> None:
    with pytest.raises(ProtocolError):
        parse_report(bytes.fromhex(broken))


def test_statuses() -> None:
    assert parse_status(bytes.fromhex("011F0008 0000 0000")).is_success
    refused = parse_status(bytes.fromhex("011F000D 0064 0005") + b"wrong")
    assert refused == Status(100, "wrong")
    assert str(refused) == "status 100: wrong"
    assert str(Status(401, "")) == "status 401: the reader itself is defective"
    assert str(Status(999, "")) == "status 999"
    with pytest.raises(ProtocolError, match="does not say how it went"):
        parse_status(b"")
    with pytest.raises(ProtocolError, match="too short"):
        parse_status(bytes.fromhex("011F0005 00"))


def test_events() -> None:
    def event(inner: str) -> ReaderEvent:
        data = bytes.fromhex("0080000C0000000000000000") + bytes.fromhex(inner)
        return parse_event(bytes.fromhex("00F6") + (4 + len(data)).to_bytes(2, "big") + data)

    assert event("01000006 0001") == ReaderEvent(connection_attempt=1)
    assert event("01010004") == ReaderEvent(is_closing=True)
    assert event("00FB0004") == ReaderEvent(is_overflowing=True)
    assert event("00FC0009 0003 686F74") == ReaderEvent(exception="hot")
    assert event("00FF0007 01 0002") == ReaderEvent(antenna=2, antenna_connected=True)
    assert event("00FF0007 00 0002") == ReaderEvent(antenna=2)
    with pytest.raises(ProtocolError, match="tells nothing"):
        parse_event(b"")
    with pytest.raises(ProtocolError):
        event("00FF0004")


def test_who_a_reader_is() -> None:
    status = bytes.fromhex("011F0008 00000000")
    told = status + bytes.fromhex("00890015 0002 4000 0000651A 001E8889 0003") + b"6.4"
    assert parse_capabilities(told) == ("25882.2001033", "6.4")
    assert parse_capabilities(status) == ("", "")
    assert parse_identification(status + bytes.fromhex("00DA000D 00 0006 001625FF10AB")) == "001625FF10AB"
    assert parse_identification(status) == ""
    with pytest.raises(ProtocolError):
        parse_capabilities(status + bytes.fromhex("00890004"))
    with pytest.raises(ProtocolError):
        parse_identification(status + bytes.fromhex("00DA0004"))


def test_parameters_in_a_row() -> None:
    assert list(parameters(bytes.fromhex("81 0001 00F00004 86CC"))) == [(1, b"\x00\x01"), (240, b""), (6, b"\xcc")]


def test_what_stands_before_the_awaited_parameter_is_passed_over() -> None:
    other = bytes.fromhex("00800010") + bytes(12)
    assert parse_status(other + bytes.fromhex("011F0008 0000 0000")).is_success
    assert parse_event(other + bytes.fromhex("00F6 0004")) == ReaderEvent()
