"""Tables of who may come in: devices that ask to be enrolled, and how often something was guessed wrong."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from store_server.persistence.tables import COUNT_MAX, Id, Whole, metadata

enrolments = Table(
    "enrolments",
    metadata,
    Column("enrolment_id", Id, primary_key=True),
    Column("status", Text, nullable=False),
    Column("selector", Text, nullable=False),
    Column("code_hash", Text, nullable=False),
    Column("tries", Whole, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Whole, nullable=False),
    Column("expires_at", Whole, nullable=False),
    Column("name", Text, nullable=True),
    Column("role", Text, nullable=True),
    Column("fingerprint", Text, nullable=True),
    Column("decided_by", Text, nullable=True),
    Column("decided_at", Whole, nullable=True),
    CheckConstraint("status IN ('open', 'asked', 'approved', 'refused', 'spent')", name="status_known"),
    CheckConstraint("tries BETWEEN 0 AND 5", name="tries_range"),
    CheckConstraint("(status IN ('asked', 'approved', 'refused')) = (fingerprint IS NOT NULL)", name="asked_has_a_fingerprint"),
    Index("enrolments_by_selector", "selector", "expires_at"),
    sqlite_strict=True,
)
"""One row per code. ``open``: nobody used it; ``asked``: a device did and waits for staff; ``spent``: too many wrong tries."""

wrong_guesses = Table(
    "wrong_guesses",
    metadata,
    Column("guess", Text, primary_key=True),
    Column("who", Text, primary_key=True),
    Column("full_at_ms", Whole, nullable=False),
    CheckConstraint(f"full_at_ms BETWEEN 0 AND {COUNT_MAX}", name="full_at_ms_range"),
    sqlite_strict=True,
)
"""When an asker's bucket of tries will be full again, where several processes serve; no row for a full one."""
