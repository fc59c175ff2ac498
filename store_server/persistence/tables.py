"""Every table of the books.

On SQLite all tables are STRICT, because a plain INTEGER column would take ``'12abc'``. What may happen only once is a primary
or unique key; every amount, weight and count has a range. Rows of :data:`transfers` and :data:`order_events` are never changed:
triggers of the first migration refuse UPDATE, DELETE and INSERT OR REPLACE.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

from store_server.contract.order_status import OrderStatus

AMOUNT_MAX_MINOR = 100_000_000
TOTAL_MAX_MINOR = 10**12
COUNT_MAX = 2**53
"""Ids counted by clients, and times; every program reads such a number exactly."""

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both databases; STRICT tables know no BIGINT."""


class Id(TypeDecorator[UUID]):
    """A UUID as its 36 characters, the same on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's name
        """Write."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> UUID | None:  # noqa: ARG002 - SQLAlchemy's name
        """Read."""
        return None if value is None else UUID(value)


metadata = MetaData()


def _strict(name: str, *parts: Column[Any] | CheckConstraint | UniqueConstraint | Index) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True)


def _between(column: str, low: int, high: int) -> CheckConstraint:
    return CheckConstraint(f"{column} BETWEEN {low} AND {high}", name=f"{column}_range")


def _one_of(column: str, *values: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=f"{column}_known")


def _time(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Whole, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


# What the shop sells --------------------------------------------------------------------------------------------------

price_books = _strict(
    "price_books",
    Column("version", Whole, primary_key=True, autoincrement=False),
    _time("published_at"),
    _text("content_hash"),
    _text("body"),
)
"""Every price book that was ever published, whole, as it was answered."""

# Who may speak --------------------------------------------------------------------------------------------------------

pass_keys = _strict(
    "pass_keys",
    Column("key_id", Text, primary_key=True),
    _text("kind"),
    _text("public_key"),
    _time("made_at"),
    _one_of("kind", "claim", "exit"),
)

devices = _strict(
    "devices",
    Column("name", Text, primary_key=True),
    _text("role"),
    Column("token_hash", Text, nullable=False, unique=True),
    _time("enrolled_at"),
    _time("revoked_at", nullable=True),
    _one_of("role", "handheld", "kiosk", "gate"),
)

staff = _strict(
    "staff",
    Column("name", Text, primary_key=True),
    _text("password_hash"),
    Column("failures", Whole, nullable=False),
    _time("locked_until"),
    _time("added_at"),
    Column("role", Text, nullable=False, server_default="attendant"),
    _time("left_at", nullable=True),
    _between("failures", 0, 1000),
    _one_of("role", "attendant", "supervisor", "manager"),
)

staff_sessions = _strict(
    "staff_sessions",
    Column("token_hash", Text, primary_key=True),
    Column("staff", Text, ForeignKey("staff.name", ondelete="CASCADE"), nullable=False),
    _time("begun_at"),
    _time("expires_at"),
)

answers = _strict(
    "answers",
    Column("principal", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    _text("body_hash"),
    _text("answer"),
    _time("answered_at"),
)
"""What was answered to a request with an id: the same again gets the same again."""

counters = _strict(
    "counters",
    Column("name", Text, primary_key=True),
    Column("value", Whole, nullable=False),
    _between("value", 0, COUNT_MAX),
)

# Orders ---------------------------------------------------------------------------------------------------------------

orders = _strict(
    "orders",
    Column("order_id", Id, primary_key=True),
    Column("serial", Whole, nullable=False),
    _text("status"),
    Column("revision", Whole, nullable=False),
    Column("changes", Whole, nullable=False),
    _text("handheld"),
    Column("price_book_version", Whole, ForeignKey("price_books.version"), nullable=False),
    _text("currency"),
    Column("total_minor", Whole, nullable=False),
    Column("paid_minor", Whole, nullable=False),
    _text("lines"),
    _text("taxes"),
    _time("submitted_at"),
    _time("priced_at"),
    _time("paid_at", nullable=True),
    _time("exited_at", nullable=True),
    Column("session_id", Id, nullable=True),
    _text("kiosk", nullable=True),
    _time("tendering_since", nullable=True),
    Column("entry_id", Id, nullable=True),
    _text("lane", nullable=True),
    _time("entered_at", nullable=True),
    Column("member_id", Id, nullable=True),
    Column("pricing", Text, nullable=False, server_default="{}"),
    _one_of("status", *(status.value for status in OrderStatus)),
    _between("serial", 0, 999_999),
    _between("revision", 1, 65_535),
    _between("changes", 1, COUNT_MAX),
    _between("total_minor", 0, TOTAL_MAX_MINOR),
    _between("paid_minor", 0, TOTAL_MAX_MINOR),
    CheckConstraint("paid_minor <= total_minor OR revision > 1", name="paid_at_most_the_total"),
    CheckConstraint("(status = 'tendering') = (session_id IS NOT NULL)", name="tendering_has_a_session"),
    CheckConstraint("(status = 'exited') = (exited_at IS NOT NULL)", name="exited_has_a_time"),
    Index("orders_by_serial", "serial", "submitted_at"),
    Index("orders_by_time", "submitted_at"),
    Index("orders_by_status", "status", "priced_at"),
)
"""``changes`` rises with every change; an UPDATE names the one it saw."""

order_events = _strict(
    "order_events",
    Column("order_id", Id, ForeignKey("orders.order_id"), primary_key=True),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    _time("at"),
    _text("event"),
    _text("who"),
    _text("status"),
    Column("revision", Whole, nullable=False),
    Column("due_minor", Whole, nullable=False),
    _between("due_minor", 0, TOTAL_MAX_MINOR),
)
"""What happened to an order, step by step; never changed."""

# Money ----------------------------------------------------------------------------------------------------------------

tender_sessions = _strict(
    "tender_sessions",
    Column("session_id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    _text("kiosk"),
    _time("begun_at"),
    _time("ended_at", nullable=True),
)
Index(
    "one_open_session_per_order",
    tender_sessions.c.order_id,
    unique=True,
    sqlite_where=tender_sessions.c.ended_at.is_(None),
    postgresql_where=tender_sessions.c.ended_at.is_(None),
)

settlements = _strict(
    "settlements",
    Column("order_id", Id, ForeignKey("orders.order_id"), primary_key=True),
    Column("revision", Whole, primary_key=True, autoincrement=False),
    Column("payment_id", Id, nullable=False, unique=True),
    Column("session_id", Id, ForeignKey("tender_sessions.session_id"), nullable=False, unique=True),
    Column("receipt_number", Text, nullable=False, unique=True),
    Column("due_minor", Whole, nullable=False),
    Column("cash_due_minor", Whole, nullable=False),
    Column("taken_minor", Whole, nullable=False),
    _time("paid_at"),
    _between("due_minor", 0, AMOUNT_MAX_MINOR),
    _between("cash_due_minor", 0, 2 * AMOUNT_MAX_MINOR),
    _between("taken_minor", 0, TOTAL_MAX_MINOR),
)
"""One revision of an order is paid once."""

cash_events = _strict(
    "cash_events",
    Column("kiosk", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("value_minor", Whole, nullable=False),
    Column("session_id", Id, nullable=False),
    _time("recorded_at"),
    _between("epoch", 0, COUNT_MAX),
    _between("seq", 0, COUNT_MAX),
    _between("value_minor", 1, AMOUNT_MAX_MINOR),
)
"""A coin or note is credited once."""

payouts = _strict(
    "payouts",
    Column("payout_id", Id, primary_key=True),
    _text("kiosk"),
    Column("session_id", Id, nullable=False),
    _text("device"),
    Column("coin_minor", Whole, nullable=False),
    Column("requested", Whole, nullable=False),
    Column("paid", Whole, nullable=False),
    Column("uncertain", Whole, nullable=False),
    _between("coin_minor", 1, AMOUNT_MAX_MINOR),
    _between("requested", 0, 1000),
    _between("paid", 0, 1000),
    _between("uncertain", 0, 1000),
)

cash_reports = _strict(
    "cash_reports",
    Column("session_id", Id, primary_key=True),
    _text("kiosk"),
    Column("order_id", Id, nullable=True),
    _text("outcome"),
    Column("owed_minor", Whole, nullable=False),
    _time("reported_at"),
    _one_of("outcome", "paid", "cancelled", "owing"),
    _between("owed_minor", 0, AMOUNT_MAX_MINOR),
)
"""How a session ended is told once."""

transfers = _strict(
    "transfers",
    Column("seq", Whole, primary_key=True),
    Column("source", Text, nullable=False, unique=True),
    _text("debit"),
    _text("credit"),
    Column("amount_minor", Whole, nullable=False),
    Column("order_id", Id, nullable=True),
    _time("posted_at"),
    _between("amount_minor", 1, TOTAL_MAX_MINOR),
    CheckConstraint("debit <> credit", name="two_accounts"),
    Index("transfers_by_debit", "debit"),
    Index("transfers_by_credit", "credit"),
)
"""The ledger; never changed."""

# Leaving --------------------------------------------------------------------------------------------------------------

lane_entries = _strict(
    "lane_entries",
    Column("entry_id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    _text("lane"),
    _text("gate"),
    Column("revision", Whole, nullable=False),
    _time("entered_at"),
)

exit_uses = _strict(
    "exit_uses",
    Column("order_id", Id, ForeignKey("orders.order_id"), primary_key=True),
    Column("exit_id", Id, nullable=False, unique=True),
    _text("lane"),
    _text("gate"),
    Column("revision", Whole, nullable=False),
    _time("opened_at"),
    _time("recorded_at"),
    Column("measured_g", Whole, nullable=True),
    _text("decided_by"),
    Column("due_minor", Whole, nullable=False),
    _one_of("decided_by", "server", "signature", "staff"),
    _between("due_minor", 0, TOTAL_MAX_MINOR),
)
"""An order leaves once. ``due_minor`` is what was unpaid at that moment; it should be 0."""

lane_commands = _strict(
    "lane_commands",
    Column("seq", Whole, primary_key=True),
    Column("command_id", Id, nullable=False, unique=True),
    _text("lane"),
    _text("kind"),
    _text("reason"),
    _text("staff"),
    Column("order_id", Id, nullable=True),
    _time("given_at"),
    _time("done_at", nullable=True),
    _text("order_number", nullable=True),
    Column("seconds", Whole, nullable=True),
    _text("code", nullable=True),
    Column("weight_mg", Whole, nullable=True),
    Index("lane_commands_by_lane", "lane", "done_at", "given_at"),
    _between("seconds", 0, COUNT_MAX),
    _between("weight_mg", 1, COUNT_MAX),
)
"""What staff told a lane, for the order that was in it at that moment."""

goods_checks = _strict(
    "goods_checks",
    Column("check_id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    _text("lane"),
    _text("kind"),
    _text("asked"),
    _text("scans"),
    Column("changes", Whole, nullable=False),
    _text("outcome"),
    _text("staff"),
    Column("surplus_minor", Whole, nullable=False),
    _time("begun_at"),
    _time("ended_at", nullable=True),
    _one_of("kind", "sample", "full"),
    _one_of("outcome", "open", "passed", "failed", "replaced"),
    _between("changes", 1, COUNT_MAX),
    _between("surplus_minor", 0, TOTAL_MAX_MINOR),
    CheckConstraint("(outcome = 'open') = (ended_at IS NULL)", name="ended_has_a_time"),
    Index("goods_checks_by_order", "order_id"),
    Index("goods_checks_by_time", "begun_at"),
)
"""What staff looked through: what the lane asked for, what was scanned, how it ended; ``changes`` as in :data:`orders`."""

lane_reports = _strict(
    "lane_reports",
    Column("lane", Text, primary_key=True),
    _text("report"),
    _time("heard_at"),
)
"""What each lane said last, where several processes serve; a report replaces the one before."""
