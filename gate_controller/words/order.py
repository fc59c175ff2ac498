"""What the lane knows of the order whose goods it checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from gate_controller.weighing import Expectation

DecidedBy: TypeAlias = Literal["server", "signature", "staff"]


@dataclass(frozen=True, slots=True)
class OrderInLane:
    """What the lane knows of the order whose goods it checks."""

    entry_id: UUID
    order_id: UUID
    order_number: str
    """Seven digits."""
    revision: int
    total_minor: int
    decided_by: DecidedBy
    """Who vouches for the payment."""
    expected: Expectation
    eas_pieces: int | None
    """Pieces that carry an anti-theft tag; None where nobody says."""
    exit_pass: str | None = None
    """The scanned text, where one was scanned."""
