from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import ProtocolError
from hardware.scale import protocol
from hardware.scale.protocol import Lines, parse_reply, parse_weight
from hardware.scale.reading import Reading, Unavailable

STABLE_100_G = bytes.fromhex("53 20 53 20 20 20 20 20 31 30 30 2E 30 30 20 67 0D 0A")
STABLE_1234_KG = bytes.fromhex("53 20 53 20 20 20 20 20 20 31 2E 32 33 34 20 6B 67 0D 0A")


def line_of(data: bytes) -> bytes:
    (line,) = Lines().feed(data)
    return line


def weight_of(line: bytes) -> Reading | Unavailable:
    return parse_weight(parse_reply(line))


@pytest.mark.parametrize(
    ("vector", "grams", "stable"),
    [
        (STABLE_100_G, 100.0, True),
        (STABLE_1234_KG, 1234.0, True),
        (b"S D     129.07 g\r\n", 129.07, False),
    ],
)
def test_the_reference_s_vectors(vector: bytes, grams: float, stable: bool) -> None:  # noqa: FBT001 - a table's column
    assert weight_of(line_of(vector)) == Reading(grams, stable, vector.decode().strip())


@pytest.mark.parametrize(
    ("line", "grams"),
    [
        (b"S S     -0.012 kg", -12.0),
        (b"S S   -  0.012 kg", -12.0),
        (b"S S   + 1.5 kg", 1500.0),
        (b"S S 0 g", 0.0),
        (b"S S 12. g", 12.0),
        (b"S S 250 mg", 0.25),
        (b"S S 1.000 lb", 453.59237),
        (b"S S 1.0 oz", 28.349523125),
        (b"S  S    7.5   g", 7.5),
        (b"S S 5 G", 5.0),
    ],
)
def test_other_paddings_signs_and_units(line: bytes, grams: float) -> None:
    reading = weight_of(line)
    assert isinstance(reading, Reading)
    assert reading.grams == grams


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"S +", Unavailable.OVERLOAD),
        (b"S -", Unavailable.UNDERLOAD),
        (b"S I", Unavailable.BUSY),
        (b"S S Error 10b", Unavailable.FAULT),
    ],
)
def test_no_weight_is_a_state_and_no_fault_of_the_line(line: bytes, reason: Unavailable) -> None:
    assert weight_of(line) is reason


@pytest.mark.parametrize(
    "line",
    [
        b"S S 1.5 pcs",
        b"S S 1,5 g",
        b"S S NaN g",
        b"S S 1e3 g",
        b"S S 1_000 g",
        b"S S 1 2 g",
        b"S S g",
        b"S S",
        b"S X 1 g",
        b"S",
        b"T S 1 g",
        b"ES",
    ],
)
def test_what_is_no_weight_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        weight_of(line)


def test_an_unknown_unit_says_what_to_do() -> None:
    with pytest.raises(ProtocolError, match="set it to grams or kilograms"):
        weight_of(b"S S 1.5 tl")


@pytest.mark.parametrize(
    ("line", "name", "words"),
    [
        (b'I4 A "B021002593"', "I4", ("A", "B021002593")),
        (b'I2 A "WKC6-lane 30000 g"', "I2", ("A", "WKC6-lane 30000 g")),
        (b'I1 A "01" "2.30" ""', "I1", ("A", "01", "2.30", "")),
        (b"ZI D", "ZI", ("D",)),
        (b"ES", "ES", ()),
    ],
)
def test_replies_are_cut_into_words(line: bytes, name: str, words: tuple[str, ...]) -> None:
    reply = parse_reply(line)
    assert (reply.name, reply.words, reply.raw) == (name, words, line.decode())
    assert reply.status == (words[0] if words else "")


@pytest.mark.parametrize("line", [b"\xff\xfe", b" ", b'"'])
def test_no_words_is_no_reply(line: bytes) -> None:
    if line == b'"':
        assert parse_reply(line).name == '"'
    else:
        with pytest.raises(ProtocolError):
            parse_reply(line)


@pytest.mark.parametrize("name", ["ES", "ET", "EL"])
def test_errors_are_known(name: str) -> None:
    assert parse_reply(name.encode()).is_error
    assert not parse_reply(b"S I").is_error


def test_commands_end_with_cr_lf() -> None:
    assert protocol.command(protocol.WEIGHT_NOW) == b"SI\r\n"
    assert protocol.command(protocol.RESET) == b"@\r\n"
    assert protocol.command("TA", "1.5", "kg") == b"TA 1.5 kg\r\n"


def test_lines_come_whole_however_they_are_cut() -> None:
    stream = STABLE_100_G + b"\r\n" + STABLE_1234_KG + b"S I\n"
    whole = Lines().feed(stream)
    single = Lines()
    assert [line for byte in stream for line in single.feed(bytes([byte]))] == whole
    assert whole == [STABLE_100_G[:-2], STABLE_1234_KG[:-2], b"S I"]


def test_an_endless_line_is_thrown_away_up_to_its_end() -> None:
    lines = Lines()
    assert lines.feed(b"x" * 1000) == []
    assert lines.feed(b"S S 1 g\r\n") == []
    assert lines.discarded == 1
    assert lines.feed(STABLE_100_G) == [STABLE_100_G[:-2]]


def test_clearing_forgets_a_half_line() -> None:
    lines = Lines()
    lines.feed(b"S S    99")
    lines.clear()
    assert lines.feed(b"S I\r\n") == [b"S I"]


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    for line in Lines().feed(data + b"\n"):
        try:
            weight = weight_of(line)
        except ProtocolError:
            continue
        assert isinstance(weight, Reading | Unavailable)
