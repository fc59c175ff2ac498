"""What the owner can ask of the cash bus. Outcomes come as :mod:`hardware.cash.events`."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hardware.device import DeviceCommand


@dataclass(frozen=True, slots=True)
class AcceptCash(DeviceCommand):
    """Take coins, and notes of these values, until :class:`StopAccepting` or until the connection is lost.

    Repeat it to change what may be taken. After a loss and a return of the connection nothing is taken until it comes again.
    """

    coins: bool
    notes: frozenset[int]
    """Values in minor units; a note of any other value is handed back."""


@dataclass(frozen=True, slots=True)
class StopAccepting(DeviceCommand):
    """Take nothing; a note in escrow that was not sent to the stacker goes back to the shopper."""


@dataclass(frozen=True, slots=True)
class StackNote(DeviceCommand):
    """Keep the note in escrow. It is money only when :class:`~hardware.cash.events.NoteStacked` comes."""


@dataclass(frozen=True, slots=True)
class ReturnNote(DeviceCommand):
    """Give the note in escrow back; :class:`~hardware.cash.events.NoteReturned` follows."""


@dataclass(frozen=True, slots=True)
class PayOut(DeviceCommand):
    """Drop ``count`` coins from one hopper, at most once. :class:`~hardware.cash.events.PayoutFinished` always follows.

    Only when the connection is lost in the middle it follows after the return of the connection, read from the counters. The
    same id again moves nothing: it is answered from the journal.
    """

    payout_id: UUID
    hopper: str
    """The hopper's name, such as ``hopper-100``."""
    count: int


@dataclass(frozen=True, slots=True)
class AskPayoutOutcome(DeviceCommand):
    """Learn what a payout did that was begun before this program started; moves no coin.

    Answered by :class:`~hardware.cash.events.PayoutFinished`: at once when the journal has its outcome, else as soon as the
    hopper stands still.
    """

    payout_id: UUID
    hopper: str
    dispensed_before: int
    """Header 168's counter before the payout, from the journal's intent."""
    count: int
    serial: str = ""
    """The hopper's serial number from the journal's intent; another hopper's counters say nothing. Empty: not checked."""


@dataclass(frozen=True, slots=True)
class EmergencyStop(DeviceCommand):
    """Stop one hopper now; one more coin may fall. Its running payout ends with what was paid."""

    hopper: str
