"""The counter at which a CloudPRNT printer asks for its jobs: every request in, every answer out; told the time.

One printer is served: the pinned one, else the first that asks. Another one gets no job, and the log a sentence. Not for two
threads at once; :class:`hardware.printer.cloudprnt_driver.CloudPrntDriver` holds its lock around every call.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from hardware.errors import ProtocolError
from hardware.printer import cloudprnt_events as happens
from hardware.printer import cloudprnt_job as machine
from hardware.printer import cloudprnt_protocol as protocol
from hardware.printer.cloudprnt_job import Job, State
from hardware.printer.cloudprnt_protocol import Poll, Query, Status
from hardware.printer.job import Outcome
from hardware.printer.page import Page

JOBS_WAITING_MAX = 20
STRANGERS_MAX = 20
ASKED_TIMES = 3
"""So often a printer is asked who it is."""
ACTIONS = ("ClientType", "ClientVersion", "GetPollInterval")
OK, BAD_REQUEST, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, UNSUPPORTED = 200, 400, 403, 404, 405, 415

Draw = Callable[[bool], Page]
"""Draws a receipt; with the words that call what is above it void where it is told True."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What a printer asks."""

    method: str
    query: str = ""
    accept: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What it is answered."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    cut: bool = False
    """Whether the paper is to be cut after it."""


@dataclass(slots=True)
class _AtHand:
    """The job at hand, and its page as the present attempt has it."""

    id: UUID
    draw: Draw
    job: Job
    page: Page | None = None

    @property
    def token(self) -> str:
        return f"{self.id}-{self.job.attempt}"


class Desk:
    """One printer's counter."""

    def __init__(self, name: str, pinned_mac: str, remember_half: Callable[[bool], None], *, left_half_a_job: bool) -> None:
        self.name = name
        self._pinned = pinned_mac
        self._remember_half = remember_half
        self._left_half = left_half_a_job
        self._at_hand: _AtHand | None = None
        self._waiting: deque[tuple[UUID, Draw]] = deque()
        self._strangers: set[str] = set()
        self._last_stranger: tuple[str, float] | None = None
        self.outcomes: deque[tuple[UUID, Outcome, str]] = deque()
        """What became of jobs; the driver takes them out."""
        self.leave()

    def leave(self) -> None:
        """Forget the printer; whoever asks next is looked at anew."""
        self.mac: str | None = None
        """Who asks; nothing while nobody does."""
        self.heard_s = 0.0
        self.polls = 0
        self.status: Status | None = None
        self.answers: dict[str, str] = {}
        self._asked = 0

    def take(self, request: Request, now_s: float) -> Answer:
        """Answer one request."""
        try:
            if request.method == "POST":
                return self._polled(protocol.parse_poll(request.body), now_s)
            query = protocol.parse_query(request.query)
        except ProtocolError as error:
            _log.debug("%s: %s", self.name, error)
            return Answer(BAD_REQUEST, str(error).encode(), protocol.TEXT)
        if request.method == "DELETE" or (request.method == "GET" and query.is_delete):
            return self._ended(query, now_s)
        if request.method == "GET":
            return self._fetched(query, request.accept, now_s)
        return Answer(NOT_ALLOWED)

    def print(self, job_id: UUID, draw: Draw, now_s: float) -> None:
        """Take a job."""
        if len(self._waiting) >= JOBS_WAITING_MAX:
            self.outcomes.append((job_id, "not_printed", "too many jobs wait"))
        else:
            self._waiting.append((job_id, draw))
            self._begin_next(now_s)

    def look(self, now_s: float) -> None:
        """Give up what was waited for long enough."""
        at_hand = self._at_hand
        if at_hand is not None and (reason := machine.overdue(at_hand.job, now_s)):
            self._moved(at_hand, machine.given_up(at_hand.job, reason), now_s)

    def end_all(self, reason: str, now_s: float) -> None:
        """Say what became of every job, because the printer is gone."""
        waiting = [job_id for job_id, _draw in self._waiting]
        self._waiting.clear()
        if self._at_hand is not None:
            self._moved(self._at_hand, machine.given_up(self._at_hand.job, reason), now_s)
        self.outcomes.extend((job_id, "not_printed", reason) for job_id in waiting)

    @property
    def is_fetched(self) -> bool:
        """Whether the printer has a job in its hands, and may be too busy to ask."""
        return self._at_hand is not None and self._at_hand.job.state is State.FETCHED

    def stranger_since(self, since_s: float) -> str | None:
        """Return who asked in vain last, if not before then."""
        last = self._last_stranger
        return last[0] if last is not None and last[1] >= since_s else None

    def _polled(self, poll: Poll, now_s: float) -> Answer:
        if not self._admits(poll.mac, now_s):
            return Answer(OK, protocol.poll_answer())
        self.heard_s, self.status = now_s, poll.status
        self.polls += 1
        self.answers |= {name: answer for name, answer in poll.answers.items() if name in ACTIONS}
        self.look(now_s)
        at_hand = self._at_hand
        if at_hand is not None:
            self._moved(at_hand, machine.advance(at_hand.job, _heard(poll, now_s)), now_s)
            if at_hand.job.state is State.OFFERED and not poll.printing:
                return Answer(OK, protocol.poll_answer(at_hand.token))
        if self.answers or self._asked >= ASKED_TIMES:
            return Answer(OK, protocol.poll_answer())
        self._asked += 1
        return Answer(OK, protocol.poll_answer(actions=ACTIONS))

    def _fetched(self, query: Query, accept: str, now_s: float) -> Answer:
        at_hand = self._at_hand
        if at_hand is None or not self._is_served(query) or query.token not in {"", at_hand.token}:
            return Answer(NOT_FOUND)
        media_type = protocol.chosen_media(query.media_type, accept)
        if media_type is None:
            return Answer(UNSUPPORTED)
        self.heard_s = now_s
        if at_hand.page is None:
            at_hand.page = at_hand.draw(self._left_half or at_hand.job.interrupted > 0)
        self._remember_half(True)
        self._moved(at_hand, machine.advance(at_hand.job, happens.Fetched(now_s)), now_s)
        page = at_hand.page
        assert page is not None
        return Answer(OK, page.png if media_type == protocol.PNG else page.text, media_type, cut=True)

    def _ended(self, query: Query, now_s: float) -> Answer:
        if query.code is None:
            return Answer(BAD_REQUEST, b"a DELETE needs a code", protocol.TEXT)
        if not self._is_served(query):
            return Answer(FORBIDDEN)
        self.heard_s = now_s
        at_hand, code = self._at_hand, query.code
        is_about = at_hand is not None and self._is_about(at_hand, query.token, printed=code.kind == 2)  # noqa: PLR2004 - 2xx
        if at_hand is None or not is_about:
            _log.info("%s: code %s for a job that is over or none of ours", self.name, code.code)
            return Answer(OK)
        self._moved(at_hand, _judged(at_hand.job, code, now_s), now_s)
        return Answer(OK)

    def _is_about(self, at_hand: _AtHand, token: str, *, printed: bool) -> bool:
        """Whether a code is about the job at hand; "printed" also of an attempt that was taken for given up."""
        job = at_hand.job
        if printed:
            tokens = {f"{at_hand.id}-{attempt}" for attempt in range(1, job.attempt + 1)}
            return job.may_be_on_paper and (token in tokens or not token)
        return job.state in {State.OFFERED, State.FETCHED} and token in {"", at_hand.token}

    def _moved(self, at_hand: _AtHand, job: Job, now_s: float) -> None:
        if job.attempt != at_hand.job.attempt:
            at_hand.page = None
        at_hand.job = job
        if job.is_over:
            # Of a job that is not printed nothing is on paper, so what was left before it still is.
            self._left_half = job.outcome == "uncertain" or (job.outcome == "not_printed" and self._left_half)
            self._remember_half(self._left_half)
            self._at_hand = None
            self.outcomes.append((at_hand.id, job.outcome, job.reason))
            self._begin_next(now_s)

    def _begin_next(self, now_s: float) -> None:
        if self._at_hand is None and self._waiting:
            job_id, draw = self._waiting.popleft()
            self._at_hand = _AtHand(job_id, draw, Job(now_s))

    def _admits(self, mac: str, now_s: float) -> bool:
        if mac == (self._pinned or (mac if self.mac is None else self.mac)):
            self.mac = mac
            return True
        self._last_stranger = (mac, now_s)
        if mac not in self._strangers and len(self._strangers) < STRANGERS_MAX:
            self._strangers.add(mac)
            _log.warning(
                "%s: another printer, %s, asks for jobs and gets none; this one's is %s. Give each its own URL, or correct "
                "the settings' serial_number",
                self.name,
                mac or "without an address",
                self._pinned or self.mac or "without an address",
            )
        return False

    def _is_served(self, query: Query) -> bool:
        """Whether a GET or DELETE is our printer's; one that tells no address when it asks may tell any here."""
        known = self._pinned if self.mac is None else self.mac
        return not known or query.mac in {"", known}


def _heard(poll: Poll, now_s: float) -> happens.Event:
    if poll.printing:
        return happens.PolledPrinting(poll.status.obstacle, now_s)
    return happens.PolledUnable(poll.status.obstacle, now_s) if poll.status.obstacle else happens.PolledReady(now_s)


def _judged(job: Job, code: Status, now_s: float) -> Job:
    if code.kind == 2:  # noqa: PLR2004 - 2xx
        return machine.advance(job, happens.Confirmed())
    if code.code == protocol.NOT_DOWNLOADED:
        return machine.advance(job, happens.NotDownloaded(now_s))
    if code.kind == 4:  # noqa: PLR2004 - 4xx
        return machine.advance(job, happens.StoppedByPrinter(code.obstacle, now_s))
    return machine.refused(job, f"the printer refused it: {code.error}")
