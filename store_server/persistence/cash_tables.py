"""Tables of cash that staff moves, and of charges that staff has to look after."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from store_server.persistence.tables import AMOUNT_MAX_MINOR, COUNT_MAX, TOTAL_MAX_MINOR, Id, Whole, metadata

cash_movements = Table(
    "cash_movements",
    metadata,
    Column("movement_id", Id, primary_key=True),
    Column("kiosk", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("contents", Text, nullable=False),
    Column("expected_minor", Whole, nullable=False),
    Column("counted_minor", Whole, nullable=True),
    Column("staff", Text, nullable=False),
    Column("moved_at", Whole, nullable=False),
    Column("recorded_at", Whole, nullable=False),
    CheckConstraint("kind IN ('emptied', 'moved')", name="kind_known"),
    CheckConstraint(f"expected_minor BETWEEN 0 AND {TOTAL_MAX_MINOR}", name="expected_minor_range"),
    CheckConstraint(f"counted_minor BETWEEN 0 AND {AMOUNT_MAX_MINOR}", name="counted_minor_range"),
    CheckConstraint(f"moved_at BETWEEN 0 AND {COUNT_MAX}", name="moved_at_range"),
    Index("cash_movements_by_kiosk", "kiosk", "recorded_at"),
    sqlite_strict=True,
)
"""A box that staff emptied, or notes that went from a recycler's store into its box: once each."""

card_cases = Table(
    "card_cases",
    metadata,
    Column("case_id", Id, primary_key=True),
    Column("kiosk", Text, nullable=False),
    Column("session_id", Id, nullable=False),
    Column("order_id", Id, nullable=True),
    Column("amount_minor", Whole, nullable=False),
    Column("opened_at", Whole, nullable=False),
    Column("state", Text, nullable=False),
    Column("verdict", Text, nullable=True),
    Column("asked_by", Text, nullable=True),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=True),
    Column("decided_at", Whole, nullable=True),
    CheckConstraint(f"amount_minor BETWEEN 1 AND {AMOUNT_MAX_MINOR}", name="amount_minor_range"),
    CheckConstraint("state IN ('open', 'waiting', 'charged', 'not_charged')", name="state_known"),
    CheckConstraint("verdict IN ('charged', 'not_charged')", name="verdict_known"),
    CheckConstraint("(state = 'open') = (verdict IS NULL)", name="judged_has_a_verdict"),
    CheckConstraint("(state IN ('charged', 'not_charged')) = (decided_by IS NOT NULL)", name="decided_by_somebody"),
    Index("card_cases_by_state", "state", "opened_at"),
    sqlite_strict=True,
)
"""A charge in doubt, from the kiosk's report until staff has said what became of it."""
