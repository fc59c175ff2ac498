from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from hardware.printer.cloudprnt_events import (
    Confirmed,
    Event,
    Fetched,
    Lost,
    NotDownloaded,
    PolledPrinting,
    PolledReady,
    PolledUnable,
    Refused,
    StoppedByPrinter,
    Withdrawn,
)
from hardware.printer.cloudprnt_job import (
    CONFIRM_IDLE_S,
    CONFIRM_MAX_S,
    DOWNLOADS_MAX,
    HELD_MAX_S,
    INTERRUPTED_MAX,
    OFFERED_MAX_S,
    OUTCOMES,
    TRANSITIONS,
    IllegalTransitionError,
    Job,
    State,
    advance,
    given_up,
    overdue,
    refused,
)

EVENTS: list[Event] = [
    PolledReady(1.0),
    PolledPrinting("", 1.0),
    PolledUnable("out of paper", 1.0),
    Fetched(1.0),
    Confirmed(),
    NotDownloaded(1.0),
    StoppedByPrinter("out of paper", 1.0),
    Refused("decode error"),
    Withdrawn("not fetched"),
    Lost("gone"),
]


def after(*events: Event, job: Job | None = None) -> Job:
    job = job or Job(0.0)
    for event in events:
        job = advance(job, event)
    return job


FETCHED = after(PolledReady(1.0), Fetched(2.0))


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, EVENTS)))
def test_every_pair_is_in_the_table_or_illegal(state: State, event: Event) -> None:
    target = TRANSITIONS.get((state, type(event)))
    job = Job(0.0, state=state)
    if target is None:
        with pytest.raises(IllegalTransitionError):
            advance(job, event)
    else:
        assert advance(job, event).state is target


def test_every_state_is_reached_and_all_but_the_ends_are_left() -> None:
    assert set(TRANSITIONS.values()) | {State.WAITING} == set(State)
    assert {source for source, _event in TRANSITIONS} == set(State) - set(OUTCOMES)


def test_only_a_confirmation_makes_it_printed() -> None:
    assert (FETCHED.state, FETCHED.may_be_on_paper) == (State.FETCHED, True)
    assert after(Fetched(3.0), job=FETCHED).attempt == 1
    assert after(Confirmed(), job=FETCHED).outcome == "printed"


def test_a_printer_without_paper_is_waited_for_and_not_for_ever() -> None:
    held = after(PolledUnable("out of paper", 10.0), PolledUnable("out of paper", 15.0))
    assert (held.state, overdue(held, 10.0 + HELD_MAX_S - 0.1)) == (State.OFFERED, "")
    assert overdue(held, 10.0 + HELD_MAX_S) == "out of paper"
    ended = given_up(held, "out of paper")
    assert (ended.state, ended.outcome, ended.reason) == (State.FAILED, "not_printed", "out of paper")
    able = after(PolledReady(100.0), job=held)
    assert overdue(able, 100.0 + OFFERED_MAX_S - 0.1) == ""
    assert overdue(able, 100.0 + OFFERED_MAX_S) == "the printer did not fetch it"


def test_fetched_and_never_confirmed_is_unknown() -> None:
    idle = after(PolledReady(5.0), PolledReady(10.0), job=FETCHED)
    assert overdue(idle, 5.0 + CONFIRM_IDLE_S - 0.1) == ""
    assert overdue(idle, 5.0 + CONFIRM_IDLE_S) == "the printer did not confirm"
    assert given_up(idle, "the printer did not confirm").outcome == "uncertain"
    assert overdue(FETCHED, 2.0 + CONFIRM_MAX_S) == "the printer did not confirm"


def test_a_long_print_is_waited_for_while_the_printer_says_that_it_prints() -> None:
    job = FETCHED
    for now_s in range(5, 300, 5):
        job = after(PolledPrinting("", float(now_s)), job=job)
        assert overdue(job, now_s + 1.0) == ""
    stopped = after(PolledPrinting("out of paper", 300.0), job=job)
    assert (stopped.state, overdue(stopped, 300.0 + HELD_MAX_S)) == (State.FETCHED, "out of paper")
    assert overdue(after(PolledPrinting("", 310.0), job=stopped), 311.0) == ""


def test_a_print_that_the_printer_gave_up_is_offered_anew_and_counted() -> None:
    again = after(PolledUnable("out of paper", 5.0), job=FETCHED)
    assert (again.state, again.attempt, again.interrupted, again.may_be_on_paper) == (State.OFFERED, 2, 1, True)
    assert given_up(again, "gone").outcome == "uncertain"
    assert after(Confirmed(), job=again).outcome == "printed"
    told = after(StoppedByPrinter("the cover is open", 6.0), job=FETCHED)
    assert (told.state, told.attempt, told.interrupted, told.obstacle) == (State.WAITING, 2, 1, "the cover is open")
    job = FETCHED
    for _attempt in range(INTERRUPTED_MAX):
        assert overdue(job, 10.0) == ""
        job = after(Fetched(5.0), job=job) if job.state is not State.FETCHED else job
        job = after(PolledUnable("jam", 6.0), job=job)
    assert overdue(job, 7.0) == "jam"


def test_what_could_not_be_downloaded_left_nothing_on_paper() -> None:
    job = FETCHED
    for attempt in range(1, DOWNLOADS_MAX + 1):
        job = after(NotDownloaded(3.0), job=job)
        assert (job.state, job.attempt, job.may_be_on_paper) == (State.WAITING, attempt + 1, False)
        if attempt < DOWNLOADS_MAX:
            assert overdue(job, 4.0) == ""
            job = after(PolledReady(4.0), Fetched(5.0), job=job)
    assert overdue(job, 4.0) == "the printer could not download it"
    assert given_up(job, overdue(job, 4.0)).outcome == "not_printed"


def test_a_refused_document_is_not_printed_unless_half_of_it_was() -> None:
    assert refused(FETCHED, "511").outcome == "not_printed"
    assert refused(replace(FETCHED, interrupted=1), "511").outcome == "uncertain"
