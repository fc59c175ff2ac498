"""A receipt printer on a serial line or TCP port 9100: watches its paper, prints jobs, finds out what became of them.

A job goes on in small steps between which the printer is asked how it is, so that waiting for paper blocks nothing. It never
prints a job twice: what became of it is told as :class:`PrintOutcome`, and the owner decides. What an uncertain job left on the
paper is called void, on paper, before anything else is printed.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from hardware.connection import Identity
from hardware.device import DeviceCommand, DeviceEvent, SerialDriver
from hardware.errors import LinkLostError, NoReplyError
from hardware.link import LineSettings, Link
from hardware.printer import job as machine
from hardware.printer import protocol
from hardware.printer.at_hand import AtHand
from hardware.printer.conversation import Conversation
from hardware.printer.job import Command, Job, Outcome
from hardware.printer.pieces import cut_into_pieces
from hardware.printer.protocol import Condition, Paper
from hardware.printer.receipt import Receipt

PIECE_BYTES = 1024
JOB_BYTES_MAX = 1_000_000
JOBS_WAITING_MAX = 20
PROBES = 3
FILL_BYTES = 4096
"""Longer than what is missing of most commands; a longer one is filled by the next probes."""
FILL_SOME_BYTES = 256
"""The same where no job was interrupted, so that a printer that is only switched off is not written to for seconds."""
STATUS_PERIOD_S = 0.3
"""So often an idle printer is asked whether it is there; with three failures that is less than two seconds."""
STEADY_S = 0.5
"""A printer must be on-line for so long after the cover was closed or paper put in."""
VOID_NOTE = b"\n*** PRINTING WAS INTERRUPTED ***\n*** THE PRINT ABOVE IS NOT VALID ***\n\x1dVB\x00"
_LOST = "the printer's connection was lost"

Confirmation = Literal["ask", "process-id", "paper-status"]

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
    receipt: Receipt = ()
    """What the bytes print, for printers that take a page and no commands."""


@dataclass(frozen=True, slots=True)
class RecoverPrinter(DeviceCommand):
    """Somebody has removed the jam and says so; the printer finds out by itself when its cover was opened for that."""


@dataclass(frozen=True, slots=True)
class PrintOutcome(DeviceEvent):
    """What became of a job; an uncertain one may only be printed again marked as a copy."""

    job_id: UUID
    outcome: Outcome
    reason: str
    """Why it was not printed or is uncertain."""


class PrinterDriver(SerialDriver):
    """An ESC/POS printer."""

    poll_period_s = 0.1

    def __init__(
        self,
        line: LineSettings | None = None,
        *,
        confirmation: Confirmation = "ask",
        void_note: bytes = VOID_NOTE,
        left_half_a_job: bool = False,
        remember_half: Callable[[bool], None] = lambda _left: None,
    ) -> None:
        """Make a driver.

        Args:
            line: how a serial line is clocked; TCP ignores it.
            confirmation: how the printer says that it has printed: GS ( H, GS r, or whichever it turns out to know.
            void_note: printed before the next job where one was interrupted; must end with a cut.
            left_half_a_job: whether one was interrupted before this program started.
            remember_half: keeps over a restart whether one may have been; told True before the first byte of a job.
        """
        self.line = line or LineSettings(baud=19200)
        self._setting = confirmation
        self.void_note = void_note
        self._talk = Conversation("the printer")
        self._confirms: bool | None = None
        self._at_hand: AtHand | None = None
        self._waiting: deque[PrintJob] = deque()
        self._told: Condition | None = None
        self._status_at_s = 0.0
        self._obstructed_at_s = 0.0
        self._opened_for_repair = False
        self._left_half_a_job = left_half_a_job
        self._remember_half = remember_half

    def probe(self, port: Link) -> Identity:
        """Ask how it is until it answers; clear what a job before may have left; ask who it is."""
        port.discard_input()
        self._talk = talk = Conversation(self.name)
        self._told, self._opened_for_repair = None, False
        self._confirms = {"process-id": True, "paper-status": False}.get(self._setting)
        for attempt in range(PROBES):
            try:
                talk.read_condition(port)
                break
            except NoReplyError:
                if attempt == PROBES - 1:
                    raise
                self._fill(port)
        if self._left_half_a_job and not talk.condition.obstacle:
            self._fill(port)
        port.write(protocol.INITIALISE + protocol.AUTOMATIC_STATUS_ON)
        identity = Identity(model="")
        if not talk.condition.obstacle:
            identity = talk.identify(port)
            self._learn(port)
        self._status_at_s = 0.0
        return identity

    def poll(self, port: Link) -> None:
        """Go on with the job at hand; without one, see often that the printer is there."""
        if self._at_hand is not None:
            self._go_on(port)
        elif time.monotonic() >= self._status_at_s:
            self._talk.check(port)
            self._status_at_s = time.monotonic() + STATUS_PERIOD_S
            self._note(port)
        else:
            self._talk.listen(port)
            self._note(port)

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Take a job, or recover from a fault."""
        if isinstance(command, RecoverPrinter):
            self._recover(port)
            return
        assert isinstance(command, PrintJob), command
        if len(self._waiting) >= JOBS_WAITING_MAX:
            self._tell(command.job_id, "not_printed", "too many jobs wait")
        else:
            self._waiting.append(command)
        if self._at_hand is None:
            self._begin_next()
            self._go_on(port)

    def abandon(self, command: DeviceCommand) -> None:
        """Say that a job cannot be printed while there is no printer."""
        if isinstance(command, PrintJob):
            self._tell(command.job_id, "not_printed", "the printer is not connected")

    def close(self, port: Link) -> None:
        """Close the line and say what became of every job."""
        waiting = list(self._waiting)
        self._waiting.clear()
        if self._at_hand is not None:
            self._feed(port, machine.GivenUp(_LOST))
        for unbegun in waiting:
            self._tell(unbegun.job_id, "not_printed", _LOST)
        super().close(port)

    def _begin_next(self) -> None:
        while self._at_hand is None and self._waiting:
            wanted = self._waiting.popleft()
            pieces = cut_into_pieces(wanted.data, PIECE_BYTES) if len(wanted.data) <= JOB_BYTES_MAX else None
            if pieces:
                if self._left_half_a_job:
                    pieces.insert(0, FILL_BYTES * protocol.NOTHING + self.void_note)
                self._at_hand = AtHand(wanted.job_id, pieces, self._confirms is not False, Job(len(pieces)))
            else:
                self._tell(wanted.job_id, "not_printed", "the job is empty, too long or ends inside a command")

    def _go_on(self, port: Link) -> None:
        """Send what can be sent now; every piece follows a reading of how the printer is."""
        going = self._at_hand is not None
        while going:
            try:
                self._talk.read_condition(port)
            except NoReplyError:
                if self._at_hand is not None:
                    self._feed(port, machine.Silent())
                raise
            self._note(port)
            going = self._send_if_able(port)

    def _send_if_able(self, port: Link) -> bool:
        """Send one piece if the printer can take it; return whether there is more to do at once."""
        at_hand, now_s = self._at_hand, time.monotonic()
        if at_hand is None:
            return False
        sent, obstacle = at_hand.job.sent, self._talk.condition.obstacle
        if obstacle:
            self._feed(port, machine.CannotPrint(obstacle, now_s))
        elif now_s < self._obstructed_at_s + STEADY_S:
            return False
        else:
            if not at_hand.job.begun and self._confirms is None:
                self._learn(port)
                at_hand.confirms = self._confirms is not False
            self._feed(port, machine.CanPrint(now_s))
        return self._at_hand is not at_hand or at_hand.job.sent > sent

    def _fill(self, port: Link) -> None:
        """End a command that was cut off with the connection: it takes what follows for its data, often questions too."""
        left = FILL_BYTES if self._left_half_a_job else FILL_SOME_BYTES
        while left:
            piece = min(left, PIECE_BYTES)
            port.write(piece * protocol.NOTHING)
            left -= piece

    def _learn(self, port: Link) -> None:
        if self._confirms is None:
            self._confirms = self._talk.learn_confirmation(port)

    def _feed(self, port: Link, event: machine.Event) -> None:
        at_hand = self._at_hand
        assert at_hand is not None
        at_hand.job, commands = machine.advance(at_hand.job, event)
        for command in commands:
            self._carry_out(port, at_hand, command)

    def _carry_out(self, port: Link, at_hand: AtHand, command: Command) -> None:
        if command is Command.SEND_PIECE:
            if at_hand.job.sent == 1:
                self._remember_half(True)
            piece = at_hand.next_piece()
            for start in range(0, len(piece), PIECE_BYTES):
                port.write(piece[start : start + PIECE_BYTES])
            if at_hand.job.sent == at_hand.job.pieces:
                self._feed(port, machine.LastPieceSent(time.monotonic()))
        elif command is Command.ASK_AGAIN:
            port.write(at_hand.question_again())
        elif command is Command.CLEAR:
            with contextlib.suppress(LinkLostError):
                port.write(protocol.CLEAR_AFTER_ERROR)
        else:
            if at_hand.job.begun:
                self._left_half_a_job = at_hand.job.outcome != "printed"
                self._remember_half(self._left_half_a_job)
            self._at_hand = None
            self._talk.automatic_lapsed()
            self._tell(at_hand.id, at_hand.job.outcome, at_hand.job.reason)
            self._begin_next()

    def _note(self, port: Link) -> None:
        """Draw the conclusions from what the printer has said so far."""
        now_s, condition = time.monotonic(), self._talk.condition
        if condition.obstacle:
            self._obstructed_at_s = now_s
        self._see_repair(port, condition)
        if condition != self._told:
            self._told = condition
            now = condition
            if now.obstacle or now.paper is Paper.NEAR_END:
                _log.warning("%s: %s", self.name, now.obstacle or "the paper is near its end")
            self.publish(PrinterStatus(self.name, now.paper.value, now.cover_open, now.error, now.online))
        while self._talk.answers:
            answer = self._talk.answers.popleft()
            pieces = self._at_hand.meant_by(answer) if self._at_hand is not None else None
            if pieces is not None:
                self._feed(port, machine.Processed(pieces, now_s))

    def _see_repair(self, port: Link, condition: Condition) -> None:
        """Whoever removes a jam opens the cover for it: when it is closed again, the printer may go on."""
        if not condition.needs_recovery:
            self._opened_for_repair = False
        elif condition.cover_open:
            self._opened_for_repair = True
        elif self._opened_for_repair:
            self._opened_for_repair = False
            self._recover(port)

    def _recover(self, port: Link) -> None:
        """Let the printer go on where it stopped; without a job at hand, forget the rest of one that was given up."""
        port.write(protocol.GO_ON_AFTER_ERROR if self._at_hand is not None else protocol.CLEAR_AFTER_ERROR)

    def _tell(self, job_id: UUID, outcome: Outcome, reason: str) -> None:
        if outcome == "printed":
            _log.info("%s: job %s is printed", self.name, job_id)
        else:
            _log.warning("%s: job %s is %s: %s", self.name, job_id, outcome.replace("_", " "), reason)
        self.publish(PrintOutcome(self.name, job_id, outcome, reason))
