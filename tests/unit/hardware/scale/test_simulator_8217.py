from __future__ import annotations

import pytest
from pydantic import ValidationError

from hardware.bench.simulator import ActionError, JsonValue
from hardware.scale.simulator_8217 import TEST_S, Toledo8217Simulator, build

PLAIN: dict[str, JsonValue] = {"noise_g": 0.0, "parity_bit": False}


class Bench:
    """Talks to a simulator at times of the test's choice."""

    def __init__(self, **options: JsonValue) -> None:
        self.scale: Toledo8217Simulator = build(PLAIN | options, seed=1)
        self.now_s = 50.0
        self.scale.send(self.now_s)

    def wait(self, seconds: float) -> bytes:
        said = b""
        for _ in range(round(seconds / 0.01)):
            self.now_s += 0.01
            said += self.scale.send(self.now_s)
        return said

    def ask(self, letters: bytes) -> bytes:
        self.scale.receive(letters, self.now_s)
        return self.scale.send(self.now_s)

    def put(self, grams: float, rest_s: float = 3.0) -> None:
        self.scale.set_load(grams, self.now_s)
        self.wait(rest_s)


def test_the_reference_s_vectors() -> None:
    bench = Bench()
    bench.put(1234)
    assert bench.ask(b"W") == bytes.fromhex("02 30 31 2E 32 33 34 0D")
    bench.put(2000, rest_s=0.05)
    answer = bench.ask(b"W")
    assert answer[:2] == bytes.fromhex("02 3F")
    assert answer[2] & 0x41 == 0x41
    assert bench.ask(b"E") == bytes.fromhex("02 45 0D")
    assert bench.ask(b"hello") == b"hello"
    assert bench.ask(b"FW")[:1] == b"F"


def test_parity_stands_in_bit_seven_and_is_not_listened_to() -> None:
    bench = Bench(parity_bit=True)
    bench.put(1234)
    assert bench.ask(bytes([ord("W") | 0x80])) == bytes.fromhex("82 30 B1 2E B2 33 B4 8D")


def test_pounds() -> None:
    bench = Bench(unit="lb", division_g=0.01)
    bench.put(453.59)
    assert bench.ask(b"W") == b"\x0201.00\r"


@pytest.mark.parametrize(("bit_6", "six"), [(True, 0x40), (False, 0)])
def test_states_of_the_pan(bit_6: bool, six: int) -> None:  # noqa: FBT001 - an option's value
    bench = Bench(bit_6=bit_6)
    bench.put(20_000)
    assert bench.ask(b"W") == bytes([2, 0x3F, six | 0b001010, 13])
    bench.put(100)
    assert bench.ask(b"Z") == bytes([2, 0x3F, six | 0b010000, 13])
    bench.put(0)
    assert bench.ask(b"W") == bytes([2, 0x3F, six | 0b000100, 13])
    bench.put(5000)
    assert bench.ask(b"Z") == bytes([2, 0x3F, six | 0b001000, 13])


def test_tare_by_letter_by_digits_and_by_key() -> None:
    bench = Bench()
    bench.put(400)
    assert bench.ask(b"T") == b""
    assert bench.ask(b"W") == b"\x0200.000N\r"
    assert bench.ask(b"C") == b""
    assert bench.ask(b"W") == b"\x0200.400\r"
    assert bench.ask(b"T00150\rW") == b"\x0200.250N\r"
    assert bench.ask(b"T99\rW") == b"\x0200.000N\r"
    bench.ask(b"C")
    bench.scale.press_tare(bench.now_s)
    assert bench.ask(b"W") == b"\x0200.000N\r"
    answering = Bench(answers_tare=True)
    assert answering.ask(b"C").startswith(b"\x02?")


def test_its_own_test() -> None:
    bench = Bench()
    assert bench.ask(b"A") == b"\x02\r"
    assert bench.ask(b"B") == b""
    bench.wait(TEST_S + 0.05)
    assert bench.ask(b"B") == b"\x02@\r"
    assert bench.ask(b"B") == b"\x02\x00\r"
    bench.scale.fail_memory(0x02)
    bench.ask(b"A")
    bench.wait(TEST_S + 0.05)
    assert bench.ask(b"B") == b"\x02B\r"
    with pytest.raises(ActionError, match="Faults are 2, 4, 8, 16"):
        bench.scale.fail_memory(1)


def test_one_that_waits_for_rest() -> None:
    bench = Bench(waits_for_rest=True)
    bench.put(500, rest_s=0.05)
    assert bench.ask(b"W") == b""
    assert bench.wait(0.1) == b""
    assert bench.wait(3) == b"\x0200.500\r"
    assert bench.wait(1) == b""
    assert bench.ask(b"W") == b"\x0200.500\r"


def test_what_it_does_not_know_is_not_answered() -> None:
    bench = Bench(echo=False)
    assert bench.ask(b"ESI\r\n\xff\x00?") == b""
    assert bench.ask(b"W") == b"\x0200.000\r"


def test_without_power_it_forgets_tare_and_echo_and_finds_zero() -> None:
    bench = Bench()
    bench.put(100)
    bench.ask(b"TE")
    bench.scale.power_cycle(bench.now_s)
    assert bench.ask(b"W") == b"\x0200.000\r"
    assert bench.scale.facts()["load_g"] == 100
    assert bench.scale.facts()["echoing"] is False


def test_the_operator_s_actions() -> None:
    bench = Bench()
    actions = bench.scale.actions()
    actions["put"](grams=1500, now_s=bench.now_s)
    bench.wait(3)
    assert bench.scale.facts()["shown_g"] == 1500
    actions["disturb"](on=True, now_s=bench.now_s)
    bench.wait(1)
    assert bench.scale.facts()["stable"] is False
    for nonsense in (-1, float("nan")):
        with pytest.raises(ActionError, match="give grams, 0 or more"):
            actions["put"](grams=nonsense, now_s=bench.now_s)
    assert all(action.__doc__ for action in actions.values())


@pytest.mark.parametrize("options", [{"serial_number": "1"}, {"division_g": 0}, {"unit": "g"}, {"capacity_g": 90_000}])
def test_options_that_make_no_sense_are_refused(options: dict[str, JsonValue]) -> None:
    with pytest.raises(ValidationError):
        build(options, seed=0)
