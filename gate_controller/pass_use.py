"""One pass that was used: a row of the record."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PassUse:
    """One pass that was used."""

    order_id: UUID
    order_number: str
    revision: int
    lane: str
    entry_id: UUID
    total_minor: int
    expected_g: float
    spread_g: float
    decided_by: str
    without_server: bool
    """The payment was believed on the signature alone; counts against the caps."""
    exit_pass: str | None
    used_at: int
    """Seconds since 1970 UTC."""
