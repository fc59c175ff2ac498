"""Driver of a terminal that speaks ZVT over TCP (port 20007).

After a connection: registration, which also tells who it is, then one repeated receipt, which tells the newest transaction: a
payment whose answer is lost is recognised afterwards as a newer one with our amount.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal import protocol_zvt_fields as fields
from hardware.card_terminal.charges import REVERSE
from hardware.card_terminal.commands import Charge
from hardware.card_terminal.events import DayEnded, Reason, Result, TerminalText, Verdict
from hardware.card_terminal.protocol_amounts import NUMERIC
from hardware.card_terminal.protocol_zvt import Apdu
from hardware.card_terminal.protocol_zvt_fields import Fields
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
_REVERSED_WORDS = ("storno", "reversal", "annullation", "void")
_MERCHANT_WORDS = ("händler", "merchant", "haendler")


@dataclass(frozen=True, slots=True)
class ZvtSettings:
    """How one terminal is set up."""

    password: str = "000000"  # noqa: S105 - every terminal leaves its factory with it
    currency: str = "EUR"
    config: int = CONFIG_ECR_PRINTS
    terminal_id: str = ""
    """The only terminal to accept; empty accepts any."""


@dataclass(slots=True)
class Heard:
    """What a terminal has told since a command was sent."""

    status: Fields | None = None
    lines: list[str] = field(default_factory=list)
    receipts: list[tuple[bool, tuple[str, ...]]] = field(default_factory=list)
    """Whether it is the merchant's, and its lines."""
    end: Apdu | None = None


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
        self._newest: tuple[int, int] | None = None
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
        self._newest = _token(self._repeated(port))
        return identity

    def _register(self, port: Link) -> Identity:
        settings = self._settings
        data = fields.registration(settings.password, settings.config, settings.currency)
        told = self._run(port, Apdu(zvt.REGISTRATION, data), SHORT_TIMEOUT_S)
        if told.end is None or told.end.control != zvt.COMPLETION:
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
        token = _token(self._heard)
        self._newest = token if token is not None else self._newest
        return _result(self._heard, entry)

    def ask(self, port: Link, entry: Entry) -> Result | None:
        """Let the terminal repeat its newest receipt, and compare."""
        if not self._in_step:
            raise LinkLostError("only a new connection brings the terminal back in step")
        try:
            told = self._repeated(port)
        except DeviceBusyError:
            return None
        self._newest = _token(told)
        return _judged(told, self._newest, entry)

    def abort(self, port: Link, entry: Entry) -> None:
        """Ask to give up; what comes of it is in the payment's own end."""
        del entry
        port.write(Apdu(zvt.ABORT).encoded())

    def end_day(self, port: Link) -> DayEnded:
        """Close the day."""
        command = Apdu(zvt.END_OF_DAY, fields.password_only(self._settings.password))
        told = self._run(port, command, DAY_TIMEOUT_S)
        done = told.end is not None and told.end.control == zvt.COMPLETION
        lines = tuple(line for _merchant, receipt in _receipts(told) for line in receipt)
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
        heard = self._heard
        if apdu.control == zvt.STATUS_INFORMATION:
            heard.status = fields.fields_of(apdu.data)
        elif apdu.control == zvt.PRINT_LINE:
            self._print_line(*fields.line_of(apdu.data))
        elif apdu.control == zvt.PRINT_BLOCK:
            heard.receipts.append(fields.block_of(apdu.data))
        elif apdu.control in {zvt.COMPLETION, zvt.ABORTED}:
            heard.end = apdu
        elif apdu.control == zvt.INTERMEDIATE_STATUS and (text := fields.shown_text(apdu.data)):
            self.publish(TerminalText(self.name, text))
        port.write(Apdu(zvt.ACK).encoded())

    def _print_line(self, text: str, last: bool) -> None:  # noqa: FBT001 - the two parts of one line
        lines = self._heard.lines
        if len(lines) < fields.LINES_MAX:
            lines.append(text)
        if last:
            self._heard.receipts.append(_receipt(lines))
            self._heard.lines = []


def _receipt(lines: list[str]) -> tuple[bool, tuple[str, ...]]:
    return any(word in line.lower() for line in lines for word in _MERCHANT_WORDS), tuple(lines)


def _receipts(heard: Heard) -> list[tuple[bool, tuple[str, ...]]]:
    return [*heard.receipts, *([_receipt(heard.lines)] if heard.lines else [])]


def _token(heard: Heard) -> tuple[int, int] | None:
    """Return what tells the newest transaction; (0, 0) where the terminal says that there is none."""
    if heard.status is None:
        ended = heard.end
        return (0, 0) if ended is not None and ended.control == zvt.ABORTED else None
    trace, receipt = heard.status.number(fields.TRACE), heard.status.number(fields.RECEIPT)
    return None if trace is None and receipt is None else (trace or 0, receipt or 0)


def _result(heard: Heard, entry: Entry) -> Result:
    """Say what a finished command has done. An approval counts only when the terminal completed it as well."""
    assert heard.end is not None
    status, completed = heard.status, heard.end.control == zvt.COMPLETION
    code = status.result if status is not None else None
    if completed and code == 0:
        return _approved(heard, entry)
    if code == 0 or (completed and code is None):
        return Result(Verdict.UNKNOWN, sentence="the terminal contradicts itself")
    told = heard.end.data[0] if heard.end.data and not completed else 0
    code = code or told
    sentence = status.text(fields.ADDITIONAL_TEXT) if status is not None else ""
    return Result(Verdict.REFUSED, reason=fields.reason_of(code), sentence=sentence or f"result code {code:02X}")


def _approved(heard: Heard, entry: Entry) -> Result:
    status = heard.status or Fields()
    told = status.number(fields.AMOUNT)
    receipts = _receipts(heard)
    customer = next((lines for merchant, lines in receipts if not merchant), ())
    merchant = next((lines for merchant, lines in receipts if merchant), ())
    return Result(
        Verdict.APPROVED,
        amount_minor=entry.intent.amount_minor if told is None else told,
        reference=f"{status.number(fields.RECEIPT) or 0}/{status.number(fields.TRACE) or 0}",
        card=status.text(fields.CARD_NAME),
        customer_receipt=customer,
        merchant_receipt=merchant,
    )


def _judged(heard: Heard, newest: tuple[int, int] | None, entry: Entry) -> Result:
    """Say what the newest receipt tells about a lost payment."""
    before = entry.intent.before
    if newest is None or "trace" not in before:
        return Result(Verdict.UNCERTAIN, sentence="the terminal's newest receipt cannot be told from an older one")
    if newest == (before["trace"], before["receipt"]):
        return Result(Verdict.REFUSED, reason=Reason.NOT_STARTED, sentence="the terminal booked nothing new")
    status = heard.status or Fields()
    amount, code = status.number(fields.AMOUNT), status.result
    if amount != entry.intent.amount_minor or code is None:
        return Result(Verdict.UNCERTAIN, sentence=f"the newest receipt is of {amount}, asked was {entry.intent.amount_minor}")
    if code != 0:
        return Result(Verdict.REFUSED, reason=fields.reason_of(code), sentence=status.text(fields.ADDITIONAL_TEXT))
    words = " ".join(line for _merchant, lines in _receipts(heard) for line in lines).lower()
    took_back = fields.ORIGINAL_TRACE in status.values or any(word in words for word in _REVERSED_WORDS)
    if took_back != (entry.intent.action == REVERSE):
        return Result(Verdict.REFUSED, reason=Reason.UNAVAILABLE, sentence="the terminal took the payment back by itself")
    return _approved(heard, entry)
