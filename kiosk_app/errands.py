"""Carrying out what a session commands: each command to the device or server it is for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer

from hardware.card_terminal import commands as card
from hardware.cash import commands as cash
from hardware.cash.entries import question_of
from hardware.printer.driver import PrintJob
from hardware.printer.receipt import Receipt
from hardware.printer.rendering import rendered
from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.devices import KioskDevices
from kiosk_app.journal import Journal, JournalError
from kiosk_app.store_work import StoreWork

RETRY_MS = 2000
"""Wait between two tries to settle; each try waits for its own answer besides."""

_log = logging.getLogger(__name__)


class Owner(Protocol):
    """Whoever has the session: the desk."""

    def feed(self, event: on.Event) -> None:
        """Let one event happen."""

    def paper(self) -> Receipt:
        """Compose what is printed for the session as it stands."""

    def speak(self, phrase: do.Phrase) -> None:
        """Say something in the shopper's language."""

    def close_down(self, error: JournalError) -> None:
        """Stop all money."""


class Errands(QObject):
    """Runs commands; outcomes come back to the owner as events, never within :meth:`run`."""

    def __init__(self, devices: KioskDevices, store: StoreWork, journal: Journal, owner: Owner) -> None:
        super().__init__()
        self._devices = devices
        self._journal = journal
        self._owner = owner
        perform = devices.perform
        self._ways: dict[type[do.Command], Callable[[Any], None]] = {
            do.FetchOrder: store.fetch,
            do.Settle: store.settle,
            do.RetryLater: lambda _command: self._later(RETRY_MS, on.RetryDue()),
            do.ReleaseOrder: lambda _command: store.deliver(),
            do.ReportCash: lambda _command: store.deliver(),
            do.AcceptCash: lambda command: perform(cash.AcceptCash(command.coins, command.notes)),
            do.StopAccepting: lambda _command: perform(cash.StopAccepting()),
            do.StackNote: lambda _command: perform(cash.StackNote()),
            do.ReturnNote: lambda _command: perform(cash.ReturnNote()),
            do.PayOut: lambda command: perform(cash.PayOut(command.payout_id, command.hopper, command.count)),
            do.AskPayout: self._ask_payout,
            do.ChargeCard: self._charge,
            do.AbortCard: lambda command: devices.charge(card.AbortCharge(command.charge_id)),
            do.AskCard: self._ask_card,
            do.ReverseCard: self._reverse,
            do.SettleCard: store.settle_card,
            do.PrintReceipt: self._print,
            do.Say: lambda command: owner.speak(command.phrase),
        }

    def run(self, command: do.Command) -> None:
        """Carry out one command whose session is on disk."""
        self._ways[type(command)](command)

    def _later(self, wait_ms: int, event: on.Event) -> None:
        QTimer.singleShot(wait_ms, self, lambda: self._owner.feed(event))

    def _charge(self, command: do.ChargeCard) -> None:
        if self._has_terminal(on.CardRefused(command.charge_id, cancelled=False, not_started=True)):
            self._devices.charge(card.Charge(command.charge_id, command.amount_minor, command.currency))

    def _ask_card(self, command: do.AskCard) -> None:
        # A kiosk whose terminal was taken out of its settings still must not charge again: nobody can tell any more.
        entry = self._journal.device_entry(command.charge_id)
        never = on.CardRefused(command.charge_id, cancelled=False, not_started=True)
        if self._has_terminal(never if entry is None else on.CardUncertain(command.charge_id)):
            self._devices.charge(card.AskCharge(command.charge_id))

    def _reverse(self, command: do.ReverseCard) -> None:
        if self._has_terminal(on.CardNotReversed(command.reversal_id)):
            self._devices.charge(card.Reverse(command.reversal_id, command.charge_id))

    def _has_terminal(self, otherwise: on.Event) -> bool:
        if not self._devices.has_terminal:
            self._later(0, otherwise)
        return self._devices.has_terminal

    def _ask_payout(self, command: do.AskPayout) -> None:
        entry = self._journal.device_entry(command.payout_id)
        if entry is None:
            # The driver writes the intent before it tells the hopper to move: none was written, so no coin moved.
            self._later(0, on.PayoutFinished(command.payout_id, paid=0, uncertain=0, hopper_failed=False))
            return
        self._devices.perform(question_of(entry))

    def _print(self, command: do.PrintReceipt) -> None:
        try:
            receipt = self._owner.paper()
            data = rendered(receipt, self._devices.paper)
        except ValueError:
            _log.exception("the receipt cannot be printed")
            self._later(0, on.ReceiptNotPrinted(command.job_id))
            return
        self._devices.print(PrintJob(command.job_id, data, receipt))
