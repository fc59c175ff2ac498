"""What goes over the wire about coins and notes: what a kiosk took, paid out and owes, and how its till was counted."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from store_server.contract.order_messages import Order
from store_server.contract.wire import AMOUNT_MAX_MINOR, AmountMinor, Answer, Count, DeviceName, Request


class CashEvent(Request):
    """One coin or note that stayed in the machine. (device, epoch, seq) happens once in the world."""

    device: DeviceName
    """The place it lies in now, such as coin-box or note-box."""
    epoch: Count
    """Rises whenever the device was reset or changed."""
    seq: Count
    """Rises by one for each coin or note within an epoch."""
    value_minor: Annotated[int, Field(ge=1, le=AMOUNT_MAX_MINOR)]


class SettleCash(Request):
    """A kiosk has taken enough cash and asks to be told that the order is paid."""

    payment_id: UUID
    session_id: UUID
    order_id: UUID
    revision: Count
    cash_due_minor: AmountMinor
    """What was due, rounded to the smallest coin."""
    taken: Annotated[list[CashEvent], Field(min_length=1, max_length=500)]
    change_minor: AmountMinor
    """sum(taken) - cash_due; still to be paid out."""


class Settlement(Answer):
    """The order is paid."""

    payment_id: UUID
    receipt_number: str
    paid_at: int
    order: Order
    """With its exit pass."""


class Payout(Request):
    """What one hopper really paid out."""

    payout_id: UUID
    device: DeviceName
    """Such as hopper-100."""
    coin_minor: Annotated[int, Field(ge=1, le=AMOUNT_MAX_MINOR)]
    requested: Annotated[int, Field(ge=0, le=1000)]
    paid: Annotated[int, Field(ge=0, le=1000)]
    """Coins known to have left the hopper."""
    uncertain: Annotated[int, Field(ge=0, le=1000)] = 0
    """Coins of which nobody knows; staff counts them."""


class CashReport(Request):
    """How a kiosk session ended; sent from the kiosk's journal until the server has it. Repeating it changes nothing."""

    session_id: UUID
    order_id: UUID | None
    outcome: Literal["paid", "cancelled", "owing"]
    taken: Annotated[list[CashEvent], Field(max_length=500)]
    payouts: Annotated[list[Payout], Field(max_length=200)]
    owed_minor: AmountMinor
    """What could not be returned and is owed to the shopper."""
    card_charge_id: UUID | None = None
    """A charge that bought nothing, or of which nobody knows whether it happened: staff looks at the terminal's own list."""
    card_doubt_minor: AmountMinor = 0
    """What that card was, or may have been, charged. While it is not 0 the order stays held by this session."""


class CashReportRecorded(Answer):
    """The report is in the books."""

    session_id: UUID
    new_events: int


class OpenKiosk(Request):
    """A kiosk goes into service."""

    kiosk_session_id: UUID


class CloseKiosk(Request):
    """A kiosk goes out of service, its cash counted by staff or by its devices."""

    kiosk_session_id: UUID
    counted: Annotated[dict[DeviceName, Annotated[int, Field(ge=-AMOUNT_MAX_MINOR, le=AMOUNT_MAX_MINOR)]], Field(max_length=50)]
    """Device to how much came in since the last count, less what was paid out or taken out by staff."""


class KioskSession(Answer):
    """One time of service of one kiosk."""

    kiosk_session_id: UUID
    kiosk: str
    state: Literal["open", "closed"]
    opened_at: int
    closed_at: int | None
    expected: dict[str, int]
    """Device to what the ledger says came in, less what was paid out, since the session before was closed."""
    differences: dict[str, int]
    """Device to counted less expected; only where they differ."""


class LedgerBalance(Answer):
    """One account: debits minus credits."""

    account: str
    balance_minor: int
