"""ZVT: what a terminal has told since a command was sent, and what that says of a payment.

An approval counts only when the terminal completed the command as well. A payment whose end was not heard is judged by the
newest receipt, which the terminal repeats: it is ours when it is newer than the one before, of our amount, and no reversal of
its own. A payment that was given up may tell no transaction at all; then the one before it is still the newest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal import protocol_zvt_fields as fields
from hardware.card_terminal.charges import REVERSE
from hardware.card_terminal.events import Reason, Result, Verdict
from hardware.card_terminal.protocol_zvt import Apdu
from hardware.card_terminal.protocol_zvt_fields import Fields
from hardware.journal_entry import Entry

_REVERSED_WORDS = ("storno", "reversal", "annullation", "void")
_MERCHANT_WORDS = ("händler", "merchant", "haendler")
_TRACES = 999_999
"""Six digits, from 1."""
NONE_YET = (0, 0)
_Receipt = tuple[bool, tuple[str, ...]]
"""Whether it is the merchant's, and its lines."""


@dataclass(slots=True)
class Heard:
    """What a terminal has told since a command was sent."""

    status: Fields | None = None
    lines: list[str] = field(default_factory=list)
    """Of a receipt that is told line by line and not over yet."""
    told_receipts: list[_Receipt] = field(default_factory=list)
    end: Apdu | None = None

    def note(self, apdu: Apdu) -> str:
        """Note one command of the terminal; return what it wants to have shown."""
        if apdu.control == zvt.STATUS_INFORMATION:
            self.status = fields.fields_of(apdu.data)
        elif apdu.control == zvt.PRINT_LINE:
            self._note_line(*fields.line_of(apdu.data))
        elif apdu.control == zvt.PRINT_BLOCK:
            self.told_receipts.append(fields.block_of(apdu.data))
        elif apdu.control in {zvt.COMPLETION, zvt.ABORTED}:
            self.end = apdu
        elif apdu.control == zvt.INTERMEDIATE_STATUS:
            return fields.shown_text(apdu.data)
        return ""

    def _note_line(self, text: str, last: bool) -> None:  # noqa: FBT001 - the two parts of one line
        if len(self.lines) < fields.LINES_MAX:
            self.lines.append(text)
        if last:
            self.told_receipts.append(_receipt(self.lines))
            self.lines = []

    @property
    def is_completed(self) -> bool:
        """Whether the terminal did what it was told."""
        return self.end is not None and self.end.control == zvt.COMPLETION

    @property
    def receipts(self) -> list[_Receipt]:
        """All receipts, one that broke off included."""
        return [*self.told_receipts, *([_receipt(self.lines)] if self.lines else [])]

    @property
    def newest(self) -> tuple[int, int] | None:
        """Trace and receipt number of the transaction that was told; None: none was."""
        if self.status is None:
            return None
        trace, receipt = self.status.number(fields.TRACE), self.status.number(fields.RECEIPT)
        return None if trace is None and receipt is None else (trace or 0, receipt or 0)

    @property
    def newest_repeated(self) -> tuple[int, int] | None:
        """Like :attr:`newest`, of a repeated receipt: a terminal without any transaction refuses it, and has the number 0."""
        none_yet = self.status is None and self.end is not None and self.end.control == zvt.ABORTED
        return NONE_YET if none_yet else self.newest

    def newest_after(self, known: tuple[int, int] | None) -> tuple[int, int] | None:
        """Learn the newest transaction from a repeated receipt; ``known`` is what it was before.

        A terminal that had a transaction and refuses to repeat it leaves nobody sure.
        """
        newest = self.newest_repeated
        return None if newest == NONE_YET != known else newest

    def result(self, entry: Entry) -> Result:
        """Say what a finished command has done."""
        assert self.end is not None
        status, completed = self.status, self.is_completed
        code = status.result if status is not None else None
        if completed and code == 0:
            return self._approved(entry)
        if code == 0 or (completed and code is None):
            return Result(Verdict.UNKNOWN, sentence="the terminal contradicts itself")
        told = self.end.data[0] if self.end.data and not completed else 0
        code = code or told
        sentence = status.text(fields.ADDITIONAL_TEXT) if status is not None else ""
        return Result(Verdict.REFUSED, reason=fields.reason_of(code), sentence=sentence or f"result code {code:02X}")

    def judged(self, entry: Entry) -> Result:
        """Say what a repeated receipt tells about a lost payment."""
        before, newest = entry.intent.before, self.newest_repeated
        if newest is None or "trace" not in before:
            return Result(Verdict.UNCERTAIN, sentence="the terminal's newest receipt cannot be told from an older one")
        if newest == (before["trace"], before["receipt"]):
            return Result(Verdict.REFUSED, reason=Reason.NOT_STARTED, sentence="the terminal booked nothing new")
        if not _is_newer(newest[0], before["trace"]):
            return Result(Verdict.UNCERTAIN, sentence="the newest receipt is of an older payment than the one before ours")
        return self._of_newer(entry)

    def _of_newer(self, entry: Entry) -> Result:
        status = self.status or Fields()
        amount, code = status.number(fields.AMOUNT), status.result
        if amount != entry.intent.amount_minor or code is None:
            sentence = f"the newest receipt is of {amount}, asked was {entry.intent.amount_minor}"
            return Result(Verdict.UNCERTAIN, sentence=sentence)
        if code != 0:
            return Result(Verdict.REFUSED, reason=fields.reason_of(code), sentence=status.text(fields.ADDITIONAL_TEXT))
        words = " ".join(line for _merchant, lines in self.receipts for line in lines).lower()
        took_back = fields.ORIGINAL_TRACE in status.values or any(word in words for word in _REVERSED_WORDS)
        if took_back != (entry.intent.action == REVERSE):
            return Result(Verdict.REFUSED, reason=Reason.UNAVAILABLE, sentence="the terminal took the payment back by itself")
        return self._approved(entry)

    def _approved(self, entry: Entry) -> Result:
        status = self.status or Fields()
        told = status.number(fields.AMOUNT)
        customer = next((lines for merchant, lines in self.receipts if not merchant), ())
        merchant = next((lines for merchant, lines in self.receipts if merchant), ())
        return Result(
            Verdict.APPROVED,
            amount_minor=entry.intent.amount_minor if told is None else told,
            reference=f"{status.number(fields.RECEIPT) or 0}/{status.number(fields.TRACE) or 0}",
            card=status.text(fields.CARD_NAME),
            customer_receipt=customer,
            merchant_receipt=merchant,
        )


def _is_newer(trace: int, before: int) -> bool:
    """Compare trace numbers, which begin again after the highest; 0: the terminal tells none, and nobody knows better."""
    return not trace or not before or 0 < (trace - before) % _TRACES < _TRACES // 2


def _receipt(lines: list[str]) -> _Receipt:
    return any(word in line.lower() for line in lines for word in _MERCHANT_WORDS), tuple(lines)
