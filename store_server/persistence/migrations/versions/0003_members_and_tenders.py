"""Members and their balances, coupons, tenders, refunds."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this revision adds."""


def downgrade() -> None:
    """Take it away again."""
