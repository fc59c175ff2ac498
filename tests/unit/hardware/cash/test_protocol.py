"""The frames of the reference (ccTalk generic specification, device manuals), read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cash.protocol import DATA_MAX, HOST, Checksum, Frame, Header, crc16, decode, encode, frame_length
from hardware.cash.protocol_counters import (
    EventBuffer,
    FlowLevel,
    HopperFlag,
    HopperSensors,
    HopperStatus,
    dispense_count_bytes,
    event_buffer_bytes,
    hopper_sensors_byte,
    hopper_status_bytes,
    parse_dispense_count,
    parse_event_buffer,
    parse_flow_level,
    parse_hopper_sensors,
    parse_hopper_status,
    parse_hopper_test,
)
from hardware.cash.protocol_faults import bill_fault, coin_fault, self_check_sentence
from hardware.cash.protocol_values import (
    CountryScaling,
    bill_id,
    coin_id,
    parse_bill_id,
    parse_coin_id,
    parse_country_scaling,
    parse_serial,
    parse_text,
    serial_bytes,
)
from hardware.errors import ProtocolError

COINS, NOTES, HOPPER = 2, 40, 3

SUM8 = [
    ("02 00 01 FE FF", COINS, 254, ""),
    ("02 00 01 F5 08", COINS, 245, ""),
    ("02 00 01 F6 07", COINS, 246, ""),
    ("02 00 01 F2 0B", COINS, 242, ""),
    ("02 00 01 F9 04", COINS, 249, ""),
    ("02 01 01 B8 01 43", COINS, 184, "01"),
    ("02 02 01 E7 FF FF 16", COINS, 231, "FF FF"),
    ("02 00 01 E6 17", COINS, 230, ""),
    ("02 01 01 E4 01 17", COINS, 228, "01"),
    ("02 01 01 E4 00 18", COINS, 228, "00"),
    ("02 00 01 E5 18", COINS, 229, ""),
    ("02 00 01 01 FC", COINS, 1, ""),
    ("28 00 01 FE D9", NOTES, 254, ""),
    ("28 00 01 9F 38", NOTES, 159, ""),
    ("28 01 01 9A 01 3B", NOTES, 154, "01"),
    ("28 01 01 9A 00 3C", NOTES, 154, "00"),
    ("28 01 01 9A FF 3D", NOTES, 154, "FF"),
    ("28 02 01 E7 FF FF F0", NOTES, 231, "FF FF"),
    ("28 01 01 99 03 3A", NOTES, 153, "03"),
    ("28 01 01 E4 01 F1", NOTES, 228, "01"),
    ("03 00 01 FE FE", HOPPER, 254, ""),
    ("03 00 01 F2 0A", HOPPER, 242, ""),
    ("03 00 01 A3 59", HOPPER, 163, ""),
    ("03 01 01 A4 A5 B2", HOPPER, 164, "A5"),
    ("03 08 01 A1 5B DA AA 6F 9A 5D C5 06 43", HOPPER, 161, "5B DA AA 6F 9A 5D C5 06"),
    ("03 00 01 A0 5C", HOPPER, 160, ""),
    ("03 04 01 A7 DF D7 0A 01 90", HOPPER, 167, "DF D7 0A 01"),
    ("03 04 01 A7 4E 46 05 05 B3", HOPPER, 167, "4E 46 05 05"),
    ("03 09 01 A7 63 D9 2A 95 BA D4 35 82 03 09", HOPPER, 167, "63 D9 2A 95 BA D4 35 82 03"),
    ("03 09 01 A7 00 00 00 00 00 00 00 00 05 47", HOPPER, 167, "00 00 00 00 00 00 00 00 05"),
    ("03 00 01 A6 56", HOPPER, 166, ""),
    ("03 00 01 A8 54", HOPPER, 168, ""),
    ("03 00 01 AC 50", HOPPER, 172, ""),
    ("03 00 01 D9 23", HOPPER, 217, ""),
    ("03 00 01 EC 10", HOPPER, 236, ""),
    ("03 04 01 DA 31 32 33 34 54", HOPPER, 218, "31 32 33 34"),
]
SUM8_REPLIES = [
    ("01 00 02 00 FD", COINS, 0, ""),
    ("01 0D 02 00 43 6F 69 6E 20 41 63 63 65 70 74 6F 72 16", COINS, 0, "43 6F 69 6E 20 41 63 63 65 70 74 6F 72"),
    ("01 03 02 00 4E 61 BC 8F", COINS, 0, "4E 61 BC"),
    ("01 02 02 00 02 14 E5", COINS, 0, "02 14"),
    ("01 06 02 00 45 55 32 30 30 41 8A", COINS, 0, "45 55 32 30 30 41"),
    ("01 02 02 00 00 00 FB", COINS, 0, "00 00"),
    ("01 0B 02 00 00 00 00 00 00 00 00 00 00 00 00 F2", COINS, 0, "00 00 00 00 00 00 00 00 00 00 00"),
    ("01 0B 02 00 01 06 01 00 00 00 00 00 00 00 00 EA", COINS, 0, "01 06 01 00 00 00 00 00 00 00 00"),
    ("01 0B 02 00 06 06 04 00 14 00 17 06 04 0D 02 9E", COINS, 0, "06 06 04 00 14 00 17 06 04 0D 02"),
    ("01 00 03 05 F7", HOPPER, 5, ""),
    ("01 00 03 06 F6", HOPPER, 6, ""),
    ("01 00 03 00 FC", HOPPER, 0, ""),
    ("01 03 03 00 4E 46 05 60", HOPPER, 0, "4E 46 05"),
    ("01 01 03 00 80 7B", HOPPER, 0, "80"),
    ("01 02 03 00 80 80 FA", HOPPER, 0, "80 80"),
    ("01 01 03 00 01 FA", HOPPER, 0, "01"),
    ("01 01 03 00 08 F3", HOPPER, 0, "08"),
    ("01 04 03 00 00 00 00 00 F8", HOPPER, 0, "00 00 00 00"),
    ("01 04 03 00 01 03 01 00 F3", HOPPER, 0, "01 03 01 00"),
    ("01 04 03 00 01 00 04 00 F3", HOPPER, 0, "01 00 04 00"),
]
CRC16 = [
    ("28 00 B6 FE 21", NOTES, 254, ""),
    ("28 00 46 01 3F", NOTES, 1, ""),
    ("28 00 31 9F 5D", NOTES, 159, ""),
    ("28 01 BC 9A 01 62", NOTES, 154, "01"),
    ("28 01 9D 9A 00 72", NOTES, 154, "00"),
    ("28 02 5F E7 FF FF DF", NOTES, 231, "FF FF"),
    ("28 01 EA E4 01 49", NOTES, 228, "01"),
    ("28 01 AD 99 03 17", NOTES, 153, "03"),
    ("01 00 30 00 37", HOST, 0, ""),
    ("01 00 95 05 67", HOST, 5, ""),
    ("01 0B 3B 00 01 03 01 00 00 00 00 00 00 00 00 3D", HOST, 0, "01 03 01 00 00 00 00 00 00 00 00"),
    ("01 0B F6 00 02 03 00 03 01 00 00 00 00 00 00 DE", HOST, 0, "02 03 00 03 01 00 00 00 00 00 00"),
    ("28 01 2B 9D 01 FB", NOTES, 157, "01"),
    ("01 07 D2 00 45 55 30 30 31 30 41 C6", HOST, 0, "45 55 30 30 31 30 41"),
    ("28 02 C0 9C 45 55 12", NOTES, 156, "45 55"),
    ("01 03 9B 00 64 00 02 CC", HOST, 0, "64 00 02"),
]


@pytest.mark.parametrize(("text", "destination", "header", "data"), SUM8)
def test_a_request_with_sum8_is_written_and_read_as_in_the_reference(
    text: str, destination: int, header: int, data: str
) -> None:
    frame = Frame(destination, header, bytes.fromhex(data), HOST)
    assert encode(frame, "sum8") == bytes.fromhex(text)
    assert decode(bytes.fromhex(text), "sum8") == frame


@pytest.mark.parametrize(("text", "source", "header", "data"), SUM8_REPLIES)
def test_a_reply_with_sum8_is_written_and_read_as_in_the_reference(text: str, source: int, header: int, data: str) -> None:
    frame = Frame(HOST, header, bytes.fromhex(data), source)
    assert encode(frame, "sum8") == bytes.fromhex(text)
    assert decode(bytes.fromhex(text), "sum8") == frame


@pytest.mark.parametrize(("text", "destination", "header", "data"), CRC16)
def test_a_frame_with_crc16_is_written_and_read_as_in_the_reference(
    text: str, destination: int, header: int, data: str
) -> None:
    frame = Frame(destination, header, bytes.fromhex(data), None)
    assert encode(frame, "crc16") == bytes.fromhex(text)
    assert decode(bytes.fromhex(text), "crc16") == frame


def test_the_wrong_sum_printed_in_the_flow_manual_is_refused() -> None:
    with pytest.raises(ProtocolError, match="checksum"):
        decode(bytes.fromhex("01 01 03 00 80 BA"), "sum8")


def test_the_crc_is_xmodem() -> None:
    assert crc16(b"123456789") == 0x31C3


@given(
    st.sampled_from(("sum8", "crc16")),
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=DATA_MAX),
    st.integers(0, 255),
)
def test_every_frame_comes_back(checksum: Checksum, destination: int, header: int, data: bytes, source: int) -> None:
    frame = Frame(destination, header, data, source if checksum == "sum8" else None)
    encoded = encode(frame, checksum)
    assert decode(encoded, checksum) == frame
    assert frame_length(encoded) == len(encoded)


@given(st.sampled_from(("sum8", "crc16")), st.binary(max_size=12), st.data())
def test_a_frame_with_one_changed_byte_is_refused(checksum: Checksum, payload: bytes, data: st.DataObject) -> None:
    whole = bytearray(encode(Frame(COINS, 0, payload), checksum))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ProtocolError):
        decode(bytes(whole), checksum)


@given(st.sampled_from(("sum8", "crc16")), st.binary(max_size=40))
def test_garbage_is_a_frame_or_a_protocol_error(checksum: Checksum, garbage: bytes) -> None:
    try:
        frame = decode(garbage, checksum)
    except ProtocolError:
        return
    assert encode(frame, checksum) == garbage


def test_too_much_data_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="252"):
        encode(Frame(COINS, 0, bytes(DATA_MAX + 1)), "sum8")
    with pytest.raises(ValueError, match="sender"):
        encode(Frame(COINS, 0, b"", None), "sum8")


def test_texts_and_serial_numbers() -> None:
    assert parse_text(b"Coin Acceptor") == "Coin Acceptor"
    assert parse_text(b"A\x00\xff") == "A.."
    assert parse_serial(bytes.fromhex("4E 61 BC")) == "12345678"
    assert serial_bytes("12345678") == bytes.fromhex("4E 61 BC")
    assert parse_serial(bytes.fromhex("4E 46 05")) == "345678"
    with pytest.raises(ProtocolError):
        parse_serial(b"\x01\x02")
    with pytest.raises(ProtocolError, match="16777216"):
        serial_bytes(str(1 << 24))


@pytest.mark.parametrize(
    ("text", "value_minor"),
    [
        ("EU005A", 5),
        ("EU010A", 10),
        ("EU020A", 20),
        ("EU050A", 50),
        ("EU100A", 100),
        ("EU200A", 200),
        ("EU5K0A", 5000),
        ("EU1K5A", 1500),
        ("EU20KA", 20000),
        ("EU1M0A", 1_000_000),
    ],
)
def test_coin_values(text: str, value_minor: int) -> None:
    assert parse_coin_id(text.encode(), "EU") == value_minor


@pytest.mark.parametrize(
    "data", [b"......", b"\x00" * 6, b"      ", b"GB100A", b"EU000A", b"EUxx0A", b"EU10", b"EU\xb2\xb2\xb2A"]
)
def test_channels_without_a_coin_of_the_country(data: bytes) -> None:
    assert parse_coin_id(data, "EU") is None


def test_bill_values_are_scaled() -> None:
    euro = parse_country_scaling(bytes.fromhex("64 00 02"))
    assert euro == CountryScaling(100, 2)
    assert parse_bill_id(b"EU0010A", "EU", euro) == 1000
    assert parse_bill_id(b"EU0010A", "CN", euro) is None
    assert parse_bill_id(b".......", "EU", euro) is None
    assert parse_bill_id(b"EU0010A", "EU", CountryScaling(0, 0)) is None
    assert parse_bill_id(bill_id(100, "CN"), "CN", euro) == 10000
    assert parse_coin_id(coin_id(50, "CN"), "CN") == 50
    with pytest.raises(ProtocolError):
        parse_country_scaling(b"\x64\x00")


def test_event_buffer() -> None:
    data = bytes.fromhex("06 06 04 00 14 00 17 06 04 0D 02")
    buffer = EventBuffer(6, ((6, 4), (0, 20), (0, 23), (6, 4), (13, 2)))
    assert parse_event_buffer(data) == buffer
    assert event_buffer_bytes(buffer) == data
    with pytest.raises(ProtocolError):
        parse_event_buffer(data[:-1])


def test_hopper_status_count_test_and_level() -> None:
    assert parse_hopper_status(bytes([1, 3, 1, 0])) == HopperStatus(1, 3, 1, 0)
    assert hopper_status_bytes(HopperStatus(1, 0, 4, 0)) == bytes([1, 0, 4, 0])
    assert parse_dispense_count(bytes([0x10, 0x27, 0])) == 10_000
    assert dispense_count_bytes(10_000) == bytes([0x10, 0x27, 0])
    assert parse_hopper_test(b"\x80") == HopperFlag.DISABLED
    assert parse_hopper_test(b"\x82\x01") == HopperFlag.DISABLED | HopperFlag.PAYOUT_TIME_OUT | HopperFlag.OPTO_SHORT_PAYING
    assert parse_hopper_sensors(b"\x31") == HopperSensors(below_low=True, above_high=False, has_low=True, has_high=True)
    assert hopper_sensors_byte(HopperSensors(below_low=False, above_high=True, has_low=True, has_high=True)) == b"\x32"
    for parse in (parse_hopper_status, parse_dispense_count, parse_hopper_test, parse_hopper_sensors):
        with pytest.raises(ProtocolError):
            parse(b"")


def test_the_header_numbers_are_those_of_the_reference() -> None:
    assert (Header.DISPENSE, Header.HOPPER_STATUS, Header.DISPENSE_COUNT) == (167, 166, 168)
    assert (Header.COIN_EVENTS, Header.BILL_EVENTS, Header.ROUTE_BILL, Header.EMERGENCY_STOP) == (229, 159, 154, 172)


@pytest.mark.parametrize(("data", "level"), [(b"\x00", FlowLevel.FULL), (b"\x02", FlowLevel.HALF), (b"\x03", FlowLevel.EMPTY)])
def test_the_level_of_a_flow_hopper(data: bytes, level: FlowLevel) -> None:
    assert parse_flow_level(data) is level


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x00\x00"])
def test_a_level_that_no_flow_hopper_has(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="level"):
        parse_flow_level(data)


def test_every_code_of_the_devices_is_a_sentence() -> None:
    for code in range(256):
        assert coin_fault(code).sentence.endswith(".")
        assert bill_fault(code).sentence.endswith(".")
        assert bool(self_check_sentence(code)) is (code != 0)
