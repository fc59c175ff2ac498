"""Toledo 8217: the reference's bytes, both ways, and everything that is not them."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import ProtocolError
from hardware.scale import protocol_8217 as protocol
from hardware.scale.protocol_8217 import Bodies, Status, Unit, Weight, has_echoed, parse_status, parse_weight
from hardware.scale.reading import Unavailable

ONE_KILOGRAM_AND_A_BIT = bytes.fromhex("02 30 31 2E 32 33 34 0D")
MOVING = bytes.fromhex("02 3F 41 0D")
ECHO_ON = bytes.fromhex("02 45 0D")


def body_of(data: bytes) -> bytes:
    (body,) = Bodies().feed(data)
    return body


def with_parity(data: bytes) -> bytes:
    return bytes(byte | (0x80 if byte.bit_count() % 2 else 0) for byte in data)


@pytest.mark.parametrize("vector", [ONE_KILOGRAM_AND_A_BIT, with_parity(ONE_KILOGRAM_AND_A_BIT)])
def test_the_reference_s_weight_with_and_without_parity(vector: bytes) -> None:
    assert parse_weight(body_of(vector), "kg") == Weight(1234.0, net=False, raw="01.234")


def test_the_reference_s_motion_and_echo() -> None:
    status = parse_weight(body_of(MOVING), "kg")
    assert status == Status(moving=True)
    assert status.unavailable is Unavailable.MOVING
    assert body_of(ECHO_ON) == b"E"
    assert protocol.ECHO_STARTED == ECHO_ON


@pytest.mark.parametrize(
    ("body", "unit", "grams", "net"),
    [
        (b"00.000", "kg", 0.0, False),
        (b"99.999", "kg", 99999.0, False),
        (b"01.234N", "kg", 1234.0, True),
        (b"01.00", "lb", 453.59237, False),
        (b"10.50N", "lb", 4762.719885, True),
    ],
)
def test_weights(body: bytes, unit: Unit, grams: float, net: bool) -> None:  # noqa: FBT001 - a table's column
    assert parse_weight(body, unit) == Weight(grams, net, body.decode())


@pytest.mark.parametrize(
    "body", [b"", b"1.234", b"01.23", b"001.234", b"01,234", b"01.234 ", b"-1.234", b"01.234n", b" 1.234", b"01.2E4", b"E"]
)
def test_only_the_exact_grammar_is_a_weight(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_weight(body, "kg")


@pytest.mark.parametrize(("body", "unit"), [(b"01.23", "kg"), (b"01.234N", "lb")])
def test_a_scale_in_the_other_unit_is_told(body: bytes, unit: Unit) -> None:
    with pytest.raises(ProtocolError, match=f"the settings say {unit}"):
        parse_weight(body, unit)


@pytest.mark.parametrize(
    ("byte", "status", "reason"),
    [
        (0x41, Status(moving=True), Unavailable.MOVING),
        (0x01, Status(moving=True), Unavailable.MOVING),
        (0xC1, Status(moving=True), Unavailable.MOVING),
        (0x42, Status(over_capacity=True), Unavailable.OVERLOAD),
        (0x02, Status(over_capacity=True), Unavailable.OVERLOAD),
        (0x0D, Status(moving=True, under_zero=True, outside_zero_range=True), Unavailable.UNDERLOAD),
        (0x44, Status(under_zero=True), Unavailable.UNDERLOAD),
        (0x48, Status(outside_zero_range=True), Unavailable.BUSY),
        (0x50, Status(at_zero=True), Unavailable.BUSY),
        (0x60, Status(net=True), Unavailable.BUSY),
        (0x40, Status(), Unavailable.BUSY),
        (0x43, Status(moving=True, over_capacity=True), Unavailable.OVERLOAD),
    ],
)
def test_status_bits_whatever_bit_six_says(byte: int, status: Status, reason: Unavailable) -> None:
    found = parse_status(body_of(bytes([0x02, 0x3F, byte, 0x0D])))
    assert found == status
    assert found.unavailable is reason


@pytest.mark.parametrize("body", [b"", b"?", b"?AB", b"A", b"01.234"])
def test_what_is_no_status(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="no status"):
        parse_status(body)


@pytest.mark.parametrize(
    ("body", "failed"), [(b"@", ()), (b"\x00", ()), (b"B", ("NOVRAM",)), (b"^", ("NOVRAM", "RAM", "processor RAM", "ROM"))]
)
def test_results_of_its_test(body: bytes, failed: tuple[str, ...]) -> None:
    assert protocol.parse_test_result(body) == failed


@pytest.mark.parametrize("body", [b"", b"@@"])
def test_what_is_no_result(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="no result"):
        protocol.parse_test_result(body)


def test_bodies_come_whole_however_they_are_cut() -> None:
    stream = with_parity(b"xy\r" + ONE_KILOGRAM_AND_A_BIT + b"noise" + MOVING + b"\x02half" + ECHO_ON)
    whole = Bodies().feed(stream)
    single = Bodies()
    assert [body for byte in stream for body in single.feed(bytes([byte]))] == whole
    assert whole == [b"01.234", b"?A", b"E"]


def test_an_endless_body_is_thrown_away() -> None:
    bodies = Bodies()
    assert bodies.feed(b"\x02" + b"0" * 5000 + b"\r") == []
    assert bodies.feed(ONE_KILOGRAM_AND_A_BIT) == [b"01.234"]


def test_an_echo_counts_only_after_it_was_switched_on() -> None:
    assert has_echoed(ECHO_ON + b"007", b"007")
    assert has_echoed(with_parity(ONE_KILOGRAM_AND_A_BIT + ECHO_ON + b"007"), b"007")
    assert not has_echoed(b"007" + ECHO_ON, b"007")
    assert not has_echoed(ECHO_ON + b"006", b"007")
    assert not has_echoed(b"E007", b"007")


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    for body in Bodies().feed(data + b"\r"):
        assert len(body) <= protocol.BODY_LIMIT_BYTES
        for unit in get_args(Unit):
            try:
                answer = parse_weight(body, unit)
            except ProtocolError:
                continue
            assert isinstance(answer, Weight | Status)
