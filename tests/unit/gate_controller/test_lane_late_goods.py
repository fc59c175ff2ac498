"""Goods on the belt that are not of the order in the lane: put there after the weighing, or left there before it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from gate_controller import presenter, texts, words
from gate_controller.lane import advance
from gate_controller.lane_state import Lane, Reason, State, outputs
from gate_controller.words import Event, StartTimer
from tests.unit.gate_controller.lane_words import AGAIN, ENTRY, ORDER, VERDICT

LAID, CLEAR = words.EntryBarrier(broken=True), words.EntryBarrier(broken=False)
THERE, OFF = words.ExitBarrier(broken=True), words.ExitBarrier(broken=False)
ON_SCALE = (words.CodeRead("pass", ENTRY), words.EntryAllowed(ORDER), LAID, CLEAR, THERE)
CARRYING = (*ON_SCALE, words.WeightFits(VERDICT), words.PassUseWritten())


def after(*events: Event) -> Lane:
    lane = Lane(name="lane-1")
    for event in events:
        lane, _ = advance(lane, event)
    return lane


def moves(lane: Lane) -> tuple[bool, bool]:
    return outputs(lane).belt, outputs(lane).deactivator


def test_belt_and_deactivator_stand_while_something_lies_at_the_entry() -> None:
    assert moves(after(*CARRYING)) == (True, True)
    held_up = after(*CARRYING, LAID)
    assert moves(held_up) == (False, False)
    assert presenter.headline(held_up, "CNY") == texts.KEEP_ENTRY_FREE
    assert moves(after(*CARRYING, LAID, CLEAR)) == (True, True)


def test_the_gate_opens_only_after_the_entry_was_cleared_and_the_goods_had_their_time() -> None:
    held_up = after(*CARRYING, LAID, OFF)
    waits, commands = advance(held_up, words.CarryDone())
    assert (waits.state, commands) == (State.DEACTIVATING, ())
    _, commands = advance(waits, CLEAR)
    assert [command.event for command in commands if isinstance(command, StartTimer)] == [words.CarryDone()]


def test_who_does_not_clear_it_is_helped_by_staff() -> None:
    stuck = after(*CARRYING, LAID, words.CarryOverdue())
    assert (stuck.state, stuck.reason) == (State.AUDITING, Reason.GOODS_STUCK)


def test_goods_that_reach_back_to_the_entry_when_they_are_weighed_go_on() -> None:
    long = after(*ON_SCALE[:3], THERE, words.WeightFits(VERDICT), words.PassUseWritten())
    assert moves(long) == (True, True)
    assert moves(after(*ON_SCALE[:3], THERE, words.WeightFits(VERDICT), words.PassUseWritten(), CLEAR, LAID)) == (False, False)


REFUSED = (*ON_SCALE, words.WeightDiffers(VERDICT), words.StaffRefused("mei", ""), words.ShowingDone())
NEXT = replace(ORDER, entry_id=AGAIN, order_id=UUID(int=8))
COMES = words.CodeRead("next", AGAIN)


def test_nobody_is_accused_of_goods_that_somebody_else_left_on_the_belt() -> None:
    lane = after(*REFUSED, COMES, words.EntryAllowed(NEXT))
    assert (lane.state, lane.reason) == (State.AUDITING, Reason.OTHERS_GOODS)
    assert "somebody else's goods" in presenter.headline(lane, "CNY")["en"]
    cleared, _ = advance(lane, OFF)
    again, commands = advance(cleared, words.StaffWeighAgain())
    assert again.state is State.WEIGHING
    assert words.AskWeight() not in commands


def test_who_comes_back_for_the_same_goods_is_weighed() -> None:
    lane = after(*REFUSED, COMES, words.EntryAllowed(replace(ORDER, entry_id=AGAIN)))
    assert lane.state is State.WEIGHING


def test_a_belt_that_was_cleared_is_free() -> None:
    assert after(*REFUSED, OFF, COMES, words.EntryAllowed(NEXT)).state is State.WEIGHING
    assert after(*REFUSED[:-1], OFF, COMES, words.EntryAllowed(NEXT)).state is State.WEIGHING
