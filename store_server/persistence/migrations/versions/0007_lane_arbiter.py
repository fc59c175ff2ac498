"""Which gate controller runs the shop's lanes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT_MAX = 2**53


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "lane_arbiter",
        sa.Column("shop", WHOLE, autoincrement=False, nullable=False),
        sa.Column("controller_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("lanes", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("heard_at", WHOLE, nullable=False),
        sa.Column("released", WHOLE, nullable=False),
        sa.CheckConstraint("shop = 1", name="one_shop"),
        sa.CheckConstraint("released IN (0, 1)", name="released_known"),
        sa.CheckConstraint(f"since BETWEEN 0 AND {COUNT_MAX}", name="since_range"),
        sa.CheckConstraint(f"heard_at BETWEEN 0 AND {COUNT_MAX}", name="heard_at_range"),
        sa.PrimaryKeyConstraint("shop"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("lane_arbiter")
