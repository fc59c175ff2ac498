"""The table of which gate controller runs the shop's lanes."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, Text

from store_server.persistence.tables import COUNT_MAX, Id, Whole, metadata

lane_arbiter = Table(
    "lane_arbiter",
    metadata,
    Column("shop", Whole, primary_key=True, autoincrement=False),
    Column("controller_id", Id, nullable=False),
    Column("run_id", Id, nullable=False),
    Column("gate", Text, nullable=False),
    Column("lanes", Text, nullable=False),
    Column("since", Whole, nullable=False),
    Column("heard_at", Whole, nullable=False),
    Column("released", Whole, nullable=False),
    CheckConstraint("shop = 1", name="one_shop"),
    CheckConstraint("released IN (0, 1)", name="released_known"),
    CheckConstraint(f"since BETWEEN 0 AND {COUNT_MAX}", name="since_range"),
    CheckConstraint(f"heard_at BETWEEN 0 AND {COUNT_MAX}", name="heard_at_range"),
    sqlite_strict=True,
)
"""One row: books belong to one shop, and a shop's lanes to one gate controller, whose record says which passes were used."""
