"""What staff, alarms and fire do to a lane."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from gate_controller import words
from gate_controller.lane import IllegalTransitionError, advance
from gate_controller.lane_state import Lane, Outputs, Reason, State, outputs
from gate_controller.weighing import Fit
from gate_controller.words import Event, Fault, GoodsCheck, StartTimer
from tests.unit.gate_controller.lane_words import AGAIN, ENTRY, FULL, ORDER, SAMPLE, TAG, VERDICT

CHECKED = (words.CodeRead("pass", ENTRY), words.EntryAllowed(ORDER))
ON_SCALE = (*CHECKED, words.EntryBarrier(broken=True), words.ExitBarrier(broken=True))
CARRIED = (words.PassUseWritten(), words.ExitBarrier(broken=False), words.EntryBarrier(broken=False), words.CarryDone())
OUT = (*ON_SCALE, words.WeightFits(VERDICT), *CARRIED, words.ExitWritten())
DRAWN = (CHECKED[0], words.EntryAllowed(replace(ORDER, drawn=SAMPLE)), *ON_SCALE[2:], words.WeightFits(VERDICT))
DIFFERS = replace(VERDICT, fit=Fit.TOO_HEAVY)


def after(*events: Event, lane: Lane | None = None) -> Lane:
    lane = lane or Lane(name="lane-1")
    for event in events:
        lane, _ = advance(lane, event)
    return lane


def test_a_drawn_order_waits_for_its_check_and_then_leaves_as_it_came() -> None:
    lane = after(*DRAWN)
    assert (lane.state, lane.reason, lane.check) == (State.AUDITING, Reason.CHECK, SAMPLE)
    assert not outputs(lane).belt
    lane, commands = advance(lane, words.CheckPassed(SAMPLE.check_id))
    assert lane.state is State.DEACTIVATING
    assert any(isinstance(command, words.WritePassUsed) and command.decided_by == "server" for command in commands)


def test_a_sample_that_does_not_fit_asks_for_everything() -> None:
    lane = after(*DRAWN, words.CheckFailed(SAMPLE.check_id, FULL))
    assert (lane.state, lane.check) == (State.AUDITING, FULL)
    assert after(words.CheckPassed(SAMPLE.check_id), lane=lane) == lane, "the sample is over"
    assert after(words.CheckPassed(FULL.check_id), lane=lane).state is State.DEACTIVATING


def test_the_replaced_basket_is_paid_and_weighed_again_without_another_lot() -> None:
    lane = after(*DRAWN, words.OrderAmended(2, 590), words.OrderPaid(AGAIN))
    assert lane.state is State.CHECKING
    lane = after(words.EntryAllowed(replace(ORDER, entry_id=AGAIN, revision=2)), lane=lane)
    assert (lane.state, lane.check) == (State.WEIGHING, None)
    assert after(words.WeightFits(VERDICT), lane=lane).state is State.DEACTIVATING


def test_a_sample_does_not_explain_a_weight_that_does_not_fit() -> None:
    lane = after(*ON_SCALE, words.WeightDiffers(DIFFERS), words.StaffAsksCheck("mei", SAMPLE))
    assert (lane.reason, lane.check) == (Reason.WEIGHT_DIFFERS, SAMPLE)
    passed = after(words.CheckPassed(SAMPLE.check_id), lane=lane)
    assert (passed.state, passed.check) == (State.AUDITING, None)
    lane, commands = advance(after(words.StaffAsksCheck("mei", FULL), lane=passed), words.CheckPassed(FULL.check_id))
    assert lane.state is State.DEACTIVATING
    assert any(isinstance(command, words.WritePassUsed) and command.decided_by == "staff" for command in commands)


def test_goods_that_are_to_be_paid_first_are_let_out_by_no_check_and_no_weight() -> None:
    due = after(*DRAWN, words.OrderAmended(2, 590))
    assert after(words.CheckPassed(SAMPLE.check_id), lane=due) == due
    assert after(words.StaffWeighAgain(), lane=due) == due, "the expected weight is still that of the paid goods alone"
    everything = after(words.StaffAsksCheck("mei", FULL), words.CheckPassed(FULL.check_id), lane=due)
    assert (everything.state, everything.due_minor) == (State.AUDITING, 590)


def test_a_check_before_the_goods_are_weighed_is_followed_by_weighing() -> None:
    lane = after(*CHECKED, words.StaffAsksCheck("mei", SAMPLE))
    assert (lane.state, lane.reason) == (State.AUDITING, Reason.CHECK)
    assert after(words.CheckPassed(SAMPLE.check_id), lane=lane).state is State.WEIGHING


def test_a_lane_that_cannot_move_does_not_open_for_a_passed_check() -> None:
    lane = after(*DRAWN, words.FaultRaised(words.Fault.BELT), words.CheckPassed(SAMPLE.check_id))
    assert lane.state is State.AUDITING


def test_an_alarm_a_moment_after_the_passage_is_of_the_order_that_left() -> None:
    lane = after(*OUT, words.Passage(), words.EasAlarm())
    assert (lane.state, lane.alarm_of) == (State.ALARM, ORDER)
    assert after(words.EasCleared(), words.AlarmSilenced(), lane=lane).state is State.IDLE
    late = after(*OUT, words.Passage(), words.LeftLongAgo(), words.EasAlarm())
    assert late.alarm_of is None


def test_an_alarm_while_the_next_shopper_comes_in_is_still_of_the_one_who_left() -> None:
    lane = after(*OUT, words.Passage(), words.CodeRead("next", AGAIN), words.EasAlarm())
    assert lane.alarm_of == ORDER
    nobody, commands = advance(after(words.EasCleared(), lane=lane), words.AlarmSilenced())
    assert nobody == Lane(name="lane-1")
    assert words.LeaveLane(AGAIN) in commands, "the next shopper shows the receipt again"


def test_tags_are_named_once_and_more_of_them_are_added() -> None:
    other = replace(TAG, epc="3035")
    lane = after(*ON_SCALE, words.EasAlarm((TAG,)), words.EasAlarm((TAG, other)))
    assert (lane.unpaid, lane.alarm_of) == ((TAG, other), ORDER)
    audited = after(words.AlarmSilenced(), lane=lane)
    assert (audited.state, audited.unpaid, audited.alarm_of) == (State.AUDITING, (), None)


def test_a_lost_receipt_comes_in_by_its_number() -> None:
    lane, commands = advance(Lane(name="lane-1"), words.StaffAdmits("0482132", ENTRY, AGAIN))
    assert lane.state is State.CHECKING
    assert words.CheckOrder("0482132", ENTRY, AGAIN) in commands
    assert after(words.EntryAllowed(ORDER), lane=lane).state is State.WEIGHING
    broken = Lane(name="lane-1", faults=frozenset({words.Fault.RFID_READER}))
    assert after(words.StaffAdmits("0482132", ENTRY, AGAIN), lane=broken).reason is Reason.OUT_OF_SERVICE


def test_empty_hands_go_out_one_by_one() -> None:
    lane, commands = advance(Lane(name="lane-1"), words.StaffLetsOut("mei", "empty hands"))
    assert outputs(lane) == Outputs(gate=True, green=True)
    assert StartTimer(words.PassageOverdue(), lane.timing.pass_s) in commands
    assert after(words.Passage(), lane=lane).state is State.IDLE


def test_a_wheelchair_has_time_and_company() -> None:
    lane, commands = advance(Lane(name="lane-1"), words.StaffLetsOut("mei", "wheelchair", 60.0))
    assert StartTimer(words.PassageOverdue(), 60.0) in commands
    lane = after(words.Passage(), words.Passage(), lane=lane)
    assert outputs(lane).gate
    assert after(words.StaffShuts(), lane=lane) == Lane(name="lane-1")
    assert after(words.PassageOverdue(), lane=lane) == Lane(name="lane-1")


def test_an_order_may_be_given_more_time_before_and_while_it_leaves() -> None:
    lane, commands = advance(after(*OUT), words.StaffOpensLonger(60.0))
    assert commands == (StartTimer(words.PassageOverdue(), 60.0),)
    assert after(words.Passage(), lane=lane).state is State.PASSING
    before = after(*CHECKED, words.StaffOpensLonger(45.0), *ON_SCALE[2:], words.WeightFits(VERDICT), *CARRIED)
    lane, commands = advance(before, words.ExitWritten())
    assert StartTimer(words.PassageOverdue(), 45.0) in commands
    assert after(words.StaffShuts(), lane=lane).just_left == ORDER


@pytest.mark.parametrize("events", [(), CHECKED, ON_SCALE, DRAWN, OUT, (*ON_SCALE, words.EasAlarm())])
def test_a_fire_opens_whatever_is_going_on_and_stays_until_staff_resets(events: tuple[Event, ...]) -> None:
    lane = after(*events, words.FireAlarm(by_input=True))
    assert outputs(lane) == Outputs(gate=True, escape=True, green=True)
    still = after(words.FireReset("mei"), words.Passage(), words.EasAlarm(), lane=lane)
    assert still.state is State.FIRE, "the input still says fire"
    over = after(words.FireCleared(), words.FireReset("mei"), lane=still)
    kept = lane.order is not None and not lane.released
    assert (over.state, over.reason) == ((State.AUDITING, Reason.INTERRUPTED) if kept else (State.IDLE, Reason.NONE))
    assert not outputs(over).gate


def test_staff_without_the_right_moment_is_told_by_the_table() -> None:
    for event in (words.StaffShuts(), words.StaffOpensLonger(5.0), words.StaffAsksCheck("mei", SAMPLE)):
        with pytest.raises(IllegalTransitionError):
            advance(Lane(name="lane-1"), event)


def test_checks_are_told_apart_by_their_id() -> None:
    other = GoodsCheck(UUID(int=99), full=False, why=())
    lane = after(*DRAWN)
    assert after(words.CheckPassed(other.check_id), words.CheckFailed(other.check_id, FULL), lane=lane) == lane


def test_a_pedestal_that_stays_on_closes_the_lane_until_it_is_at_rest() -> None:
    silenced = after(words.EasAlarm(), words.AlarmSilenced())
    assert silenced.faults == {Fault.PEDESTAL}
    assert advance(silenced, words.CodeRead("pass", ENTRY))[0].state is State.REFUSED
    assert after(words.EasCleared(), lane=silenced).in_service
    assert after(words.EasAlarm(), words.EasCleared(), words.AlarmSilenced()).in_service


def test_an_unpaid_tag_at_the_rfid_gate_says_nothing_of_the_pedestal() -> None:
    assert after(words.EasAlarm((TAG,)), words.AlarmSilenced()).in_service
