"""What a hopper's payouts leave in the devices' journal: the intent before, the outcome after, and old debts settled."""

from __future__ import annotations

import logging

from hardware.cash.entries import DISPENSE, counted_outcome, dispense_intent, dispense_outcome
from hardware.cash.events import HopperInfo
from hardware.cash.payout_reading import OVERRUN_MAX
from hardware.cash.payout_state import Payout
from hardware.cash.protocol_counters import DISPENSED_MODULO
from hardware.cash.unit import Voice
from hardware.journal import JournalError, MoneyJournal

_log = logging.getLogger(__name__)


class PayoutBook:
    """The journal, as one bus's hoppers use it."""

    def __init__(self, voice: Voice, journal: MoneyJournal) -> None:
        self._voice = voice
        self._journal = journal

    def intend(self, payout: Payout, hopper: HopperInfo, address: int) -> bool:
        """Write down what is about to be paid; return whether that was possible. Where it was not, no coin may move."""
        intent = dispense_intent(
            self._voice.device, payout, coin_minor=hopper.coin_minor, serial=hopper.serial, address=address
        )
        try:
            self._settle_earlier(hopper.serial, payout.dispensed_before)
            self._journal.intend(intent)
        except JournalError:
            _log.exception("The payout from %s is not written down, so no coin moves", payout.hopper)
            return False
        return True

    def settle(self, payout: Payout) -> None:
        """Write down how a payout ended, where it had begun."""
        entry = self._journal.entry(payout.payout_id)
        if entry is None or (entry.outcome is not None and (entry.outcome.is_certain or payout.uncertain)):
            return
        coin_minor = entry.intent.before["coin_minor"]
        dispensed = (entry.intent.before["dispensed"] + payout.paid) % DISPENSED_MODULO
        try:
            self._journal.settle(dispense_outcome(payout, coin_minor, dispensed))
        except JournalError:
            # The intent stays open: at the next start the counters tell the same again.
            _log.exception("The outcome of the payout from %s is not written down", payout.hopper)

    def _settle_earlier(self, serial: str, dispensed: int) -> None:
        """Settle what a hopper still owes an answer for: it stands still, and has paid nothing else since."""
        unsettled = (*self._journal.open_entries(), *self._journal.uncertain_entries())
        for entry in unsettled:
            intent = entry.intent
            bus, _, _ = intent.device.partition("/")
            if (bus, intent.action, intent.serial) != (self._voice.device, DISPENSE, serial):
                continue
            paid = (dispensed - intent.before["dispensed"]) % DISPENSED_MODULO
            if paid <= intent.before["count"] + OVERRUN_MAX:
                self._journal.settle(counted_outcome(entry, paid, dispensed))
