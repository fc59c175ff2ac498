"""The widened catalogue: articles with their weights, stock, provenance and promotions; price book versions.

Price books that were published whole are taken apart: ``price_books.body`` keeps a book without its articles, and
``book_entries`` each article's entry with the versions that it is valid in. The newest book's articles become the catalogue.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.DOUBLE_PRECISION(), "postgresql")

_AMOUNT = "BETWEEN 0 AND 100000000"
_TABLES = ("book_entries", "promotions", "provenance", "stock", "prices", "article_names", "articles")


def upgrade() -> None:
    """Make what this revision adds."""
    _articles()
    _facts_of_articles()
    _book_entries()
    _take_books_apart(op.get_bind())


def downgrade() -> None:
    """Take it away again."""
    _put_books_together(op.get_bind())
    for table in _TABLES:
        op.drop_table(table)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, WHOLE, nullable=nullable)


def _is_flag(name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{name} IN (0, 1)", name=f"{name}_is_flag")


def _articles() -> None:
    op.create_table(
        "articles",
        _text("code"),
        _text("department"),
        _text("brand"),
        _text("package"),
        _text("sold_by"),
        _text("tax_class"),
        sa.Column("mean_g", REAL, nullable=True),
        sa.Column("sd_g", REAL, nullable=False),
        _text("weight_source"),
        _whole("eas"),
        _whole("minimum_age"),
        _whole("recalled"),
        _whole("for_sale"),
        _text("picture"),
        _text("origin"),
        _text("allergens"),
        _text("nutrition"),
        sa.Column("entry", sa.Text(), nullable=True),
        _whole("is_pending"),
        _whole("changed_at"),
        sa.CheckConstraint("sold_by IN ('piece', 'weight')", name="sold_by_known"),
        sa.CheckConstraint("minimum_age BETWEEN 0 AND 99", name="minimum_age_range"),
        _is_flag("eas"),
        _is_flag("recalled"),
        _is_flag("for_sale"),
        _is_flag("is_pending"),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_index("articles_pending", "articles", ["is_pending"], unique=False)


def _facts_of_articles() -> None:
    op.create_table(
        "article_names",
        _text("code"),
        _text("language"),
        _text("name"),
        sa.ForeignKeyConstraint(["code"], ["articles.code"]),
        sa.PrimaryKeyConstraint("code", "language"),
        sqlite_strict=True,
    )
    op.create_table(
        "prices",
        _text("code"),
        _whole("unit_price_minor", nullable=True),
        _whole("deposit_minor"),
        _whole("member_price_minor", nullable=True),
        _text("tier_prices_minor"),
        _whole("discountable"),
        sa.CheckConstraint(f"unit_price_minor {_AMOUNT}", name="unit_price_minor_range"),
        sa.CheckConstraint(f"deposit_minor {_AMOUNT}", name="deposit_minor_range"),
        sa.CheckConstraint(f"member_price_minor {_AMOUNT}", name="member_price_minor_range"),
        _is_flag("discountable"),
        sa.ForeignKeyConstraint(["code"], ["articles.code"]),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "stock",
        _text("code"),
        _whole("amount"),
        sa.CheckConstraint("amount >= 0", name="amount_range"),
        sa.ForeignKeyConstraint(["code"], ["articles.code"]),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "provenance",
        _text("code"),
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        _text("event"),
        sa.ForeignKeyConstraint(["code"], ["articles.code"]),
        sa.PrimaryKeyConstraint("code", "seq"),
        sqlite_strict=True,
    )


def _book_entries() -> None:
    op.create_table(
        "promotions",
        _text("promotion_id"),
        _text("terms"),
        sa.PrimaryKeyConstraint("promotion_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "book_entries",
        _text("code"),
        sa.Column("from_version", WHOLE, autoincrement=False, nullable=False),
        _whole("until_version", nullable=True),
        _text("entry"),
        sa.CheckConstraint("until_version > from_version", name="until_version_later"),
        sa.ForeignKeyConstraint(["from_version"], ["price_books.version"]),
        sa.ForeignKeyConstraint(["until_version"], ["price_books.version"]),
        sa.PrimaryKeyConstraint("code", "from_version"),
        sqlite_strict=True,
    )
    op.create_index("book_entries_by_start", "book_entries", ["from_version"], unique=False)
    op.create_index("book_entries_by_end", "book_entries", ["until_version"], unique=False)


def _take_books_apart(connection: sa.Connection) -> None:
    held: dict[str, str] = {}
    versions = connection.execute(sa.text("SELECT version FROM price_books ORDER BY version")).scalars().all()
    for version in versions:
        body = connection.execute(sa.text("SELECT body FROM price_books WHERE version = :v"), {"v": version}).scalar_one()
        book = json.loads(body)
        now = {article["code"]: _json(article) for article in book["articles"]}
        connection.execute(
            sa.text("UPDATE price_books SET body = :body, content_hash = '' WHERE version = :v"),
            {"v": version, "body": _json({**book, "articles": []})},
        )
        ended = [{"code": code, "v": version} for code, entry in held.items() if now.get(code) != entry]
        begun = [{"code": code, "v": version, "entry": entry} for code, entry in now.items() if held.get(code) != entry]
        _run(connection, "UPDATE book_entries SET until_version = :v WHERE code = :code AND until_version IS NULL", ended)
        _run(connection, "INSERT INTO book_entries (code, from_version, entry) VALUES (:code, :v, :entry)", begun)
        held = now
    _fill_catalogue(connection, held)


def _fill_catalogue(connection: sa.Connection, held: dict[str, str]) -> None:
    found = [json.loads(entry) for entry in held.values()]
    rows = [
        {**article, "eas": int(article["eas"]), "entry": held[article["code"]], "minimum_age": article["minimum_age"]}
        for article in found
    ]
    _run(
        connection,
        "INSERT INTO articles (code, department, brand, package, sold_by, tax_class, mean_g, sd_g, weight_source, eas,"
        " minimum_age, recalled, for_sale, picture, origin, allergens, nutrition, entry, is_pending, changed_at)"
        " VALUES (:code, :department, '', '', :sold_by, :tax_class, :mean_g, :sd_g, '', :eas, :minimum_age, 0, 1, '', '',"
        " '[]', '{}', :entry, 0, 0)",
        [{name: value for name, value in row.items() if not isinstance(value, dict | list)} for row in rows],
    )
    _run(
        connection,
        "INSERT INTO prices (code, unit_price_minor, deposit_minor, tier_prices_minor, discountable)"
        " VALUES (:code, :unit_price_minor, 0, '{}', 1)",
        [{"code": article["code"], "unit_price_minor": article["unit_price_minor"]} for article in found],
    )
    _run(
        connection,
        "INSERT INTO article_names (code, language, name) VALUES (:code, :language, :name)",
        [
            {"code": article["code"], "language": language, "name": name}
            for article in found
            for language, name in article["name"].items()
        ],
    )


def _put_books_together(connection: sa.Connection) -> None:
    versions = connection.execute(sa.text("SELECT version, body FROM price_books ORDER BY version")).all()
    for version, body in versions:
        entries = connection.execute(
            sa.text(
                "SELECT entry FROM book_entries WHERE from_version <= :v AND (until_version IS NULL OR until_version > :v)"
                " ORDER BY code"
            ),
            {"v": version},
        ).scalars()
        whole = {**json.loads(body), "articles": [json.loads(entry) for entry in entries]}
        connection.execute(
            sa.text("UPDATE price_books SET body = :body WHERE version = :v"), {"v": version, "body": _json(whole)}
        )


def _run(connection: sa.Connection, statement: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.text(statement), rows)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
