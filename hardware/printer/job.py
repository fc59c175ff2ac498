"""One print job from its first byte to knowing whether it was printed; pure.

1. Bytes go out in pieces; between two pieces the printer is asked how it is.
2. A printer that stops (no paper, cover open) is waited for, :data:`HELD_MAX_S` at most.
3. After the last piece the printer is asked to confirm (GS ( H). Printers that do not know that command are asked for the paper
   by GS r 1, which waits in the same buffer: its answer means that everything before was printed.
4. What was begun and not confirmed is "uncertain": it must not be printed again as an original.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal, TypeAlias

HELD_MAX_S = 120.0
CONFIRM_WITHIN_S = 15.0
"""From the last piece, while the printer can print."""
FALLBACK_WITHIN_S = 15.0

Outcome: TypeAlias = Literal["printed", "not_printed", "uncertain"]


class State(Enum):
    """How far a job is."""

    SENDING = "sending"
    CONFIRMING = "confirming"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CanPrint:
    """The printer says that it can print."""

    now_s: float


@dataclass(frozen=True, slots=True)
class CannotPrint:
    """The printer says why it cannot print."""

    obstacle: str
    now_s: float


@dataclass(frozen=True, slots=True)
class LastPieceSent:
    """Everything went out."""

    now_s: float


@dataclass(frozen=True, slots=True)
class Processed:
    """The printer said that everything was processed."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The printer is gone, or was waited for too long."""

    reason: str


Event: TypeAlias = CanPrint | CannotPrint | LastPieceSent | Processed | GivenUp


class Command(Enum):
    """What the driver has to do."""

    SEND_PIECE = "send the next piece"
    ASK_CONFIRMATION = "send GS ( H"
    ASK_PAPER = "send GS r 1"
    TELL_OUTCOME = "tell the owner"


@dataclass(frozen=True, slots=True)
class Job:
    """The job's memory."""

    confirms: bool = True
    """Whether this printer is believed to know GS ( H."""
    state: State = State.SENDING
    begun: bool = False
    """Whether the printer may have got a part of it; set before the first byte goes out."""
    held_since_s: float | None = None
    """Since when the printer cannot print."""
    asked_at_s: float = 0.0
    fell_back: bool = False
    """GS ( H was not answered and GS r was asked."""
    outcome: Outcome = "uncertain"
    reason: str = ""

    @property
    def shows_no_confirmation(self) -> bool:
        """Whether the printer turned out not to know GS ( H."""
        return self.confirms and self.fell_back and self.outcome == "printed"


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.SENDING, CanPrint): State.SENDING,
    (State.SENDING, CannotPrint): State.SENDING,
    (State.SENDING, LastPieceSent): State.CONFIRMING,
    (State.SENDING, GivenUp): State.ENDED,
    (State.CONFIRMING, CanPrint): State.CONFIRMING,
    (State.CONFIRMING, CannotPrint): State.CONFIRMING,
    (State.CONFIRMING, Processed): State.ENDED,
    (State.CONFIRMING, GivenUp): State.ENDED,
}

Step: TypeAlias = tuple[Job, tuple[Command, ...]]


def advance(job: Job, event: Event) -> Step:
    """Return the job after ``event`` and what the driver must do.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((job.state, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen in {job.state.name}")
    return _HANDLERS[type(event)](replace(job, state=target), event)


def _can_print(job: Job, event: Event) -> Step:
    assert isinstance(event, CanPrint)
    if job.state is State.SENDING:
        return replace(job, held_since_s=None, begun=True), (Command.SEND_PIECE,)
    if job.held_since_s is not None:
        # It goes on printing only now; the time for confirming begins again.
        return replace(job, held_since_s=None, asked_at_s=event.now_s), ()
    waited_s = event.now_s - job.asked_at_s
    if job.confirms and not job.fell_back:
        if waited_s < CONFIRM_WITHIN_S:
            return job, ()
        return replace(job, fell_back=True, asked_at_s=event.now_s), (Command.ASK_PAPER,)
    if waited_s < FALLBACK_WITHIN_S:
        return job, ()
    return advance(job, GivenUp("the printer did not confirm"))


def _cannot_print(job: Job, event: Event) -> Step:
    assert isinstance(event, CannotPrint)
    since_s = event.now_s if job.held_since_s is None else job.held_since_s
    if not job.begun or event.now_s - since_s >= HELD_MAX_S:
        return advance(job, GivenUp(event.obstacle))
    return replace(job, held_since_s=since_s), ()


def _last_piece_sent(job: Job, event: Event) -> Step:
    assert isinstance(event, LastPieceSent)
    question = Command.ASK_CONFIRMATION if job.confirms else Command.ASK_PAPER
    return replace(job, asked_at_s=event.now_s), (question,)


def _processed(job: Job, _event: Event) -> Step:
    return replace(job, outcome="printed", reason=""), (Command.TELL_OUTCOME,)


def _given_up(job: Job, event: Event) -> Step:
    assert isinstance(event, GivenUp)
    outcome: Outcome = "uncertain" if job.begun else "not_printed"
    return replace(job, outcome=outcome, reason=event.reason), (Command.TELL_OUTCOME,)


_HANDLERS: dict[type[Event], Callable[[Job, Event], Step]] = {
    CanPrint: _can_print,
    CannotPrint: _cannot_print,
    LastPieceSent: _last_piece_sent,
    Processed: _processed,
    GivenUp: _given_up,
}
