"""The tables of the catalogue: what is known of every article, and which price book it stood in.

:data:`book_entries` keeps each article's entry with the versions that it is valid from and until, so that a price change writes
a few rows, every version that was ever published can be read whole, and what changed between two versions is a look-up.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import REAL, CheckConstraint, Column, ForeignKey, Index, Table, Text, types
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION

from store_server.persistence.tables import AMOUNT_MAX_MINOR, Whole, metadata

Real: types.TypeEngine[float] = REAL().with_variant(DOUBLE_PRECISION(), "postgresql")
"""64 bits on both databases."""

_AMOUNT = f"BETWEEN 0 AND {AMOUNT_MAX_MINOR}"


def _strict(name: str, *parts: Column[Any] | CheckConstraint | Index) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _flag(name: str) -> Column[int]:
    return Column(name, Whole, nullable=False)


def _is_flag(name: str) -> CheckConstraint:
    return CheckConstraint(f"{name} IN (0, 1)", name=f"{name}_is_flag")


def _code() -> Column[str]:
    return Column("code", Text, ForeignKey("articles.code"), primary_key=True)


articles = _strict(
    "articles",
    Column("code", Text, primary_key=True),
    _text("department"),
    _text("brand"),
    _text("package"),
    _text("sold_by"),
    _text("tax_class"),
    Column("mean_g", Real),
    Column("sd_g", Real, nullable=False),
    _text("weight_source"),
    _flag("eas"),
    Column("minimum_age", Whole, nullable=False),
    _flag("recalled"),
    _flag("for_sale"),
    _text("picture"),
    _text("origin"),
    _text("allergens"),
    _text("nutrition"),
    Column("entry", Text),
    _flag("is_pending"),
    Column("changed_at", Whole, nullable=False),
    CheckConstraint("sold_by IN ('piece', 'weight')", name="sold_by_known"),
    CheckConstraint("minimum_age BETWEEN 0 AND 99", name="minimum_age_range"),
    _is_flag("eas"),
    _is_flag("recalled"),
    _is_flag("for_sale"),
    _is_flag("is_pending"),
    Index("articles_pending", "is_pending"),
)
"""``allergens`` and ``nutrition`` are JSON; ``entry`` is what the next price book says of it, NULL while it is not sold;
``is_pending`` marks entries that no price book has been published with yet."""

article_names = _strict(
    "article_names",
    _code(),
    Column("language", Text, primary_key=True),
    _text("name"),
)

prices = _strict(
    "prices",
    _code(),
    Column("unit_price_minor", Whole),
    Column("deposit_minor", Whole, nullable=False),
    Column("member_price_minor", Whole),
    _text("tier_prices_minor"),
    _flag("discountable"),
    CheckConstraint(f"unit_price_minor {_AMOUNT}", name="unit_price_minor_range"),
    CheckConstraint(f"deposit_minor {_AMOUNT}", name="deposit_minor_range"),
    CheckConstraint(f"member_price_minor {_AMOUNT}", name="member_price_minor_range"),
    _is_flag("discountable"),
)
"""Today's prices; ``tier_prices_minor`` is a JSON object. What they were lies in :data:`book_entries`."""

stock = _strict(
    "stock",
    _code(),
    Column("amount", Whole, nullable=False),
    CheckConstraint("amount >= 0", name="amount_range"),
)
"""Pieces, or grams of weighed goods; articles that nobody counts have no row."""

provenance = _strict(
    "provenance",
    _code(),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    _text("event"),
)
"""EPCIS events as JSON, in the order of time."""

promotions = _strict(
    "promotions",
    Column("promotion_id", Text, primary_key=True),
    _text("terms"),
)
"""Promotions that the next price book has, as JSON."""

book_entries = _strict(
    "book_entries",
    Column("code", Text, primary_key=True),
    Column("from_version", Whole, ForeignKey("price_books.version"), primary_key=True, autoincrement=False),
    Column("until_version", Whole, ForeignKey("price_books.version")),
    _text("entry"),
    CheckConstraint("until_version > from_version", name="until_version_later"),
    Index("book_entries_by_start", "from_version"),
    Index("book_entries_by_end", "until_version"),
)
"""An article's entry is valid in price books from the first version on, up to but without the second; NULL while it is."""
