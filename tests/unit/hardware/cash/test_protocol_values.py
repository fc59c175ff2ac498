"""What devices on a ccTalk bus tell of themselves and their money, as bytes."""

from __future__ import annotations

import pytest

from hardware.cash import protocol_counters as counters
from hardware.cash import protocol_values as values
from hardware.errors import ProtocolError


def test_the_longest_time_between_two_polls() -> None:
    assert values.parse_polling_priority(b"\x02\x14") == pytest.approx(0.2)
    assert values.parse_polling_priority(b"\x03\x02") == 2.0
    assert values.parse_polling_priority(b"\x00\x14") is None
    assert values.parse_polling_priority(b"\x02\x00") is None
    with pytest.raises(ProtocolError, match="2 bytes"):
        values.parse_polling_priority(b"\x02")


def test_the_country_is_what_most_ids_name() -> None:
    assert values.country_of([b"CN010A", b"CN0010A", b"EU100A", b"......", b"TK0.5A", b"\xff\xff\xff\xff\xff\xff"]) == "CN"
    assert values.country_of([b"......", b"", b"12100A"]) == ""


def test_inhibits_have_a_bit_for_each_wanted_channel() -> None:
    assert values.inhibit_mask({1: 10, 3: 100, 16: 500}, frozenset({10, 500})) == b"\x01\x80"
    assert values.inhibit_mask({1: 10}, frozenset()) == values.ALL_INHIBITED


def test_counters_never_come_back_to_zero() -> None:
    assert [counters.next_counter(counter) for counter in (0, 1, 254, 255)] == [1, 2, 255, 1]


def test_a_tie_between_countries_goes_to_the_first_and_texts_in_no_ascii_name_none() -> None:
    assert values.country_of([b"EU100A", b"CN100A"]) == "EU"
    assert values.country_of([b"\xc4\xd6100A"]) == ""


def test_serial_numbers_both_ways() -> None:
    assert values.parse_serial(values.serial_bytes("1193046")) == "1193046"
    assert values.parse_serial(b"\x12\x34\x56", "ITL") == "1193046"
    with pytest.raises(ProtocolError, match="3 bytes"):
        values.parse_serial(b"\x01\x02")
