"""A receipt printer that speaks Star CloudPRNT: it asks this program for its jobs, so the driver is the server.

The port stays open while the printer is away. The printer is there while it asks, and lost when it has not asked for three
times its interval. A job is printed when the printer has said so, and never printed again by itself where it may be on paper
as an original: see :mod:`hardware.printer.cloudprnt_job`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from PIL import Image

from hardware.connection import BACK_OFF_S, Identity, check_pinned
from hardware.device import DeviceCommand, Driver
from hardware.errors import LinkLostError, NoReplyError
from hardware.printer.cloudprnt_desk import Answer, Desk, Draw, Request
from hardware.printer.cloudprnt_protocol import Status
from hardware.printer.cloudprnt_server import CloudPrntServer
from hardware.printer.driver import PrinterStatus, PrintJob, PrintOutcome
from hardware.printer.job import Outcome
from hardware.printer.page import page_of
from hardware.printer.receipt import COLUMNS, LINES_MAX, Receipt, Rule, TextLine

POLL_S = 5.0
"""So often a CloudPRNT printer asks as it leaves its factory."""
POLL_MAX_S = 60.0
SILENT_POLLS = 3
PRINTING_SILENCE_S = 30.0
"""Some printers do not ask while they print."""
PROBE_S = 2.0
UNNAMED = "CloudPRNT printer"
VOID = (
    Rule(),
    TextLine("PRINTING WAS INTERRUPTED", bold=True, centred=True),
    TextLine("The print above this line is not valid.", centred=True),
    Rule(),
)

_log = logging.getLogger(__name__)


class CloudPrntDriver(Driver[CloudPrntServer]):
    """One printer and the port where it asks."""

    poll_period_s = 0.1

    def __init__(
        self,
        *,
        pinned_mac: str = "",
        poll_s: float = POLL_S,
        printing_silence_s: float = PRINTING_SILENCE_S,
        columns: int = COLUMNS,
        logo: Image.Image | None = None,
        void: Receipt = VOID,
        left_half_a_job: bool = False,
        remember_half: Callable[[bool], None] = lambda _left: None,
    ) -> None:
        """Make a driver.

        Args:
            pinned_mac: the only printer that gets jobs; empty: the first that asks.
            poll_s: how often the printer is set to ask; what it tells itself counts more.
            printing_silence_s: how long it may be silent at least while it has a document.
            columns: letters on a line of its paper.
            logo: printed where a receipt has one.
            void: stands above a receipt when the print before it was interrupted.
            left_half_a_job: whether one was interrupted before this program started.
            remember_half: keeps over a restart whether one may have been; told True before a document is given out.
        """
        self._poll_s = poll_s
        self._printing_silence_s = printing_silence_s
        self._columns = columns
        self._logo = logo
        self._void = void
        self._server: CloudPrntServer | None = None
        self._heard = threading.Condition()
        """Held around every use of the desk."""
        self._told: Status | None = None
        self._pinned_mac = pinned_mac
        self._desk = Desk("printer", pinned_mac, remember_half, left_half_a_job=left_half_a_job)

    def open(self, url: str) -> CloudPrntServer:
        """Open the port, unless it still is."""
        self._desk.name = self.name
        if self._server is None:
            self._server = CloudPrntServer(url, self._take)
        return self._server

    def close(self, port: CloudPrntServer) -> None:
        """Say what became of every job; the port stays open, so that the printer can come back."""
        del port
        with self._heard:
            self._desk.end_all("the printer's connection was lost", time.monotonic())
            self._desk.leave()
        self._told = None
        self._tell()

    def end(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def probe(self, port: CloudPrntServer) -> Identity:
        """Wait for a printer to ask, and to tell who it is."""
        del port
        desk = self._desk
        with self._heard:
            if desk.mac is not None and time.monotonic() - desk.heard_s > self._silence_max_s():
                desk.leave()
            self._heard.wait_for(lambda: desk.mac is not None, PROBE_S)
            if desk.mac is not None:
                self._heard.wait_for(lambda: bool(desk.answers) or desk.polls > 1, min(self._poll_s, POLL_S) + 1)
            mac, answers = desk.mac, dict(desk.answers)
            stranger = desk.stranger_since(time.monotonic() - self._silence_max_s() - BACK_OFF_S[-1])
        if mac is None and stranger is not None and self._pinned_mac:
            check_pinned(Identity(serial_number=stranger), Identity(serial_number=self._pinned_mac))
        if mac is None:
            raise NoReplyError("no CloudPRNT printer asks here for jobs; see that it is on and what URL it is set to")
        return Identity(answers.get("ClientType") or UNNAMED, mac, answers.get("ClientVersion", ""))

    def poll(self, port: CloudPrntServer) -> None:
        """Tell what has happened; see that the printer still asks."""
        del port
        now_s = time.monotonic()
        with self._heard:
            self._desk.look(now_s)
            status, silent_s = self._desk.status, now_s - self._desk.heard_s
            limit_s = self._silence_max_s()
        self._tell()
        if status is not None and status != self._told:
            self._told = status
            if status.obstacle or status.paper == "near_end":
                _log.warning("%s: %s", self.name, status.obstacle or "the paper is near its end")
            self.publish(PrinterStatus(self.name, status.paper, status.cover_open, status.error, online=not status.obstacle))
        if silent_s > limit_s:
            raise LinkLostError(f"the printer has not asked for jobs for {silent_s:.0f} s; is it on, and in the network?")

    def perform(self, port: CloudPrntServer, command: DeviceCommand) -> None:
        """Take a job; a printer that was cleared by hand finds that out by itself."""
        del port
        if not isinstance(command, PrintJob):
            return
        try:
            draw = self._drawing(command.receipt)
        except ValueError as error:
            self._publish(command.job_id, "not_printed", str(error))
            return
        with self._heard:
            self._desk.print(command.job_id, draw, time.monotonic())
        self._tell()

    def abandon(self, command: DeviceCommand) -> None:
        """Say that a job cannot be printed while there is no printer."""
        if isinstance(command, PrintJob):
            self._publish(command.job_id, "not_printed", "the printer is not connected")

    def _drawing(self, receipt: Receipt) -> Draw:
        if len(receipt) + len(self._void) > LINES_MAX:
            raise ValueError(f"a receipt has at most {LINES_MAX - len(self._void)} lines, this one {len(receipt)}")
        plain = page_of(receipt, self._columns, self._logo)
        return lambda void: page_of((*self._void, *receipt), self._columns, self._logo) if void else plain

    def _take(self, request: Request) -> Answer:
        with self._heard:
            answer = self._desk.take(request, time.monotonic())
            self._heard.notify_all()
        return answer

    def _silence_max_s(self) -> float:
        told = self._desk.answers.get("GetPollInterval", "").strip()
        told_s = min(float(told), POLL_MAX_S) if told.isascii() and told.isdecimal() else 0.0
        limit_s = SILENT_POLLS * max(self._poll_s, told_s)
        return max(limit_s, self._printing_silence_s) if self._desk.is_fetched else limit_s

    def _tell(self) -> None:
        with self._heard:
            outcomes = list(self._desk.outcomes)
            self._desk.outcomes.clear()
        for job_id, outcome, reason in outcomes:
            self._publish(job_id, outcome, reason)

    def _publish(self, job_id: UUID, outcome: Outcome, reason: str) -> None:
        if outcome == "printed":
            _log.info("%s: job %s is printed", self.name, job_id)
        else:
            _log.warning("%s: job %s is %s: %s", self.name, job_id, outcome.replace("_", " "), reason)
        self.publish(PrintOutcome(self.name, job_id, outcome, reason))
