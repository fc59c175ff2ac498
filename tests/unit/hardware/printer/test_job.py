from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from hardware.printer.job import (
    CONFIRM_WITHIN_S,
    FALLBACK_WITHIN_S,
    HELD_MAX_S,
    TRANSITIONS,
    CannotPrint,
    CanPrint,
    Command,
    Event,
    GivenUp,
    IllegalTransitionError,
    Job,
    LastPieceSent,
    Processed,
    State,
    advance,
)

EVENTS: list[Event] = [CanPrint(1.0), CannotPrint("out of paper", 1.0), LastPieceSent(1.0), Processed(), GivenUp("gone")]
BEGUN = Job(begun=True)
CONFIRMING = Job(state=State.CONFIRMING, begun=True)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, EVENTS)))
def test_every_pair_is_in_the_table_or_illegal(state: State, event: Event) -> None:
    target = TRANSITIONS.get((state, type(event)))
    job = Job(state=state, begun=True)
    if target is None:
        with pytest.raises(IllegalTransitionError):
            advance(job, event)
    else:
        assert advance(job, event)[0].state is target


def test_every_state_is_reached_and_all_but_the_end_are_left() -> None:
    reached = {target for (source, _event), target in TRANSITIONS.items() if target is not source} | {State.SENDING}
    left = {source for (source, _event), target in TRANSITIONS.items() if target is not source}
    assert reached == set(State)
    assert left == set(State) - {State.ENDED}


def test_nothing_was_begun_before_a_piece_goes_out() -> None:
    ended, commands = advance(Job(), CannotPrint("the cover is open", 5.0))
    assert (ended.outcome, ended.reason, commands) == ("not_printed", "the cover is open", (Command.TELL_OUTCOME,))
    assert advance(Job(), GivenUp("gone"))[0].outcome == "not_printed"


def test_a_piece_counts_before_it_is_written() -> None:
    begun, commands = advance(Job(), CanPrint(1.0))
    assert commands == (Command.SEND_PIECE,)
    assert advance(begun, GivenUp("gone"))[0].outcome == "uncertain"


def test_paper_out_in_the_middle_is_waited_for_and_not_for_ever() -> None:
    held, commands = advance(BEGUN, CannotPrint("out of paper", 10.0))
    assert (held.state, held.held_since_s, commands) == (State.SENDING, 10.0, ())
    still, _commands = advance(held, CannotPrint("out of paper", 10.0 + HELD_MAX_S - 0.1))
    assert still.state is State.SENDING
    resumed, commands = advance(still, CanPrint(60.0))
    assert (resumed.held_since_s, commands) == (None, (Command.SEND_PIECE,))
    ended, commands = advance(still, CannotPrint("out of paper", 10.0 + HELD_MAX_S))
    assert (ended.state, ended.outcome, ended.reason) == (State.ENDED, "uncertain", "out of paper")
    assert commands == (Command.TELL_OUTCOME,)


def test_confirmed() -> None:
    sent, commands = advance(BEGUN, LastPieceSent(3.0))
    assert (sent.state, commands) == (State.CONFIRMING, (Command.ASK_CONFIRMATION,))
    ended, commands = advance(sent, Processed())
    assert (ended.outcome, ended.reason, commands) == ("printed", "", (Command.TELL_OUTCOME,))
    assert not ended.shows_no_confirmation


def test_a_printer_that_does_not_know_the_question_is_asked_for_its_paper() -> None:
    sent, _commands = advance(BEGUN, LastPieceSent(0.0))
    waiting, commands = advance(sent, CanPrint(CONFIRM_WITHIN_S - 0.1))
    assert commands == ()
    fell_back, commands = advance(waiting, CanPrint(CONFIRM_WITHIN_S))
    assert commands == (Command.ASK_PAPER,)
    assert advance(fell_back, CanPrint(CONFIRM_WITHIN_S + FALLBACK_WITHIN_S - 0.1))[1] == ()
    printed, _commands = advance(fell_back, Processed())
    assert printed.shows_no_confirmation
    ended, _commands = advance(fell_back, CanPrint(CONFIRM_WITHIN_S + FALLBACK_WITHIN_S))
    assert (ended.outcome, ended.reason) == ("uncertain", "the printer did not confirm")


def test_a_printer_known_not_to_confirm_is_asked_for_its_paper_at_once() -> None:
    sent, commands = advance(replace(BEGUN, confirms=False), LastPieceSent(0.0))
    assert commands == (Command.ASK_PAPER,)
    assert advance(sent, CanPrint(FALLBACK_WITHIN_S))[0].outcome == "uncertain"


def test_waiting_for_paper_is_no_waiting_for_the_answer() -> None:
    held, _commands = advance(CONFIRMING, CannotPrint("out of paper", CONFIRM_WITHIN_S - 1))
    resumed, commands = advance(held, CanPrint(CONFIRM_WITHIN_S + 50))
    assert (resumed.asked_at_s, commands) == (CONFIRM_WITHIN_S + 50, ())
    assert advance(resumed, CanPrint(CONFIRM_WITHIN_S + 51))[1] == ()
