"""The simulated bus answers the reference's bytes, and its coins and notes obey physics."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hardware.bench.actions import call
from hardware.bench.simulator import ActionError, JsonValue
from hardware.cash.protocol import Frame, Header, decode, encode
from hardware.cash.simulator import SimulatedCashBus, build
from hardware.cash.simulator_options import OptionError

EURO: Mapping[str, JsonValue] = {
    "country": "EU",
    "coins": [200, 100, 50],
    "notes": [1000, 500, 2000],
    "hoppers": {"3": 100},
    "echo": False,
}


class Bench:
    """The bus and a clock."""

    def __init__(self, **options: JsonValue) -> None:
        self.bus: SimulatedCashBus = build({**EURO, **options}, 1)
        self.now_s = 10.0

    def say(self, text: str) -> str:
        """Send bytes; return what comes within 20 ms."""
        self.bus.receive(bytes.fromhex(text), self.now_s)
        self.now_s += 0.02
        return self.bus.send(self.now_s).hex(" ").upper()

    def ask(self, address: int, header: Header, data: bytes = b"") -> Frame:
        """Send a frame; return the reply."""
        return decode(bytes.fromhex(self.say(encode(Frame(address, header, data), "sum8").hex())), "sum8")

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.bus.send(self.now_s)


@pytest.mark.parametrize(
    ("request_text", "reply"),
    [
        ("02 00 01 FE FF", "01 00 02 00 FD"),
        ("02 00 01 F5 08", "01 0D 02 00 43 6F 69 6E 20 41 63 63 65 70 74 6F 72 16"),
        ("02 00 01 F9 04", "01 02 02 00 02 14 E5"),
        ("02 01 01 B8 01 43", "01 06 02 00 45 55 32 30 30 41 8A"),
        ("02 02 01 E7 FF FF 16", "01 00 02 00 FD"),
        ("02 00 01 E6 17", "01 02 02 00 00 00 FB"),
        ("02 01 01 E4 01 17", "01 00 02 00 FD"),
        ("02 00 01 E5 18", "01 0B 02 00 00 00 00 00 00 00 00 00 00 00 00 F2"),
        ("02 00 01 01 FC", "01 00 02 00 FD"),
        ("03 00 01 FE FE", "01 00 03 00 FC"),
        ("03 01 01 A4 A5 B2", "01 00 03 00 FC"),
        ("03 00 01 A6 56", "01 04 03 00 00 00 00 00 F8"),
        ("03 09 01 A7 00 00 00 00 00 00 00 00 05 47", "01 00 03 05 F7"),
    ],
)
def test_it_answers_sum8_as_in_the_reference(request_text: str, reply: str) -> None:
    assert Bench().say(request_text) == reply


def test_it_answers_crc16_as_in_the_reference() -> None:
    bench = Bench(checksum="crc16")
    assert bench.say("28 00 B6 FE 21") == "01 00 30 00 37"
    assert bench.say("28 01 2B 9D 01 FB") == "01 07 D2 00 45 55 30 30 31 30 41 C6"
    assert bench.say("28 02 C0 9C 45 55 12") == "01 03 9B 00 64 00 02 CC"
    assert bench.say("28 02 5F E7 FF FF DF") == "01 00 30 00 37"
    assert bench.say("28 01 AD 99 03 17") == "01 00 30 00 37"
    assert bench.say("28 01 EA E4 01 49") == "01 00 30 00 37"
    bench.bus.insert_note(2000, bench.now_s)
    bench.wait(1.0)
    assert bench.say("28 00 31 9F 5D") == "01 0B 3B 00 01 03 01 00 00 00 00 00 00 00 00 3D"
    assert bench.say("28 01 BC 9A 01 62") == "01 00 30 00 37"
    bench.wait(1.0)
    assert bench.say("28 00 31 9F 5D") == "01 0B F6 00 02 03 00 03 01 00 00 00 00 00 00 DE"


def test_the_echo_comes_first() -> None:
    assert Bench(echo=True).say("02 00 01 FE FF") == "02 00 01 FE FF 01 00 02 00 FD"


def test_a_broken_frame_and_a_frame_for_nobody_are_not_answered() -> None:
    bench = Bench()
    assert bench.say("02 00 01 FE FE") == ""
    assert bench.say("09 00 01 FE F8") == ""
    assert bench.say("02 00 01 FE FF") == "01 00 02 00 FD"


def test_half_a_frame_is_forgotten_after_a_silence() -> None:
    bench = Bench()
    assert bench.say("02 00 01") == ""
    bench.wait(0.06)
    assert bench.say("02 00 01 FE FF") == "01 00 02 00 FD"


def test_an_acceptor_that_is_not_polled_takes_no_coin() -> None:
    bench = Bench()
    bench.say("02 02 01 E7 FF FF 16")
    bench.say("02 01 01 E4 01 17")
    bench.say("02 00 01 E5 18")
    bench.wait(1.0)
    bench.bus.insert_coin(200, bench.now_s)
    bench.wait(0.5)
    assert bench.bus.facts()["coin_box"] == {}
    bench.say("02 00 01 E5 18")
    bench.bus.insert_coin(200, bench.now_s)
    bench.wait(0.5)
    assert bench.bus.facts()["coin_box"] == {"200": 1}


def paying(bench: Bench, count: int) -> Frame:
    serial = bench.ask(3, Header.SERIAL_NUMBER).data
    bench.ask(3, Header.ENABLE_HOPPER, b"\xa5")
    return bench.ask(3, Header.DISPENSE, serial + bytes([count]))


def test_a_hopper_pays_three_coins_a_second_and_counts() -> None:
    bench = Bench()
    assert paying(bench, 4).data == b"\x01"
    assert bench.ask(3, Header.HOPPER_STATUS).data == bytes([1, 4, 0, 0])
    bench.wait(0.35)
    assert bench.ask(3, Header.HOPPER_STATUS).data == bytes([1, 3, 1, 0])
    assert paying(bench, 1).header == Header.NAK
    bench.wait(2.0)
    assert bench.ask(3, Header.HOPPER_STATUS).data == bytes([2, 0, 4, 0])
    assert bench.ask(3, Header.DISPENSE_COUNT).data == bytes([4, 0, 0])
    assert bench.bus.facts()["tray"] == {"100": 4}


def test_what_survives_the_power_in_a_hopper() -> None:
    bench = Bench()
    paying(bench, 5)
    bench.wait(0.7)
    bench.bus.power_cycle(bench.now_s)
    assert bench.ask(3, Header.HOPPER_STATUS).data == bytes([0, 0, 2, 3])
    assert bench.ask(3, Header.DISPENSE_COUNT).data == bytes([2, 0, 0])
    bench.wait(3.0)
    assert bench.bus.facts()["tray"] == {"100": 2}
    assert bench.ask(3, Header.TEST_HOPPER).data[0] & 0xC0 == 0xC0


def test_an_emergency_stop_lets_one_more_coin_fall() -> None:
    bench = Bench()
    paying(bench, 5)
    bench.wait(0.7)
    assert bench.ask(3, Header.EMERGENCY_STOP).data == bytes([3])
    bench.wait(1.0)
    assert bench.ask(3, Header.HOPPER_STATUS).data == bytes([1, 0, 3, 3])
    assert bench.bus.facts()["tray"] == {"100": 3}


def test_money_never_appears_or_vanishes() -> None:
    bench = Bench()
    before = bench.bus.facts()["machine_total_minor"]
    bench.bus.insert_coin(200, bench.now_s)
    bench.bus.insert_note(500, bench.now_s)
    facts = bench.bus.facts()
    assert facts["moving_minor"] == 700
    bench.wait(2.0)
    facts = bench.bus.facts()
    assert (facts["machine_total_minor"], facts["tray_minor"], facts["bezel_minor"]) == (before, 200, 500)
    assert bench.bus.take_money() == 700
    facts = bench.bus.facts()
    assert (facts["tray_minor"], facts["bezel_minor"], facts["given_back_minor"], facts["inserted_minor"]) == (0, 0, 700, 700)


@pytest.mark.parametrize(
    ("action", "arguments", "sentence"),
    [
        ("insert_coin", {"value_minor": 0}, "above 0"),
        ("insert_coin", {"value_minor": "x"}, "value_minor"),
        ("insert_coin", {}, "value_minor"),
        ("fill_hopper", {"hopper": "hopper-7", "count": 1}, "hopper-100"),
        ("fill_hopper", {"hopper": "hopper-100", "count": 400}, "500"),
        ("jam_hopper", {"hopper": "hopper-7", "on": True}, "hopper-100"),
        ("power_cycle_device", {"address": 77}, "77"),
    ],
)
def test_what_cannot_be_played_is_said(action: str, arguments: dict[str, JsonValue], sentence: str) -> None:
    bench = Bench()
    with pytest.raises(ActionError, match=sentence):
        call(action, bench.bus.actions()[action], arguments, bench.now_s)


def test_a_slot_takes_one_note_at_a_time() -> None:
    bench = Bench()
    bench.bus.insert_note(500, bench.now_s)
    with pytest.raises(ActionError, match="busy"):
        bench.bus.insert_note(500, bench.now_s)
    bench.wait(2.0)
    with pytest.raises(ActionError, match="take_money"):
        bench.bus.insert_note(500, bench.now_s)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"coin": [10]}, "coin:.*coins"),
        ({"coins": [0]}, "coins"),
        ({"notes": [150]}, "notes"),
        ({"hoppers": {"x": 100}}, "hoppers"),
        ({"stocks": {"hopper-7": 5}}, "hopper-7"),
        ({"hoppers": {"3": 100, "4": 100}, "stocks": {"hopper-100-5": 1}}, "hopper-100, hopper-100-4"),
        ({"checksum": "md5"}, "checksum"),
        ({"coins_per_s": 0}, "coins_per_s"),
    ],
)
def test_options_that_cannot_be_are_said(options: dict[str, JsonValue], sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        build(options, 1)


def test_the_seed_gives_the_serial_numbers() -> None:
    assert Bench().ask(2, Header.SERIAL_NUMBER) == Bench().ask(2, Header.SERIAL_NUMBER)
    one, other = build({"echo": False}, 1), build({"echo": False}, 2)
    for bus in (one, other):
        bus.receive(bytes.fromhex("02 00 01 F2 0B"), 1.0)
    assert one.send(2.0) != other.send(2.0)


def test_bytes_that_nobody_fetches_do_not_pile_up() -> None:
    bench = Bench(echo=True)
    for _ in range(2000):
        bench.bus.receive(bytes.fromhex("02 00 01 FE FF"), bench.now_s)
    assert len(bench.bus.send(bench.now_s + 1)) < 20_000
