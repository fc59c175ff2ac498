"""Price books as rows: a version, and each article's entry with the versions that it is valid in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, func, literal, or_, select
from sqlalchemy.sql import ColumnElement

from store_server.persistence.catalogue_tables import articles, book_entries, promotions
from store_server.persistence.tables import price_books

_IS_OPEN = book_entries.c.until_version.is_(None)
_SAME_ARTICLE = book_entries.c.code == articles.c.code


@dataclass(frozen=True, slots=True)
class EntryChanges:
    """What two versions differ in."""

    changed: dict[str, str]
    """Code to the entry in the newer one, where the older one has another or none."""
    removed: tuple[str, ...]
    """Codes that only the older one has."""


def valid_in(version: int) -> ColumnElement[bool]:
    """Choose the entries of one version."""
    still = or_(_IS_OPEN, book_entries.c.until_version > version)
    return and_(book_entries.c.from_version <= version, still)


def entries(connection: Connection, version: int) -> dict[str, str]:
    """Return every article's entry in one version, in the order of their codes."""
    found = connection.execute(
        select(book_entries.c.code, book_entries.c.entry).where(valid_in(version)).order_by(book_entries.c.code)
    )
    return {code: entry for code, entry in found}  # noqa: C416 - rows are no pairs to mypy


def changes(connection: Connection, since: int, version: int) -> EntryChanges:
    """Return what leads from version ``since`` to the newer ``version``."""
    begun = connection.execute(
        select(book_entries.c.code, book_entries.c.entry).where(valid_in(version), book_entries.c.from_version > since)
    )
    changed = {code: entry for code, entry in begun}  # noqa: C416 - rows are no pairs to mypy
    ended = connection.execute(
        select(book_entries.c.code).where(
            valid_in(since), book_entries.c.until_version > since, book_entries.c.until_version <= version
        )
    ).scalars()
    return EntryChanges(changed, tuple(sorted(code for code in ended if code not in changed)))


def changed_count(connection: Connection, since: int, version: int) -> int:
    """Return how many articles are new or different in ``version``."""
    begun = select(func.count()).select_from(book_entries).where(valid_in(version), book_entries.c.from_version > since)
    return int(connection.execute(begun).scalar_one())


def is_anything_pending(connection: Connection) -> bool:
    """Tell whether an article's entry differs from what the newest price book says."""
    open_entry = select(book_entries.c.entry).where(_IS_OPEN, _SAME_ARTICLE).correlate(articles).scalar_subquery()
    differs = select(literal(1)).where(articles.c.is_pending == 1, articles.c.entry.is_distinct_from(open_entry))
    return bool(connection.execute(select(exists(differs))).scalar_one())


def promotion_terms(connection: Connection) -> list[str]:
    """Return the promotions of the next price book, as JSON."""
    return list(connection.execute(select(promotions.c.terms).order_by(promotions.c.promotion_id)).scalars())


def add_version(connection: Connection, version: int, *, published_at: int, content_hash: str, terms: str) -> None:
    """Publish a version whose articles are the present entries; ``terms`` is the book without them."""
    connection.execute(
        price_books.insert().values(version=version, published_at=published_at, content_hash=content_hash, body=terms)
    )
    pending = select(articles.c.code).where(articles.c.is_pending == 1)
    same = exists().where(_SAME_ARTICLE, articles.c.entry == book_entries.c.entry).correlate(book_entries)
    connection.execute(
        book_entries.update().where(_IS_OPEN, book_entries.c.code.in_(pending), ~same).values(until_version=version)
    )
    stays = exists().where(_SAME_ARTICLE, _IS_OPEN).correlate(articles)
    fresh = select(articles.c.code, literal(version), articles.c.entry).where(
        articles.c.is_pending == 1, articles.c.entry.is_not(None), ~stays
    )
    connection.execute(book_entries.insert().from_select(["code", "from_version", "entry"], fresh))
    connection.execute(articles.update().where(articles.c.is_pending == 1).values(is_pending=0))
