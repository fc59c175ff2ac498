"""The database engine: its safety settings proven on every connection, one writer at a time, bounded waiting.

A SQLite older than 3.51.3 (3.44.6 and 3.50.7 have the mend) can damage a file in WAL mode when two connections write it; such a
library gets the rollback journal with the strongest synchronisation instead. A write takes its lock at BEGIN, so two writers
queue instead of failing in the middle; a whole transaction is repeated, never a part of it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from program.errors import ProgramError

WRITER_WAIT_S = 4.0
BUSY_WAIT_MS = 1000
ATTEMPTS_MAX = 3
POOL_SIZE = 8
POOL_OVERFLOW_MAX = 40
POOL_WAIT_S = 4.0

_WRITES = "scanlane_writes"
_SAFE_WAL = (3, 51, 3)
_MENDED = frozenset({(3, 44, 6), (3, 50, 7)})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL = sqlite3.SQLITE_FULL
_DISK = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

Result = TypeVar("Result")


class DatabaseBusyError(Exception):
    """Another writer took too long; nothing was changed. Repeat the request."""


class DatabaseFullError(Exception):
    """The disk is full or does not take writes; nothing was changed. Make room, then repeat the request."""


class DatabaseUnsafeError(ProgramError):
    """The database does not keep the settings that make it safe."""


def journal_settings(version: tuple[int, ...]) -> dict[str, str | int]:
    """Return the PRAGMAs that decide about durability, as they read back, for a SQLite library."""
    if version >= _SAFE_WAL or version in _MENDED:
        return {"journal_mode": "wal", "synchronous": 2}
    return {"journal_mode": "delete", "synchronous": 3}


def pragmas(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> dict[str, str | int]:
    """Return every PRAGMA of a connection, as it reads back."""
    return {
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "busy_timeout": BUSY_WAIT_MS,
        **journal_settings(version),
    }


class Database:
    """The books' database; use it from any thread."""

    def __init__(self, url: str) -> None:
        self._writer = threading.Lock()
        self.engine = create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW_MAX,
            pool_timeout=POOL_WAIT_S,
            connect_args={"check_same_thread": False, "timeout": BUSY_WAIT_MS / 1000},
        )
        _guard(self.engine)

    def close(self) -> None:
        """Close idle connections."""
        self.engine.dispose()

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in a transaction that only reads.

        Raises:
            DatabaseBusyError: a writer holds the file for too long.
            DatabaseFullError: the disk fails.
        """
        return self._run(self.engine, work)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in a transaction of its own and commit it; on any exception nothing is changed.

        ``work`` may run again from its beginning, so it touches nothing but its connection.

        Raises:
            DatabaseBusyError: the writers before this one took too long.
            DatabaseFullError: the disk is full or fails.
        """
        if not self._writer.acquire(timeout=WRITER_WAIT_S):
            raise DatabaseBusyError("other writers took too long")
        try:
            return self._run(self.engine.execution_options(**{_WRITES: True}), work)
        finally:
            self._writer.release()

    def _run(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        last: Exception | None = None
        for _attempt in range(ATTEMPTS_MAX):
            try:
                with engine.connect() as connection, connection.begin():
                    return work(connection)
            except PoolTimeoutError as error:
                raise DatabaseBusyError("all database connections are in use") from error
            except OperationalError as error:
                code = _primary_code(error)
                if code == _FULL or code in _DISK:
                    raise DatabaseFullError(str(error.orig)) from error
                if code not in _BUSY:
                    raise
                last = error
        raise DatabaseBusyError("another program writes into the database for too long") from last


def _primary_code(error: DBAPIError) -> int | None:
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _guard(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
        # From here on SQLAlchemy's "begin" below is the only BEGIN; the driver's own comes too late.
        connection.isolation_level = None
        prove_pragmas(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def prove_pragmas(connection: sqlite3.Connection) -> None:
    """Set every PRAGMA and read it back.

    Raises:
        DatabaseUnsafeError: one of them did not stick.
    """
    for name, wanted in pragmas().items():
        if connection.execute(f"PRAGMA {name}").fetchone()[0] == wanted:
            continue
        connection.execute(f"PRAGMA {name}={wanted}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise DatabaseUnsafeError(
                f"The database keeps {name}={found} where {wanted} is needed to lose nothing. Use a local disk and a"
                f" SQLite that this program was tested with (found {sqlite3.sqlite_version})."
            )
