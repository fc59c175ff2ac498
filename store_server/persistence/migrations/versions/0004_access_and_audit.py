"""Enrolment codes, revocation, limits on guesses, the audit log."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this revision adds."""


def downgrade() -> None:
    """Take it away again."""
