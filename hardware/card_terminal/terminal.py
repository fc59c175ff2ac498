"""What every card terminal's driver shares: one charge at a time, journalled first, never repeated, asked after when lost.

::

    Charge -> journal -> sent -> heard ------------------> settled
                 |         |       lost line, no answer
                 |         +-----> asking, until told ---> settled
                 +-- could not be sent ------------------> settled as refused

A program that died anywhere finds the open entry at its next start and begins with asking. While an entry is open nothing
new is sent to this terminal: only one of two payments could be asked after.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hardware.card_terminal.charges import CHARGE, REVERSE, Charges, result_of
from hardware.card_terminal.commands import AMOUNT_MAX_MINOR, AbortCharge, AskCharge, Charge, EndDay, Reverse
from hardware.card_terminal.dialect import Dialect, NotSentError, Port
from hardware.card_terminal.events import (
    ChargeFinished,
    ChargesListed,
    DayEnded,
    Reason,
    Result,
    ReversalFinished,
    Verdict,
)
from hardware.connection import Identity
from hardware.device import DeviceCommand
from hardware.errors import DeviceError
from hardware.journal import JournalError, MoneyJournal
from hardware.journal_entry import Entry

POLL_PERIOD_S = 0.05
HEARTBEAT_S = 1.5
"""An idle terminal is asked whether it is there; less than the 2 s within which an unplug must be seen."""
ASK_PERIOD_S = 5.0
"""Between two questions after an outcome."""
ACKNOWLEDGE_S = 5.0
"""As long as ZVT lets a terminal take to acknowledge a command."""
ANSWER_LIMIT_S = 180.0
"""A terminal that says nothing for so long about a running charge is asked."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what."""

    heartbeat_s: float = HEARTBEAT_S
    acknowledge_s: float = ACKNOWLEDGE_S
    """For the acknowledgement of a command; a terminal that answers a question over HTTPS has its own limit."""
    ask_period_s: float = ASK_PERIOD_S
    answer_limit_s: float = ANSWER_LIMIT_S


class TerminalDriver(Dialect[Port]):
    """Driver of one terminal; each protocol fills in its dialect."""

    poll_period_s = POLL_PERIOD_S

    def __init__(self, journal: MoneyJournal, patience: Patience | None = None) -> None:
        self._journal = journal
        self._patience = patience or Patience()
        self._identity = Identity()
        self._live: Entry | None = None
        """Sent, and its answer is expected on this connection."""
        self._live_since_s = 0.0
        self._lost: Entry | None = None
        """Sent, its answer is lost; being asked after."""
        self._told_unknown: UUID | None = None
        self._ask_at_s = 0.0
        self._heartbeat_at_s = 0.0

    @property
    def charges(self) -> Charges:
        """This terminal's entries."""
        return Charges(self._journal, self.name)

    def probe(self, port: Port) -> Identity:
        """Identify the terminal, then look in the journal for what is to be asked after."""
        self._identity = self.identify(port)
        self._heartbeat_at_s = time.monotonic() + self._patience.heartbeat_s
        open_entries, uncertain = self.charges.open(), self.charges.uncertain()
        if open_entries or uncertain:
            ids = tuple(entry.intent.entry_id for entry in open_entries), tuple(entry.intent.entry_id for entry in uncertain)
            self.publish(ChargesListed(self.name, *ids))
        self._ask_next()
        return self._identity

    def close(self, port: Port) -> None:
        """Close the line; what was under way is unknown from now on."""
        if self._live is not None:
            self._lose(self._live, "the line to the terminal is gone")
        self.hang_up(port)

    def poll(self, port: Port) -> None:
        """Hear the running request, ask after a lost one, or see whether an idle terminal is there.

        A question in vain is asked again at the next poll: three in a row lose the connection, and a poll in between that
        asks nothing would count as a success.
        """
        now_s = time.monotonic()
        if self._live is not None:
            self._hear(port, self._live, now_s)
        elif self._lost is not None:
            if now_s >= self._ask_at_s:
                self._ask_at_s = now_s + self._patience.ask_period_s
                try:
                    self._ask(port, self._lost)
                except DeviceError:
                    self._ask_at_s = 0.0
                    raise
        elif now_s >= self._heartbeat_at_s:
            self.beat(port)
            self._heartbeat_at_s = now_s + self._patience.heartbeat_s

    def perform(self, port: Port, command: DeviceCommand) -> None:
        """Carry out one command."""
        if isinstance(command, Charge):
            self._charge(port, command)
        elif isinstance(command, Reverse):
            self._reverse(port, command)
        elif isinstance(command, AbortCharge):
            self._abort(port, command)
        elif isinstance(command, AskCharge):
            self._tell(command.charge_id)
        elif isinstance(command, EndDay):
            self._end_day(port)
        else:
            super().perform(port, command)

    def abandon(self, command: DeviceCommand) -> None:
        """Without the terminal: what is settled is told, what is open is unknown, what is new did not start."""
        if isinstance(command, Charge | AskCharge):
            self._tell(command.charge_id)
        elif isinstance(command, Reverse):
            self._tell(command.reversal_id, reversal=True)
        elif isinstance(command, EndDay):
            self.publish(DayEnded(self.name, done=False, sentence="the terminal is not connected"))

    # Money.

    def _charge(self, port: Port, command: Charge) -> None:
        if self._is_known(command.charge_id, reversal=False):
            return
        why_not = self.why_not(command)
        if not 1 <= command.amount_minor <= AMOUNT_MAX_MINOR:
            why_not = f"{command.amount_minor} is no amount to charge a card with"
        if why_not:
            refused = Result(Verdict.REFUSED, reason=Reason.NOT_POSSIBLE, sentence=why_not)
            self.publish(ChargeFinished(self.name, command.charge_id, refused))
            return
        details = self.details(command.charge_id, command.currency)
        self._begin(port, command.charge_id, CHARGE, command.amount_minor, {**details, "currency": command.currency})

    def _reverse(self, port: Port, command: Reverse) -> None:
        if self._is_known(command.reversal_id, reversal=True):
            return
        charged = self.charges.entry(command.charge_id)
        outcome = charged.outcome if charged is not None else None
        if charged is None or outcome is None or not outcome.amount_minor or not outcome.details.get("reference"):
            sentence = "there is no approved charge of that id to reverse"
            refused = Result(Verdict.REFUSED, reason=Reason.NOT_POSSIBLE, sentence=sentence)
            self.publish(ReversalFinished(self.name, command.reversal_id, refused))
            return
        currency = charged.intent.details.get("currency", "")
        details = {
            **self.details(command.reversal_id, currency),
            "currency": currency,
            "original": outcome.details["reference"],
        }
        self._begin(port, command.reversal_id, REVERSE, outcome.amount_minor, details)

    def _is_known(self, entry_id: UUID, *, reversal: bool) -> bool:
        """Answer what was asked before, and refuse to begin anything while another outcome is open."""
        if self.charges.entry(entry_id) is not None:
            self._tell(entry_id, reversal=reversal)
            return True
        if self.charges.was_settled(entry_id):
            sentence = "it was settled long ago and is not asked for again: compare the terminal's own list"
            self._publish(entry_id, Result(Verdict.UNCERTAIN, sentence=sentence), reversal=reversal)
            return True
        if not self.charges.open():
            return False
        sentence = "the outcome of an earlier payment is not known yet"
        refused = Result(Verdict.REFUSED, reason=Reason.BUSY, sentence=sentence)
        self._publish(entry_id, refused, reversal=reversal)
        return True

    def _begin(self, port: Port, entry_id: UUID, action: str, amount_minor: int, details: Mapping[str, str]) -> None:
        reversal = action == REVERSE
        try:
            entry = self.charges.begin(
                entry_id,
                action,
                amount_minor,
                serial=self._identity.serial_number,
                before=self.counters(),
                details=details,
            )
        except JournalError as error:
            _log.error("%s charges nothing: %s", self.name, error)
            self._publish(entry_id, Result(Verdict.REFUSED, reason=Reason.NOT_STARTED, sentence=str(error)), reversal=reversal)
            return
        try:
            self.send(port, entry)
        except NotSentError as error:
            self._settle(entry, Result(Verdict.REFUSED, reason=Reason.NOT_STARTED, sentence=str(error)))
            raise
        except DeviceError as error:
            self._lose(entry, str(error))
            raise
        self._live, self._live_since_s = entry, time.monotonic()

    def _abort(self, port: Port, command: AbortCharge) -> None:
        if self._live is not None and self._live.intent.entry_id == command.charge_id:
            self.abort(port, self._live)
        else:
            self._tell(command.charge_id)

    def _end_day(self, port: Port) -> None:
        if self._live is not None or self._lost is not None:
            self.publish(DayEnded(self.name, done=False, sentence="a payment is under way"))
            return
        try:
            self.publish(self.end_day(port))
        except DeviceError as error:
            self.publish(DayEnded(self.name, done=False, sentence=str(error)))
            raise

    def _hear(self, port: Port, entry: Entry, now_s: float) -> None:
        try:
            result = self.hear(port, entry)
        except DeviceError as error:
            self._lose(entry, str(error))
            raise
        if result is None and now_s - self._live_since_s > self._patience.answer_limit_s:
            result = Result(Verdict.UNKNOWN, sentence="the terminal did not answer in time")
        if result is None:
            return
        if result.verdict is Verdict.UNKNOWN:
            self._lose(entry, result.sentence)
        else:
            self._settle(entry, result)

    def _ask(self, port: Port, entry: Entry) -> None:
        if entry.intent.serial and entry.intent.serial != self._identity.serial_number:
            self._say_unknown(entry, f"another terminal took its place; connect number {entry.intent.serial} again")
            return
        try:
            result = self.ask(port, entry)
        except DeviceError as error:
            self._say_unknown(entry, str(error))
            raise
        if result is not None and result.verdict.is_final:
            self._settle(entry, result)
        else:
            self._say_unknown(entry, result.sentence if result is not None else "the terminal is still at it")

    def _settle(self, entry: Entry, result: Result) -> None:
        """Write the outcome down, then tell it. If it cannot be written, the entry stays open and is asked after again."""
        try:
            self.charges.settle(entry, result)
        except JournalError as error:
            self._lose(entry, str(error))
            self._ask_at_s = time.monotonic() + self._patience.ask_period_s
            return
        self._live = self._lost = None
        if result.verdict is Verdict.UNCERTAIN:
            _log.error("%s cannot tell what became of %s: %s", self.name, entry.intent.entry_id, result.sentence)
        self._publish(entry.intent.entry_id, result, reversal=entry.intent.action == REVERSE)
        self._ask_next()

    def _lose(self, entry: Entry, why: str) -> None:
        self._live, self._lost = None, entry
        self._ask_at_s = time.monotonic()
        self._say_unknown(entry, why)

    def _ask_next(self) -> None:
        """Look whether something else is open."""
        if self._live is None and self._lost is None:
            waiting = self.charges.open()
            self._lost = waiting[0] if waiting else None
        self._ask_at_s = 0.0

    def _say_unknown(self, entry: Entry, why: str) -> None:
        if self._told_unknown == entry.intent.entry_id:
            return
        self._told_unknown = entry.intent.entry_id
        _log.warning("%s: the outcome of %s is unknown: %s", self.name, entry.intent.entry_id, why)
        unknown = Result(Verdict.UNKNOWN, sentence=why)
        self._publish(entry.intent.entry_id, unknown, reversal=entry.intent.action == REVERSE)

    def _tell(self, entry_id: UUID, *, reversal: bool = False) -> None:
        """Tell what the journal knows; what is not in it never was sent."""
        entry = self.charges.entry(entry_id)
        if entry is None:
            sentence = "it was never sent to the terminal"
            self._publish(entry_id, Result(Verdict.REFUSED, reason=Reason.NOT_STARTED, sentence=sentence), reversal=reversal)
        elif self._live is None or self._live.intent.entry_id != entry_id:
            self._publish(entry_id, result_of(entry), reversal=reversal)

    def _publish(self, entry_id: UUID, result: Result, *, reversal: bool) -> None:
        if reversal:
            self.publish(ReversalFinished(self.name, entry_id, result))
        else:
            self.publish(ChargeFinished(self.name, entry_id, result))
