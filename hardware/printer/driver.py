"""A receipt printer on a serial line or TCP port 9100: watches its paper, prints jobs, finds out what became of them.

A job goes on in small steps between which the printer is asked how it is, so that waiting for paper blocks nothing. It never
prints a job twice: what became of it is told as :class:`PrintOutcome`, and the owner decides.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from hardware.connection import Identity
from hardware.device import DeviceCommand, DeviceEvent, SerialDriver
from hardware.errors import NoReplyError
from hardware.link import LineSettings, Link
from hardware.printer import job as machine
from hardware.printer import protocol
from hardware.printer.commands import batches
from hardware.printer.job import Command, Job, Outcome, State
from hardware.printer.protocol import AutomaticStatus, Condition, Confirmed, Query, QueuedPaper, Reply, StatusByte

PIECE_BYTES = 1024
JOB_BYTES_MAX = 1_000_000
JOBS_WAITING_MAX = 20
REPLY_TIMEOUT_S = 0.5
PROBES = 3
ANSWERS_MAX = 20
STATUS_PERIOD_S = 1.0
_LOST = "the printer's connection was lost"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PrinterStatus(DeviceEvent):
    """How the printer is; told when it changes, and after every connecting."""

    paper: Literal["ok", "near_end", "out"]
    cover_open: bool
    error: str
    """A fault in a few words; empty where there is none."""
    online: bool


@dataclass(frozen=True, slots=True)
class PrintJob(DeviceCommand):
    """Print these bytes."""

    job_id: UUID
    data: bytes


@dataclass(frozen=True, slots=True)
class PrintOutcome(DeviceEvent):
    """What became of a job; an uncertain one may only be printed again marked as a copy."""

    job_id: UUID
    outcome: Outcome
    reason: str
    """Why it was not printed or is uncertain."""


@dataclass(slots=True)
class _Printing:
    """The job at hand."""

    id: UUID
    pieces: deque[bytes]
    job: Job

    @property
    def confirmation_id(self) -> str:
        return self.id.hex[-4:].upper()


class PrinterDriver(SerialDriver):
    """An ESC/POS printer."""

    poll_period_s = 0.1
    line = LineSettings(baud=19200)

    def __init__(self) -> None:
        self._reader = protocol.ReplyReader()
        self._condition = Condition()
        self._told: Condition | None = None
        self._confirms = True
        self._printing: _Printing | None = None
        self._waiting: deque[PrintJob] = deque()
        self._status_at_s = 0.0
        self._answers: deque[Confirmed | QueuedPaper] = deque(maxlen=ANSWERS_MAX)
        self._paper_answers_due = 0

    def probe(self, port: Link) -> Identity:
        """Ask how it is until it answers; clear what a job before may have left."""
        port.discard_input()
        self._reader = protocol.ReplyReader()
        self._condition, self._told, self._confirms = Condition(), None, True
        self._answers.clear()
        self._paper_answers_due = 0
        for attempt in range(PROBES):
            try:
                self._ask(port, Query.PRINTER)
                break
            except NoReplyError:
                if attempt == PROBES - 1:
                    raise
        self._ask_all(port)
        port.write(protocol.INITIALISE)
        return Identity(model="ESC/POS printer")

    def poll(self, port: Link) -> None:
        """Go on with the job at hand; ask for the status about once a second."""
        if self._printing is not None:
            self._go_on(port)
        elif time.monotonic() >= self._status_at_s:
            self._ask_all(port)
        else:
            self._listen(port)

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Take a job."""
        assert isinstance(command, PrintJob), command
        if len(self._waiting) >= JOBS_WAITING_MAX:
            self._tell(command.job_id, "not_printed", "too many jobs wait")
        else:
            self._waiting.append(command)
        if self._printing is None:
            self._begin_next()
            self._go_on(port)

    def abandon(self, command: DeviceCommand) -> None:
        """Say that a job cannot be printed while there is no printer."""
        assert isinstance(command, PrintJob), command
        self._tell(command.job_id, "not_printed", "the printer is not connected")

    def close(self, port: Link) -> None:
        """Close the line and say what became of every job."""
        super().close(port)
        waiting = list(self._waiting)
        self._waiting.clear()
        if self._printing is not None:
            self._feed(port, machine.GivenUp(_LOST))
        for unbegun in waiting:
            self._tell(unbegun.job_id, "not_printed", _LOST)

    def _begin_next(self) -> None:
        while self._printing is None and self._waiting:
            wanted = self._waiting.popleft()
            pieces = batches(wanted.data, PIECE_BYTES) if len(wanted.data) <= JOB_BYTES_MAX else None
            if pieces:
                self._printing = _Printing(wanted.job_id, deque(pieces), Job(confirms=self._confirms))
            else:
                self._tell(wanted.job_id, "not_printed", "the job is empty, too long or ends inside a command")

    def _go_on(self, port: Link) -> None:
        """Send what can be sent now; every piece but the first follows a question how the printer is."""
        going = True
        while going:
            self._ask_all(port)
            going = self._send_if_able(port)

    def _send_if_able(self, port: Link) -> bool:
        """Send one piece if the printer can take it; return whether there is more to do at once."""
        printing = self._printing
        if printing is None:
            return False
        left, now_s, obstacle = len(printing.pieces), time.monotonic(), self._condition.obstacle
        self._feed(port, machine.CannotPrint(obstacle, now_s) if obstacle else machine.CanPrint(now_s))
        return self._printing is not printing or len(printing.pieces) < left

    def _feed(self, port: Link, event: machine.Event) -> None:
        printing = self._printing
        assert printing is not None
        printing.job, commands = machine.advance(printing.job, event)
        for command in commands:
            self._carry_out(port, printing, command)

    def _carry_out(self, port: Link, printing: _Printing, command: Command) -> None:
        if command is Command.SEND_PIECE:
            piece = printing.pieces.popleft()
            for start in range(0, len(piece), PIECE_BYTES):
                port.write(piece[start : start + PIECE_BYTES])
            if not printing.pieces:
                self._feed(port, machine.LastPieceSent(time.monotonic()))
        elif command is Command.ASK_CONFIRMATION:
            port.write(protocol.ask_confirmation(printing.confirmation_id))
        elif command is Command.ASK_PAPER:
            self._paper_answers_due += 1
            port.write(protocol.ASK_PAPER_QUEUED)
        else:
            self._confirms = self._confirms and not printing.job.shows_no_confirmation
            self._printing = None
            self._tell(printing.id, printing.job.outcome, printing.job.reason)
            self._begin_next()

    def _ask_all(self, port: Link) -> None:
        for query in Query:
            self._ask(port, query)
        self._status_at_s = time.monotonic() + STATUS_PERIOD_S
        self._tell_condition()
        self._take_answers(port)

    def _ask(self, port: Link, query: Query) -> None:
        """Ask one question; what else the printer says meanwhile is kept, but not a late answer to another question."""
        self._hear(port)
        port.write(protocol.ask(query))
        deadline_s = time.monotonic() + REPLY_TIMEOUT_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            replies = self._reader.feed(port.read(left_s))
            for reply in replies:
                self._keep(reply)
            status = next((reply for reply in replies if isinstance(reply, StatusByte)), None)
            if status is not None:
                self._condition = protocol.understood(self._condition, query, status.value)
                return
        # Half a reply that the line swallowed the rest of must not swallow the next one too.
        self._reader = protocol.ReplyReader()
        raise NoReplyError(f"{self.name} does not answer; see that it is switched on and connected")

    def _hear(self, port: Link) -> None:
        for reply in self._reader.feed(port.read(0.0)):
            self._keep(reply)

    def _listen(self, port: Link) -> None:
        self._hear(port)
        self._tell_condition()
        self._take_answers(port)

    def _keep(self, reply: Reply) -> None:
        if isinstance(reply, AutomaticStatus):
            self._condition = protocol.understood_automatic(reply.data)
        elif isinstance(reply, Confirmed | QueuedPaper):
            self._answers.append(reply)

    def _take_answers(self, port: Link) -> None:
        while self._answers:
            answer = self._answers.popleft()
            if isinstance(answer, QueuedPaper):
                self._paper_answers_due = max(0, self._paper_answers_due - 1)
            printing = self._printing
            if printing is not None and printing.job.state is State.CONFIRMING and self._is_about(printing, answer):
                self._feed(port, machine.Processed())

    def _is_about(self, printing: _Printing, answer: Confirmed | QueuedPaper) -> bool:
        if isinstance(answer, Confirmed):
            return answer.id == printing.confirmation_id
        # Answers come in the order of the questions: only the last one is about this job.
        return self._paper_answers_due == 0 and (printing.job.fell_back or not printing.job.confirms)

    def _tell_condition(self) -> None:
        if self._condition != self._told:
            self._told = now = self._condition
            self.publish(PrinterStatus(self.name, now.paper.value, now.cover_open, now.error, now.online))

    def _tell(self, job_id: UUID, outcome: Outcome, reason: str) -> None:
        if outcome == "printed":
            _log.info("%s: job %s is printed", self.name, job_id)
        else:
            _log.warning("%s: job %s is %s: %s", self.name, job_id, outcome.replace("_", " "), reason)
        self.publish(PrintOutcome(self.name, job_id, outcome, reason))
