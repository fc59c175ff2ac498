"""Members and their balances, coupons, tenders, refunds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make what this revision adds."""
    op.add_column("orders", sa.Column("member_id", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("pricing", sa.Text(), nullable=False, server_default="{}"))
    _coupon_batches()
    _kiosk_sessions()
    _members()
    _coupons()
    _persons()
    _top_ups()
    _wallets()
    _coupon_uses()
    _member_sessions()
    _order_voids()
    _payments()
    _points_journal()
    _wallet_holds()
    _refunds()


def downgrade() -> None:
    """Take it away again."""
    for table in (
        "refunds",
        "wallet_holds",
        "points_journal",
        "payments",
        "order_voids",
        "member_sessions",
        "coupon_uses",
        "wallets",
        "top_ups",
        "persons",
        "coupons",
        "members",
        "kiosk_sessions",
        "coupon_batches",
    ):
        op.drop_table(table)
    op.drop_column("orders", "pricing")
    op.drop_column("orders", "member_id")


def _coupon_batches() -> None:
    op.create_table(
        "coupon_batches",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("promotion_id", sa.Text(), nullable=False),
        sa.Column("uses_max", WHOLE, nullable=False),
        sa.Column("valid_from", WHOLE, nullable=False),
        sa.Column("valid_until", WHOLE, nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", WHOLE, nullable=False),
        sa.CheckConstraint("uses_max BETWEEN 1 AND 1000000", name="uses_max_range"),
        sa.CheckConstraint("valid_from < valid_until", name="valid_for_a_time"),
        sa.PrimaryKeyConstraint("batch_id"),
        sqlite_strict=True,
    )


def _kiosk_sessions() -> None:
    op.create_table(
        "kiosk_sessions",
        sa.Column("kiosk_session_id", sa.Text(), nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("opened_at", WHOLE, nullable=False),
        sa.Column("closed_at", WHOLE, nullable=True),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kiosk_session_id"),
        sqlite_strict=True,
    )
    op.create_index(
        "one_open_session_per_kiosk",
        "kiosk_sessions",
        ["kiosk"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("points", WHOLE, nullable=False),
        sa.Column("joined_at", WHOLE, nullable=False),
        sa.Column("deleted_at", WHOLE, nullable=True),
        sa.CheckConstraint("points BETWEEN 0 AND 9007199254740992", name="points_range"),
        sa.PrimaryKeyConstraint("member_id"),
        sqlite_strict=True,
    )


def _coupons() -> None:
    op.create_table(
        "coupons",
        sa.Column("coupon_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["coupon_batches.batch_id"],
        ),
        sa.PrimaryKeyConstraint("coupon_id"),
        sa.UniqueConstraint("code_hash"),
        sqlite_strict=True,
    )


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("locked_until", WHOLE, nullable=False),
        sa.CheckConstraint("failures BETWEEN 0 AND 1000", name="failures_range"),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.member_id"],
        ),
        sa.PrimaryKeyConstraint("member_id"),
        sa.UniqueConstraint("login"),
        sqlite_strict=True,
    )


def _top_ups() -> None:
    op.create_table(
        "top_ups",
        sa.Column("top_up_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("topped_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 100000000", name="amount_minor_range"),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.member_id"],
        ),
        sa.PrimaryKeyConstraint("top_up_id"),
        sqlite_strict=True,
    )
    op.create_index("top_ups_by_session", "top_ups", ["session_id"], unique=False)


def _wallets() -> None:
    op.create_table(
        "wallets",
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("available_minor", WHOLE, nullable=False),
        sa.Column("held_minor", WHOLE, nullable=False),
        sa.CheckConstraint("available_minor BETWEEN 0 AND 100000000", name="available_minor_range"),
        sa.CheckConstraint("held_minor BETWEEN 0 AND 100000000", name="held_minor_range"),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.member_id"],
        ),
        sa.PrimaryKeyConstraint("member_id"),
        sqlite_strict=True,
    )


def _coupon_uses() -> None:
    op.create_table(
        "coupon_uses",
        sa.Column("coupon_id", sa.Text(), nullable=False),
        sa.Column("use_number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reserved_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("committed_at", WHOLE, nullable=True),
        sa.CheckConstraint("(state = 'committed') = (committed_at IS NOT NULL)", name="committed_has_a_time"),
        sa.CheckConstraint("state IN ('reserved', 'committed', 'released')", name="state_known"),
        sa.CheckConstraint("use_number BETWEEN 1 AND 1000000", name="use_number_range"),
        sa.ForeignKeyConstraint(
            ["coupon_id"],
            ["coupons.coupon_id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("coupon_id", "use_number"),
        sa.UniqueConstraint("coupon_id", "order_id", name="once_in_one_order"),
        sqlite_strict=True,
    )
    op.create_index("coupon_uses_by_order", "coupon_uses", ["order_id", "state"], unique=False)
    op.create_index("coupon_uses_by_state", "coupon_uses", ["state", "expires_at"], unique=False)


def _member_sessions() -> None:
    op.create_table(
        "member_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("begun_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["persons.member_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
        sqlite_strict=True,
    )
    op.create_index("member_sessions_by_member", "member_sessions", ["member_id"], unique=False)


def _order_voids() -> None:
    op.create_table(
        "order_voids",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voided_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
        sqlite_strict=True,
    )


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("covered_minor", WHOLE, nullable=False),
        sa.Column("captured_minor", WHOLE, nullable=False),
        sa.Column("refund_reserved_minor", WHOLE, nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("paid_at", WHOLE, nullable=False),
        sa.CheckConstraint("(tender = 'balance') = (member_id IS NOT NULL)", name="balance_has_a_member"),
        sa.CheckConstraint("tender IN ('cash', 'balance', 'coupon', 'card')", name="tender_known"),
        sa.CheckConstraint("captured_minor BETWEEN 0 AND 200000000", name="captured_minor_range"),
        sa.CheckConstraint("covered_minor BETWEEN 0 AND 100000000", name="covered_minor_range"),
        sa.CheckConstraint("refund_reserved_minor BETWEEN 0 AND captured_minor", name="refunds_at_most_the_capture"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("payment_id"),
        sqlite_strict=True,
    )
    op.create_index("payments_by_order", "payments", ["order_id"], unique=False)


def _points_journal() -> None:
    op.create_table(
        "points_journal",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("points", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.CheckConstraint("points BETWEEN -1000000000000 AND 1000000000000", name="points_range"),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.member_id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("source"),
        sqlite_strict=True,
    )
    op.create_index("points_journal_by_member", "points_journal", ["member_id"], unique=False)
    op.create_index("points_journal_by_order", "points_journal", ["order_id"], unique=False)


def _wallet_holds() -> None:
    op.create_table(
        "wallet_holds",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.CheckConstraint("state IN ('held', 'captured', 'released')", name="state_known"),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 100000000", name="amount_minor_range"),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.member_id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("hold_id"),
        sqlite_strict=True,
    )
    op.create_index("wallet_holds_by_order", "wallet_holds", ["order_id", "state"], unique=False)
    op.create_index("wallet_holds_by_state", "wallet_holds", ["state", "expires_at"], unique=False)


def _refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", WHOLE, nullable=False),
        sa.Column("decided_at", WHOLE, nullable=True),
        sa.Column("paid_out_by", sa.Text(), nullable=True),
        sa.Column("paid_out_at", WHOLE, nullable=True),
        sa.CheckConstraint("destination IN ('balance', 'claim', 'card')", name="destination_known"),
        sa.CheckConstraint("state <> 'paid_out' OR destination = 'claim'", name="only_claims_are_paid_out"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'declined', 'paid_out')", name="state_known"),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 200000000", name="amount_minor_range"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.payment_id"],
        ),
        sa.PrimaryKeyConstraint("refund_id"),
        sqlite_strict=True,
    )
    op.create_index("refunds_by_order", "refunds", ["order_id"], unique=False)
    op.create_index("refunds_by_payment", "refunds", ["payment_id"], unique=False)
