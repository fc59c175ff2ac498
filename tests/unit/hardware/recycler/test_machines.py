"""Both machines: every pair of state and event, every state reached and left."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import pytest

from hardware.cash.events import PayoutReason
from hardware.recycler import intake, intake_events, payout
from hardware.recycler.judgement import judge_note, judge_payout

NOTE_EVENTS: dict[type[intake_events.Event], intake_events.Event] = {
    type(event): event
    for event in (
        intake_events.NoteRead(1000, 1.0),
        intake_events.UnwantedRead(1000),
        intake_events.KeepAsked(),
        intake_events.ReturnAsked(),
        intake_events.IntentWritten(1.0),
        intake_events.NotWritten(),
        intake_events.RejectSent(),
        intake_events.Credited(1000, 1.0),
        intake_events.Landed(stored=True),
        intake_events.Rejected(),
        intake_events.ClearedToFront(),
        intake_events.ClearedToBox(1000),
        intake_events.LinkReturned(),
        intake_events.Overdue(),
        intake_events.Judged(taken=True),
    )
}
PAYOUT_EVENTS: dict[type[payout.Event], payout.Event] = {
    type(event): event
    for event in (
        payout.Ready(),
        payout.GivenUp(PayoutReason.BUSY),
        payout.IntentWritten(),
        payout.Ordered(1.0),
        payout.Refused(PayoutReason.EMPTY),
        payout.Progress(1000, 1.0),
        payout.Ended(2000, PayoutReason.DONE),
        payout.Quiet(1.0),
        payout.StopAsked(),
        payout.LinkReturned(1.0),
        payout.Judged(2000, is_certain=True),
    )
}


@pytest.mark.parametrize("state", intake.State)
@pytest.mark.parametrize("kind", get_args(intake_events.Event))
def test_every_pair_of_a_note(state: intake.State, kind: type[intake_events.Event]) -> None:
    note = intake.Intake(state, 1000)
    target = intake.TRANSITIONS.get((state, kind))
    if target is None:
        with pytest.raises(intake.IllegalTransitionError):
            intake.advance(note, NOTE_EVENTS[kind])
    else:
        assert intake.advance(note, NOTE_EVENTS[kind])[0].state is target


@pytest.mark.parametrize("state", payout.State)
@pytest.mark.parametrize("kind", get_args(payout.Event))
def test_every_pair_of_a_payout(state: payout.State, kind: type[payout.Event]) -> None:
    before = payout.Payout(UUID(int=1), "recycler-1000", 2000, 1000, 0.0, state)
    target = payout.TRANSITIONS.get((state, kind))
    if target is None:
        with pytest.raises(payout.IllegalTransitionError):
            payout.advance(before, PAYOUT_EVENTS[kind])
    else:
        after = payout.advance(before, PAYOUT_EVENTS[kind])
        assert after.state is target
        assert target is not payout.State.FINISHED or after.reason is not None or kind is not payout.LinkReturned


def test_every_state_is_reached_and_left() -> None:
    for states, transitions, last in (
        (set(intake.State), intake.TRANSITIONS, set()),
        (set(payout.State), payout.TRANSITIONS, {payout.State.FINISHED}),
    ):
        left = {state for (state, _), target in transitions.items() if target is not state}
        reached = {target for (state, _), target in transitions.items() if target is not state}
        assert left == states - last
        assert reached >= states - {payout.State.WAITING}


@pytest.mark.parametrize(
    ("taken", "was_credited", "says"),
    [
        (True, False, intake.Say.BOXED),
        (False, False, intake.Say.WENT_BACK),
        (False, True, intake.Say.UNCERTAIN),
        (None, True, intake.Say.BOXED),
        (None, False, intake.Say.UNCERTAIN),
    ],
)
def test_what_counters_say_of_a_note(says: intake.Say, *, taken: bool | None, was_credited: bool) -> None:
    note = intake.Intake(intake.State.JUDGING, 1000, was_credited=was_credited)
    assert intake.advance(note, intake_events.Judged(taken)) == (intake.Intake(), (says,))


@pytest.mark.parametrize("read", [intake_events.NoteRead(2000, 2.0), intake_events.UnwantedRead(2000)])
def test_the_next_note_is_not_taken_for_one_that_is_still_judged(read: intake_events.Event) -> None:
    judged = intake.Intake(intake.State.JUDGING, 1000)
    waiting, said = intake.advance(judged, read)
    assert (waiting.state, waiting.value_minor, waiting.has_to_reject, said) == (intake.State.JUDGING, 1000, True, ())
    assert intake.advance(waiting, intake_events.RejectSent()) == (judged, ())
    assert intake.advance(judged, intake_events.Rejected()) == (judged, ())
    booked, _ = intake.advance(waiting, intake_events.Judged(taken=True))
    assert booked.has_to_reject, "the next poll would take it"
    assert intake.advance(booked, intake_events.RejectSent()) == (intake.Intake(), ())


def test_a_note_that_was_asked_for_can_still_be_handed_back() -> None:
    asked = intake.Intake(intake.State.ASKED, 1000)
    assert intake.advance(asked, intake_events.KeepAsked()) == (asked, ())
    assert intake.advance(asked, intake_events.ReturnAsked())[0].state is intake.State.RETURNING


def test_counters_judge() -> None:
    before = {"ever-stacked": 2**32 - 1, "ever-stored": 5, "ever-dispensed": 7, "level-1000": 9, "level-2000": 3}
    assert judge_note(before, {**before, "ever-stacked": 0}) == (True, False)
    assert judge_note(before, {**before, "ever-stored": 6}) == (True, True)
    assert judge_note(before, before) == (False, False)
    assert judge_note(before, {**before, "ever-stored": 9}) == (None, False)
    assert judge_note({}, before) == (None, False)
    paid = {**before, "ever-dispensed": 9, "level-1000": 7}
    assert judge_payout(before, paid, 1000, 3000) == (2000, True)
    assert judge_payout(before, paid, 1000, 1000) == (1000, False)
    assert judge_payout(before, paid, 0, 3000) == (2000, True)
    assert judge_payout(before, {**paid, "level-2000": 2}, 0, 9000) == (4000, False)
    assert judge_payout(before, before, 0, 3000) == (0, True)
    assert judge_payout({"level-1000": 9}, {"level-1000": 7}, 1000, 3000) == (2000, True)
    assert judge_payout({"level-1000": 9, "level-500": 2}, {"level-1000": 7, "level-500": 1}, 1000, 3000) == (2500, False)
