"""The escrow machine: the one note that can still go back to the shopper.

A note is the shopper's until the validator reports it stacked; sending it to the stacker, and the validator's ACK to that,
credit nothing. A route is sent only right after the events were read, so never for a note that has gone; one whose answer was
lost is not repeated at once, because the events tell what became of the note. A note that nobody wants goes back by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

ROUTE_AGAIN_S = 2.0
"""A stacked or returned event comes within this time; only then is the route sent again."""
ROUTES_MAX = 4


class State(Enum):
    """Where the note is."""

    EMPTY = "no note"
    HELD = "waiting for the owner's decision"
    STACKING = "on its way to the note box"
    RETURNING = "on its way back to the shopper"


class Command(Enum):
    """What the driver must do."""

    ANNOUNCE = "tell the owner that a note waits"
    ROUTE = "send the route of the present state"
    TELL_RETURNED = "tell the owner that the note went back"
    DOUBT = "tell staff that nobody knows where the note is"
    FORGET = "the routes that were sent will never be answered"


@dataclass(frozen=True, slots=True)
class Escrow:
    """The escrow's memory."""

    state: State = State.EMPTY
    value_minor: int = 0
    """Of the note in escrow, or of the last one that was there."""
    routed_s: float = -math.inf
    routes: int = 0


# Events: what happened.


@dataclass(frozen=True, slots=True)
class NoteHeld:
    """The validator holds a note that the owner may want."""

    value_minor: int


@dataclass(frozen=True, slots=True)
class UnwantedNoteHeld:
    """The validator holds a note that nobody takes now."""

    value_minor: int


@dataclass(frozen=True, slots=True)
class Stacked:
    """The validator put a note into the box."""


@dataclass(frozen=True, slots=True)
class WentBack:
    """The validator handed the note back."""


@dataclass(frozen=True, slots=True)
class StackAsked:
    """The owner keeps the note."""


@dataclass(frozen=True, slots=True)
class ReturnAsked:
    """The owner does not want the note, or wants nothing any more."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A route was sent, answered or not."""

    now_s: float


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The journal could not take the intent to keep the note: it goes back."""


@dataclass(frozen=True, slots=True)
class FoundEmpty:
    """The validator says that its escrow is empty; what became of the note is in the event buffer."""


@dataclass(frozen=True, slots=True)
class RouteDue:
    """A route was not sent yet, or nothing has come of it."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Nothing has come of several routes."""


@dataclass(frozen=True, slots=True)
class WasReset:
    """The validator restarted and forgot its events."""


Event = (
    NoteHeld
    | UnwantedNoteHeld
    | Stacked
    | WentBack
    | StackAsked
    | ReturnAsked
    | Routed
    | NotWritten
    | FoundEmpty
    | RouteDue
    | Stuck
    | WasReset
)


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.EMPTY, NoteHeld): State.HELD,
    (State.EMPTY, UnwantedNoteHeld): State.RETURNING,
    (State.EMPTY, Stacked): State.EMPTY,
    (State.EMPTY, WentBack): State.EMPTY,
    (State.EMPTY, StackAsked): State.EMPTY,
    (State.EMPTY, ReturnAsked): State.EMPTY,
    (State.EMPTY, WasReset): State.EMPTY,
    (State.HELD, NoteHeld): State.HELD,
    (State.HELD, UnwantedNoteHeld): State.RETURNING,
    (State.HELD, Stacked): State.EMPTY,
    (State.HELD, WentBack): State.EMPTY,
    (State.HELD, StackAsked): State.STACKING,
    (State.HELD, ReturnAsked): State.RETURNING,
    (State.HELD, WasReset): State.EMPTY,
    (State.STACKING, NoteHeld): State.HELD,
    (State.STACKING, UnwantedNoteHeld): State.RETURNING,
    (State.STACKING, Stacked): State.EMPTY,
    (State.STACKING, WentBack): State.EMPTY,
    (State.STACKING, StackAsked): State.STACKING,
    (State.STACKING, ReturnAsked): State.STACKING,
    (State.STACKING, Routed): State.STACKING,
    (State.STACKING, NotWritten): State.RETURNING,
    (State.STACKING, FoundEmpty): State.STACKING,
    (State.STACKING, RouteDue): State.STACKING,
    (State.STACKING, Stuck): State.EMPTY,
    (State.STACKING, WasReset): State.EMPTY,
    (State.RETURNING, NoteHeld): State.HELD,
    (State.RETURNING, UnwantedNoteHeld): State.RETURNING,
    (State.RETURNING, Stacked): State.EMPTY,
    (State.RETURNING, WentBack): State.EMPTY,
    (State.RETURNING, StackAsked): State.RETURNING,
    (State.RETURNING, ReturnAsked): State.RETURNING,
    (State.RETURNING, Routed): State.RETURNING,
    (State.RETURNING, FoundEmpty): State.EMPTY,
    (State.RETURNING, RouteDue): State.RETURNING,
    (State.RETURNING, Stuck): State.EMPTY,
    (State.RETURNING, WasReset): State.EMPTY,
}

Step = tuple[Escrow, tuple[Command, ...]]


def advance(escrow: Escrow, event: Event) -> Step:
    """Return the escrow after ``event`` and what the driver must do.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((escrow.state, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen to a note in {escrow.state.name}")
    commands = _commands(escrow, event)
    return replace(_REMEMBER.get(type(event), _nothing)(escrow, event), state=target), commands


def clock_event(escrow: Escrow, now_s: float) -> RouteDue | Stuck | None:
    """Say, right after the events were read, whether to send the route: at first, and when nothing has come of it for long."""
    if escrow.state not in {State.STACKING, State.RETURNING} or now_s < escrow.routed_s + ROUTE_AGAIN_S:
        return None
    return RouteDue() if escrow.routes < ROUTES_MAX else Stuck()


def _commands(escrow: Escrow, event: Event) -> tuple[Command, ...]:
    if isinstance(event, NoteHeld):
        return (*_doubt(escrow), Command.ANNOUNCE)
    if isinstance(event, UnwantedNoteHeld):
        return _doubt(escrow)
    if isinstance(event, WasReset | Stuck):
        return (*_doubt(escrow), Command.FORGET)
    if isinstance(event, WentBack):
        return (Command.TELL_RETURNED,)
    return (Command.ROUTE,) if isinstance(event, RouteDue) else ()


def _doubt(escrow: Escrow) -> tuple[Command, ...]:
    return (Command.DOUBT,) if escrow.state is State.STACKING else ()


def _nothing(escrow: Escrow, _event: Event) -> Escrow:
    return escrow


def _held(escrow: Escrow, event: NoteHeld | UnwantedNoteHeld) -> Escrow:
    return Escrow(escrow.state, event.value_minor)


def _stacked(escrow: Escrow, _event: Stacked) -> Escrow:
    return Escrow(escrow.state)


def _routed(escrow: Escrow, event: Routed) -> Escrow:
    return replace(escrow, routed_s=event.now_s, routes=escrow.routes + 1)


_REMEMBER: dict[type[Event], Callable[[Escrow, Any], Escrow]] = {
    NoteHeld: _held,
    UnwantedNoteHeld: _held,
    Stacked: _stacked,
    Routed: _routed,
}
