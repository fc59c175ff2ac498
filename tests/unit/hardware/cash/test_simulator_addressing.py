"""Who answers on the simulated bus: addresses, everybody, strangers, collisions, and headers nobody knows."""

from __future__ import annotations

import random

import pytest

from hardware.bench.simulator import JsonValue
from hardware.cash.line_simulator import collided
from hardware.cash.protocol import Checksum, Frame, Header, decode, encode
from hardware.cash.simulator import SimulatedCashBus, build


class Bench:
    """The bus without echo, and a clock."""

    def __init__(self, **options: JsonValue) -> None:
        self.bus: SimulatedCashBus = build({"country": "EU", "echo": False, **options}, 1)
        self.now_s = 10.0

    def say(self, data: bytes, wait_s: float = 0.02) -> bytes:
        """Send bytes; return what comes meanwhile."""
        self.bus.receive(data, self.now_s)
        self.now_s += wait_s
        return self.bus.send(self.now_s)

    def ask(self, address: int, header: int, data: bytes = b"", checksum: Checksum = "sum8") -> Frame:
        """Send a frame; return the reply."""
        return decode(self.say(encode(Frame(address, header, data), checksum)), checksum)


ONE: dict[str, JsonValue] = {"note_validator": 0, "coin_acceptor": 0, "hoppers": {"3": 100}}


def test_an_address_poll_is_answered_by_bare_addresses_one_after_the_other() -> None:
    bench = Bench()
    assert bench.say(bytes.fromhex("00 00 01 FD 02"), 0.014) == b"\x02"
    assert bench.say(b"", 0.002) == b"\x03"
    assert bench.say(b"", 1.2) == b"\x04\x05\x28"


def test_an_address_clash_is_answered_by_the_bare_address() -> None:
    assert Bench().say(encode(Frame(3, Header.ADDRESS_CLASH), "sum8"), 1.2) == b"\x03"


def test_everybody_hears_what_is_for_everybody() -> None:
    bench = Bench()
    bench.ask(3, Header.ENABLE_HOPPER, b"\xa5")
    bench.say(bytes.fromhex("00 00 01 01 FE"))
    assert bench.ask(3, Header.TEST_HOPPER).data[0] & 0x80


def test_a_single_device_answers_everybody_with_its_own_address() -> None:
    assert Bench(**ONE).say(bytes.fromhex("00 00 01 FE 01")) == bytes.fromhex("01 00 03 00 FC")


def test_several_answers_at_once_are_heard_as_their_and() -> None:
    acks = [bytes([1, 0, address, 0, 255 - address]) for address in (2, 40, 3, 4, 5)]
    assert Bench().say(bytes.fromhex("00 00 01 FE 01")) == collided(acks)
    assert collided([b"\x0f\xff", b"\xf3"]) == b"\x03\xff"


def test_a_device_answers_whoever_asks() -> None:
    assert decode(Bench().say(encode(Frame(3, 254, b"", 9), "sum8")), "sum8") == Frame(9, 0, b"", 3)


def test_a_device_gets_another_address_and_answers_once_more_from_the_old() -> None:
    bench = Bench()
    assert bench.ask(3, Header.ADDRESS_CHANGE, b"\x07") == Frame(1, 0, b"", 3)
    assert bench.say(encode(Frame(3, 254), "sum8")) == b""
    assert bench.ask(7, 254) == Frame(1, 0, b"", 7)
    assert bench.ask(7, Header.ADDRESS_CHANGE, b"\x01").header == Header.NAK
    assert bench.ask(7, Header.ADDRESS_RANDOM) == Frame(1, 0, b"", 7)
    assert bench.say(encode(Frame(7, 254), "sum8")) == b""


@pytest.mark.parametrize("address", [2, 40, 3])
@pytest.mark.parametrize(("unknown", "answer"), [("silence", b""), ("nak", None)])
def test_a_header_that_nobody_knows(address: int, unknown: str, answer: bytes | None) -> None:
    bench = Bench(unknown_header=unknown)
    said = bench.say(encode(Frame(address, 99), "sum8"))
    assert said == (encode(Frame(1, Header.NAK, b"", address), "sum8") if answer is None else answer)


def test_a_reply_on_the_wire_is_nobodys_question() -> None:
    assert Bench().say(encode(Frame(3, Header.REPLY), "sum8")) == b""


@pytest.mark.parametrize(
    ("address", "header", "data"),
    [
        (2, Header.COIN_ID, b""),
        (2, Header.MODIFY_INHIBITS, b"\xff"),
        (2, Header.MASTER_INHIBIT, b""),
        (40, Header.BILL_ID, b""),
        (40, Header.ROUTE_BILL, b""),
        (40, Header.MODIFY_INHIBITS, b""),
        (40, Header.BILL_MODE, b"\x03\x03"),
        (3, Header.PUMP_RNG, b"\x00"),
        (3, Header.DISPENSE, b""),
    ],
)
def test_wrong_data_is_refused(address: int, header: Header, data: bytes) -> None:
    assert Bench().ask(address, header, data).header == Header.NAK


def test_an_empty_escrow_says_so() -> None:
    assert Bench().ask(40, Header.ROUTE_BILL, b"\x01").data == b"\xfe"


def test_a_length_that_cannot_be_is_forgotten_after_a_silence() -> None:
    bench = Bench()
    assert bench.say(b"\x03\xff" + bytes.fromhex("03 00 01 FE FE")) == b""
    assert bench.say(b"", 0.06) == b""
    assert bench.say(bytes.fromhex("03 00 01 FE FE")) == bytes.fromhex("01 00 03 00 FC")


def test_devices_of_both_checksums_on_one_wire() -> None:
    bench = Bench(checksums={"40": "crc16"})
    assert bench.say(bytes.fromhex("28 00 B6 FE 21")) == bytes.fromhex("01 00 30 00 37")
    assert bench.say(bytes.fromhex("28 00 01 FE D9")) == b""
    assert bench.say(bytes.fromhex("02 00 01 FE FF")) == bytes.fromhex("01 00 02 00 FD")


@pytest.mark.parametrize(
    ("product", "header", "answer"),
    [
        ("SCH2", Header.TEST_HOPPER, "80 00"),
        ("FLOW", Header.TEST_HOPPER, "80"),
        ("MK1", Header.TEST_HOPPER, "80"),
        ("SCH2", Header.LEVEL, "30"),
        ("SCH2", Header.OPTOS, "00"),
        ("FLOW", Header.OPTOS, "02"),
        ("SCH2", Header.CIPHER_KEY, "00 00 00 00 00 00 00 00"),
    ],
)
def test_what_a_hopper_answers_depends_on_its_maker(product: str, header: Header, answer: str) -> None:
    assert Bench(product=product).ask(3, header).data == bytes.fromhex(answer)


@pytest.mark.parametrize("data", ["00 00 00 05", "00 00 00 00 00 00 00 00 05"])
@pytest.mark.parametrize("product", ["SCH2", "SCH2-NOENCRYPT"])
def test_every_order_to_pay_counts_also_a_refused_one(product: str, data: str) -> None:
    bench = Bench(product=product)
    bench.ask(3, Header.ENABLE_HOPPER, b"\xa5")
    reply = bench.ask(3, Header.DISPENSE, bytes.fromhex(data))
    is_paid = product != "SCH2" and len(data) > 20
    assert (reply.header, reply.data) == ((Header.REPLY, b"\x01") if is_paid else (Header.NAK, b""))
    assert bench.ask(3, Header.HOPPER_STATUS).data[0] == 1


@pytest.mark.parametrize("header", [192, 170, 169, 4, 3, 2, 213, 227, 243, 248])
@pytest.mark.parametrize("address", [2, 40])
def test_the_smaller_questions_are_answered(address: int, header: int) -> None:
    assert Bench().ask(address, header).header == Header.REPLY


@pytest.mark.parametrize("seed", range(3))
def test_the_bus_takes_any_frame_and_its_money_stays(seed: int) -> None:
    chance = random.Random(seed)
    bench = Bench(checksums={"40": "crc16"})
    for _ in range(2000):
        data = chance.randbytes(chance.randrange(12))
        checksum: Checksum = chance.choice(("sum8", "crc16"))
        said = bench.say(encode(Frame(chance.choice((0, 2, 3, 4, 5, 40)), chance.randrange(256), data), checksum), 0.06)
        assert len(said) <= 300, seed
    facts = bench.bus.facts()
    coins_minor = 200 * (100 + 50 + 10)
    total_minor, tray_minor = facts["machine_total_minor"], facts["tray_minor"]
    assert isinstance(total_minor, int)
    assert isinstance(tray_minor, int)
    assert total_minor + tray_minor == coins_minor, seed
