"""SSI: the reference's packets, both ways, and everything that is not them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import ProtocolError
from hardware.scanner import protocol_ssi as protocol
from hardware.scanner.protocol import Broken, Code, Symbology
from hardware.scanner.protocol_ssi import Decoded, Op, Packet, Packets, StatusBit, encode, parse_code

DECODE_EAN13 = bytes.fromhex("12 F3 00 00 0B 34 30 30 36 33 38 31 33 33 33 39 33 31 FC 54")
VECTORS = {
    "04 D0 04 00 FF 28": (Op.ACK, b""),
    "05 D1 04 00 01 FF 25": (Op.NAK, b"\x01"),
    "04 E9 04 00 FF 0F": (Op.SCAN_ENABLE, b""),
    "04 EA 04 00 FF 0E": (Op.SCAN_DISABLE, b""),
    "04 E4 04 00 FF 14": (Op.START_SESSION, b""),
    "04 E5 04 00 FF 13": (Op.STOP_SESSION, b""),
    "04 A3 04 00 FF 55": (Op.REQUEST_REVISION, b""),
    "05 E6 04 00 01 FF 10": (Op.BEEP, b"\x01"),
}


def only(data: bytes) -> Packet:
    (packet,) = Packets().feed(data, 1.0)
    assert isinstance(packet, Packet)
    return packet


@pytest.mark.parametrize("vector", VECTORS)
def test_the_reference_s_packets_both_ways(vector: str) -> None:
    opcode, data = VECTORS[vector]
    assert encode(opcode, data) == bytes.fromhex(vector)
    assert only(bytes.fromhex(vector)) == Packet(opcode, data, status=0, source=protocol.HOST)


def test_the_reference_s_code() -> None:
    packet = only(DECODE_EAN13)
    assert (packet.opcode, packet.source, packet.status) == (Op.DECODE_DATA, protocol.DECODER, 0)
    assert Decoded().take(packet, 1.0) == Code("4006381333931", Symbology.EAN13)
    assert protocol.checksum(DECODE_EAN13[:-2]) == 0xFC54


def test_packets_come_whole_however_they_are_cut() -> None:
    stream = DECODE_EAN13 + bytes.fromhex("04 D0 04 00 FF 28") + DECODE_EAN13
    single = Packets()
    cut = [found for byte in stream for found in single.feed(bytes([byte]), 1.0)]
    assert cut == Packets().feed(stream, 1.0)
    assert len(cut) == 3


@pytest.mark.parametrize(
    ("noise", "reason"),
    [
        (b"\x00", "cannot be 0 bytes long"),
        (b"\x03\x01\x02", "cannot be 3 bytes long"),
        (DECODE_EAN13[:-1] + b"\x55", "checksum of a packet is wrong"),
        (DECODE_EAN13[:7], "stopped after 7 bytes"),
        (b"4006381333931\r", "stopped after 14 bytes"),
    ],
)
def test_what_is_broken_is_thrown_away_until_silence_and_told_once(noise: bytes, reason: str) -> None:
    packets = Packets()
    assert packets.feed(noise + b"", 1.0) == []
    assert packets.feed(b"", 1.1) == []
    (broken,) = packets.feed(DECODE_EAN13, 1.3)[:1]
    assert isinstance(broken, Broken)
    assert reason in broken.reason
    assert isinstance(packets.feed(DECODE_EAN13, 1.31)[0], Packet)


def test_what_follows_something_broken_without_a_pause_goes_with_it() -> None:
    packets = Packets()
    assert packets.feed(b"\x01" + DECODE_EAN13 * 100, 1.0) == []
    assert packets.feed(DECODE_EAN13, 1.1) == []
    assert [type(found) for found in packets.feed(DECODE_EAN13, 1.4)] == [Broken, Packet]


def decode(data: bytes, status: int = 0) -> Packet:
    return Packet(Op.DECODE_DATA, data, status)


def test_a_packet_that_was_sent_again_counts_once() -> None:
    decoded = Decoded()
    assert decoded.take(decode(b"\x03ABC"), 1.0) == Code("ABC", Symbology.CODE128)
    assert decoded.take(decode(b"\x03ABC", StatusBit.SENT_AGAIN), 3.0) is None
    assert decoded.take(decode(b"\x03ABC", StatusBit.SENT_AGAIN), 5.0) is None
    assert decoded.take(decode(b"\x03ABC"), 6.0) == Code("ABC", Symbology.CODE128)
    assert decoded.take(decode(b"\x03ABC", StatusBit.SENT_AGAIN), 60.0) == Code("ABC", Symbology.CODE128)


def test_the_first_that_arrives_may_be_one_that_was_sent_again() -> None:
    assert Decoded().take(decode(b"\x03ABC", StatusBit.SENT_AGAIN), 1.0) == Code("ABC", Symbology.CODE128)


@pytest.mark.parametrize("type_again", [b"\x1c", b""])
def test_a_long_code_comes_in_several_packets(type_again: bytes) -> None:
    decoded = Decoded()
    assert decoded.take(decode(b"\x1cHTTPS://", StatusBit.MORE_FOLLOWS), 1.0) is None
    assert decoded.take(decode(b"\x1cHTTPS://", StatusBit.MORE_FOLLOWS | StatusBit.SENT_AGAIN), 1.5) is None
    assert decoded.take(decode(type_again + b"SHOP", StatusBit.MORE_FOLLOWS), 2.0) is None
    assert decoded.take(decode(type_again + b"/P/1"), 3.0) == Code("HTTPS://SHOP/P/1", Symbology.QR)


def test_a_rest_that_never_came_is_not_joined_to_the_next_code() -> None:
    decoded = Decoded()
    assert decoded.take(decode(b"\x1cHTTPS://", StatusBit.MORE_FOLLOWS), 1.0) is None
    assert decoded.take(decode(b"\x1cOTHER"), 10.0) == Code("OTHER", Symbology.QR)


def test_a_code_that_is_too_long_is_told_at_its_end_and_bounded() -> None:
    decoded = Decoded()
    for number in range(1000):
        assert decoded.take(decode(b"\x1c" + b"%03d" % number * 80, StatusBit.MORE_FOLLOWS), 1.0) is None
    assert decoded.take(decode(b"\x1cend"), 1.0) == Broken("a code is longer than 512 bytes")
    assert decoded.take(decode(b"\x1cnext"), 1.0) == Code("next", Symbology.QR)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "without a type"), (b"\x1c", "without text"), (b"\x0b4006381333930", "check digit"), (b"\x0b123", "check digit")],
)
def test_what_is_no_code(data: bytes, reason: str) -> None:
    found = Decoded().take(decode(data), 1.0)
    assert isinstance(found, Broken)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("kind", "payload", "code"),
    [
        (0x08, b"036000291452", Code("0036000291452", Symbology.EAN13)),
        (0x09, b"04252614", Code("0042100005264", Symbology.EAN13)),
        (0x09, b"01234133", Code("0012300000413", Symbology.EAN13)),
        (0x09, b"01234145", Code("0012340000015", Symbology.EAN13)),
        (0x09, b"01234565", Code("0012345000065", Symbology.EAN13)),
        (0x0A, b"96385074", Code("96385074", Symbology.EAN8)),
        (0x4B, b"400638133393112", Code("400638133393112", Symbology.EAN13)),
        (0x0F, b"0104006381333931\x1d10AB", Code("0104006381333931\x1d10AB", Symbology.GS1_128)),
        (0xC2, b"0104006381333931", Code("0104006381333931", Symbology.GS1_QR)),
        (0x1C, "苹果".encode(), Code("苹果", Symbology.QR)),
        (0x25, b"maxi", Code("maxi", Symbology.OTHER)),
    ],
)
def test_types_and_texts(kind: int, payload: bytes, code: Code) -> None:
    assert parse_code(kind, payload) == code


def test_a_wrong_upc_e_is_refused() -> None:
    for payload in (b"0425261", b"04252615", b"ABCDEFGH"):
        with pytest.raises(ProtocolError, match="check digit"):
            parse_code(0x09, payload)


def test_revisions() -> None:
    assert protocol.parse_revision(Packet(Op.REPLY_REVISION, b"PAAB-R01 DS457 SE4500 0001")) == (
        "PAAB-R01",
        "DS457 SE4500 0001",
    )
    assert protocol.parse_revision(Packet(Op.REPLY_REVISION, b"")) == ("", "")


@given(st.lists(st.tuples(st.binary(max_size=300), st.floats(0, 0.5)), max_size=10))
def test_no_bytes_break_it(chunks: list[tuple[bytes, float]]) -> None:
    packets, decoded, now_s = Packets(), Decoded(), 0.0
    for data, gap_s in chunks:
        now_s += gap_s
        for found in packets.feed(data, now_s):
            if isinstance(found, Packet):
                assert isinstance(decoded.take(found, now_s), Code | Broken | None)
