from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import DeviceBusyError, DeviceRefusedError
from hardware.io_module import protocol
from hardware.io_module.protocol import Request

VECTORS = {
    "output 0 on": (protocol.write_coil(1, 0, on=True), "01 05 00 00 FF 00 8C 3A", "01 05 00 00 FF 00 8C 3A"),
    "output 0 off": (protocol.write_coil(1, 0, on=False), "01 05 00 00 00 00 CD CA", "01 05 00 00 00 00 CD CA"),
    "all on": (protocol.write_coil(1, 0xFF, on=True), "01 05 00 FF FF 00 BC 0A", "01 05 00 FF FF 00 BC 0A"),
    "all off": (protocol.write_coil(1, 0xFF, on=False), "01 05 00 FF 00 00 FD FA", "01 05 00 FF 00 00 FD FA"),
    "flash 0": (protocol.flash_on(1, 0, 0.7), "01 05 02 00 00 07 8D B0", "01 05 02 00 00 07 8D B0"),
    "flash 1": (protocol.flash_on(1, 1, 0.5), "01 05 02 01 00 05 5D B1", "01 05 02 01 00 05 5D B1"),
    "eight on": (protocol.write_coils(1, [True] * 8), "01 0F 00 00 00 08 01 FF BE D5", "01 0F 00 00 00 08 54 0D"),
    "eight off": (protocol.write_coils(1, [False] * 8), "01 0F 00 00 00 08 01 00 FE 95", "01 0F 00 00 00 08 54 0D"),
    "read outputs": (protocol.read_coils(1), "01 01 00 00 00 08 3D CC", "01 01 01 01 90 48"),
    "read inputs": (protocol.read_inputs(1), "01 02 00 00 00 08 79 CC", "01 02 01 09 61 8E"),
    "read address": (protocol.read_registers(1, 0x4000), "01 03 40 00 00 01 91 CA", None),
    "mode 3 to 0": (protocol.write_register(1, 0x1003, 0), "01 06 10 03 00 00 7D 0A", "01 06 10 03 00 00 7D 0A"),
    "read version": (protocol.read_registers(1, 0x8000), "01 03 80 00 00 01 AD CA", None),
}
DATA = {"read outputs": b"\x01", "read inputs": b"\x09"}


@pytest.mark.parametrize("name", VECTORS)
def test_the_reference_s_requests(name: str) -> None:
    request, frame, _ = VECTORS[name]
    assert request.frame == bytes.fromhex(frame)


@pytest.mark.parametrize("name", [name for name, (_, _, reply) in VECTORS.items() if reply])
def test_the_reference_s_replies(name: str) -> None:
    request, _, reply = VECTORS[name]
    assert reply is not None
    assert protocol.find_reply(bytes.fromhex(reply), request) == DATA.get(name, request.body[:4])


def test_the_reference_s_refusal() -> None:
    request = protocol.read_coils(1, start=0x28)
    assert request.frame == bytes.fromhex("01 01 00 28 00 08 BD C4")
    with pytest.raises(DeviceRefusedError, match="function 01 at 0028: no such address"):
        protocol.find_reply(bytes.fromhex("01 81 02 C1 91"), request)


def sealed(frame: bytes) -> bytes:
    return frame + protocol.crc(frame)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(1, "unknown function"), (2, "no such address"), (3, "value not allowed"), (4, "device failure"), (9, "code 9")],
)
def test_refusals_say_why(code: int, sentence: str) -> None:
    with pytest.raises(DeviceRefusedError, match=sentence):
        protocol.find_reply(sealed(bytes([1, 0x82, code])), protocol.read_inputs(1))


def test_busy_is_no_refusal() -> None:
    with pytest.raises(DeviceBusyError):
        protocol.find_reply(sealed(bytes([1, 0x82, 6])), protocol.read_inputs(1))


@pytest.mark.parametrize("name", [name for name, (_, _, reply) in VECTORS.items() if reply])
def test_a_reply_is_found_behind_noise_and_never_before_it_is_whole(name: str) -> None:
    request, _, reply = VECTORS[name]
    assert reply is not None
    whole = b"\x00\x01\xff\x01\x05" + bytes.fromhex(reply)
    assert protocol.find_reply(whole, request) is not None
    for size in range(len(whole)):
        assert protocol.find_reply(whole[:size], request) is None


@pytest.mark.parametrize("name", [name for name, (_, _, reply) in VECTORS.items() if reply])
def test_every_flipped_bit_is_seen(name: str) -> None:
    request, _, reply = VECTORS[name]
    assert reply is not None
    whole = bytes.fromhex(reply)
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        assert protocol.find_reply(bytes(flipped), request) is None, bit


@pytest.mark.parametrize(
    "other",
    [
        "02 02 01 09 25 8E",  # another module's
        "01 01 01 01 90 48",  # outputs
        "01 05 00 00 FF 00 8C 3A",  # an echo
        "01 81 02 C1 91",  # a refusal to read outputs
    ],
)
def test_another_question_s_answer_is_passed_over(other: str) -> None:
    inputs = bytes.fromhex("01 02 01 09 61 8E")
    assert protocol.find_reply(bytes.fromhex(other), protocol.read_inputs(1)) is None
    assert protocol.find_reply(bytes.fromhex(other) + inputs, protocol.read_inputs(1)) == b"\x09"


def test_resync_answers_differ_from_turn_to_turn() -> None:
    requests = [protocol.resync(1, turn) for turn in range(8)]
    replies = [sealed(bytes([1, 3, 2 * (1 + turn)]) + bytes(2 * (1 + turn))) for turn in range(8)]
    for turn, request in enumerate(requests):
        understood = [number for number, reply in enumerate(replies) if protocol.find_reply(reply, request) is not None]
        assert understood == [turn]


@pytest.mark.parametrize("duration_s", [0.0, 0.04, -1.0, 3277.0])
def test_pulses_that_the_module_cannot_count_are_refused(duration_s: float) -> None:
    with pytest.raises(ValueError, match="a pulse lasts"):
        protocol.flash_on(1, 0, duration_s)


def test_the_longest_pulse() -> None:
    assert protocol.flash_on(1, 7, 3276.7).body == bytes.fromhex("02 07 7F FF")


@given(st.lists(st.booleans(), min_size=1, max_size=24))
def test_bits_come_back(values: list[bool]) -> None:
    assert protocol.unpack_bits(protocol.pack_bits(values), len(values)) == tuple(values)


def test_bits_are_lowest_first_and_registers_highest_first() -> None:
    assert protocol.pack_bits([True, False, False, True]) == b"\x09"
    assert protocol.unpack_bits(b"\x09")[:4] == (True, False, False, True)
    assert protocol.unpack_registers(b"\x00\xc8\x01\x02") == (200, 258)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    for request in (protocol.read_inputs(1), protocol.write_coil(1, 0, on=True), protocol.resync(1, 3)):
        assert protocol.find_reply(data, request) is None


def test_random_noise_never_looks_like_an_answer() -> None:
    seed = 20261101
    print(f"seed {seed}")
    noise = random.Random(seed)
    request: Request = protocol.read_inputs(1)
    assert not any(protocol.find_reply(noise.randbytes(64), request) for _ in range(5000))
