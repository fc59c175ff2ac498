"""What can happen in a payment session, one frozen dataclass each.

The last group is the machine's own conclusions; nobody else sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened."""


# The shopper.


@dataclass(frozen=True, slots=True)
class CodeRead(Event):
    """The scanner read a text; anything."""

    text: str


@dataclass(frozen=True, slots=True)
class NumberTyped(Event):
    """The shopper typed an order number and pressed OK."""

    text: str


@dataclass(frozen=True, slots=True)
class CashChosen(Event):
    """The shopper wants to pay in cash."""


@dataclass(frozen=True, slots=True)
class CardChosen(Event):
    """The shopper wants to pay by card."""


@dataclass(frozen=True, slots=True)
class CancelPressed(Event):
    """The shopper gives up: the button, or the coin return lever."""


@dataclass(frozen=True, slots=True)
class DonePressed(Event):
    """The shopper has read the last screen."""

    next_session_id: UUID


@dataclass(frozen=True, slots=True)
class TimeUp(Event):
    """Nothing happened for as long as this state allows."""

    next_session_id: UUID


# The store server.


@dataclass(frozen=True, slots=True)
class OrderFound(Event):
    """The server gave us the order to be paid."""

    session_id: UUID
    """The session that asked."""
    order: Order
    cash_rounding_minor: int
    """The shop's smallest coin."""


@dataclass(frozen=True, slots=True)
class OrderRefused(Event):
    """The server does not give us an order."""

    refusal: Refusal
    sentence: str
    next_session_id: UUID


@dataclass(frozen=True, slots=True)
class OrderFoundLate(Event):
    """The server gave us an order that this session does not wait for any more."""

    session_id: UUID


@dataclass(frozen=True, slots=True)
class StoreUnreachable(Event):
    """The server did not answer what was asked last; what it did is unknown."""

    next_session_id: UUID


@dataclass(frozen=True, slots=True)
class Settled(Event):
    """The server says: paid."""

    settlement: Settlement


@dataclass(frozen=True, slots=True)
class SettleRefused(Event):
    """The server says: not paid, and never with this payment."""

    refusal: Refusal
    sentence: str


@dataclass(frozen=True, slots=True)
class CardKept(Event):
    """The server has written the charge down, but does not settle the order."""

    refusal: Refusal
    sentence: str


@dataclass(frozen=True, slots=True)
class RetryDue(Event):
    """It is time to ask the server again."""


# The devices.


@dataclass(frozen=True, slots=True)
class HopperFound:
    """One hopper that answers."""

    name: str
    coin_minor: int
    count: int | None = None
    """What is in it, where it counts that itself."""


@dataclass(frozen=True, slots=True)
class CashReady(Event):
    """The cash devices answer and are initialised: no note is in escrow."""

    coin_values_minor: tuple[int, ...]
    note_values_minor: tuple[int, ...]
    hoppers: tuple[HopperFound, ...]


@dataclass(frozen=True, slots=True)
class CashChanged(Event):
    """While the cash devices are ready, one of them came, went or changed."""

    coin_values_minor: tuple[int, ...]
    note_values_minor: tuple[int, ...]
    hoppers: tuple[HopperFound, ...]


@dataclass(frozen=True, slots=True)
class CashLost(Event):
    """The cash devices do not answer."""


@dataclass(frozen=True, slots=True)
class CoinTaken(Event):
    """A coin is in the machine for good."""

    place: str
    epoch: int
    seq: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class NoteOffered(Event):
    """A note is in escrow and waits for our decision."""

    value_minor: int


@dataclass(frozen=True, slots=True)
class NoteStacked(Event):
    """A note is in the machine for good."""

    place: str
    epoch: int
    seq: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class NoteReturned(Event):
    """The note in escrow went back to the shopper."""


@dataclass(frozen=True, slots=True)
class NoteDoubtful(Event):
    """Nobody can tell whether a note was stacked; staff must look."""

    value_minor: int


@dataclass(frozen=True, slots=True)
class PieceRejected(Event):
    """A coin or note was not recognised and fell back to the shopper."""


@dataclass(frozen=True, slots=True)
class PayoutFinished(Event):
    """A hopper stands still and its counters were read."""

    payout_id: UUID
    paid: int
    """Coins known to have left it."""
    uncertain: int
    """Coins of which nobody knows."""
    hopper_failed: bool
    """Give it nothing more to do in this session."""


@dataclass(frozen=True, slots=True)
class PayoutUnknown(Event):
    """The hopper does not answer; its payout must be asked after when it does."""

    payout_id: UUID


@dataclass(frozen=True, slots=True)
class CardText(Event):
    """The terminal asks the shopper for something."""

    text: str


@dataclass(frozen=True, slots=True)
class CardApproved(Event):
    """The card was charged."""

    charge_id: UUID
    amount_minor: int
    """What was really charged."""
    reference: str
    brand: str
    receipt: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardRefused(Event):
    """The card was not charged, and never will be under this id."""

    charge_id: UUID
    cancelled: bool
    not_started: bool


@dataclass(frozen=True, slots=True)
class CardUnknown(Event):
    """The terminal's answer is lost; another event tells the outcome, however late."""

    charge_id: UUID


@dataclass(frozen=True, slots=True)
class CardUncertain(Event):
    """The terminal itself cannot tell whether the card was charged."""

    charge_id: UUID


@dataclass(frozen=True, slots=True)
class CardReversed(Event):
    """The charge was given back."""

    reversal_id: UUID


@dataclass(frozen=True, slots=True)
class CardNotReversed(Event):
    """The charge could not be given back."""

    reversal_id: UUID


@dataclass(frozen=True, slots=True)
class ReceiptPrinted(Event):
    """The paper is in the shopper's hand."""

    job_id: UUID


@dataclass(frozen=True, slots=True)
class ReceiptNotPrinted(Event):
    """Nothing was printed."""

    job_id: UUID


@dataclass(frozen=True, slots=True)
class ReceiptUncertain(Event):
    """Nobody knows whether it was printed; it is not printed again as an original."""

    job_id: UUID


# The program.


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """The program has started and found this session in its journal."""

    next_session_id: UUID


# The machine's own conclusions.


@dataclass(frozen=True, slots=True)
class DueCovered(Event):
    """At least what is due was taken, and no note is under way."""


@dataclass(frozen=True, slots=True)
class ChangeGiven(Event):
    """The order is paid and nothing is left to return."""


@dataclass(frozen=True, slots=True)
class AllReturned(Event):
    """The order is not paid and the shopper has all money back."""


@dataclass(frozen=True, slots=True)
class RestOwed(Event):
    """Something could not be returned."""
