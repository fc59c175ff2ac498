"""The note that can still go back."""

from __future__ import annotations

import dataclasses
import itertools
import typing

import pytest

from hardware.cash import escrow as machine
from hardware.cash.escrow import ROUTE_AGAIN_S, ROUTES_MAX, TRANSITIONS, Command, Escrow, Event, State

EVENTS = typing.get_args(Event)


def make(kind: type[Event]) -> Event:
    fields: dict[str, typing.Any] = {field.name: 1000 for field in dataclasses.fields(kind)}
    made: Event = kind(**fields)
    return made


@pytest.mark.parametrize(("state", "kind"), list(itertools.product(State, EVENTS)))
def test_every_pair_is_in_the_table_or_refused(state: State, kind: type[Event]) -> None:
    escrow = Escrow(state, value_minor=500)
    target = TRANSITIONS.get((state, kind))
    if target is None:
        with pytest.raises(machine.IllegalTransitionError, match=kind.__name__):
            machine.advance(escrow, make(kind))
    else:
        after, _ = machine.advance(escrow, make(kind))
        assert after.state is target


def test_every_state_is_reached_and_left() -> None:
    moves = {(start, end) for (start, _), end in TRANSITIONS.items() if start is not end}
    assert {start for start, _ in moves} == set(State)
    assert {end for _, end in moves} == set(State)


def run(*events: Event) -> tuple[Escrow, list[Command]]:
    escrow = Escrow()
    said: list[Command] = []
    for event in events:
        escrow, commands = machine.advance(escrow, event)
        said += commands
    return escrow, said


def test_a_note_that_is_wanted_waits_for_the_owner() -> None:
    escrow, said = run(machine.NoteHeld(2000))
    assert (escrow.state, escrow.value_minor, said) == (State.HELD, 2000, [Command.ANNOUNCE])
    assert machine.clock_event(escrow, 1e9) is None


def test_a_route_is_due_at_once_then_after_a_pause_then_it_is_stuck() -> None:
    escrow, _ = run(machine.NoteHeld(2000), machine.StackAsked())
    now_s = 100.0
    for _ in range(ROUTES_MAX):
        assert machine.clock_event(escrow, now_s) == machine.RouteDue()
        escrow, commands = machine.advance(escrow, machine.RouteDue())
        assert commands == (Command.ROUTE,)
        escrow, _ = machine.advance(escrow, machine.Routed(now_s))
        assert machine.clock_event(escrow, now_s + ROUTE_AGAIN_S - 0.01) is None
        now_s += ROUTE_AGAIN_S
    assert machine.clock_event(escrow, now_s) == machine.Stuck()
    escrow, commands = machine.advance(escrow, machine.Stuck())
    assert (escrow.state, commands) == (State.EMPTY, (Command.DOUBT, Command.FORGET))


def test_a_note_that_nobody_takes_goes_back_and_is_told_when_it_has() -> None:
    escrow, said = run(machine.UnwantedNoteHeld(500))
    assert (escrow.state, said) == (State.RETURNING, [])
    assert machine.clock_event(escrow, 0.0) == machine.RouteDue()
    escrow, commands = machine.advance(escrow, machine.WentBack())
    assert (escrow.state, escrow.value_minor, commands) == (State.EMPTY, 500, (Command.TELL_RETURNED,))


def test_a_reset_with_a_note_on_its_way_to_the_box_is_a_doubt_and_otherwise_not() -> None:
    _, said = run(machine.NoteHeld(500), machine.StackAsked(), machine.WasReset())
    assert said == [Command.ANNOUNCE, Command.DOUBT, Command.FORGET]
    _, said = run(machine.NoteHeld(500), machine.WasReset())
    assert said == [Command.ANNOUNCE, Command.FORGET]
    _, said = run(machine.NoteHeld(500), machine.ReturnAsked(), machine.WasReset())
    assert said == [Command.ANNOUNCE, Command.FORGET]


def test_a_note_whose_way_into_the_box_cannot_be_written_down_goes_back() -> None:
    escrow, _ = run(machine.NoteHeld(500), machine.StackAsked(), machine.RouteDue(), machine.NotWritten())
    assert escrow.state is State.RETURNING


def test_the_owner_cannot_change_its_mind_about_a_routed_note() -> None:
    escrow, _ = run(machine.NoteHeld(500), machine.StackAsked(), machine.ReturnAsked())
    assert escrow.state is State.STACKING
    escrow, _ = run(machine.NoteHeld(500), machine.ReturnAsked(), machine.StackAsked())
    assert escrow.state is State.RETURNING


def test_asking_for_a_note_that_has_gone_does_nothing() -> None:
    escrow, said = run(machine.NoteHeld(500), machine.WentBack(), machine.StackAsked())
    assert escrow.state is State.EMPTY
    assert Command.ROUTE not in said
