"""Boxes that staff empties, and charges in doubt as cases; those that the audit log tells of are open."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AMOUNT_MAX_MINOR = 100_000_000
TOTAL_MAX_MINOR = 10**12
COUNT_MAX = 2**53


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "cash_movements",
        sa.Column("movement_id", sa.Text(), nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("expected_minor", WHOLE, nullable=False),
        sa.Column("counted_minor", WHOLE, nullable=True),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("moved_at", WHOLE, nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('emptied', 'moved')", name="kind_known"),
        sa.CheckConstraint(f"expected_minor BETWEEN 0 AND {TOTAL_MAX_MINOR}", name="expected_minor_range"),
        sa.CheckConstraint(f"counted_minor BETWEEN 0 AND {AMOUNT_MAX_MINOR}", name="counted_minor_range"),
        sa.CheckConstraint(f"moved_at BETWEEN 0 AND {COUNT_MAX}", name="moved_at_range"),
        sa.PrimaryKeyConstraint("movement_id"),
        sqlite_strict=True,
    )
    op.create_index("cash_movements_by_kiosk", "cash_movements", ["kiosk", "recorded_at"])
    op.create_table(
        "card_cases",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("opened_at", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", WHOLE, nullable=True),
        sa.CheckConstraint(f"amount_minor BETWEEN 1 AND {AMOUNT_MAX_MINOR}", name="amount_minor_range"),
        sa.CheckConstraint("state IN ('open', 'waiting', 'charged', 'not_charged')", name="state_known"),
        sa.CheckConstraint("verdict IN ('charged', 'not_charged')", name="verdict_known"),
        sa.CheckConstraint("(state = 'open') = (verdict IS NULL)", name="judged_has_a_verdict"),
        sa.CheckConstraint("(state IN ('charged', 'not_charged')) = (decided_by IS NOT NULL)", name="decided_by_somebody"),
        sa.PrimaryKeyConstraint("case_id"),
        sqlite_strict=True,
    )
    op.create_index("card_cases_by_state", "card_cases", ["state", "opened_at"])
    _open_told_cases()


def _open_told_cases() -> None:
    connection = op.get_bind()
    told = connection.execute(
        sa.text("SELECT at, who, subject, details FROM audit WHERE action = 'card/doubtful' ORDER BY seq")
    ).all()
    known: set[str] = set()
    for at, who, subject, text in told:
        details = json.loads(text)
        if subject in known:
            continue
        known.add(subject)
        connection.execute(
            sa.text(
                "INSERT INTO card_cases (case_id, kiosk, session_id, order_id, amount_minor, opened_at, state, reason)"
                " VALUES (:case_id, :kiosk, :session_id, :order_id, :amount_minor, :opened_at, 'open', '')"
            ),
            {
                "case_id": subject,
                "kiosk": who.removeprefix("device/"),
                "session_id": details["session"],
                "order_id": details["order"],
                "amount_minor": details["amount_minor"],
                "opened_at": at,
            },
        )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("card_cases")
    op.drop_table("cash_movements")
