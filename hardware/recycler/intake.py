"""The note that comes in: offered, kept only when asked, credited once.

1. While a note is held the device hears "hold" and never a poll, because the next poll would take it.
2. Before the poll that takes it, the intent is on disk.
3. A note is money when the device said "credit", and is credited when it has come to rest, so that its place is known.
4. After a lost connection or a restart the device's counters say whether the note is in: :mod:`hardware.recycler.judgement`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from hardware.recycler.intake_events import (
    ClearedToBox,
    ClearedToFront,
    Credited,
    Event,
    IntentWritten,
    Judged,
    KeepAsked,
    Landed,
    LinkReturned,
    NoteRead,
    NotWritten,
    Overdue,
    Rejected,
    RejectSent,
    ReturnAsked,
    UnwantedRead,
)

LANDING_S = 15.0
"""A note that was taken comes to rest within this time, or the counters are asked."""


class State(Enum):
    """Where the note is."""

    EMPTY = "empty"
    HELD = "held"
    ASKED = "asked"
    """The owner wants it; the intent is not written yet."""
    TAKING = "taking"
    LANDING = "landing"
    RETURNING = "returning"
    """It is to be rejected."""
    LEAVING = "leaving"
    JUDGING = "judging"
    """Only the counters can tell."""


class Say(Enum):
    """What the driver has to book and to tell."""

    OFFERED = "offered"
    WENT_BACK = "went back"
    STORED = "stored"
    BOXED = "boxed"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    """A note that was never offered went back: not recognised, or not wanted."""


@dataclass(frozen=True, slots=True)
class Intake:
    """The note inside, if any."""

    state: State = State.EMPTY
    value_minor: int = 0
    was_credited: bool = False
    since_s: float = 0.0
    is_next_read: bool = False
    """Another note came into escrow while this one was judged; it is to be rejected."""

    @property
    def has_to_reject(self) -> bool:
        """Whether the device must hear "reject" before the next poll."""
        return self.state is State.RETURNING or self.is_next_read


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


_S = State
_ALWAYS = (
    NoteRead,
    UnwantedRead,
    KeepAsked,
    ReturnAsked,
    Credited,
    Landed,
    Rejected,
    ClearedToFront,
    ClearedToBox,
    LinkReturned,
)
"""May happen whenever the device is listened to."""


def _row(state: State, **targets: State) -> dict[tuple[State, type[Event]], State]:
    """Return a state's transitions; what is not named among :data:`_ALWAYS` leaves the state as it is."""
    kept: dict[tuple[State, type[Event]], State] = {(state, kind): state for kind in _ALWAYS}
    return kept | {(state, _KINDS[name]): target for name, target in targets.items()}


_KINDS: dict[str, type[Event]] = {
    kind.__name__: kind for kind in (*_ALWAYS, IntentWritten, NotWritten, RejectSent, Overdue, Judged)
}

_OUT = {"Rejected": _S.EMPTY, "ClearedToFront": _S.EMPTY, "ClearedToBox": _S.EMPTY}
"""A note in the head is out of it, whichever way it went."""

TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    **_row(_S.EMPTY, NoteRead=_S.HELD, UnwantedRead=_S.RETURNING, RejectSent=_S.EMPTY, Credited=_S.LANDING),
    **_row(
        _S.HELD,
        UnwantedRead=_S.RETURNING,
        KeepAsked=_S.ASKED,
        ReturnAsked=_S.RETURNING,
        Credited=_S.LANDING,
        **_OUT,
        LinkReturned=_S.EMPTY,
    ),
    (_S.ASKED, IntentWritten): _S.TAKING,
    (_S.ASKED, NotWritten): _S.RETURNING,
    (_S.ASKED, KeepAsked): _S.ASKED,
    (_S.ASKED, ReturnAsked): _S.RETURNING,
    (_S.ASKED, LinkReturned): _S.EMPTY,
    **_row(
        _S.TAKING,
        Credited=_S.LANDING,
        Landed=_S.EMPTY,
        **_OUT,
        LinkReturned=_S.JUDGING,
        Overdue=_S.JUDGING,
    ),
    **_row(
        _S.LANDING,
        NoteRead=_S.HELD,
        UnwantedRead=_S.RETURNING,
        Landed=_S.EMPTY,
        ClearedToFront=_S.JUDGING,
        ClearedToBox=_S.EMPTY,
        LinkReturned=_S.JUDGING,
        Overdue=_S.JUDGING,
    ),
    **_row(
        _S.RETURNING,
        RejectSent=_S.LEAVING,
        Credited=_S.LANDING,
        **_OUT,
        LinkReturned=_S.EMPTY,
    ),
    **_row(
        _S.LEAVING,
        NoteRead=_S.RETURNING,
        UnwantedRead=_S.RETURNING,
        Credited=_S.LANDING,
        **_OUT,
        LinkReturned=_S.EMPTY,
        Overdue=_S.EMPTY,
    ),
    **_row(
        _S.JUDGING,
        RejectSent=_S.JUDGING,
        Landed=_S.EMPTY,
        ClearedToBox=_S.EMPTY,
        Judged=_S.EMPTY,
    ),
}

Step = tuple[Intake, tuple[Say, ...]]


def advance(intake: Intake, event: Event) -> Step:
    """Return the intake after ``event`` and what is to be booked and told.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((intake.state, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen to a note that is {intake.state.name}")
    said = _said(intake, event)
    return _remembered(intake, event, target), said


def _remembered(intake: Intake, event: Event, target: State) -> Intake:
    if target is State.EMPTY:
        return Intake(is_next_read=intake.is_next_read and not isinstance(event, RejectSent | LinkReturned))
    changed = replace(intake, state=target)
    if isinstance(event, NoteRead | UnwantedRead):
        if target is State.JUDGING:
            return replace(changed, is_next_read=True)
        if target in {State.HELD, State.RETURNING}:
            changed = replace(changed, value_minor=event.value_minor, was_credited=False)
    if isinstance(event, RejectSent):
        changed = replace(changed, is_next_read=False)
    if isinstance(event, Credited) and target in {State.LANDING, State.JUDGING}:
        changed = replace(changed, value_minor=event.value_minor or changed.value_minor, was_credited=True)
    if isinstance(event, NoteRead | IntentWritten | Credited) and target is not intake.state:
        changed = replace(changed, since_s=event.now_s)
    return changed


def _said(intake: Intake, event: Event) -> tuple[Say, ...]:
    state = intake.state
    if isinstance(event, NoteRead | UnwantedRead):
        return _read(state, event)
    if isinstance(event, Landed) and state in {State.TAKING, State.LANDING, State.JUDGING}:
        return (Say.STORED if event.stored else Say.BOXED,)
    if isinstance(event, ClearedToBox) and (event.value_minor or state is not State.EMPTY):
        return (Say.BOXED,)
    if isinstance(event, Judged):
        return (_judged(intake, event),)
    return _left(state, event)


def _read(state: State, event: NoteRead | UnwantedRead) -> tuple[Say, ...]:
    """Book the note before, if it has not been told to rest: the device is past it, wherever it lies."""
    offered = (Say.OFFERED,) if isinstance(event, NoteRead) and state in {State.EMPTY, State.LANDING} else ()
    return (Say.BOXED, *offered) if state is State.LANDING else offered


def _left(state: State, event: Event) -> tuple[Say, ...]:
    if isinstance(event, Rejected) and state is State.EMPTY:
        return (Say.REFUSED,)
    left = isinstance(event, Rejected | ClearedToFront | LinkReturned | Overdue)
    return (Say.WENT_BACK,) if left and TRANSITIONS[state, type(event)] is State.EMPTY and state is not State.EMPTY else ()


def _judged(intake: Intake, event: Judged) -> Say:
    if event.taken is None:
        return Say.BOXED if intake.was_credited else Say.UNCERTAIN
    if not event.taken:
        return Say.UNCERTAIN if intake.was_credited else Say.WENT_BACK
    return Say.STORED if event.stored else Say.BOXED
