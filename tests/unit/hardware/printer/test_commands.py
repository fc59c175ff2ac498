from __future__ import annotations

import random

import pytest

from hardware.printer.commands import (
    BarCode,
    BitImage,
    Block,
    ColumnImage,
    Command,
    CommandReader,
    Control,
    RealTime,
    Setting,
    Text,
    Unknown,
)

QR_SAMPLE = bytes.fromhex(
    "1D 28 6B 04 00 31 41 32 00 1D 28 6B 03 00 31 43 06 1D 28 6B 03 00 31 45 31"
    "1D 28 6B 09 00 31 50 30 52 2D 30 30 30 31 1D 28 6B 03 00 31 51 30"
)
VECTORS: list[tuple[str, Command]] = [
    ("1B 40", Setting("ESC @", b"")),
    ("1B 61 01", Setting("ESC a", b"\x01")),
    ("1B 45 01", Setting("ESC E", b"\x01")),
    ("1D 21 11", Setting("GS !", b"\x11")),
    ("1B 74 10", Setting("ESC t", b"\x10")),
    ("1B 64 05", Setting("ESC d", b"\x05")),
    ("1D 56 01", Setting("GS V", b"\x01")),
    ("1D 56 42 10", Setting("GS V", b"\x42\x10")),
    ("1B 70 00 32 32", Setting("ESC p", b"\x00\x32\x32")),
    ("1D 72 01", Setting("GS r", b"\x01")),
    ("1D 61 FF", Setting("GS a", b"\xff")),
    ("10 04 02", RealTime("DLE EOT", 2)),
    ("10 05 01", RealTime("DLE ENQ", 1)),
    ("1D 28 48 06 00 30 30 30 30 30 31", Block("H", b"000001")),
    ("1D 28 6B 03 00 31 51 30", Block("k", b"1Q0")),
    ("1D 76 30 00 01 00 02 00 F0 0F", BitImage(1, 2, b"\xf0\x0f")),
    ("1D 76 30 03 01 00 01 00 F0", BitImage(1, 1, b"\xf0", 2, 2)),
    ("1B 2A 21 01 00 01 02 03", ColumnImage(0x21, 1, b"\x01\x02\x03")),
    ("1D 6B 43 0D 39 35 32 31 32 33 34 35 36 37 38 39 35", BarCode(0x43, b"9521234567895")),
    ("1D 6B 02 39 35 32 00", BarCode(2, b"952")),
    ("1B 44 08 10 00", Setting("ESC D", b"\x08\x10")),
    ("1C 26", Setting("FS &", b"")),
    ("1C 2E", Setting("FS .", b"")),
    ("1D 49 43", Setting("GS I", b"\x43")),
    ("10 14 01 00 01", RealTime("DLE DC4", 1)),
    ("1D 28 4C 06 00 30 45 4C 4F 01 01", Block("L", b"0ELO\x01\x01")),
    ("1D 38 4C 02 00 00 00 30 32", Block("L", b"02")),
    ("0A", Control(0x0A)),
    ("1B FF", Unknown(b"\x1b\xff")),
]


@pytest.mark.parametrize(("sent", "command"), VECTORS)
def test_commands(sent: str, command: Command) -> None:
    data = bytes.fromhex(sent)
    reader = CommandReader()
    assert reader.feed(data) == [(command, len(data))]
    assert reader.is_between_commands


@pytest.mark.parametrize(("sent", "command"), [vector for vector in VECTORS if not isinstance(vector[1], Control)])
def test_a_command_without_its_end_is_waited_for(sent: str, command: Command) -> None:
    data = bytes.fromhex(sent)
    for cut in range(1, len(data)):
        reader = CommandReader()
        assert reader.feed(data[:cut]) == []
        assert not reader.is_between_commands
        assert reader.feed(data[cut:]) == [(command, len(data))]


def test_a_status_question_inside_a_picture_is_taken_as_dots() -> None:
    data = bytes.fromhex("1D 76 30 00 03 00 01 00") + bytes.fromhex("10 04 01")
    assert CommandReader().feed(data) == [(BitImage(3, 1, b"\x10\x04\x01"), 11)]


def test_text_and_commands_mixed() -> None:
    stream = b"Milk\n\x1bE\x01Total\n"
    assert [command for command, _length in CommandReader().feed(stream)] == [
        Text(b"Milk"),
        Control(0x0A),
        Setting("ESC E", b"\x01"),
        Text(b"Total"),
        Control(0x0A),
    ]


def test_lengths_add_up_for_random_streams(chance: random.Random) -> None:
    for _round in range(300):
        stream = b"".join(bytes.fromhex(chance.choice(VECTORS)[0]) for _part in range(20))
        reader = CommandReader()
        found: list[tuple[Command, int]] = []
        at = 0
        while at < len(stream):
            step = chance.randrange(1, 9)
            found += reader.feed(stream[at : at + step])
            at += step
        assert sum(length for _command, length in found) == len(stream)
        assert found == CommandReader().feed(stream)


def test_random_bytes_never_fail_and_never_pile_up(chance: random.Random) -> None:
    for _round in range(200):
        CommandReader().feed(chance.randbytes(500))


@pytest.mark.parametrize(
    "sent",
    ["1B 44" + "08" * 40, "1D 6B 02" + "30" * 300, "1D 38 4C FF FF FF FF 30", "1D 76 30 00 FF FF FF FF 00", "10 FF", "1C FF"],
)
def test_what_would_never_end_is_no_command(sent: str) -> None:
    reader = CommandReader()
    found = reader.feed(bytes.fromhex(sent) + b"\nafter")
    assert isinstance(found[0][0], Unknown)
    assert found[-1] == (Text(b"after"), 5)


def test_a_long_picture_byte_by_byte_costs_no_more_than_its_bytes() -> None:
    picture = bytes.fromhex("1D 76 30 00 50 00 84 03") + bytes(80 * 900)
    reader = CommandReader()
    assert all(not reader.feed(picture[at : at + 1]) for at in range(len(picture) - 1))
    assert len(reader.feed(picture[-1:])) == 1
