"""What a payment session wants done. The desk carries each out only after the session that wants it is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from store_server.contract.cash_messages import CashReport, SettleCash
from store_server.contract.tender_messages import RecordCard, SettleOrder


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do."""


@dataclass(frozen=True, slots=True)
class FetchOrder(Command):
    """Ask the server for the order; exactly one of ``claim`` and ``order_number`` is given."""

    session_id: UUID
    claim: str | None
    order_number: str | None


@dataclass(frozen=True, slots=True)
class ReleaseOrder(Command):
    """Tell the server that this session will not pay; from the journal, until it is accepted."""

    session_id: UUID


@dataclass(frozen=True, slots=True)
class AcceptCash(Command):
    """Take coins, and notes of these values."""

    coins: bool
    notes: frozenset[int]


@dataclass(frozen=True, slots=True)
class StopAccepting(Command):
    """Take nothing; an undecided note in escrow goes back."""


@dataclass(frozen=True, slots=True)
class StackNote(Command):
    """Keep the note in escrow."""


@dataclass(frozen=True, slots=True)
class ReturnNote(Command):
    """Give the note in escrow back."""


@dataclass(frozen=True, slots=True)
class Settle(Command):
    """Send the payment; always this same request until its outcome is known."""

    request: SettleCash


@dataclass(frozen=True, slots=True)
class RetryLater(Command):
    """Wait a little, then report RetryDue."""


@dataclass(frozen=True, slots=True)
class PayOut(Command):
    """Drop coins from one hopper, once."""

    payout_id: UUID
    hopper: str
    count: int


@dataclass(frozen=True, slots=True)
class AskPayout(Command):
    """Learn what a payout did; moves no coin."""

    payout_id: UUID
    hopper: str
    count: int


@dataclass(frozen=True, slots=True)
class PrintReceipt(Command):
    """Print the receipt, the slip of what is owed, or both, as the session stands now."""

    job_id: UUID


@dataclass(frozen=True, slots=True)
class ReportCash(Command):
    """Bring the session's cash into the books; from the journal, until it is accepted."""

    report: CashReport


@dataclass(frozen=True, slots=True)
class ChargeCard(Command):
    """Let the terminal charge a card, once for each id."""

    charge_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class AbortCard(Command):
    """Ask the terminal to give up; the charge's outcome still comes."""

    charge_id: UUID


@dataclass(frozen=True, slots=True)
class AskCard(Command):
    """Learn what became of a charge; charges nothing."""

    charge_id: UUID


@dataclass(frozen=True, slots=True)
class ReverseCard(Command):
    """Give a charge back, once for each id."""

    reversal_id: UUID
    charge_id: UUID


@dataclass(frozen=True, slots=True)
class SettleCard(Command):
    """Tell the server what a card was charged, then let it settle; always these same requests until the outcome is known."""

    session_id: UUID
    record: RecordCard
    settle: SettleOrder


class Phrase(Enum):
    """What the kiosk says aloud."""

    INSERT_CASH = "insert cash"
    USE_TERMINAL = "use terminal"
    NOTE_REFUSED = "note refused"
    ONE_MOMENT = "one moment"
    TAKE_CHANGE = "take change"
    THANK_YOU = "thank you"
    CANCELLED = "cancelled"
    STAFF_COMES = "staff comes"
    NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True, slots=True)
class Say(Command):
    """Speak in the shopper's language."""

    phrase: Phrase
