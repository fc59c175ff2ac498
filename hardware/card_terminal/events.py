"""What a card terminal tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from hardware.device import DeviceEvent


class Verdict(Enum):
    """What is known about a charge or a reversal."""

    APPROVED = "approved"
    """The money moved."""
    REFUSED = "refused"
    """The money did not move and never will under this id."""
    UNKNOWN = "unknown"
    """Not known yet; the terminal is being asked. Another verdict follows, however late."""
    UNCERTAIN = "uncertain"
    """The terminal itself cannot tell any more: staff must compare its list. The journal lists it."""

    @property
    def is_final(self) -> bool:
        """Whether no other verdict follows by itself."""
        return self is not Verdict.UNKNOWN


class Reason(Enum):
    """Why the money did not move."""

    NONE = "none"
    DECLINED = "declined"
    WRONG_PIN = "wrong pin"
    CANCELLED = "cancelled"
    """By the shopper at the terminal, or by us."""
    TIMED_OUT = "timed out"
    BAD_CARD = "bad card"
    BUSY = "busy"
    """The terminal works for somebody else, or an earlier charge is not resolved."""
    NOT_STARTED = "not started"
    """The terminal never began."""
    UNAVAILABLE = "unavailable"
    """The terminal or its host cannot work now."""
    NOT_POSSIBLE = "not possible"
    """The request itself is not allowed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request that moves money."""

    verdict: Verdict
    amount_minor: int = 0
    """What really moved."""
    reason: Reason = Reason.NONE
    sentence: str = ""
    """The terminal's own words, for the log and staff."""
    reference: str = ""
    """The terminal's name for it, needed to reverse it."""
    card: str = ""
    """The card's brand; never its number."""
    customer_receipt: tuple[str, ...] = ()
    merchant_receipt: tuple[str, ...] = ()
    signature_required: bool = False


@dataclass(frozen=True, slots=True)
class TerminalText(DeviceEvent):
    """What the terminal tells the shopper to do."""

    text: str


@dataclass(frozen=True, slots=True)
class ChargeFinished(DeviceEvent):
    """The verdict on a charge; UNKNOWN may come first, the final one follows."""

    charge_id: UUID
    result: Result


@dataclass(frozen=True, slots=True)
class ReversalFinished(DeviceEvent):
    """The verdict on a reversal."""

    reversal_id: UUID
    result: Result


@dataclass(frozen=True, slots=True)
class DayEnded(DeviceEvent):
    """What became of :class:`~hardware.card_terminal.commands.EndDay`."""

    done: bool
    sentence: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChargesListed(DeviceEvent):
    """After each probe: what the journal does not know the end of."""

    open_ids: tuple[UUID, ...]
    uncertain_ids: tuple[UUID, ...]
