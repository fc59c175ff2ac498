"""The books' database: one way to read and one to write, on SQLite or PostgreSQL, as the URL says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from store_server.persistence.failures import DatabaseBusyError, DatabaseFullError, DatabaseUnsafeError
from store_server.persistence.sqlite import SqliteBooks, journal_settings, pragmas, prove_pragmas

if TYPE_CHECKING:
    from store_server.persistence.postgresql import PostgresqlBooks

__all__ = [
    "Database",
    "DatabaseBusyError",
    "DatabaseFullError",
    "DatabaseUnsafeError",
    "is_postgresql",
    "journal_settings",
    "pragmas",
    "prove_pragmas",
]

POSTGRESQL = "postgresql+psycopg"

Result = TypeVar("Result")


def is_postgresql(url: str) -> bool:
    """Tell whether a URL names a PostgreSQL; False for anything that is no URL."""
    try:
        return make_url(url).drivername == POSTGRESQL
    except ArgumentError:
        return False


class Database:
    """The books' database; use it from any thread."""

    def __init__(self, url: str) -> None:
        self.is_shared = is_postgresql(url)
        """Whether several processes may serve these books at once."""
        self._books: PostgresqlBooks | SqliteBooks = _postgresql(url) if self.is_shared else SqliteBooks(url)

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine beneath."""
        return self._books.engine

    def close(self) -> None:
        """Close idle connections."""
        self.engine.dispose()

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in a transaction that only reads, on one state of the books.

        Raises:
            DatabaseBusyError: a writer holds the file for too long, or the server is away.
            DatabaseFullError: the disk fails.
        """
        return self._books.read(work)

    def write(self, work: Callable[[Connection], Result], *, serializable: bool = False) -> Result:
        """Run ``work`` in a transaction of its own and return once it is committed; on any exception nothing is changed.

        ``work`` may run again from its beginning, and in another thread, so it touches nothing but its connection.
        ``serializable`` asks PostgreSQL for its strictest isolation on top of unique keys and conditional updates; on SQLite
        writers come one after the other anyway.

        Raises:
            DatabaseBusyError: the writers before this one took too long, or the server is away.
            DatabaseFullError: the disk is full or fails.
        """
        return self._books.write(work, serializable=serializable)


def _postgresql(url: str) -> PostgresqlBooks:
    from store_server.persistence.postgresql import PostgresqlBooks  # noqa: PLC0415 - a shop on SQLite need not load psycopg

    return PostgresqlBooks(url)
