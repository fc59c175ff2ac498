from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from hardware.printer.job import (
    CONFIRM_WITHIN_S,
    HELD_MAX_S,
    TRANSITIONS,
    WINDOW,
    AllProcessed,
    CannotPrint,
    CanPrint,
    Command,
    Event,
    GivenUp,
    IllegalTransitionError,
    Job,
    LastPieceSent,
    Processed,
    Silent,
    State,
    advance,
)

EVENTS: list[Event] = [
    CanPrint(1.0),
    CannotPrint("out of paper", 1.0),
    LastPieceSent(1.0),
    Processed(1, 1.0),
    AllProcessed(),
    Silent(),
    GivenUp("gone"),
]
BEGUN = Job(pieces=5, sent=1)
CONFIRMING = Job(pieces=3, state=State.CONFIRMING, sent=3, processed=1)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, EVENTS)))
def test_every_pair_is_in_the_table_or_illegal(state: State, event: Event) -> None:
    target = TRANSITIONS.get((state, type(event)))
    job = Job(pieces=5, state=state, sent=3)
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
    ended, commands = advance(Job(1), CannotPrint("the cover is open", 5.0))
    assert (ended.outcome, ended.reason, commands) == ("not_printed", "the cover is open", (Command.TELL_OUTCOME,))
    assert advance(Job(1), GivenUp("gone"))[0].outcome == "not_printed"
    assert not advance(Job(1), Silent())[0].shaken


def test_a_piece_counts_before_it_is_written_and_what_is_left_is_cleared() -> None:
    begun, commands = advance(Job(1), CanPrint(1.0))
    assert commands == (Command.SEND_PIECE,)
    ended, commands = advance(begun, GivenUp("gone"))
    assert (ended.outcome, commands) == ("uncertain", (Command.CLEAR, Command.TELL_OUTCOME))


def test_no_more_is_on_its_way_than_the_printer_can_hold() -> None:
    job = Job(pieces=10)
    for sent in range(WINDOW):
        job, commands = advance(job, CanPrint(0.1 * sent))
        assert commands == (Command.SEND_PIECE,)
    job, commands = advance(job, CanPrint(1.0))
    assert commands == ()
    job, commands = advance(job, Processed(1, 1.1))
    assert advance(job, CanPrint(1.2))[1] == (Command.SEND_PIECE,)


def test_paper_out_in_the_middle_is_waited_for_and_not_for_ever() -> None:
    held, commands = advance(BEGUN, CannotPrint("out of paper", 10.0))
    assert (held.state, held.held_since_s, commands) == (State.SENDING, 10.0, ())
    still, _commands = advance(held, CannotPrint("out of paper", 10.0 + HELD_MAX_S - 0.1))
    assert still.state is State.SENDING
    resumed, commands = advance(still, CanPrint(60.0))
    assert (resumed.held_since_s, commands) == (None, (Command.SEND_PIECE,))
    ended, commands = advance(still, CannotPrint("out of paper", 10.0 + HELD_MAX_S))
    assert (ended.state, ended.outcome, ended.reason) == (State.ENDED, "uncertain", "out of paper")
    assert commands == (Command.CLEAR, Command.TELL_OUTCOME)


def test_only_the_last_answer_makes_it_printed() -> None:
    sent, commands = advance(replace(BEGUN, pieces=2, sent=2), LastPieceSent(3.0))
    assert (sent.state, commands) == (State.CONFIRMING, ())
    sent, commands = advance(sent, Processed(1, 4.0))
    assert (sent.state, commands) == (State.CONFIRMING, ())
    ended, commands = advance(sent, Processed(2, 5.0))
    assert (ended.outcome, ended.reason, commands) == ("printed", "", (Command.TELL_OUTCOME,))


def test_a_later_answer_stands_for_those_before_it_and_doubled_ones_change_nothing() -> None:
    again, _commands = advance(CONFIRMING, Processed(1, 2.0))
    assert again == CONFIRMING
    assert advance(CONFIRMING, Processed(3, 2.0))[0].outcome == "printed"


def test_after_silence_a_gap_in_the_answers_means_that_a_part_was_lost() -> None:
    shaken, _commands = advance(CONFIRMING, Silent())
    ended, _commands = advance(shaken, Processed(3, 2.0))
    assert (ended.outcome, "switched off" in ended.reason) == ("uncertain", True)
    onward, _commands = advance(shaken, Processed(2, 2.0))
    assert advance(onward, Processed(3, 3.0))[0].outcome == "printed"


def test_a_missing_answer_is_asked_for_once_more_but_not_after_silence() -> None:
    waiting, commands = advance(CONFIRMING, CanPrint(CONFIRM_WITHIN_S - 0.1))
    assert commands == ()
    asked, commands = advance(waiting, CanPrint(CONFIRM_WITHIN_S))
    assert commands == (Command.ASK_AGAIN,)
    assert advance(asked, Processed(3, CONFIRM_WITHIN_S + 1))[0].outcome == "printed"
    ended, _commands = advance(asked, CanPrint(2 * CONFIRM_WITHIN_S))
    assert (ended.outcome, ended.reason) == ("uncertain", "the printer did not confirm")
    shaken, _commands = advance(CONFIRMING, Silent())
    assert advance(shaken, CanPrint(CONFIRM_WITHIN_S))[0].outcome == "uncertain"


def test_waiting_for_paper_is_no_waiting_for_the_answer() -> None:
    held, _commands = advance(CONFIRMING, CannotPrint("out of paper", CONFIRM_WITHIN_S - 1))
    resumed, commands = advance(held, CanPrint(CONFIRM_WITHIN_S + 50))
    assert (resumed.heard_at_s, commands) == (CONFIRM_WITHIN_S + 50, ())
    assert advance(resumed, CanPrint(CONFIRM_WITHIN_S + 51))[1] == ()
