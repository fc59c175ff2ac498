"""Tables of members: the ledger knows only the opaque id; everything about the person is in one row that can be deleted."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from store_server.persistence.tables import AMOUNT_MAX_MINOR, COUNT_MAX, TOTAL_MAX_MINOR, Id, Whole, metadata

members = Table(
    "members",
    metadata,
    Column("member_id", Id, primary_key=True),
    Column("points", Whole, nullable=False),
    Column("joined_at", Whole, nullable=False),
    Column("deleted_at", Whole, nullable=True),
    CheckConstraint(f"points BETWEEN 0 AND {COUNT_MAX}", name="points_range"),
    sqlite_strict=True,
)

persons = Table(
    "persons",
    metadata,
    Column("member_id", Id, ForeignKey("members.member_id"), primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("failures", Whole, nullable=False),
    Column("locked_until", Whole, nullable=False),
    CheckConstraint("failures BETWEEN 0 AND 1000", name="failures_range"),
    sqlite_strict=True,
)
"""Whatever tells who a member is; nothing else refers to it, so a deletion leaves all sums as they are."""

member_sessions = Table(
    "member_sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("member_id", Id, ForeignKey("persons.member_id", ondelete="CASCADE"), nullable=False),
    Column("begun_at", Whole, nullable=False),
    Column("expires_at", Whole, nullable=False),
    Index("member_sessions_by_member", "member_id"),
    sqlite_strict=True,
)

wallets = Table(
    "wallets",
    metadata,
    Column("member_id", Id, ForeignKey("members.member_id"), primary_key=True),
    Column("available_minor", Whole, nullable=False),
    Column("held_minor", Whole, nullable=False),
    CheckConstraint(f"available_minor BETWEEN 0 AND {AMOUNT_MAX_MINOR}", name="available_minor_range"),
    CheckConstraint(f"held_minor BETWEEN 0 AND {AMOUNT_MAX_MINOR}", name="held_minor_range"),
    sqlite_strict=True,
)
"""A member's balance. Available and held together are what the ledger's account of the wallet says."""

wallet_holds = Table(
    "wallet_holds",
    metadata,
    Column("hold_id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.member_id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    Column("session_id", Id, nullable=False),
    Column("amount_minor", Whole, nullable=False),
    Column("state", Text, nullable=False),
    Column("held_at", Whole, nullable=False),
    Column("expires_at", Whole, nullable=False),
    CheckConstraint(f"amount_minor BETWEEN 1 AND {AMOUNT_MAX_MINOR}", name="amount_minor_range"),
    CheckConstraint("state IN ('held', 'captured', 'released')", name="state_known"),
    Index("wallet_holds_by_order", "order_id", "state"),
    Index("wallet_holds_by_state", "state", "expires_at"),
    sqlite_strict=True,
)
"""Money set aside: it leaves ``held`` once, to be captured or released."""

top_ups = Table(
    "top_ups",
    metadata,
    Column("top_up_id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.member_id"), nullable=False),
    Column("kiosk", Text, nullable=False),
    Column("session_id", Id, nullable=False),
    Column("amount_minor", Whole, nullable=False),
    Column("topped_at", Whole, nullable=False),
    CheckConstraint(f"amount_minor BETWEEN 1 AND {AMOUNT_MAX_MINOR}", name="amount_minor_range"),
    Index("top_ups_by_session", "session_id"),
    sqlite_strict=True,
)

points_journal = Table(
    "points_journal",
    metadata,
    Column("source", Text, primary_key=True),
    Column("member_id", Id, ForeignKey("members.member_id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    Column("points", Whole, nullable=False),
    Column("at", Whole, nullable=False),
    CheckConstraint(f"points BETWEEN -{TOTAL_MAX_MINOR} AND {TOTAL_MAX_MINOR}", name="points_range"),
    Index("points_journal_by_order", "order_id"),
    Index("points_journal_by_member", "member_id"),
    sqlite_strict=True,
)
"""Points earned, and taken back with a refund; each fact once."""
