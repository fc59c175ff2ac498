"""Limits on guesses that all processes share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT_MAX = 2**53


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "wrong_guesses",
        sa.Column("guess", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("full_at_ms", WHOLE, nullable=False),
        sa.CheckConstraint(f"full_at_ms BETWEEN 0 AND {COUNT_MAX}", name="full_at_ms_range"),
        sa.PrimaryKeyConstraint("guess", "who"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("wrong_guesses")
