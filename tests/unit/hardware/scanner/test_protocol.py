from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import ProtocolError
from hardware.scanner.protocol import (
    AIM,
    IDLE_GAP_S,
    LINE_LIMIT_BYTES,
    REPEAT_S,
    Answer,
    Broken,
    Code,
    Framer,
    HostByte,
    Repeats,
    Symbology,
    has_right_check_digit,
    parse_answer,
    parse_line,
)


def fed(data: bytes, at_s: float = 10.0) -> list[bytes | Answer | Broken]:
    return Framer().feed(data, at_s)


@pytest.mark.parametrize(
    ("line", "text", "symbology"),
    [
        (b"]E04006381333931", "4006381333931", Symbology.EAN13),
        (b"]E0036000291452", "0036000291452", Symbology.EAN13),
        (b"]E39771234567003 12", "9771234567003 12", Symbology.EAN13),
        (b"]E496385074", "96385074", Symbology.EAN8),
        (b"]E112", "12", Symbology.EAN_ADD_ON),
        (b"]C0ABC", "ABC", Symbology.CODE128),
        (b"]C1010400638133393110A\x1d21B", "010400638133393110A\x1d21B", Symbology.GS1_128),
        (b"]A0CODE", "CODE", Symbology.CODE39),
        (b"]F0A1B", "A1B", Symbology.CODABAR),
        (b"]G0X", "X", Symbology.CODE93),
        (b"]I112", "12", Symbology.ITF),
        (b"]L0PDF", "PDF", Symbology.PDF417),
        (b"]e00104", "0104", Symbology.GS1_DATABAR),
        (b"]d1DM", "DM", Symbology.DATA_MATRIX),
        (b"]d201", "01", Symbology.GS1_DATA_MATRIX),
        (b"]Q0one", "one", Symbology.QR),
        (b"]Q1HTTPS://952.EXAMPLE/P/ABC", "HTTPS://952.EXAMPLE/P/ABC", Symbology.QR),
        (b"]Q2two", "two", Symbology.QR),
        (b"]Q301", "01", Symbology.GS1_QR),
        (b"]z0az", "az", Symbology.AZTEC),
        (b"]X0?", "?", Symbology.OTHER),
        (b"4006381333931", "4006381333931", Symbology.UNKNOWN),
        (b"]?9strange", "]?9strange", Symbology.UNKNOWN),
        (b"]Q1", "]Q1", Symbology.UNKNOWN),
    ],
)
def test_aim_identifiers(line: bytes, text: str, symbology: Symbology) -> None:
    assert parse_line(line) == Code(text, symbology)


def test_only_qr_codes_without_fnc1_are_called_qr() -> None:
    assert {identifier for identifier, symbology in AIM.items() if symbology is Symbology.QR} == {"Q0", "Q1", "Q2"}


@pytest.mark.parametrize(
    "line", [b"]E04006381333930", b"]E0400638133393", b"]E040063813339X1", b"]E496385075", b"\x01\x02", b" " * 0]
)
def test_wrong_check_digits_and_empty_lines_are_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_line(line)


@pytest.mark.parametrize(
    ("digits", "right"),
    [("4006381333931", True), ("9520000000009", False), ("96385074", True), ("96385070", False), ("٤006381333931", False)],
)
def test_check_digits(digits: str, right: bool) -> None:  # noqa: FBT001 - a table's column
    assert has_right_check_digit(digits, len(digits)) is right


def test_text_is_utf_8_else_latin_1_without_control_characters() -> None:
    assert parse_line("苹果 ü".encode()).text == "苹果 ü"
    assert parse_line("Käse".encode("latin-1")).text == "Käse"
    assert parse_line(b"A\x00B\x07C\x1dD\x7fE\tF").text == "ABC\x1dDEF"


def test_prefix_and_suffix_are_taken_off() -> None:
    assert parse_line(b"~]Q1CODE#", prefix=b"~", suffix=b"#") == Code("CODE", Symbology.QR)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_lines_end_with_cr_or_lf_or_both(end: bytes) -> None:
    assert fed(b"]Q1one" + end + b"]Q1two" + end) == [b"]Q1one", b"]Q1two"]


def test_a_line_that_stops_is_thrown_away() -> None:
    framer = Framer()
    assert framer.feed(b"]Q1HTT", 10.0) == []
    assert framer.expire(10.0 + IDLE_GAP_S / 2) == []
    assert framer.expire(10.0 + IDLE_GAP_S) == [Broken("a line stopped after 6 bytes")]
    assert framer.feed(b"]Q1whole\r", 20.0) == [b"]Q1whole"]


def test_the_gap_is_seen_even_when_nobody_looked_in_between() -> None:
    framer = Framer()
    framer.feed(b"]Q1HTT", 10.0)
    assert framer.feed(b"PS\r", 11.0) == [Broken("a line stopped after 6 bytes"), b"PS"]


def test_a_slow_line_is_whole() -> None:
    framer = Framer()
    found = [item for place, byte in enumerate(b"]Q1slow\r") for item in framer.feed(bytes([byte]), 10 + 0.14 * place)]
    assert found == [b"]Q1slow"]


def test_a_line_of_the_limit_is_read_and_a_longer_one_is_thrown_away_whole() -> None:
    assert fed(b"x" * LINE_LIMIT_BYTES + b"\r") == [b"x" * LINE_LIMIT_BYTES]
    framer = Framer()
    found = framer.feed(b"x" * 5000 + b"\r]Q1next\r", 10.0)
    assert found == [Broken(f"a line is longer than {LINE_LIMIT_BYTES} bytes"), b"]Q1next"]
    framer.feed(b"y" * 600, 20.0)
    assert framer.expire(21.0) == []
    assert framer.feed(b"]Q1next\r", 21.1) == [b"]Q1next"]


def test_a_datalogic_answer() -> None:
    frame = b"\x01\x02MMagellan 1500i\x03\x02SS22F00417\x03\x02R610016740\x03\x04"
    (answer,) = fed(frame + b"]Q1next\r")[:1]
    assert isinstance(answer, Answer)
    assert answer.items == {"M": "Magellan 1500i", "S": "S22F00417", "R": "610016740"}
    assert answer.serial_number == "S22F00417"
    assert fed(frame + b"]Q1next\r")[1:] == [b"]Q1next"]


@pytest.mark.parametrize("frame", [b"\x01", b"\x01\x02\x03", b"\x01junk", b"\x01\x02\x02\x03\x03", b"\x01\xff\xfe"])
def test_an_odd_answer_is_still_an_answer(frame: bytes) -> None:
    assert parse_answer(frame).serial_number == ""


def test_a_repeated_reading_is_one_scan_until_it_was_away_for_a_second() -> None:
    repeats = Repeats()
    code, other = Code("A", Symbology.QR), Code("B", Symbology.QR)
    assert not repeats.is_repeat(code, 10.0)
    assert [repeats.is_repeat(code, 10.0 + 0.9 * turn) for turn in range(1, 5)] == [True] * 4
    assert not repeats.is_repeat(code, 13.6 + REPEAT_S)
    assert not repeats.is_repeat(other, 14.7)
    assert not repeats.is_repeat(code, 14.8)


def test_host_bytes() -> None:
    assert "".join(HostByte) == "EDBFRih"


@given(st.lists(st.binary(max_size=700), max_size=4))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    framer = Framer()
    for turn, chunk in enumerate(chunks):
        for found in framer.feed(chunk, turn * 0.1):
            if not isinstance(found, bytes):
                continue
            assert 0 < len(found) <= LINE_LIMIT_BYTES
            try:
                code = parse_line(found)
            except ProtocolError:
                continue
            assert code.text
            assert not any(letter < " " and letter != "\x1d" for letter in code.text)
