"""Events about what staff decides, and about the order that staff amended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from gate_controller.weighing import Verdict
from gate_controller.words.check import GoodsCheck


@dataclass(frozen=True, slots=True)
class StaffReleased:
    """Staff takes the responsibility: open."""

    staff: str
    reason: str


@dataclass(frozen=True, slots=True)
class StaffRefused:
    """Staff sends the shopper back."""

    staff: str
    reason: str


@dataclass(frozen=True, slots=True)
class StaffWeighAgain:
    """Something was taken off or put on the belt."""


@dataclass(frozen=True, slots=True)
class ReleaseImpossible:
    """Staff wants to open, but the lane cannot move: the key opens the gate."""


@dataclass(frozen=True, slots=True)
class StaffAdmits:
    """Staff lets an order in by its number: the receipt is lost."""

    order_number: str
    entry_id: UUID
    """Made for this attempt."""
    vouched_by: UUID
    """The staff command; the server knows it."""


@dataclass(frozen=True, slots=True)
class StaffLetsOut:
    """Staff opens for somebody without goods: empty hands, a child, a wheelchair."""

    staff: str
    reason: str
    open_s: float = 0.0
    """How long the gate stays open; 0 for the usual time, one person."""


@dataclass(frozen=True, slots=True)
class StaffOpensLonger:
    """Whoever leaves next, or is leaving, needs time."""

    open_s: float


@dataclass(frozen=True, slots=True)
class StaffShuts:
    """Staff closes a gate that stands open."""


@dataclass(frozen=True, slots=True)
class StaffAsksCheck:
    """Staff wants to look through the goods."""

    staff: str
    check: GoodsCheck


@dataclass(frozen=True, slots=True)
class CheckPassed:
    """Staff looked through what was asked for, and all of it is paid."""

    check_id: UUID


@dataclass(frozen=True, slots=True)
class CheckFailed:
    """Something did not fit: all goods are to be scanned."""

    check_id: UUID
    full: GoodsCheck


@dataclass(frozen=True, slots=True)
class CheckOutdated:
    """The outcome of a check that this lane does not ask for any more."""


@dataclass(frozen=True, slots=True)
class CheckPassedUnweighed:
    """The check is passed; the goods were not weighed yet."""


@dataclass(frozen=True, slots=True)
class SamplePassed:
    """A sample is paid, but the weight does not fit: it explains nothing, staff decides."""


@dataclass(frozen=True, slots=True)
class PaymentAwaited:
    """A check is passed, or staff wants to weigh again, but what was added is to be paid first; the lane goes on by itself."""


@dataclass(frozen=True, slots=True)
class CheckDrawn:
    """The weight fits, and this order was drawn for a random check."""

    verdict: Verdict
    check: GoodsCheck


@dataclass(frozen=True, slots=True)
class OrderAmended:
    """Staff added an article; this much is due now."""

    revision: int
    due_minor: int


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The amended order is paid: check it again."""

    entry_id: UUID
    """Made for this attempt."""


@dataclass(frozen=True, slots=True)
class OrderGone:
    """The order ended elsewhere: voided, refunded, or let out by hand."""


@dataclass(frozen=True, slots=True)
class AuditOverdue:
    """Staff did not come, or the shopper left."""


StaffEvent: TypeAlias = (
    StaffReleased
    | StaffRefused
    | StaffWeighAgain
    | ReleaseImpossible
    | StaffAdmits
    | StaffLetsOut
    | StaffOpensLonger
    | StaffShuts
    | StaffAsksCheck
    | CheckPassed
    | CheckFailed
    | CheckOutdated
    | CheckPassedUnweighed
    | SamplePassed
    | PaymentAwaited
    | CheckDrawn
    | OrderAmended
    | OrderPaid
    | OrderGone
    | AuditOverdue
)
