"""One receipt from being handed to a CloudPRNT printer to knowing what became of it; pure.

1. The printer asks, is told that there is a job, fetches it, prints, and says by a DELETE how it ended. Only that makes it
   printed; fetching changes nothing and may be repeated.
2. A printer without paper or with its cover open asks on and does not fetch: it is waited for, :data:`HELD_MAX_S` at most.
3. One that fetched and then says that it cannot print has given the print up: it is offered again, under another token, and the
   new print says that the one before is void. More than :data:`INTERRUPTED_MAX` such attempts are not made.
4. What could not be downloaded (520) left nothing on paper and is offered again, :data:`DOWNLOADS_MAX` times in all.
5. What was fetched and never confirmed is "uncertain", and must not be printed again as an original.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

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
from hardware.printer.job import Outcome

HELD_MAX_S = 120.0
"""For paper and cover, as with ESC/POS; also for the printer's first poll after the job came."""
OFFERED_MAX_S = 60.0
"""From the first offer to a printer that can print."""
CONFIRM_IDLE_S = 15.0
"""From the first poll that says that it does not print any more, or does not print yet."""
CONFIRM_MAX_S = 60.0
"""From the last sign that it prints."""
INTERRUPTED_MAX = 3
DOWNLOADS_MAX = 3


class State(Enum):
    """How far a job is."""

    WAITING = "waiting"
    OFFERED = "offered"
    FETCHED = "fetched"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"


OUTCOMES: dict[State, Outcome] = {State.CONFIRMED: "printed", State.FAILED: "not_printed", State.UNKNOWN: "uncertain"}


@dataclass(frozen=True, slots=True)
class Job:
    """The job's memory."""

    since_s: float
    """Since when it waits for being fetched."""
    state: State = State.WAITING
    attempt: int = 1
    """A new one has a new token."""
    interrupted: int = 0
    """Attempts that may have left half a receipt."""
    downloads_failed: int = 0
    held_since_s: float | None = None
    """Since when the printer cannot print."""
    obstacle: str = ""
    heard_at_s: float = 0.0
    """When it was fetched, or the printer last said that it prints."""
    idle_since_s: float | None = None
    """Since when it is fetched and the printer says that it prints nothing."""
    reason: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in OUTCOMES

    @property
    def outcome(self) -> Outcome:
        """What became of it, once it is over."""
        return OUTCOMES[self.state]

    @property
    def may_be_on_paper(self) -> bool:
        """Whether a part of it, or all, may have been printed without a word."""
        return self.interrupted > 0 or self.state is State.FETCHED


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.WAITING, PolledReady): State.OFFERED,
    (State.WAITING, PolledPrinting): State.WAITING,
    (State.WAITING, PolledUnable): State.OFFERED,
    (State.WAITING, Fetched): State.FETCHED,
    (State.WAITING, Confirmed): State.CONFIRMED,
    (State.WAITING, Withdrawn): State.FAILED,
    (State.WAITING, Lost): State.UNKNOWN,
    (State.OFFERED, PolledReady): State.OFFERED,
    (State.OFFERED, PolledPrinting): State.OFFERED,
    (State.OFFERED, PolledUnable): State.OFFERED,
    (State.OFFERED, Fetched): State.FETCHED,
    (State.OFFERED, Confirmed): State.CONFIRMED,
    (State.OFFERED, NotDownloaded): State.WAITING,
    (State.OFFERED, StoppedByPrinter): State.WAITING,
    (State.OFFERED, Refused): State.FAILED,
    (State.OFFERED, Withdrawn): State.FAILED,
    (State.OFFERED, Lost): State.UNKNOWN,
    (State.FETCHED, PolledReady): State.FETCHED,
    (State.FETCHED, PolledPrinting): State.FETCHED,
    (State.FETCHED, PolledUnable): State.OFFERED,
    (State.FETCHED, Fetched): State.FETCHED,
    (State.FETCHED, Confirmed): State.CONFIRMED,
    (State.FETCHED, NotDownloaded): State.WAITING,
    (State.FETCHED, StoppedByPrinter): State.WAITING,
    (State.FETCHED, Refused): State.FAILED,
    (State.FETCHED, Lost): State.UNKNOWN,
}


def advance(job: Job, event: Event) -> Job:
    """Return the job after ``event``; there is nothing to command, because the printer comes by itself.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((job.state, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen in {job.state.name}")
    return replace(_HANDLERS[type(event)](job, event), state=target)


def given_up(job: Job, reason: str) -> Job:
    """Return the job ended: not printed where nothing of it can be on paper, else unknown."""
    return advance(job, Lost(reason) if job.may_be_on_paper else Withdrawn(reason))


def refused(job: Job, reason: str) -> Job:
    """Return the job ended because the printer cannot print such a document; of an earlier attempt half may be on paper."""
    return advance(job, Lost(reason) if job.interrupted else Refused(reason))


def overdue(job: Job, now_s: float) -> str:
    """Return why a job must be given up now, or nothing."""
    if job.interrupted >= INTERRUPTED_MAX or (job.held_since_s is not None and now_s - job.held_since_s >= HELD_MAX_S):
        return job.obstacle or "the printer gave it up too often"
    if job.downloads_failed >= DOWNLOADS_MAX:
        return "the printer could not download it"
    if job.held_since_s is not None:
        return ""
    if job.state is not State.FETCHED:
        limit_s = OFFERED_MAX_S if job.state is State.OFFERED else HELD_MAX_S
        return "the printer did not fetch it" if now_s - job.since_s >= limit_s else ""
    is_idle = job.idle_since_s is not None and now_s - job.idle_since_s >= CONFIRM_IDLE_S
    return "the printer did not confirm" if is_idle or now_s - job.heard_at_s >= CONFIRM_MAX_S else ""


def _polled_ready(job: Job, event: PolledReady) -> Job:
    if job.state is State.FETCHED:
        idle_since_s = event.now_s if job.idle_since_s is None else job.idle_since_s
        return replace(job, idle_since_s=idle_since_s, held_since_s=None)
    begins_anew = job.state is State.WAITING or job.held_since_s is not None
    return replace(job, since_s=event.now_s if begins_anew else job.since_s, held_since_s=None)


def _polled_printing(job: Job, event: PolledPrinting) -> Job:
    if event.obstacle:
        return _held(job, event.obstacle, event.now_s)
    return replace(job, heard_at_s=event.now_s, idle_since_s=None, held_since_s=None)


def _polled_unable(job: Job, event: PolledUnable) -> Job:
    if job.state is State.FETCHED:
        job = _anew(replace(job, interrupted=job.interrupted + 1), event.now_s)
    return _held(job, event.obstacle, event.now_s)


def _fetched(job: Job, event: Fetched) -> Job:
    return replace(job, heard_at_s=event.now_s, idle_since_s=None, held_since_s=None)


def _not_downloaded(job: Job, event: NotDownloaded) -> Job:
    return _anew(replace(job, downloads_failed=job.downloads_failed + 1), event.now_s)


def _stopped(job: Job, event: StoppedByPrinter) -> Job:
    left_half = job.state is State.FETCHED
    return _held(_anew(replace(job, interrupted=job.interrupted + left_half), event.now_s), event.obstacle, event.now_s)


def _ended(job: Job, event: Refused | Withdrawn | Lost) -> Job:
    return replace(job, reason=event.reason)


def _confirmed(job: Job, _event: Confirmed) -> Job:
    return replace(job, reason="")


def _anew(job: Job, now_s: float) -> Job:
    return replace(job, attempt=job.attempt + 1, since_s=now_s, idle_since_s=None)


def _held(job: Job, obstacle: str, now_s: float) -> Job:
    return replace(job, held_since_s=now_s if job.held_since_s is None else job.held_since_s, obstacle=obstacle)


_HANDLERS: dict[type[Event], Callable[[Job, Any], Job]] = {
    PolledReady: _polled_ready,
    PolledPrinting: _polled_printing,
    PolledUnable: _polled_unable,
    Fetched: _fetched,
    Confirmed: _confirmed,
    NotDownloaded: _not_downloaded,
    StoppedByPrinter: _stopped,
    Refused: _ended,
    Withdrawn: _ended,
    Lost: _ended,
}
