from __future__ import annotations

import pytest
from pydantic import ValidationError

from hardware.bench.simulator import ActionError, JsonValue
from hardware.scale.simulator import ScaleSimulator, build

COMMANDS = {"S", "SI", "SIR", "SR", "Z", "ZI", "T", "TI", "TA", "TAC", "@", "I0", "I1", "I2", "I3", "I4", "D", "DW"}
EXACT: dict[str, JsonValue] = {"noise_g": 0.0}


class Bench:
    """Talks to a simulator at times of the test's choice."""

    def __init__(self, **options: JsonValue) -> None:
        self.scale: ScaleSimulator = build(EXACT | options, seed=1)
        self.now_s = 50.0
        self.scale.send(self.now_s)

    def wait(self, seconds: float) -> str:
        """Let time pass in the bench's steps; return what it said."""
        said = b""
        for _ in range(round(seconds / 0.01)):
            self.now_s += 0.01
            said += self.scale.send(self.now_s)
        return said.decode()

    def ask(self, line: str) -> str:
        self.scale.receive(line.encode() + b"\r\n", self.now_s)
        return self.scale.send(self.now_s).decode()

    def put(self, grams: float, rest_s: float = 3.0) -> None:
        self.scale.set_load(grams, self.now_s)
        self.wait(rest_s)


def test_the_reference_s_vectors() -> None:
    grams = Bench(division_g=0.01)
    grams.put(100)
    assert grams.ask("SI").encode() == bytes.fromhex("53 20 53 20 20 20 20 20 31 30 30 2E 30 30 20 67 0D 0A")
    kilograms = Bench(unit="kg")
    kilograms.put(1234)
    assert kilograms.ask("SI").encode() == bytes.fromhex("53 20 53 20 20 20 20 20 20 31 2E 32 33 34 20 6B 67 0D 0A")


def test_a_moving_weight_is_dynamic() -> None:
    bench = Bench(division_g=0.01)
    bench.put(500, rest_s=0.1)
    assert bench.ask("SI").startswith("S D ")


def test_s_keeps_silent_until_the_weight_is_stable() -> None:
    bench = Bench()
    bench.put(500, rest_s=0.05)
    assert bench.ask("S") == ""
    assert bench.wait(0.1) == ""
    assert bench.wait(3) == "S S        500 g\r\n"


def test_s_gives_up_after_its_time_out() -> None:
    bench = Bench(stable_timeout_s=2.0)
    bench.put(1000)
    bench.scale.disturb(on=True, now_s=bench.now_s)
    bench.wait(0.5)
    assert bench.ask("S") == ""
    assert bench.wait(1.9) == ""
    assert bench.wait(0.2) == "S I\r\n"


def test_reset_cancels_a_pending_s_and_tells_the_serial_number() -> None:
    bench = Bench()
    bench.put(500, rest_s=0.05)
    assert bench.ask("S") == ""
    assert bench.ask("@") == 'I4 A "B021002593"\r\n'
    assert bench.wait(3) == ""


def test_over_and_underload() -> None:
    bench = Bench()
    bench.put(30010)
    assert bench.ask("SI") == "S +\r\n"
    assert bench.ask("S") == "S +\r\n"
    assert bench.ask("T") == "T +\r\n"
    bench.put(500)
    assert bench.ask("Z") == "Z A\r\n"
    bench.put(0)
    assert bench.ask("SI") == "S -\r\n"


def test_zero_only_near_zero() -> None:
    bench = Bench()
    bench.put(601)
    assert bench.ask("Z") == "Z +\r\n"
    assert bench.ask("ZI") == "ZI +\r\n"
    bench.put(599)
    assert bench.ask("ZI") == "ZI S\r\n"
    assert bench.ask("SI") == "S S          0 g\r\n"
    bench.put(700, rest_s=0.1)
    assert bench.ask("ZI").split()[1] in {"D", "+"}


def test_z_waits_for_rest() -> None:
    bench = Bench()
    bench.put(300, rest_s=0.05)
    assert bench.ask("Z") == ""
    assert bench.wait(3) == "Z A\r\n"
    assert bench.ask("SI") == "S S          0 g\r\n"


def test_tare() -> None:
    bench = Bench()
    bench.put(400)
    assert bench.ask("T") == "T S        400 g\r\n"
    assert bench.ask("SI") == "S S          0 g\r\n"
    assert bench.ask("TA") == "TA A        400 g\r\n"
    assert bench.ask("TA 0.15 kg") == "TA A        150 g\r\n"
    assert bench.ask("SI") == "S S        250 g\r\n"
    assert bench.ask("TAC") == "TAC A\r\n"
    assert bench.ask("TI") == "TI S        400 g\r\n"
    for wrong in ("TA x g", "TA 1", "TA 1 stone", "TA -1 g", "TA 99 kg"):
        assert bench.ask(wrong) == "TA L\r\n", wrong


def test_sir_streams_until_another_command() -> None:
    bench = Bench()
    assert bench.ask("SIR") == "S S          0 g\r\n"
    assert bench.wait(1.05).count("S S") == 5
    bench.ask("SI")
    assert bench.wait(1) == ""


def test_sr_tells_the_start_and_the_end_of_a_change() -> None:
    bench = Bench()
    assert bench.ask("SR") == "S S          0 g\r\n"
    assert bench.wait(1) == ""
    bench.scale.set_load(1000, bench.now_s)
    said = bench.wait(3).splitlines()
    assert [line[:3] for line in said] == ["S D", "S S"]
    assert said[1] == "S S       1000 g"


def test_what_it_does_not_know_is_a_syntax_error() -> None:
    bench = Bench()
    for line in ("HELLO", "si", "\x80\x81", "   ", '"SI"'):
        assert bench.ask(line) == "ES\r\n", line
    assert bench.ask("") == ""
    assert bench.ask("x" * 10_000) == "ES\r\n"
    assert bench.ask("SI") == "S S          0 g\r\n"


def test_wrong_parameters_are_logical_errors() -> None:
    bench = Bench()
    assert bench.ask("D 1 2") == "EL\r\n"
    assert bench.ask("I2 x") == "EL\r\n"


def test_a_scale_that_cannot_obey_says_so() -> None:
    bench = Bench()
    bench.scale.busy(on=True)
    for command in ("S", "SI", "SIR", "SR"):
        assert bench.ask(command) == "S I\r\n"
    for command in ("Z", "ZI", "T", "TI", "TA", "TAC", "DW"):
        assert bench.ask(command) == f"{command} I\r\n"
    bench.scale.busy(on=False)
    assert bench.ask("SI") == "S S          0 g\r\n"


def test_errors_of_line_and_scale() -> None:
    bench = Bench()
    bench.scale.break_command()
    assert bench.ask("SI") == "ET\r\n"
    assert bench.ask("SI") == "S S          0 g\r\n"
    bench.scale.show_error("10b")
    assert bench.ask("S") == "S S Error 10b\r\n"
    assert bench.ask("SI x") == "EL\r\n"


def test_the_unit_key() -> None:
    bench = Bench()
    bench.put(1234)
    bench.scale.change_unit("kg")
    assert bench.ask("SI") == "S S      1.234 kg\r\n"
    with pytest.raises(ActionError, match="It shows g or kg"):
        bench.scale.change_unit("lb")


def test_sr_with_a_threshold() -> None:
    bench = Bench()
    assert bench.ask("SR 500 g") == "S S          0 g\r\n"
    bench.put(100)
    said = bench.wait(0.1)
    assert said == ""
    bench.scale.set_load(1000, bench.now_s)
    assert [line[:3] for line in bench.wait(3).splitlines()] == ["S D", "S S"]
    for wrong in ("SR 5", "SR x g", "SR 0 g", "SR 1 stone"):
        assert bench.ask(wrong) == "S L\r\n"


def test_about_itself() -> None:
    bench = Bench()
    assert bench.ask("I2") == 'I2 A "WKC6-lane 30000 g"\r\n'
    assert bench.ask("I3") == 'I3 A "4.22"\r\n'
    assert bench.ask("I4") == 'I4 A "B021002593"\r\n'
    assert bench.ask("I1").startswith('I1 A "01"')
    listed = bench.ask("I0").splitlines()
    assert listed[0] == 'I0 B 0 "I0"'
    assert listed[-1] == 'I0 A 1 "ZI"'
    assert {line.split('"')[1] for line in listed} == COMMANDS
    assert sum(" A " in line for line in listed) == 1


def test_the_display() -> None:
    bench = Bench()
    assert bench.ask('D "take a bag"') == "D A\r\n"
    assert bench.scale.facts()["display"] == "take a bag"
    assert bench.ask("DW") == "DW A\r\n"
    assert bench.scale.facts()["display"] == ""


def test_without_power_it_forgets_tare_and_what_it_waited_for_and_says_who_it_is() -> None:
    bench = Bench()
    bench.put(400)
    bench.ask("T")
    bench.put(900, rest_s=0.05)
    bench.ask("S")
    bench.scale.power_cycle(bench.now_s)
    assert bench.wait(3) == 'I4 A "B021002593"\r\n'
    assert bench.ask("SI") == "S S        900 g\r\n"


def test_a_light_load_at_power_on_is_called_zero() -> None:
    bench = Bench()
    bench.put(100)
    bench.scale.power_cycle(bench.now_s)
    bench.wait(0.1)
    assert bench.ask("SI") == "S S          0 g\r\n"
    assert bench.scale.facts()["load_g"] == 100


def test_the_operator_s_actions() -> None:
    bench = Bench()
    actions = bench.scale.actions()
    assert actions["put"](grams=1500, now_s=bench.now_s) is None
    bench.wait(3)
    assert bench.scale.facts()["shown_g"] == 1500
    for nonsense in (-1, float("nan"), float("inf")):
        with pytest.raises(ActionError, match="give grams, 0 or more"):
            actions["put"](grams=nonsense, now_s=bench.now_s)
    assert all(action.__doc__ for action in actions.values())


@pytest.mark.parametrize("options", [{"capacity": 1}, {"division_g": 0}, {"unit": "lb"}, {"noise_g": "loud"}])
def test_options_that_make_no_sense_are_refused(options: dict[str, JsonValue]) -> None:
    with pytest.raises(ValidationError):
        build(options, seed=0)
