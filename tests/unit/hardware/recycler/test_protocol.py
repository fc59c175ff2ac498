"""Frames and encryption against the reference's bytes, both ways."""

from __future__ import annotations

import random

import pytest

from hardware.errors import ProtocolError
from hardware.recycler.protocol import Packet, Reader, decode, encode
from hardware.recycler.protocol_cipher import (
    DEFAULT_FIXED_KEY,
    PLAIN_MAX,
    Session,
    aes_key,
    is_prime,
    number_bytes,
    parse_number,
    primes,
)

FRAMES = {
    "sync": ("7F 80 01 11 65 82", Packet(0, True, b"\x11")),
    "ok to sync": ("7F 80 01 F0 23 80", Packet(0, True, b"\xf0")),
    "poll, bit clear": ("7F 00 01 07 11 88", Packet(0, False, b"\x07")),
    "poll, bit set": ("7F 80 01 07 12 02", Packet(0, True, b"\x07")),
    "ok": ("7F 00 01 F0 20 0A", Packet(0, False, b"\xf0")),
    "host protocol": ("7F 00 02 06 06 1B 94", Packet(0, False, b"\x06\x06")),
    "setup": ("7F 00 01 05 1E 08", Packet(0, False, b"\x05")),
    "inhibits": ("7F 00 03 02 FF FF 26 18", Packet(0, False, b"\x02\xff\xff")),
    "enable": ("7F 80 01 0A 3F 82", Packet(0, True, b"\x0a")),
    "disable": ("7F 00 01 09 36 08", Packet(0, False, b"\x09")),
    "reject": ("7F 00 01 08 33 88", Packet(0, False, b"\x08")),
    "hold": ("7F 00 01 18 50 08", Packet(0, False, b"\x18")),
    "reset": ("7F 00 01 01 05 88", Packet(0, False, b"\x01")),
    "read channel 3": ("7F 80 03 F0 EF 03 C5 CA", Packet(0, True, b"\xf0\xef\x03")),
    "credit channel 3": ("7F 00 03 F0 EE 03 C5 F0", Packet(0, False, b"\xf0\xee\x03")),
}
SEALED = "7F 00 11 7E 70 2F FE 1D 41 19 44 AD DA D1 DF D6 77 F5 33 CC 63 1D"
SEALED_POLL = "7F 00 11 7E ED FA 20 1A 6F 24 13 6C 44 59 FC DC F4 3C 9B F2 22 9D"
KEY = bytes.fromhex("67452301674523019565000000000000")


@pytest.mark.parametrize("name", FRAMES)
def test_frames_both_ways(name: str) -> None:
    wire, packet = bytes.fromhex(FRAMES[name][0]), FRAMES[name][1]
    assert encode(packet) == wire
    assert Reader().feed(wire) == [packet]


def test_start_bytes_inside_are_doubled() -> None:
    packet = Packet(0x10, True, b"\x7f" * 127)
    wire = encode(packet)
    assert wire.count(0x7F) >= 1 + 2 * 128
    assert Reader().feed(wire) == [packet]
    assert Reader().feed(b"\x7f" + wire) == [packet]


def test_a_new_frame_ends_a_half_one() -> None:
    reader = Reader()
    good = encode(Packet(0, False, b"\xf0"))
    assert reader.feed(good[:4] + good) == [Packet(0, False, b"\xf0")]
    assert reader.broken == 1
    assert reader.feed(b"noise") == []


def test_a_damaged_frame_is_thrown_away() -> None:
    reader = Reader()
    good = encode(Packet(0, False, b"\xf0"))
    assert reader.feed(good[:-1] + bytes([good[-1] ^ 1]) + good) == [Packet(0, False, b"\xf0")]
    assert reader.broken == 1


@pytest.mark.parametrize("body", [b"", b"\x00\x00\x00\x00", b"\x00\x02\xf0\x20\x0a", b"\x00\x01\xf0\x20\x0b"])
def test_bodies_that_are_no_frame(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(body)


@pytest.mark.parametrize("packet", [Packet(0x7E, False, b"x"), Packet(0, False, b""), Packet(0, False, bytes(256))])
def test_frames_that_cannot_be_sent(packet: Packet) -> None:
    with pytest.raises(ValueError, match="cannot be a frame"):
        encode(packet)


def test_the_reader_finds_every_frame_however_the_bytes_come() -> None:
    chance = random.Random(4)
    for _ in range(200):
        packets = [Packet(0, chance.random() < 0.5, chance.randbytes(chance.randrange(1, 256))) for _ in range(3)]
        wire = b"".join(map(encode, packets))
        reader, found, at = Reader(), [], 0
        while at < len(wire):
            step = chance.randrange(1, 9)
            found += reader.feed(wire[at : at + step])
            at += step
        assert found == packets


def test_an_encrypted_answer_of_the_reference() -> None:
    [packet] = Reader().feed(bytes.fromhex(SEALED))
    session = Session(KEY, bytes)
    assert session.opened(packet.data) == bytes.fromhex("F0 00 4A 78 B4")
    assert session.count == 1


def test_an_encrypted_poll_of_the_reference() -> None:
    assert encode(Packet(0, False, Session(KEY, bytes).sealed(b"\x07"))) == bytes.fromhex(SEALED_POLL)


def test_the_key_exchange_of_the_reference() -> None:
    generator, modulus, host, slave = 1287821, 982451653, 12345, 67890
    assert number_bytes(generator) == bytes.fromhex("8D A6 13 00 00 00 00 00")
    assert number_bytes(modulus) == bytes.fromhex("C5 05 8F 3A 00 00 00 00")
    to_slave = pow(generator, host, modulus)
    assert number_bytes(to_slave) == bytes.fromhex("2F BC A0 24 00 00 00 00")
    to_host = parse_number(bytes.fromhex("25 7C FF 00 00 00 00 00"))
    assert to_host == pow(generator, slave, modulus)
    assert pow(to_host, host, modulus) == pow(to_slave, slave, modulus) == 700056747
    assert aes_key(DEFAULT_FIXED_KEY, 700056747).hex() == "6745230167452301ab04ba2900000000"


def answer_to(session: Session, data: bytes) -> bytes:
    other = Session(KEY, lambda count: b"\xa5" * count)
    other.count = session.count + 1
    return other.sealed(data)


def test_counts_are_checked() -> None:
    session = Session(KEY, bytes)
    first = answer_to(session, b"\xf0")
    assert session.opened(first) == b"\xf0"
    with pytest.raises(ProtocolError, match="count"):
        session.opened(first)
    assert session.opened(answer_to(session, b"\xf0\x01")) == b"\xf0\x01"
    assert session.count == 2


def test_damaged_answers_are_refused() -> None:
    session = Session(KEY, bytes)
    good = answer_to(session, b"\xf0")
    for bad in (b"", b"\xf0", good[:-1], good[:1], good[:-1] + bytes([good[-1] ^ 1])):
        with pytest.raises(ProtocolError):
            session.opened(bad)
    assert session.count == 0


def test_an_answer_longer_than_its_block_is_refused() -> None:
    session = Session(KEY, bytes)
    other = Session(KEY, bytes)
    other.count = 1
    front = bytes([12]) + (1).to_bytes(4, "little") + bytes(9)
    from hardware.recycler.protocol import crc_bytes  # noqa: PLC0415

    encryptor = other._cipher.encryptor()
    sealed = b"\x7e" + encryptor.update(front + crc_bytes(front)) + encryptor.finalize()
    with pytest.raises(ProtocolError, match="damaged"):
        session.opened(sealed)


def test_what_is_too_long_is_not_sent() -> None:
    session = Session(KEY, bytes)
    assert len(session.sealed(bytes(PLAIN_MAX))) <= 255
    with pytest.raises(ValueError, match="too many"):
        session.sealed(bytes(PLAIN_MAX + 1))
    with pytest.raises(ValueError, match="64 bits"):
        number_bytes(2**64)
    with pytest.raises(ProtocolError):
        parse_number(bytes(7))


def test_primes() -> None:
    assert [number for number in range(60) if is_prime(number)] == [
        2,
        3,
        5,
        7,
        11,
        13,
        17,
        19,
        23,
        29,
        31,
        37,
        41,
        43,
        47,
        53,
        59,
    ]
    assert not is_prime(25326001)  # a strong pseudoprime to 2, 3 and 5
    chance = random.Random(1)
    for _ in range(20):
        generator, modulus = primes(chance.getrandbits)
        assert generator > modulus > 2**30
        assert all(number % divisor for number in (generator, modulus) for divisor in range(2, 1000))
