"""Charges and reversals in the journal: written before the first byte goes out, settled when the terminal has told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from hardware.card_terminal.events import Reason, Result, Verdict
from hardware.journal import MoneyJournal
from hardware.journal_entry import Entry, Intent, Outcome

CHARGE, REVERSE = "charge", "reverse"
RECEIPT_MAX = 300
"""Letters of a receipt that the journal keeps; a line of the journal is short."""
TEXT_MAX = 120


class Charges:
    """One terminal's entries in the money journal."""

    def __init__(self, journal: MoneyJournal, device: str) -> None:
        self._journal = journal
        self._device = device

    def begin(
        self,
        entry_id: UUID,
        action: str,
        amount_minor: int,
        *,
        serial: str,
        before: Mapping[str, int],
        details: Mapping[str, str],
    ) -> Entry:
        """Write down what is about to be asked; when it returns, it is on disk.

        Raises:
            JournalError: it is not; nothing may be asked.
        """
        intent = Intent(entry_id, self._device, action, amount_minor, serial=serial, before=before, details=details)
        self._journal.intend(intent)
        return Entry(intent)

    def settle(self, entry: Entry, result: Result) -> None:
        """Write down what became of it; UNKNOWN leaves it open."""
        if not result.verdict.is_final:
            return
        details = {"sentence": result.sentence[:TEXT_MAX], "reference": result.reference, "card": result.card[:TEXT_MAX]}
        receipt = list(result.customer_receipt)
        if receipt and len(json.dumps(receipt)) <= RECEIPT_MAX * 4:
            details["receipt"] = json.dumps(receipt)
        certain = result.verdict is not Verdict.UNCERTAIN
        reason = result.verdict.value if result.verdict is not Verdict.REFUSED else result.reason.value
        moved = result.amount_minor if result.verdict is Verdict.APPROVED else 0
        self._journal.settle(Outcome(entry.intent.entry_id, moved, certain, reason, details=details))

    def entry(self, entry_id: UUID) -> Entry | None:
        """Return one entry."""
        return self._journal.entry(entry_id)

    def was_settled(self, entry_id: UUID) -> bool:
        """Whether an entry was settled so long ago that only its id is known."""
        return self._journal.was_settled(entry_id)

    def open(self) -> tuple[Entry, ...]:
        """Return what is not resolved, oldest first."""
        return self._journal.open_entries(self._device)

    def uncertain(self) -> tuple[Entry, ...]:
        """Return what only staff can resolve."""
        return self._journal.uncertain_entries(self._device)


def result_of(entry: Entry) -> Result:
    """Read a result out of the journal."""
    outcome = entry.outcome
    if outcome is None:
        return Result(Verdict.UNKNOWN)
    details = outcome.details
    if not outcome.is_certain:
        return Result(Verdict.UNCERTAIN, sentence=details.get("sentence", ""))
    if outcome.reason == Verdict.APPROVED.value:
        return Result(
            Verdict.APPROVED,
            amount_minor=outcome.amount_minor,
            sentence=details.get("sentence", ""),
            reference=details.get("reference", ""),
            card=details.get("card", ""),
            customer_receipt=tuple(json.loads(details.get("receipt", "[]"))),
        )
    return Result(Verdict.REFUSED, reason=_reason(outcome.reason), sentence=details.get("sentence", ""))


def _reason(text: str) -> Reason:
    try:
        return Reason(text)
    except ValueError:
        return Reason.NONE
