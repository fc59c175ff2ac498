"""The first books: every table, and triggers that keep ledger and order history unchanged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# SQLite's INSERT OR REPLACE fires no DELETE trigger unless recursive_triggers is on, so an INSERT guard stands beside it.
UNCHANGED = {
    "transfers": "SELECT 1 FROM transfers WHERE seq = NEW.seq OR source = NEW.source",
    "order_events": "SELECT 1 FROM order_events WHERE order_id = NEW.order_id AND seq = NEW.seq",
}


def upgrade() -> None:
    """Make every table."""
    _answers()
    _cash_events()
    _cash_reports()
    _counters()
    _devices()
    _lane_commands()
    _lane_reports()
    _pass_keys()
    _payouts()
    _price_books()
    _staff()
    _transfers()
    _orders()
    _staff_sessions()
    _exit_uses()
    _lane_entries()
    _order_events()
    _tender_sessions()
    _settlements()
    for table, same_row in UNCHANGED.items():
        _keep_unchanged(table, same_row)


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "settlements",
        "tender_sessions",
        "order_events",
        "lane_entries",
        "exit_uses",
        "staff_sessions",
        "orders",
        "transfers",
        "staff",
        "price_books",
        "payouts",
        "pass_keys",
        "lane_commands",
        "lane_reports",
        "devices",
        "counters",
        "cash_reports",
        "cash_events",
        "answers",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table in UNCHANGED:
            op.execute(f"DROP FUNCTION {table}_are_never_changed()")


def _keep_unchanged(table: str, same_row: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        _keep_unchanged_on_postgresql(table)
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({same_row}) {refuse}")


def _keep_unchanged_on_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_are_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION 'rows of {table} are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    guard = f"EXECUTE FUNCTION {table}_are_never_changed()"
    op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {guard}")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {guard}")


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("principal", "request_id"),
        sqlite_strict=True,
    )


def _cash_events() -> None:
    op.create_table(
        "cash_events",
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("value_minor", WHOLE, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.CheckConstraint("epoch BETWEEN 0 AND 9007199254740992", name="epoch_range"),
        sa.CheckConstraint("seq BETWEEN 0 AND 9007199254740992", name="seq_range"),
        sa.CheckConstraint("value_minor BETWEEN 1 AND 100000000", name="value_minor_range"),
        sa.PrimaryKeyConstraint("kiosk", "device", "epoch", "seq"),
        sqlite_strict=True,
    )


def _cash_reports() -> None:
    op.create_table(
        "cash_reports",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("owed_minor", WHOLE, nullable=False),
        sa.Column("reported_at", WHOLE, nullable=False),
        sa.CheckConstraint("outcome IN ('paid', 'cancelled', 'owing')", name="outcome_known"),
        sa.CheckConstraint("owed_minor BETWEEN 0 AND 100000000", name="owed_minor_range"),
        sa.PrimaryKeyConstraint("session_id"),
        sqlite_strict=True,
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.CheckConstraint("value BETWEEN 0 AND 9007199254740992", name="value_range"),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("enrolled_at", WHOLE, nullable=False),
        sa.CheckConstraint("role IN ('handheld', 'kiosk', 'gate')", name="role_known"),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("token_hash"),
        sqlite_strict=True,
    )


def _lane_commands() -> None:
    op.create_table(
        "lane_commands",
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("given_at", WHOLE, nullable=False),
        sa.Column("done_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("command_id"),
        sqlite_strict=True,
    )
    op.create_index("lane_commands_by_lane", "lane_commands", ["lane", "done_at", "given_at"], unique=False)


def _lane_reports() -> None:
    op.create_table(
        "lane_reports",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("heard_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("lane"),
        sqlite_strict=True,
    )


def _pass_keys() -> None:
    op.create_table(
        "pass_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("made_at", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('claim', 'exit')", name="kind_known"),
        sa.PrimaryKeyConstraint("key_id"),
        sqlite_strict=True,
    )


def _payouts() -> None:
    op.create_table(
        "payouts",
        sa.Column("payout_id", sa.Text(), nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("coin_minor", WHOLE, nullable=False),
        sa.Column("requested", WHOLE, nullable=False),
        sa.Column("paid", WHOLE, nullable=False),
        sa.Column("uncertain", WHOLE, nullable=False),
        sa.CheckConstraint("coin_minor BETWEEN 1 AND 100000000", name="coin_minor_range"),
        sa.CheckConstraint("paid BETWEEN 0 AND 1000", name="paid_range"),
        sa.CheckConstraint("requested BETWEEN 0 AND 1000", name="requested_range"),
        sa.CheckConstraint("uncertain BETWEEN 0 AND 1000", name="uncertain_range"),
        sa.PrimaryKeyConstraint("payout_id"),
        sqlite_strict=True,
    )


def _price_books() -> None:
    op.create_table(
        "price_books",
        sa.Column("version", WHOLE, autoincrement=False, nullable=False),
        sa.Column("published_at", WHOLE, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sqlite_strict=True,
    )


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("locked_until", WHOLE, nullable=False),
        sa.Column("added_at", WHOLE, nullable=False),
        sa.CheckConstraint("failures BETWEEN 0 AND 1000", name="failures_range"),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )


def _transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("posted_at", WHOLE, nullable=False),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_minor_range"),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("source"),
        sqlite_strict=True,
    )
    op.create_index("transfers_by_credit", "transfers", ["credit"], unique=False)
    op.create_index("transfers_by_debit", "transfers", ["debit"], unique=False)


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("serial", WHOLE, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("changes", WHOLE, nullable=False),
        sa.Column("handheld", sa.Text(), nullable=False),
        sa.Column("price_book_version", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", WHOLE, nullable=False),
        sa.Column("paid_minor", WHOLE, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("taxes", sa.Text(), nullable=False),
        sa.Column("submitted_at", WHOLE, nullable=False),
        sa.Column("priced_at", WHOLE, nullable=False),
        sa.Column("paid_at", WHOLE, nullable=True),
        sa.Column("exited_at", WHOLE, nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("kiosk", sa.Text(), nullable=True),
        sa.Column("tendering_since", WHOLE, nullable=True),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("entered_at", WHOLE, nullable=True),
        sa.CheckConstraint("(status = 'exited') = (exited_at IS NOT NULL)", name="exited_has_a_time"),
        sa.CheckConstraint("(status = 'tendering') = (session_id IS NOT NULL)", name="tendering_has_a_session"),
        sa.CheckConstraint(
            "status IN ('open', 'submitted', 'tendering', 'paid', 'leaving', 'exited', 'voided', 'expired', 'refunded')",
            name="status_known",
        ),
        sa.CheckConstraint("changes BETWEEN 1 AND 9007199254740992", name="changes_range"),
        sa.CheckConstraint("paid_minor <= total_minor OR revision > 1", name="paid_at_most_the_total"),
        sa.CheckConstraint("paid_minor BETWEEN 0 AND 1000000000000", name="paid_minor_range"),
        sa.CheckConstraint("revision BETWEEN 1 AND 65535", name="revision_range"),
        sa.CheckConstraint("serial BETWEEN 0 AND 999999", name="serial_range"),
        sa.CheckConstraint("total_minor BETWEEN 0 AND 1000000000000", name="total_minor_range"),
        sa.ForeignKeyConstraint(
            ["price_book_version"],
            ["price_books.version"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
        sqlite_strict=True,
    )
    op.create_index("orders_by_serial", "orders", ["serial", "submitted_at"], unique=False)
    op.create_index("orders_by_status", "orders", ["status", "priced_at"], unique=False)
    op.create_index("orders_by_time", "orders", ["submitted_at"], unique=False)


def _staff_sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("begun_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
        sqlite_strict=True,
    )


def _exit_uses() -> None:
    op.create_table(
        "exit_uses",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("exit_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("opened_at", WHOLE, nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.Column("measured_g", WHOLE, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("due_minor", WHOLE, nullable=False),
        sa.CheckConstraint("decided_by IN ('server', 'signature', 'staff')", name="decided_by_known"),
        sa.CheckConstraint("due_minor BETWEEN 0 AND 1000000000000", name="due_minor_range"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
        sa.UniqueConstraint("exit_id"),
        sqlite_strict=True,
    )


def _lane_entries() -> None:
    op.create_table(
        "lane_entries",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("entered_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("entry_id"),
        sqlite_strict=True,
    )


def _order_events() -> None:
    op.create_table(
        "order_events",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("due_minor", WHOLE, nullable=False),
        sa.CheckConstraint("due_minor BETWEEN 0 AND 1000000000000", name="due_minor_range"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "seq"),
        sqlite_strict=True,
    )


def _tender_sessions() -> None:
    op.create_table(
        "tender_sessions",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("kiosk", sa.Text(), nullable=False),
        sa.Column("begun_at", WHOLE, nullable=False),
        sa.Column("ended_at", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("session_id"),
        sqlite_strict=True,
    )
    op.create_index(
        "one_open_session_per_order",
        "tender_sessions",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, autoincrement=False, nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("due_minor", WHOLE, nullable=False),
        sa.Column("cash_due_minor", WHOLE, nullable=False),
        sa.Column("taken_minor", WHOLE, nullable=False),
        sa.Column("paid_at", WHOLE, nullable=False),
        sa.CheckConstraint("cash_due_minor BETWEEN 0 AND 200000000", name="cash_due_minor_range"),
        sa.CheckConstraint("due_minor BETWEEN 0 AND 100000000", name="due_minor_range"),
        sa.CheckConstraint("taken_minor BETWEEN 0 AND 1000000000000", name="taken_minor_range"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["tender_sessions.session_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "revision"),
        sa.UniqueConstraint("payment_id"),
        sa.UniqueConstraint("receipt_number"),
        sa.UniqueConstraint("session_id"),
        sqlite_strict=True,
    )
