"""The audit log's tables: rows that are only ever added, each holding the hash of the one before, and where the chain ends."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from store_server.persistence.tables import COUNT_MAX, Whole, metadata

audit = Table(
    "audit",
    metadata,
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("at", Whole, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    CheckConstraint(f"seq BETWEEN 1 AND {COUNT_MAX}", name="seq_range"),
    CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name="hashes_whole"),
    Index("audit_by_subject", "subject", "seq"),
    sqlite_strict=True,
)
"""Who did what to what. ``seq`` has no gaps; triggers refuse UPDATE, DELETE, INSERT OR REPLACE and TRUNCATE."""

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("shop_id", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint(f"seq BETWEEN 0 AND {COUNT_MAX}", name="seq_range"),
    sqlite_strict=True,
)
"""One row: the shop whose books these are, and the last link of its chain. Writers queue at this row."""
