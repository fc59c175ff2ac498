"""Driver of a terminal that speaks ZVT over TCP (port 20007).

After a connection: registration, which also tells who it is, then one repeated receipt, which tells the newest transaction: a
payment whose answer is lost is recognised afterwards as a newer one with our amount.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal import protocol_zvt_fields as fields
from hardware.card_terminal.charges import REVERSE
from hardware.card_terminal.commands import Charge
from hardware.card_terminal.events import DayEnded, Reason, Result, TerminalText, Verdict
from hardware.card_terminal.protocol_amounts import NUMERIC
from hardware.card_terminal.protocol_zvt import Apdu
from hardware.card_terminal.protocol_zvt_told import NONE_YET, Heard
from hardware.card_terminal.terminal import Patience, TerminalDriver
from hardware.connection import Identity
from hardware.errors import DeviceBusyError, DeviceError, DeviceRefusedError, LinkLostError, NoReplyError, WrongDeviceError
from hardware.journal import MoneyJournal
from hardware.journal_entry import Entry
from hardware.link import Link, waits

SHORT_TIMEOUT_S = 10.0
"""For registration, enquiry and a repeated receipt."""
DAY_TIMEOUT_S = 120.0
HEAR_S = 0.02
CONFIG_ECR_PRINTS = 0xBE
"""The till prints all receipts, gets texts, and alone begins payments and administration."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ZvtSettings:
    """How one terminal is set up."""

    password: str = "000000"  # noqa: S105 - every terminal leaves its factory with it
    currency: str = "EUR"
    config: int = CONFIG_ECR_PRINTS
    terminal_id: str = ""
    """The only terminal to accept; empty accepts any."""


class ZvtDriver(TerminalDriver[Link]):
    """One terminal."""

    def __init__(self, settings: ZvtSettings, journal: MoneyJournal, patience: Patience | None = None) -> None:
        super().__init__(journal, patience)
        if settings.currency not in NUMERIC:
            raise ValueError(f"ZVT knows no currency {settings.currency!r}; there are {', '.join(NUMERIC)}")
        self._settings = settings
        self._stream = zvt.Stream()
        self._heard = Heard()
        self._early: Result | None = None
        self._in_step = True
        """No payment was begun on this connection whose end was not heard."""
        self._newest: tuple[int, int] | None = NONE_YET
        """Trace and receipt number of the newest transaction; None while nobody knows."""

    def open(self, url: str) -> Link:
        """Connect."""
        self._stream.clear()
        self._in_step = True
        return Link(url)

    def hang_up(self, port: Link) -> None:
        """Close the line."""
        port.close()

    def identify(self, port: Link) -> Identity:
        """Register, and learn the newest transaction."""
        identity = self._register(port)
        self._newest = self._repeated(port).newest_after(self._newest)
        return identity

    def _register(self, port: Link) -> Identity:
        settings = self._settings
        data = fields.registration(settings.password, settings.config, settings.currency)
        told = self._run(port, Apdu(zvt.REGISTRATION, data), SHORT_TIMEOUT_S)
        if told.end is None or not told.is_completed:
            raise DeviceRefusedError("the terminal refuses the registration; is the password right?")
        number = fields.fields_of(told.end.data).number(fields.TERMINAL_ID)
        serial = "" if number is None else f"{number:08d}"
        if settings.terminal_id and serial != settings.terminal_id:
            raise WrongDeviceError(f"the terminal says it is {serial!r}, the settings say {settings.terminal_id!r}")
        return Identity(model="ZVT terminal", serial_number=serial)

    def beat(self, port: Link) -> None:
        """Ask for the status; one that does not take the question is registered with anew, as after a power cut.

        Raises:
            DeviceBusyError: it does not take that either.
            LinkLostError: it is another terminal than before.
        """
        try:
            self._run(port, Apdu(zvt.STATUS_ENQUIRY, fields.password_only(self._settings.password)), SHORT_TIMEOUT_S)
        except DeviceBusyError:
            found = self._register(port)
            if found != self._identity:
                raise LinkLostError(f"the terminal is now {found}, it was {self._identity}") from None

    def counters(self) -> Mapping[str, int]:
        """Return the newest transaction before ours."""
        if self._newest is None:
            return {}
        trace, receipt = self._newest
        return {"trace": trace, "receipt": receipt}

    def details(self, entry_id: UUID, currency: str) -> Mapping[str, str]:
        """Nothing: ZVT knows no id of ours."""
        del entry_id, currency
        return {}

    def why_not(self, command: Charge) -> str:
        """Only the currency of the registration can be charged."""
        if command.currency == self._settings.currency:
            return ""
        return f"the terminal is set to {self._settings.currency}, not to {command.currency}"

    def send(self, port: Link, entry: Entry) -> None:
        """Send the command and wait until the terminal has taken it."""
        port.discard_input()
        self._stream.clear()
        self._heard, self._early, self._in_step = Heard(), None, False
        port.write(self._command_of(entry).encoded())
        try:
            self._wait_taken(port)
        except (DeviceBusyError, DeviceRefusedError) as error:
            self._early = Result(Verdict.REFUSED, reason=Reason.BUSY, sentence=str(error))

    def hear(self, port: Link, entry: Entry) -> Result | None:
        """Take what the terminal tells, and acknowledge it."""
        if self._early is not None:
            self._in_step = True
            self._look_whether_forgotten(port)
            return self._early
        self._listen(port, HEAR_S)
        if self._heard.end is None:
            return None
        self._in_step = True
        self._newest = self._heard.newest or self._newest
        return self._heard.result(entry)

    def ask(self, port: Link, entry: Entry) -> Result | None:
        """Let the terminal repeat its newest receipt, and compare."""
        if not self._in_step:
            raise LinkLostError("only a new connection brings the terminal back in step")
        try:
            told = self._repeated(port)
        except DeviceBusyError:
            return None
        self._newest = told.newest_after(self._newest)
        return told.judged(entry)

    def abort(self, port: Link, entry: Entry) -> None:
        """Ask to give up; what comes of it is in the payment's own end."""
        del entry
        port.write(Apdu(zvt.ABORT).encoded())

    def end_day(self, port: Link) -> DayEnded:
        """Close the day."""
        command = Apdu(zvt.END_OF_DAY, fields.password_only(self._settings.password))
        told = self._run(port, command, DAY_TIMEOUT_S)
        lines = tuple(line for _merchant, receipt in told.receipts for line in receipt)
        done = told.is_completed
        return DayEnded(self.name, done=done, sentence="" if done else "the terminal refuses to end the day", lines=lines)

    def leave_safe(self, port: Link) -> None:
        """Log off."""
        port.write(Apdu(zvt.LOG_OFF).encoded())

    def _look_whether_forgotten(self, port: Link) -> None:
        """After a refused command: a terminal that was switched off and on is registered with, a busy one is left alone."""
        try:
            self.beat(port)
        except LinkLostError:
            raise
        except DeviceError as error:
            _log.debug("%s: %s", self.name, error)

    def _command_of(self, entry: Entry) -> Apdu:
        intent = entry.intent
        if intent.action == REVERSE:
            receipt = int(intent.details["original"].partition("/")[0])
            return Apdu(zvt.REVERSAL, fields.reversal(self._settings.password, receipt))
        return Apdu(zvt.AUTHORIZATION, fields.authorization(intent.amount_minor, intent.details["currency"]))

    def _repeated(self, port: Link) -> Heard:
        command = Apdu(zvt.REPEAT_RECEIPT, fields.password_only(self._settings.password))
        return self._run(port, command, SHORT_TIMEOUT_S)

    def _run(self, port: Link, command: Apdu, limit_s: float) -> Heard:
        """Send a command that moves no money, and hear it to its end."""
        port.discard_input()
        self._stream.clear()
        self._heard = Heard()
        port.write(command.encoded())
        deadline = time.monotonic() + limit_s
        self._wait_taken(port)
        while self._heard.end is None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise NoReplyError(f"the terminal did not finish {command.control:04X} within {limit_s:g} s")
            self._listen(port, left_s)
        return self._heard

    def _wait_taken(self, port: Link) -> None:
        """Wait for 80 00 00."""
        limit_s = self._patience.acknowledge_s
        for left_s in waits(limit_s):
            apdus = self._stream.feed(port.read(left_s))
            for place, apdu in enumerate(apdus):
                if apdu.is_nack:
                    raise DeviceBusyError(f"the terminal does not take the command now ({apdu.control & 0xFF:02X})")
                if apdu.is_ack:
                    for other in apdus[place + 1 :]:
                        self._take(port, other)
                    return
                self._take(port, apdu)
        raise NoReplyError(f"the terminal did not acknowledge within {limit_s:g} s")

    def _listen(self, port: Link, timeout_s: float) -> None:
        for apdu in self._stream.feed(port.read(timeout_s)):
            self._take(port, apdu)

    def _take(self, port: Link, apdu: Apdu) -> None:
        """Note one command of the terminal; what was understood or not needed is acknowledged."""
        if apdu.is_ack or apdu.is_nack:
            return  # of an abort
        if text := self._heard.note(apdu):
            self.publish(TerminalText(self.name, text))
        port.write(Apdu(zvt.ACK).encoded())
