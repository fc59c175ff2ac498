from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from hardware.io_module.inputs import Debounce
from hardware.io_module.outputs import HOLD_PULSE_S, RENEW_S, SLACK_S, Outputs
from hardware.io_module.wiring import PULSED, LaneInputs, LaneOutputs


def test_the_default_map_is_the_lane_s() -> None:
    assert list(LaneOutputs().channels().items()) == [
        ("belt", 0), ("deactivator", 1), ("red", 2), ("amber", 3), ("green", 4), ("siren", 5), ("gate", 6), ("spare", 7),
    ]  # fmt: skip
    assert list(LaneInputs().channels().items()) == [
        ("eas_alarm", 0), ("entry_barrier", 1), ("exit_barrier", 2), ("emergency_stop", 3), ("staff_key", 4),
        ("belt_fault", 5), ("passage", 6), ("live_zero", 7),
    ]  # fmt: skip
    assert set(LaneOutputs().channels()) > PULSED


def test_names_of_what_is_on() -> None:
    bits = (True, False, False, True, False, False, False, True)
    assert LaneInputs().names(bits) == {"eas_alarm", "emergency_stop", "live_zero"}
    assert LaneInputs(eas_alarm=None, passage=0).names(bits) == {"passage", "emergency_stop", "live_zero"}


def test_nothing_wired_has_no_channel() -> None:
    assert "spare" not in LaneOutputs(spare=None).channels()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"belt": 8}, "belt: there is no channel 8"),
        ({"belt": -1}, "no channel -1"),
        ({"siren": 6}, "siren and gate are both on channel 6"),
    ],
)
def test_a_wiring_that_cannot_be_is_refused(changes: dict[str, int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        LaneOutputs(**changes)


class Settings(BaseModel):
    outputs: LaneOutputs = LaneOutputs()


def test_settings_can_hold_a_wiring() -> None:
    assert Settings.model_validate({"outputs": {"belt": 7, "spare": 0}}).outputs == LaneOutputs(belt=7, spare=0)
    for wrong in ({"blet": 1}, {"belt": 6}, {"belt": 9}):
        with pytest.raises(ValidationError):
            Settings.model_validate({"outputs": wrong})


LOW = (False,) * 8
HIGH_0 = (True, *LOW[1:])
HIGH_1 = (False, True, *LOW[2:])


def test_one_odd_sample_changes_nothing() -> None:
    inputs = Debounce(LOW)
    assert not inputs.feed(HIGH_0)
    assert not inputs.feed(LOW)
    assert inputs.settled == LOW


def test_two_equal_samples_change_it_once() -> None:
    inputs = Debounce(LOW)
    assert [inputs.feed(HIGH_0) for _ in range(4)] == [False, True, False, False]
    assert inputs.settled == HIGH_0


def test_a_bouncing_input_does_not_hold_up_another() -> None:
    inputs = Debounce(LOW)
    inputs.feed(HIGH_1)
    assert inputs.feed((True, True, *LOW[2:]))
    assert inputs.settled == HIGH_1


def test_switched_outputs_are_expected_until_switched_again() -> None:
    outputs = Outputs()
    outputs.switch(2, on=True)
    assert outputs.expected(1000)[2] is True
    assert outputs.disagreeing(LOW, 1000) == [2]
    outputs.switch(2, on=False)
    assert outputs.disagreeing(LOW, 1000) == []
    assert outputs.disagreeing(HIGH_0, 1000) == [0]


def test_a_pulse_is_on_then_uncertain_then_off() -> None:
    outputs = Outputs()
    outputs.pulse(0, 10.0, 2.0)
    assert [outputs.expected(now)[0] for now in (10.1, 12.0 - SLACK_S + 0.01, 12.0, 12.0 + SLACK_S)] == [
        True,
        None,
        None,
        False,
    ]
    assert outputs.to_renew(11.0) == []


def test_a_held_output_is_renewed_and_never_expected_off() -> None:
    outputs = Outputs()
    outputs.pulse(0, 10.0, HOLD_PULSE_S, held=True)
    assert outputs.is_held(0)
    assert outputs.to_renew(10.0 + RENEW_S - 0.01) == []
    assert outputs.to_renew(10.0 + RENEW_S) == [0]
    assert outputs.expected(20)[0] is None
    outputs.pulse(0, 10.4, HOLD_PULSE_S, held=True)
    assert outputs.expected(10.5)[0] is True
    outputs.switch(0, on=False)
    assert not outputs.is_held(0)
    assert outputs.to_renew(30) == []
    assert outputs.expected(10.5)[0] is False


def test_two_lost_renewals_do_not_end_a_held_pulse() -> None:
    assert 2 * RENEW_S < HOLD_PULSE_S
