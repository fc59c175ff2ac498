"""The lane machine: every state and event, and what can never happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias, get_args

import pytest

from gate_controller import lane as machine
from gate_controller import words
from gate_controller.lane import TRANSITIONS, IllegalTransitionError, advance, can_happen
from gate_controller.lane_meaning import meant
from gate_controller.lane_state import Lane, Outputs, Place, Reason, State, outputs
from gate_controller.weighing import Fit
from gate_controller.words import Command, Event, Fault, StartTimer
from store_server.contract.refusals import Refusal
from tests.unit.gate_controller.lane_words import AGAIN, ENTRY, FULL, ORDER, SAMPLE, TAG, TEXTS, VERDICT

Steps: TypeAlias = "list[tuple[Lane, Event, Lane, tuple[Command, ...]]]"
DIFFERS = replace(VERDICT, fit=Fit.TOO_HEAVY)

EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    words.CodeRead: (words.CodeRead("HTTPS://X/P/Y", ENTRY),),
    words.EntryAllowed: (
        words.EntryAllowed(ORDER),
        words.EntryAllowed(replace(ORDER, drawn=SAMPLE)),
        words.EntryAllowed(replace(ORDER, order_id=AGAIN)),
        words.EntryAllowed(replace(ORDER, entry_id=AGAIN, revision=2)),
    ),
    words.EntryRefused: (
        words.EntryRefused(ENTRY, Refusal.UNPAID, TEXTS),
        words.EntryRefused(AGAIN, Refusal.UNPAID, TEXTS),
    ),
    words.EntryBarrier: (words.EntryBarrier(broken=True), words.EntryBarrier(broken=False)),
    words.ExitBarrier: (words.ExitBarrier(broken=True), words.ExitBarrier(broken=False)),
    words.WeightFits: (words.WeightFits(VERDICT),),
    words.WeightShort: (words.WeightShort(VERDICT),),
    words.WeightDiffers: (words.WeightDiffers(DIFFERS),),
    words.NoStableWeight: (words.NoStableWeight("overload"),),
    words.FaultRaised: tuple(words.FaultRaised(fault) for fault in (Fault.SCALE, Fault.IO_MODULE, Fault.SCANNER)),
    words.FaultCleared: tuple(words.FaultCleared(fault) for fault in (Fault.SCALE, Fault.IO_MODULE, Fault.SCANNER)),
    words.StaffReleased: (words.StaffReleased("anna", "checked"),),
    words.StaffRefused: (words.StaffRefused("anna", "no"),),
    words.StaffAdmits: (words.StaffAdmits("0482132", ENTRY, AGAIN),),
    words.StaffLetsOut: (words.StaffLetsOut("anna", "empty hands"), words.StaffLetsOut("anna", "wheelchair", 60.0)),
    words.StaffOpensLonger: (words.StaffOpensLonger(60.0), words.StaffOpensLonger(0.0)),
    words.StaffAsksCheck: (words.StaffAsksCheck("anna", SAMPLE), words.StaffAsksCheck("anna", FULL)),
    words.CheckPassed: (words.CheckPassed(SAMPLE.check_id), words.CheckPassed(FULL.check_id)),
    words.CheckFailed: (words.CheckFailed(SAMPLE.check_id, FULL),),
    words.CheckDrawn: (words.CheckDrawn(VERDICT, SAMPLE),),
    words.EasAlarm: (words.EasAlarm(), words.EasAlarm((TAG,))),
    words.FireAlarm: (words.FireAlarm(by_input=True), words.FireAlarm(by_input=False)),
    words.FireReset: (words.FireReset("anna"),),
    words.OrderAmended: (words.OrderAmended(2, 590),),
    words.OrderPaid: (words.OrderPaid(AGAIN),),
    words.PassUseFailed: (words.PassUseFailed(Refusal.ALREADY_USED, TEXTS),),
    words.EntryDisturbed: (words.EntryDisturbed(ORDER),),
    words.BeltTaken: (words.BeltTaken(ORDER),),
    words.EntryBeyondCaps: (words.EntryBeyondCaps(ORDER),),
    words.EntryRefusedAgain: (words.EntryRefusedAgain(TEXTS),),
    words.MovingFailed: (words.MovingFailed(Fault.BELT),),
    words.WeighingFailed: (words.WeighingFailed(Fault.SCALE),),
    words.LateAnswer: (words.LateAnswer(ENTRY),),
}
EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)
MAKE: dict[type[Event], Callable[[], Event]] = {kind: kind for kind in EVENT_TYPES if kind not in EXAMPLES}
"""Events without any content."""
DERIVED = {
    words.EntryDisturbed,
    words.BeltTaken,
    words.EntryRefusedAgain,
    words.OutOfService,
    words.MovingFailed,
    words.WeighingFailed,
    words.ReleaseImpossible,
    words.AlarmSilencedForOrder,
    words.LateAnswer,
    words.PassageMeanwhile,
    words.CheckOutdated,
    words.CheckPassedUnweighed,
    words.SamplePassed,
    words.PaymentAwaited,
    words.CheckDrawn,
    words.FireResetForOrder,
    words.FireStillOn,
}


def examples(kind: type[Event]) -> tuple[Event, ...]:
    return EXAMPLES[kind] if kind in EXAMPLES else (MAKE[kind](),)


def from_outside() -> tuple[Event, ...]:
    return tuple(event for kind in EVENT_TYPES if kind not in DERIVED for event in examples(kind))


AFTER_USE = (words.ExitWritten, words.ExitWriteFailed, words.CarryDone, words.CarryOverdue)
BEFORE_USE = (words.PassUseWritten, words.PassUseFailed)


def is_possible(lane: Lane, event: Event) -> bool:
    """The disk answers only what it was asked, and goods are carried only once the pass is used."""
    if isinstance(event, AFTER_USE):
        return lane.pass_used
    return not (isinstance(event, BEFORE_USE) and lane.pass_used)


def deciding(lane: Lane) -> tuple[object, ...]:
    """What decides about the lane's next steps; what it only reports, or looks at in another state, is left out."""
    state, order, verdict = lane.state, lane.order, lane.verdict
    weighs, audits = state is State.WEIGHING, state is State.AUDITING
    return (
        state,
        lane.entry_id,
        None if order is None else (order.entry_id, weighs and order.drawn is not None),
        lane.place if state in {State.CHECKING, State.WEIGHING, State.AUDITING} else None,
        None if verdict is None or not (weighs or audits) else (audits and verdict.fit is Fit.FITS),
        lane.pass_used,
        lane.released,
        lane.can_move,
        any(fault.stops_weighing for fault in lane.faults),
        any(fault.stops_entering for fault in lane.faults),
        None if audits or state is State.FIRE else (lane.entry_broken, lane.exit_broken),
        lane.check if audits else None,
        audits and lane.due_minor > 0,
        state is State.PASSING and lane.open_s > 0,
        state is State.FIRE and lane.fire_input,
        state is State.DEACTIVATING and lane.entry_was_clear,
        state is State.ALARM and lane.eas_on,
        lane.goods_left_of if state in {State.IDLE, State.REFUSED, State.CHECKING} else None,
    )


def walk() -> Iterator[tuple[Lane, Event, Lane, tuple[Command, ...]]]:
    """Every lane that can be reached, and every step from it; what only words and reports are made of decides nothing."""
    begin = Lane(name="lane-1")
    resumed, _ = machine.resumed(begin, ORDER)
    seen, waiting = {deciding(begin), deciding(resumed)}, [begin, resumed]
    while waiting:
        lane = waiting.pop()
        for event in from_outside():
            if not can_happen(lane, event) or not is_possible(lane, event):
                continue
            after, commands = advance(lane, event)
            yield lane, event, after, commands
            key = deciding(after)
            if key not in seen:
                seen.add(key)
                waiting.append(after)


@pytest.fixture(scope="module")
def steps() -> Steps:
    return list(walk())


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_pair_is_in_the_table_or_illegal(state: State, kind: type[Event]) -> None:
    lane = Lane(name="lane-1", state=state, entry_id=ENTRY, order=ORDER, pass_used=True)
    for event in examples(kind):
        if can_happen(lane, event) and is_possible(lane, event):
            after, _ = advance(lane, event)
            assert after.state in State
        elif not can_happen(lane, event):
            with pytest.raises(IllegalTransitionError, match=state.name):
                advance(lane, event)


def test_steps_end_where_the_table_says(steps: Steps) -> None:
    assert len(steps) > 5000
    targets = {(state, target) for (state, _), target in TRANSITIONS.items()}
    assert {(before.state, after.state) for before, _, after, _ in steps} == targets


def test_every_row_of_the_table_happens(steps: Steps) -> None:
    happened = {(before.state, type(meant(before, event))) for before, event, _, _ in steps}
    assert set(TRANSITIONS) - happened == set()


def test_every_state_is_reached_and_left(steps: Steps) -> None:
    moves = {(before.state, after.state) for before, _, after, _ in steps if before.state is not after.state}
    assert {target for _, target in moves} == set(State)
    assert {source for source, _ in moves} == set(State)


def test_deactivator_works_only_for_a_decided_order_whose_pass_use_is_on_disk(
    steps: Steps,
) -> None:
    enabled = 0
    for before, event, lane, _ in steps:
        if outputs(lane).deactivator:
            enabled += 1
            assert lane.state is State.DEACTIVATING
            assert lane.pass_used
            assert lane.order is not None
            assert lane.can_move
            if not outputs(before).deactivator:
                decided = (
                    (words.StaffReleased, words.WeightFits, words.CheckPassed) if before.pass_used else (words.PassUseWritten,)
                )
                assert isinstance(event, decided) or before.is_held_up, event
    assert enabled > 0


def test_the_gate_opens_for_an_order_only_when_its_exit_is_on_disk(
    steps: Steps,
) -> None:
    for before, event, lane, _ in steps:
        if outputs(lane).gate and not outputs(before).gate:
            if lane.state is State.FIRE:
                assert isinstance(event, words.FireAlarm), event
            elif lane.order is None:
                assert isinstance(event, words.StaffReleased | words.StaffLetsOut), event
            else:
                assert isinstance(event, words.ExitWritten), event
                assert lane.pass_used
                assert lane.released


def test_in_a_fire_the_gate_is_open_and_nothing_else_works_until_staff_resets(steps: Steps) -> None:
    for before, event, lane, _ in steps:
        if lane.state is State.FIRE:
            assert outputs(lane) == Outputs(gate=True, escape=True, green=True)
        if before.state is State.FIRE and lane.state is not State.FIRE:
            assert isinstance(event, words.FireReset), event
            assert not before.fire_input


def test_a_drawn_order_passes_only_after_its_check_or_by_staffs_word(steps: Steps) -> None:
    for before, event, lane, _ in steps:
        drawn = before.order is not None and before.order.drawn is not None
        if drawn and before.state is not lane.state and lane.state is State.DEACTIVATING:
            assert isinstance(event, words.CheckPassed | words.StaffReleased), event


def test_the_belt_runs_to_the_scale_for_a_genuine_pass_and_over_the_deactivator_for_a_used_one(steps: Steps) -> None:
    for before, event, lane, _ in steps:
        if outputs(lane).belt and not outputs(before).belt and lane.state is State.CHECKING:
            assert isinstance(event, words.PassGenuine | words.FaultCleared), event
            assert lane.order is None
            assert not lane.exit_broken


def test_nothing_moves_when_a_moving_part_failed(
    steps: Steps,
) -> None:
    for _, _, lane, _ in steps:
        if not lane.can_move:
            assert not outputs(lane).belt
            assert not outputs(lane).deactivator


def test_every_wait_has_a_timer(steps: Steps) -> None:
    """Whatever a lane waits for, it stands in IDLE or FIRE, is silenced by staff, waits for the disk, or a timer runs."""
    for before, event, lane, commands in steps:
        if before.state is lane.state or lane.state in {State.IDLE, State.FIRE}:
            continue
        asks_disk = any(isinstance(command, words.WritePassUsed) for command in commands)
        assert asks_disk or any(isinstance(command, StartTimer) for command in commands), (before.state, event, lane.state)


def test_an_entered_order_is_let_go_or_let_out(steps: Steps) -> None:
    for before, event, lane, commands in steps:
        if before.entry_id is not None and lane.entry_id is None:
            left = words.LeaveLane(before.entry_id) in commands
            refused = isinstance(event, words.EntryRefused)
            assert before.released or left or refused, (before, event)


def test_a_used_pass_that_did_not_leave_is_written_down(
    steps: Steps,
) -> None:
    for before, event, lane, commands in steps:
        if before.pass_used and not before.released and lane.order is None:
            assert any(isinstance(command, words.KeepGoods) for command in commands), (before, event)


def feed(lane: Lane, *events: Event) -> tuple[Lane, tuple[Command, ...]]:
    commands: tuple[Command, ...] = ()
    for event in events:
        lane, commands = advance(lane, event)
    return lane, commands


CHECKED = (words.CodeRead("pass", ENTRY), words.EntryAllowed(ORDER))
ON_SCALE = (*CHECKED, words.EntryBarrier(broken=True), words.ExitBarrier(broken=True))


@pytest.mark.parametrize("entry_first", [True, False])
def test_goods_at_the_entry_go_on_when_the_exit_comes_free_whichever_is_told_first(*, entry_first: bool) -> None:
    lane, _ = feed(Lane(name="lane-1"), words.ExitBarrier(broken=True), *CHECKED)
    told = (words.EntryBarrier(broken=True), words.ExitBarrier(broken=False))
    lane, _ = feed(lane, *(told if entry_first else told[::-1]))
    assert lane.place is Place.CARRIED


def test_an_honest_shopper_walks_out() -> None:
    lane, commands = feed(Lane(name="lane-1"), *CHECKED)
    assert lane.state is State.WEIGHING
    assert not outputs(lane).belt
    lane, _ = feed(lane, words.EntryBarrier(broken=True))
    assert outputs(lane) == Outputs(belt=True, to_scale=True, amber=True)
    lane, commands = feed(lane, words.ExitBarrier(broken=True))
    assert not outputs(lane).belt
    assert words.AskWeight() in commands
    lane, commands = feed(lane, words.WeightFits(VERDICT))
    assert words.WritePassUsed(ORDER, "server") in commands
    assert outputs(lane) == Outputs(amber=True)
    lane, _ = feed(lane, words.PassUseWritten())
    assert outputs(lane) == Outputs(belt=True, deactivator=True, amber=True)
    lane, commands = feed(lane, words.CarryDone())
    assert commands == (), "the goods are still at the exit barrier"
    lane, commands = feed(lane, words.ExitBarrier(broken=False), words.CarryDone())
    assert words.WriteExit(ORDER, 501.0) in commands
    lane, _ = feed(lane, words.ExitWritten())
    assert outputs(lane) == Outputs(gate=True, green=True)
    lane, commands = feed(lane, words.Passage())
    assert lane == Lane(name="lane-1", entry_broken=True, just_left=lane.just_left)
    assert StartTimer(words.LeftLongAgo(), lane.timing.tie_s) in commands
    assert not any(isinstance(command, words.LeaveLane) for command in commands)


def test_tags_of_an_order_without_tagged_articles_are_left_alive() -> None:
    untagged = replace(ORDER, eas_pieces=0)
    begin = (words.CodeRead("pass", ENTRY), words.EntryAllowed(untagged), *ON_SCALE[2:])
    lane, _ = feed(Lane(name="lane-1"), *begin, words.WeightFits(VERDICT), words.PassUseWritten())
    assert outputs(lane) == Outputs(belt=True, amber=True)


def test_goods_that_already_lie_at_the_entry_are_carried_at_once() -> None:
    lane, _ = feed(Lane(name="lane-1"), words.EntryBarrier(broken=True), *CHECKED)
    assert outputs(lane).belt


WAITING_AT_THE_ENTRY = (words.EntryBarrier(broken=True), words.CodeRead("pass", ENTRY), words.PassGenuine())


def test_goods_come_to_the_scale_while_the_server_is_asked_and_are_weighed_only_after_its_yes() -> None:
    lane, _ = feed(Lane(name="lane-1"), *WAITING_AT_THE_ENTRY)
    assert (lane.state, outputs(lane)) == (State.CHECKING, Outputs(belt=True, to_scale=True, amber=True))
    lane, commands = feed(lane, words.EntryBarrier(broken=False), words.ExitBarrier(broken=True))
    assert (outputs(lane), commands) == (Outputs(amber=True), ())
    lane, commands = feed(lane, words.EntryAllowed(ORDER))
    assert (lane.state, lane.place) == (State.WEIGHING, Place.ON_SCALE)
    assert words.AskWeight() in commands


def test_a_yes_on_the_way_lets_the_belt_run_on() -> None:
    lane, commands = feed(
        Lane(name="lane-1"), *WAITING_AT_THE_ENTRY, words.EntryBarrier(broken=False), words.EntryAllowed(ORDER)
    )
    assert outputs(lane).belt
    assert StartTimer(words.BeltOverdue(), lane.timing.belt_s) in commands


@pytest.mark.parametrize("event", [words.EntryRefused(ENTRY, Refusal.SUPERSEDED, TEXTS), words.CheckOverdue()])
def test_a_no_on_the_way_stops_the_belt(event: Event) -> None:
    lane, _ = feed(Lane(name="lane-1"), *WAITING_AT_THE_ENTRY, event)
    assert (lane.state, outputs(lane)) == (State.REFUSED, Outputs(red=True))


def test_goods_too_low_for_the_barrier_stop_after_a_while_and_are_weighed_where_they_are() -> None:
    lane, _ = feed(Lane(name="lane-1"), *WAITING_AT_THE_ENTRY, words.EntryBarrier(broken=False), words.BeltOverdue())
    assert not outputs(lane).belt
    lane, commands = feed(lane, words.EntryAllowed(ORDER))
    assert words.AskWeight() in commands


@pytest.mark.parametrize("begun", [WAITING_AT_THE_ENTRY[1:], (words.ExitBarrier(broken=True), *WAITING_AT_THE_ENTRY)])
def test_the_belt_waits_for_goods_at_the_entry_and_room_at_the_exit(begun: tuple[Event, ...]) -> None:
    lane, commands = feed(Lane(name="lane-1"), *begun)
    assert (lane.place, commands) == (Place.NOWHERE, ())


def test_goods_that_an_alarm_stopped_midway_go_on_when_staff_weighs_again() -> None:
    on_the_way = (*CHECKED, words.EntryBarrier(broken=True), words.EntryBarrier(broken=False))
    lane, _ = feed(Lane(name="lane-1"), *on_the_way, words.EasAlarm(), words.AlarmSilenced())
    assert not outputs(lane).belt
    lane, _ = feed(lane, words.StaffWeighAgain())
    assert outputs(lane).belt


def test_the_second_question_about_an_order_moves_nothing() -> None:
    lane, _ = feed(Lane(name="lane-1"), *CHECKED, words.EntryBarrier(broken=True), words.StaffAsksCheck("anna", SAMPLE))
    lane, _ = feed(lane, words.OrderAmended(2, 590), words.OrderPaid(AGAIN))
    assert (lane.state, lane.place, outputs(lane).belt) == (State.CHECKING, Place.CARRIED, False)


def test_a_light_load_gets_time_for_the_rest_then_staff() -> None:
    lane, commands = feed(Lane(name="lane-1"), *ON_SCALE, words.WeightShort(VERDICT))
    assert lane.state is State.WEIGHING
    assert StartTimer(words.CompletionOverdue(), lane.timing.complete_s) in commands
    lane, commands = feed(lane, words.WeightShort(VERDICT))
    assert commands == (words.AskWeight(),)
    complete, _ = feed(lane, words.WeightFits(VERDICT))
    assert complete.state is State.DEACTIVATING
    lane, _ = feed(lane, words.CompletionOverdue())
    assert (lane.state, lane.reason) == (State.AUDITING, Reason.WEIGHT_DIFFERS)


def test_an_amended_order_is_checked_again_and_weighed_again() -> None:
    lane, _ = feed(Lane(name="lane-1"), *ON_SCALE, words.WeightDiffers(VERDICT), words.OrderAmended(2, 590))
    assert lane.due_minor == 590
    lane, commands = feed(lane, words.OrderPaid(AGAIN))
    assert words.CheckOrder("0482132", AGAIN) in commands
    lane, commands = feed(lane, words.EntryAllowed(replace(ORDER, entry_id=AGAIN, revision=2)))
    assert words.AskWeight() in commands
    assert (lane.state, lane.place, lane.due_minor) == (State.WEIGHING, Place.ON_SCALE, 0)


def test_a_refused_second_check_stays_with_staff() -> None:
    lane, _ = feed(Lane(name="lane-1"), *ON_SCALE, words.WeightDiffers(VERDICT), words.OrderPaid(AGAIN))
    for event in (words.EntryRefused(AGAIN, Refusal.UNPAID, TEXTS), words.CheckOverdue()):
        after, _ = feed(lane, event)
        assert (after.state, after.entry_id) == (State.AUDITING, ENTRY)


def test_a_late_yes_is_given_back() -> None:
    lane, commands = feed(Lane(name="lane-1"), words.CodeRead("pass", ENTRY), words.CheckOverdue())
    assert words.LeaveLane(ENTRY) in commands
    lane, commands = feed(lane, words.EntryAllowed(ORDER))
    assert commands == (words.LeaveLane(ENTRY),)
    assert lane.state is State.REFUSED


def test_staff_opens_for_the_order_and_the_report_says_so() -> None:
    lane, commands = feed(Lane(name="lane-1"), *ON_SCALE, words.WeightDiffers(VERDICT), words.StaffReleased("anna", "seen"))
    assert words.WritePassUsed(ORDER, "staff") in commands
    lane, commands = feed(lane, words.PassUseWritten(), words.ExitBarrier(broken=False), words.CarryDone())
    assert words.WriteExit(replace(ORDER, decided_by="staff"), 501.0) in commands


def test_an_alarm_while_the_gate_is_open_keeps_the_order_and_shuts_the_gate() -> None:
    done = (words.PassUseWritten(), words.ExitBarrier(broken=False), words.CarryDone(), words.ExitWritten())
    lane, _ = feed(Lane(name="lane-1"), *ON_SCALE, words.WeightFits(VERDICT), *done, words.EasAlarm())
    assert lane.order == ORDER
    assert outputs(lane) == Outputs(red=True, siren=True)
    lane, _ = feed(lane, words.SirenDone())
    assert outputs(lane) == Outputs(red=True)
    lane, commands = feed(lane, words.AlarmSilenced())
    assert lane.state is State.IDLE
    assert not any(isinstance(command, words.LeaveLane | words.KeepGoods) for command in commands)


def test_an_alarm_during_weighing_leaves_the_order_with_staff() -> None:
    lane, _ = feed(Lane(name="lane-1"), *ON_SCALE, words.EasAlarm(), words.AlarmSilenced())
    assert (lane.state, lane.reason, lane.order) == (State.AUDITING, Reason.INTERRUPTED, ORDER)
    assert not outputs(lane).siren


def test_a_silent_module_stops_the_deactivation_and_calls_staff() -> None:
    begun = (*ON_SCALE, words.WeightFits(VERDICT), words.PassUseWritten())
    lane, _ = feed(Lane(name="lane-1"), *begun, words.FaultRaised(Fault.IO_MODULE))
    assert (lane.state, lane.reason) == (State.AUDITING, Reason.PART_FAILED)
    lane, _ = feed(lane, words.StaffReleased("anna", "x"))
    assert lane.state is State.AUDITING, "a lane that cannot disarm does not open"
    lane, _ = feed(lane, words.FaultCleared(Fault.IO_MODULE), words.StaffReleased("anna", "x"))
    assert outputs(lane).deactivator


def test_a_lane_out_of_service_sends_shoppers_elsewhere() -> None:
    lane, commands = feed(Lane(name="lane-1", faults=frozenset({Fault.SCALE})), words.CodeRead("pass", ENTRY))
    assert (lane.state, lane.reason) == (State.REFUSED, Reason.OUT_OF_SERVICE)
    assert not any(isinstance(command, words.CheckPass) for command in commands)


def test_an_interrupted_order_waits_for_staff_with_the_gate_shut() -> None:
    lane, _ = machine.resumed(Lane(name="lane-1"), ORDER)
    assert (lane.state, lane.reason) == (State.AUDITING, Reason.INTERRUPTED)
    assert not outputs(lane).gate
    after, commands = feed(lane, words.StaffRefused("anna", "no"))
    assert words.KeepGoods(ORDER) in commands
    assert words.LeaveLane(ENTRY) in commands
    released, _ = feed(lane, words.StaffReleased("anna", "yes"))
    assert released.state is State.DEACTIVATING
    assert after.state is State.REFUSED
