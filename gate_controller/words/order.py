"""What the lane knows of the order whose goods it checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

from gate_controller.risk import Risk
from gate_controller.texts import Texts
from gate_controller.weighing import Expectation
from gate_controller.words.check import GoodsCheck

DecidedBy: TypeAlias = Literal["server", "signature", "staff"]


@dataclass(frozen=True, slots=True)
class LineInLane:
    """A line of the order, as far as checks and tags go."""

    code: str
    name: Texts = field(hash=False)
    quantity: int
    value_minor: int
    """Of one piece."""
    tagged: bool
    """Carries an anti-theft tag."""
    mean_g: float | None


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
    lines: tuple[LineInLane, ...] = ()
    """Where they are known; a pass checked without the server carries only the sum."""
    risk: Risk | None = None
    """How likely a random check of it was, and why."""
    blind: tuple[Texts, ...] = field(default=(), hash=False)
    """What the scale cannot see of it, in words."""
    scanned_anew: bool = False
    """Staff scanned all of it, and it is what was paid."""
    drawn: GoodsCheck | None = None
    """The random check that it was drawn for."""
