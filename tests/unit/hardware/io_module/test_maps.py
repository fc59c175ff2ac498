from __future__ import annotations

import pytest

from hardware.errors import LinkLostError
from hardware.io_module.addresses import Framing, opened_by
from hardware.io_module.inputs import Counts, Debounce
from hardware.io_module.outputs import HOLD_PULSE_S, RENEW_S, Outputs
from hardware.io_module.register_maps import MAPS, Form, told
from hardware.io_module.wiring import IoModuleSetup, LaneInputs, LaneOutputs

SEVEN = LaneInputs(live_zero=None)
SIX = LaneInputs(passage=None, live_zero=None)
SIX_OUT = LaneOutputs(gate=None, spare=None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"register_map": MAPS["adam-4150"]}, "live_zero: adam-4150 has no input 7, only 0 to 6"),
        ({"register_map": MAPS["iologik-e1214"], "inputs": SIX}, "gate: iologik-e1214 has no output 6, only 0 to 5"),
        ({"register_map": MAPS["plain-8ch"]}, "nothing that stops belt and deactivator when this program dies"),
        ({"counted": frozenset({"passage"})}, "counted: waveshare-io-8ch has no counters"),
        ({"register_map": MAPS["iologik-e1212"], "counted": frozenset({"pasage"})}, "no input is called pasage; there are"),
        ({"unit": 0}, "a module's address is 1 to 247, not 0"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_a_sentence(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        IoModuleSetup(**changes)  # type: ignore[arg-type] # any mixture of fields


def test_what_fits_is_taken() -> None:
    assert IoModuleSetup(MAPS["adam-4150"], inputs=SEVEN, counted=frozenset({"passage"})).counters is not None
    assert IoModuleSetup(MAPS["iologik-e1214"], inputs=SIX, outputs=SIX_OUT).counters is None
    IoModuleSetup(MAPS["plain-8ch"], unguarded=True)
    IoModuleSetup(MAPS["plain-8ch"], outputs=LaneOutputs(belt=None, deactivator=None))


@pytest.mark.parametrize(
    ("words", "form", "text"),
    [
        ((0x4055,), Form.CODE, "4055"),
        ((0x4531, 0x3231, 0x3200, 0), Form.TEXT, "E1212"),
        ((200,), Form.HUNDREDTHS, "V2.00"),
        ((0x0302, 0x0000), Form.BYTES, "V3.2.0"),
        ((0x0090, 0xE800, 0x0001), Form.HEX, "00:90:E8:00:00:01"),
    ],
)
def test_names_and_versions(words: tuple[int, ...], form: Form, text: str) -> None:
    assert told(words, form) == text


@pytest.mark.parametrize(
    ("url", "framing", "opened"),
    [
        ("/dev/ttyUSB0", Framing.BY_URL, ("/dev/ttyUSB0", Framing.RTU)),
        ("socket://10.0.0.7:4001", Framing.BY_URL, ("socket://10.0.0.7:4001", Framing.RTU)),
        ("socket://10.0.0.7:502", Framing.TCP, ("socket://10.0.0.7:502", Framing.TCP)),
        ("modbus-tcp://10.0.0.7", Framing.BY_URL, ("socket://10.0.0.7:502", Framing.TCP)),
        ("modbus-tcp://io.shop:1502", Framing.BY_URL, ("socket://io.shop:1502", Framing.TCP)),
        ("modbus-tcp://[fe80::1]:502", Framing.RTU, ("socket://[fe80::1]:502", Framing.RTU)),
    ],
)
def test_the_url_chooses_the_frames(url: str, framing: Framing, opened: tuple[str, Framing]) -> None:
    assert opened_by(url, framing) == opened


@pytest.mark.parametrize("url", ["modbus-tcp://", "modbus-tcp:io", "modbus-tcp://host:port", "modbus-tcp://host:99999"])
def test_a_url_without_a_host_or_port_is_no_port(url: str) -> None:
    with pytest.raises(LinkLostError, match="cannot open modbus-tcp"):
        opened_by(url, Framing.BY_URL)


class Story:
    """Feeds one counted input, as a poll does."""

    def __init__(self) -> None:
        self.debounce, self.counts = Debounce((False,)), Counts()
        self.counts.feed({0: 5}, self.debounce)

    def poll(self, count: int, *samples: bool) -> tuple[bool, bool]:
        """Return the settled level and whether a pulse was told."""
        pulsed: set[int] = set()
        for sample in samples:
            self.debounce.feed((sample,))
            pulsed |= self.counts.feed({0: count}, self.debounce)
        return self.debounce.settled[0], bool(pulsed)


def test_a_pulse_between_two_samples_is_told_once() -> None:
    story = Story()
    assert [story.poll(count, False) for count in (6, 6, 6)] == [(False, True), (False, False), (False, False)]


def test_a_pulse_in_one_sample_only_is_told_once() -> None:
    story = Story()
    assert story.poll(6, True) == (False, False)
    assert story.poll(6, False) == (False, True)
    assert story.poll(6, False) == (False, False)


@pytest.mark.parametrize("bounces", [1, 4])
def test_a_rise_that_the_samples_show_is_no_pulse_beside(bounces: int) -> None:
    story = Story()
    assert story.poll(5 + bounces, True, True) == (True, False)
    assert story.poll(5 + bounces, True) == (True, False)
    late = Story()
    assert late.poll(5, True, True) == (True, False), "sampled before it was counted"
    assert late.poll(5 + bounces, True) == (True, False)
    assert late.poll(5 + bounces, True) == (True, False)


def test_a_second_pulse_while_on_is_told() -> None:
    story = Story()
    story.poll(6, True, True)
    story.poll(6, True)
    assert story.poll(7, True) == (True, True)


@pytest.mark.parametrize("last", [5, (1 << 32) - 1])
def test_a_counter_that_began_anew_is_no_pulse_and_one_that_ran_over_is(last: int) -> None:
    story = Story()
    story.poll(last, False)
    story.poll(last, False)
    assert story.poll(0, False) == (False, last > 5)


def test_outputs_without_self_ending_pulses_are_ended_by_us() -> None:
    outputs = Outputs(6, self_ending=False)
    outputs.pulse(0, 10.0, 0.5)
    outputs.pulse(1, 10.0, HOLD_PULSE_S, held=True)
    assert outputs.expected(11.0) == (True, True, False, False, False, False)
    assert outputs.to_renew(10.0 + 2 * RENEW_S) == []
    assert outputs.to_end(10.4) == []
    assert outputs.to_end(10.5) == [0]
    assert Outputs().to_end(99.0) == []
