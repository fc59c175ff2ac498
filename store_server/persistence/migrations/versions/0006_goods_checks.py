"""Staff's checks of goods, and what lane commands carry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT_MAX = 2**53
TOTAL_MAX_MINOR = 10**12


def upgrade() -> None:
    """Make what this revision adds."""
    whole = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute("ALTER TABLE lane_commands ADD COLUMN order_number TEXT")
    op.execute("ALTER TABLE lane_commands ADD COLUMN code TEXT")
    for column, low in (("seconds", 0), ("weight_mg", 1)):
        op.execute(
            f"ALTER TABLE lane_commands ADD COLUMN {column} {whole}"
            f" CONSTRAINT {column}_range CHECK ({column} BETWEEN {low} AND {COUNT_MAX})"
        )
    op.create_table(
        "goods_checks",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("scans", sa.Text(), nullable=False),
        sa.Column("changes", WHOLE, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("surplus_minor", WHOLE, nullable=False),
        sa.Column("begun_at", WHOLE, nullable=False),
        sa.Column("ended_at", WHOLE, nullable=True),
        sa.CheckConstraint("kind IN ('sample', 'full')", name="kind_known"),
        sa.CheckConstraint("outcome IN ('open', 'passed', 'failed', 'replaced')", name="outcome_known"),
        sa.CheckConstraint(f"changes BETWEEN 1 AND {COUNT_MAX}", name="changes_range"),
        sa.CheckConstraint(f"surplus_minor BETWEEN 0 AND {TOTAL_MAX_MINOR}", name="surplus_minor_range"),
        sa.CheckConstraint("(outcome = 'open') = (ended_at IS NULL)", name="ended_has_a_time"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"]),
        sa.PrimaryKeyConstraint("check_id"),
        sqlite_strict=True,
    )
    op.create_index("goods_checks_by_order", "goods_checks", ["order_id"])
    op.create_index("goods_checks_by_time", "goods_checks", ["begun_at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("goods_checks")
    for column in ("weight_mg", "seconds", "code", "order_number"):
        op.execute(f"ALTER TABLE lane_commands DROP COLUMN {column}")
