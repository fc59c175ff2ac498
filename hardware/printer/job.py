"""One print job from its first byte to knowing whether it was printed; pure.

1. Bytes go out in pieces; between two pieces the printer is asked how it is. A question in the same buffer follows each piece
   (GS ( H, or GS r where the printer does not know that); at most :data:`WINDOW` pieces are on their way without an answer.
2. A printer that stops (no paper, cover open, cutter jammed) is waited for, :data:`HELD_MAX_S` at most, and prints on.
3. The job is printed when the printer has answered the question behind the last piece.
4. A printer that once was silent may have been switched off meanwhile, which empties its buffer without a word. From then on
   the answers must come without a gap; before, an answer also stands for those before it, and one that is missing is asked for
   once more.
5. What was begun and not confirmed is "uncertain": what the printer still holds is cleared, and it must not be printed again
   as an original.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal, TypeAlias

HELD_MAX_S = 120.0
CONFIRM_WITHIN_S = 15.0
"""From the last piece or answer, while the printer can print."""
WINDOW = 3
"""Less than the smallest buffer such printers have (4 KiB), so that nothing is lost on lines without flow control."""
ASKED_AGAIN_MAX = 1

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
    """The printer said that this many pieces were processed."""

    pieces: int
    now_s: float


@dataclass(frozen=True, slots=True)
class AllProcessed:
    """The last answer has come."""


@dataclass(frozen=True, slots=True)
class Silent:
    """The printer did not answer how it is."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The printer is gone, or was waited for too long."""

    reason: str


Event: TypeAlias = CanPrint | CannotPrint | LastPieceSent | Processed | AllProcessed | Silent | GivenUp


class Command(Enum):
    """What the driver has to do."""

    SEND_PIECE = "send the next piece and the question behind it"
    ASK_AGAIN = "send the question once more"
    CLEAR = "let the printer forget what it has not printed"
    TELL_OUTCOME = "tell the owner"


@dataclass(frozen=True, slots=True)
class Job:
    """The job's memory."""

    pieces: int
    state: State = State.SENDING
    sent: int = 0
    """Pieces that the printer may have got; counted before the first byte of each goes out."""
    processed: int = 0
    """Pieces that the printer says are on the paper."""
    held_since_s: float | None = None
    """Since when the printer cannot print."""
    heard_at_s: float = 0.0
    """When the last piece went out or the last answer came."""
    shaken: bool = False
    """The printer was silent for a moment."""
    asked_again: int = 0
    outcome: Outcome = "uncertain"
    reason: str = ""

    @property
    def begun(self) -> bool:
        """Whether something of it may be on the paper."""
        return self.sent > 0


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.SENDING, CanPrint): State.SENDING,
    (State.SENDING, CannotPrint): State.SENDING,
    (State.SENDING, Processed): State.SENDING,
    (State.SENDING, Silent): State.SENDING,
    (State.SENDING, LastPieceSent): State.CONFIRMING,
    (State.SENDING, GivenUp): State.ENDED,
    (State.CONFIRMING, CanPrint): State.CONFIRMING,
    (State.CONFIRMING, CannotPrint): State.CONFIRMING,
    (State.CONFIRMING, Processed): State.CONFIRMING,
    (State.CONFIRMING, Silent): State.CONFIRMING,
    (State.CONFIRMING, AllProcessed): State.ENDED,
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
    if job.held_since_s is not None:
        # It goes on printing only now; the time for answers begins again.
        job = replace(job, held_since_s=None, heard_at_s=event.now_s)
    on_the_way = job.sent - job.processed
    if job.state is State.SENDING and on_the_way < WINDOW:
        return replace(job, sent=job.sent + 1, heard_at_s=event.now_s), (Command.SEND_PIECE,)
    if event.now_s - job.heard_at_s < CONFIRM_WITHIN_S:
        return job, ()
    if job.shaken or job.asked_again >= ASKED_AGAIN_MAX:
        return advance(job, GivenUp("the printer did not confirm"))
    return replace(job, asked_again=job.asked_again + 1, heard_at_s=event.now_s), (Command.ASK_AGAIN,)


def _cannot_print(job: Job, event: Event) -> Step:
    assert isinstance(event, CannotPrint)
    since_s = event.now_s if job.held_since_s is None else job.held_since_s
    if not job.begun or event.now_s - since_s >= HELD_MAX_S:
        return advance(job, GivenUp(event.obstacle))
    return replace(job, held_since_s=since_s), ()


def _last_piece_sent(job: Job, event: Event) -> Step:
    assert isinstance(event, LastPieceSent)
    return replace(job, heard_at_s=event.now_s), ()


def _processed(job: Job, event: Event) -> Step:
    assert isinstance(event, Processed)
    if event.pieces <= job.processed:
        return job, ()
    if job.shaken and event.pieces > job.processed + 1:
        return advance(job, GivenUp("the printer lost a part of it, as when it is switched off"))
    job = replace(job, processed=min(event.pieces, job.sent), heard_at_s=event.now_s)
    if job.state is State.CONFIRMING and job.processed == job.pieces:
        return advance(job, AllProcessed())
    return job, ()


def _all_processed(job: Job, _event: Event) -> Step:
    return replace(job, outcome="printed", reason=""), (Command.TELL_OUTCOME,)


def _silent(job: Job, _event: Event) -> Step:
    return replace(job, shaken=job.begun), ()


def _given_up(job: Job, event: Event) -> Step:
    assert isinstance(event, GivenUp)
    if not job.begun:
        return replace(job, outcome="not_printed", reason=event.reason), (Command.TELL_OUTCOME,)
    return replace(job, outcome="uncertain", reason=event.reason), (Command.CLEAR, Command.TELL_OUTCOME)


_HANDLERS: dict[type[Event], Callable[[Job, Event], Step]] = {
    CanPrint: _can_print,
    CannotPrint: _cannot_print,
    LastPieceSent: _last_piece_sent,
    Processed: _processed,
    AllProcessed: _all_processed,
    Silent: _silent,
    GivenUp: _given_up,
}
