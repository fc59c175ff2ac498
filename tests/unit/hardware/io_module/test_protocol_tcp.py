from __future__ import annotations

import pytest

from hardware.errors import DeviceBusyError, DeviceRefusedError
from hardware.io_module import protocol, protocol_tcp

VECTORS = {
    "output 0 on": (protocol.write_coil(1, 0, on=True), "01 05 00 00 FF 00", "01 05 00 00 FF 00", "00 00 FF 00"),
    "eight off": (protocol.write_coils(1, [False] * 8), "01 0F 00 00 00 08 01 00", "01 0F 00 00 00 08", "00 00 00 08"),
    "read inputs": (protocol.read_inputs(1), "01 02 00 00 00 08", "01 02 01 09", "09"),
    "read uptime": (protocol.read_input_registers(1, 5020, 2), "01 04 13 9C 00 02", "01 04 04 00 00 0E 10", "00 00 0E 10"),
}
"""The reference's questions and answers of section 7.2 without their CRC, behind a header."""


def framed(number: int, rest: str) -> bytes:
    body = bytes.fromhex(rest)
    return number.to_bytes(2) + b"\0\0" + len(body).to_bytes(2) + body


@pytest.mark.parametrize("name", VECTORS)
def test_questions_and_answers_have_the_header(name: str) -> None:
    request, asked, answered, data = VECTORS[name]
    assert protocol_tcp.frame(request, 0x1234) == framed(0x1234, asked)
    assert protocol_tcp.find_reply(framed(0x1234, answered), request, 0x1234) == bytes.fromhex(data)


@pytest.mark.parametrize("name", VECTORS)
def test_an_answer_is_found_behind_older_ones_and_never_before_it_is_whole(name: str) -> None:
    request, _asked, answered, data = VECTORS[name]
    older = framed(6, answered) + b"\x00\x07\x00\x00\x00\x00" + b"\x00\x07\x00\x00\xff\xff"
    whole = older + framed(7, answered)
    for size in range(len(whole)):
        assert protocol_tcp.find_reply(whole[:size], request, 7) is None
    assert protocol_tcp.find_reply(whole, request, 7) == bytes.fromhex(data)


@pytest.mark.parametrize("other", ["02 02 01 09", "01 01 01 09", "01 02 02 09 00", "01 02", "01 02 01"])
def test_another_shape_is_no_answer(other: str) -> None:
    assert protocol_tcp.find_reply(framed(7, other), protocol.read_inputs(1), 7) is None


def test_an_echo_of_other_values_is_no_answer() -> None:
    assert protocol_tcp.find_reply(framed(7, "01 05 00 01 FF 00"), protocol.write_coil(1, 0, on=True), 7) is None


def test_refusals() -> None:
    with pytest.raises(DeviceRefusedError, match="no such address"):
        protocol_tcp.find_reply(framed(7, "01 82 02"), protocol.read_inputs(1), 7)
    with pytest.raises(DeviceBusyError):
        protocol_tcp.find_reply(framed(7, "01 82 06"), protocol.read_inputs(1), 7)
    assert protocol_tcp.find_reply(framed(6, "01 82 02"), protocol.read_inputs(1), 7) is None
