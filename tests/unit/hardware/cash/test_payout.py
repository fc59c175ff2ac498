"""The payout machine: its table, and its judgement of a hopper's counters."""

from __future__ import annotations

import dataclasses
import itertools
import typing
from uuid import UUID

import pytest

from hardware.cash import payout as machine
from hardware.cash import payout_events as happened
from hardware.cash.events import PayoutReason
from hardware.cash.payout import TRANSITIONS, IllegalTransitionError, advance
from hardware.cash.payout_events import Event, Reading
from hardware.cash.payout_reading import ANSWER_LIMIT_S, CHECK_DELAY_S, RESENDS_MAX, SETTLE_S, observe, unanswered
from hardware.cash.payout_state import COMMANDS, PORTION_MAX, Command, Payout, State
from hardware.cash.protocol_counters import HopperFlag, HopperStatus

EVENTS = typing.get_args(Event)
ID = UUID(int=1)
IDLE = HopperStatus(event_counter=7, remaining=0, paid=0, unpaid=0)
NOW_S = 50.0
NO_FLAGS = HopperFlag(0)


def reading(status: HopperStatus = IDLE, dispensed: int = 1000, flags: HopperFlag = NO_FLAGS, now_s: float = NOW_S) -> Reading:
    return Reading(status, dispensed, flags, now_s)


def make(kind: type[Event]) -> Event:
    values: dict[str, typing.Any] = {
        "reading": reading(),
        "now_s": NOW_S,
        "was_refused": False,
        "paid": 2,
        "reason": PayoutReason.JAM,
        "uncertain": False,
        "has_mismatch": False,
    }
    made: Event = kind(**{field.name: values[field.name] for field in dataclasses.fields(kind)})
    return made


def in_state(state: State, **changes: typing.Any) -> Payout:
    payout = Payout(ID, "hopper-100", 5, NOW_S, state, dispensed_before=1000, portion=5, portion_dispensed_before=1000)
    return dataclasses.replace(payout, event_counter_before=7, **changes)


@pytest.mark.parametrize(("state", "kind"), list(itertools.product(State, EVENTS)))
def test_every_pair_is_in_the_table_or_refused(state: State, kind: type[Event]) -> None:
    payout = in_state(state, reason=PayoutReason.STOPPED)
    target = TRANSITIONS.get((state, kind))
    if target is None:
        with pytest.raises(IllegalTransitionError, match=kind.__name__):
            advance(payout, make(kind))
    else:
        after, command = advance(payout, make(kind))
        assert after.state is target
        assert command is COMMANDS[target]


def test_every_state_is_reached_and_all_but_the_last_are_left() -> None:
    moves = {(start, end) for (start, _), end in TRANSITIONS.items() if start is not end}
    assert {start for start, _ in moves} == set(State) - {State.FINISHED}
    assert {end for _, end in moves} == set(State)


def test_only_two_events_send_the_order_and_both_prove_that_none_is_under_way() -> None:
    to_dispensing = {(start, kind) for (start, kind), end in TRANSITIONS.items() if end is State.DISPENSING}
    assert to_dispensing == {
        (State.ENABLING, happened.Enabled),
        (State.CHECKING, happened.NeverReceived),
        (State.CHECKING, happened.PortionPaid),
        (State.PAYING, happened.PortionPaid),
    }


def test_enabling_comes_only_after_the_intent_is_written() -> None:
    assert {start for (start, _), end in TRANSITIONS.items() if end is State.ENABLING and start is not end} == {
        State.JOURNALLING
    }


def test_the_good_case() -> None:
    payout = Payout(ID, "hopper-100", 3, NOW_S)
    event = observe(payout, reading())
    assert event == happened.ReadyToPay(reading())
    payout, command = advance(payout, event)
    assert (command, payout.dispensed_before, payout.portion) == (Command.WRITE_INTENT, 1000, 3)
    payout, command = advance(payout, happened.IntentWritten(NOW_S))
    assert command is Command.ENABLE
    payout, command = advance(payout, happened.Enabled())
    assert command is Command.DISPENSE
    payout, command = advance(payout, happened.DispenseHeard(NOW_S))
    assert command is Command.READ
    payout, command = advance(payout, observe(payout, reading(HopperStatus(8, 2, 1, 0), 1001)))
    assert (command, payout.paid) == (Command.READ, 1)
    payout, command = advance(payout, observe(payout, reading(HopperStatus(8, 0, 3, 0), 1003)))
    assert command is Command.REPORT
    outcome = payout.outcome("cash")
    assert (outcome.paid, outcome.uncertain, outcome.reason) == (3, False, PayoutReason.DONE)


def test_a_large_payout_goes_in_portions() -> None:
    payout = dataclasses.replace(in_state(State.PAYING), count=PORTION_MAX + 5, portion=PORTION_MAX, was_heard=True)
    event = observe(payout, reading(HopperStatus(8, 0, PORTION_MAX, 0), 1000 + PORTION_MAX))
    payout, command = advance(payout, event)
    assert (command, payout.portion, payout.paid) == (Command.DISPENSE, 5, PORTION_MAX)
    assert (payout.event_counter_before, payout.portion_dispensed_before) == (8, 1000 + PORTION_MAX)
    payout, _ = advance(payout, happened.DispenseHeard(NOW_S))
    payout, _ = advance(payout, observe(payout, reading(HopperStatus(9, 0, 5, 0), 1000 + PORTION_MAX + 5)))
    assert payout.outcome("cash").paid == PORTION_MAX + 5


@pytest.mark.parametrize("flags", [HopperFlag.OVER_CURRENT, HopperFlag.OPTO_BLOCKED_IDLE, HopperFlag.OPTO_SHORT_PAYING])
def test_a_blocked_hopper_is_reset_once_and_then_refused(flags: HopperFlag) -> None:
    payout = Payout(ID, "hopper-100", 3, NOW_S)
    payout, command = advance(payout, observe(payout, reading(flags=flags)))
    assert command is Command.RESET
    payout, command = advance(payout, happened.ResetDone(NOW_S))
    assert command is Command.READ
    payout, command = advance(payout, observe(payout, reading(flags=flags)))
    assert (command, payout.reason, payout.paid, payout.uncertain) == (Command.REPORT, PayoutReason.JAM, 0, False)


def test_a_hopper_that_pays_already_is_left_alone() -> None:
    payout = Payout(ID, "hopper-100", 3, NOW_S)
    assert observe(payout, reading(HopperStatus(7, 2, 1, 0))) == happened.GivenUp(PayoutReason.BUSY)


def test_never_received_is_believed_only_later_and_only_so_often() -> None:
    payout = in_state(State.CHECKING)
    assert observe(payout, reading(now_s=NOW_S + CHECK_DELAY_S - 0.01)) == happened.TooEarly()
    late = reading(now_s=NOW_S + CHECK_DELAY_S)
    assert observe(payout, late) == happened.NeverReceived()
    tired = dataclasses.replace(payout, resends=RESENDS_MAX)
    assert observe(tired, late) == happened.StoodStill(0, PayoutReason.UNREACHABLE)


@pytest.mark.parametrize(
    ("status", "dispensed", "expected"),
    [
        (HopperStatus(8, 3, 2, 0), 1002, happened.Running(2)),
        (HopperStatus(8, 0, 5, 0), 1005, happened.StoodStill(5, PayoutReason.DONE)),
        (HopperStatus(8, 0, 0, 5), 1000, happened.StoodStill(0, PayoutReason.REFUSED)),
        (HopperStatus(0, 0, 2, 3), 1002, happened.StoodStill(2, PayoutReason.RESET)),
        (HopperStatus(7, 0, 0, 0), 1002, happened.StoodStill(2, PayoutReason.REFUSED)),
    ],
    ids=["it heard", "it is done", "the counter moved but nothing was paid", "it was reset", "coins fell though it denies"],
)
def test_a_doubt_is_resolved_by_the_counters(status: HopperStatus, dispensed: int, expected: Event) -> None:
    assert observe(in_state(State.CHECKING), reading(status, dispensed, now_s=NOW_S + 1)) == expected


def test_after_a_refusal_nothing_is_sent_again_even_if_the_counter_did_not_move() -> None:
    payout = in_state(State.CHECKING, was_refused=True)
    assert observe(payout, reading(now_s=NOW_S + 9)) == happened.StoodStill(0, PayoutReason.REFUSED)


@pytest.mark.parametrize(
    ("flags", "reason"),
    [(HopperFlag.PAYOUT_TIME_OUT, PayoutReason.EMPTY), (HopperFlag.OVER_CURRENT, PayoutReason.JAM)],
)
def test_a_short_payout_says_why(flags: HopperFlag, reason: PayoutReason) -> None:
    payout = in_state(State.PAYING, was_heard=True)
    event = observe(payout, reading(HopperStatus(8, 0, 2, 3), 1002, flags))
    assert event == happened.StoodStill(2, reason)


def test_the_larger_of_two_counters_is_taken_and_staff_told() -> None:
    payout = in_state(State.PAYING, was_heard=True)
    event = observe(payout, reading(HopperStatus(8, 0, 5, 0), 1004))
    assert event == happened.StoodStill(5, PayoutReason.DONE, has_mismatch=True)


def test_a_stale_paid_counter_of_an_earlier_payout_is_not_compared() -> None:
    event = observe(in_state(State.PAYING), reading(HopperStatus(7, 0, 4, 0), 1000))
    assert event == happened.StoodStill(0, PayoutReason.REFUSED)


def test_a_counter_that_cannot_be_is_uncertain() -> None:
    payout = in_state(State.PAYING, was_heard=True, paid=1)
    event = observe(payout, reading(HopperStatus(8, 0, 5, 0), 3))
    assert event == happened.StoodStill(1, PayoutReason.REFUSED, uncertain=True)


def test_the_coin_counter_wraps() -> None:
    payout = dataclasses.replace(in_state(State.PAYING, was_heard=True), dispensed_before=(1 << 24) - 2)
    assert observe(payout, reading(HopperStatus(8, 0, 5, 0), 3)) == happened.StoodStill(5, PayoutReason.DONE)


def test_a_hopper_that_runs_too_long_is_stopped_and_read_after_a_while() -> None:
    payout = in_state(State.PAYING, was_heard=True)
    overdue = reading(HopperStatus(8, 4, 1, 0), 1001, now_s=payout.deadline_s + 0.1)
    payout, command = advance(payout, observe(payout, overdue))
    assert command is Command.STOP
    payout, _ = advance(payout, happened.StopSent(overdue.now_s))
    stopped = HopperStatus(8, 0, 2, 4)
    assert observe(payout, reading(stopped, 1002, now_s=overdue.now_s)) == happened.TooEarly()
    event = observe(payout, reading(stopped, 1002, now_s=overdue.now_s + SETTLE_S))
    assert event == happened.StoodStill(2, PayoutReason.TIME_UP)


def test_a_hopper_that_does_not_stop_is_given_up() -> None:
    payout = in_state(State.SETTLING, stops=3, paid=2)
    event = observe(payout, reading(HopperStatus(8, 3, 2, 0), 1002, now_s=NOW_S + SETTLE_S))
    payout, _ = advance(payout, event)
    assert (payout.paid, payout.uncertain, payout.reason) == (2, True, PayoutReason.TIME_UP)


@pytest.mark.parametrize("state", [State.READING, State.ENABLING])
def test_silence_before_the_order_ends_certainly(state: State) -> None:
    payout = in_state(state)
    assert unanswered(payout, NOW_S + ANSWER_LIMIT_S - 0.1) == happened.NoAnswer()
    payout, _ = advance(payout, unanswered(payout, NOW_S + ANSWER_LIMIT_S + 0.1))
    assert (payout.paid, payout.uncertain, payout.reason) == (0, False, PayoutReason.UNREACHABLE)


@pytest.mark.parametrize("state", [State.CHECKING, State.PAYING])
def test_silence_after_the_order_ends_uncertainly(state: State) -> None:
    payout = in_state(state, paid=2)
    assert unanswered(payout, payout.deadline_s - 0.1) == happened.NoAnswer()
    payout, _ = advance(payout, unanswered(payout, payout.deadline_s + 0.1))
    assert (payout.paid, payout.uncertain, payout.reason) == (2, True, PayoutReason.UNREACHABLE)


def test_a_question_only_watches() -> None:
    payout = machine.asked(ID, "hopper-100", 1000, 5, NOW_S)
    payout, command = advance(payout, observe(payout, reading(HopperStatus(8, 2, 3, 0), 1003)))
    assert command is Command.READ
    payout, command = advance(payout, observe(payout, reading(HopperStatus(0, 0, 4, 1), 1004)))
    assert command is Command.REPORT
    assert payout.outcome("cash").paid == 4
    short_portion = machine.asked(ID, "hopper-100", 1000, 50, NOW_S)
    event = observe(short_portion, reading(HopperStatus(9, 0, 20, 0), 1020))
    assert event == happened.StoodStill(20, PayoutReason.LINK_LOST)
