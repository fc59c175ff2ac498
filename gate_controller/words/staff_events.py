"""Events about what staff decides, and about the order that staff amended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID


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
    StaffReleased | StaffRefused | StaffWeighAgain | ReleaseImpossible | OrderAmended | OrderPaid | OrderGone | AuditOverdue
)
