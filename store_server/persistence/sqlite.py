"""SQLite: its safety settings proven on every connection, one writer process, waiting writers committed together.

A SQLite older than 3.51.3 (3.44.6 and 3.50.7 have the mend) can damage a file in WAL mode when two connections write it; such a
library gets the rollback journal with the strongest synchronisation instead. A write takes its lock at BEGIN, so a writer never
fails in the middle for want of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store_server.persistence.audit import write_links
from store_server.persistence.collected import Collected, collecting, write_rows
from store_server.persistence.crash_points import crash_point
from store_server.persistence.failures import DatabaseBusyError, DatabaseFullError, DatabaseUnsafeError
from store_server.persistence.transaction_kind import WRITES, writes
from store_server.persistence.write_groups import Group, Job, WriteGroups

WRITER_WAIT_S = 4.0
BUSY_WAIT_MS = 1000
ATTEMPTS_MAX = 3
POOL_SIZE = 8
POOL_OVERFLOW_MAX = 40
POOL_WAIT_S = 4.0

_SAFE_WAL = (3, 51, 3)
_MENDED = frozenset({(3, 44, 6), (3, 50, 7)})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

Result = TypeVar("Result")


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


class SqliteBooks:
    """One SQLite file; use it from any thread of one process."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW_MAX,
            pool_timeout=POOL_WAIT_S,
            connect_args={"check_same_thread": False, "timeout": BUSY_WAIT_MS / 1000},
        )
        _guard(self.engine)
        self._writing = self.engine.execution_options(**{WRITES: True})
        self._groups = WriteGroups(self._commit)
        # Without a WAL a commit needs the file without readers; waiting here is shorter than SQLite's own sleeps.
        self._doors = _Doors() if journal_settings(sqlite3.sqlite_version_info)["journal_mode"] != "wal" else None

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` on one state of the books."""
        last: OperationalError | None = None
        for _attempt in range(ATTEMPTS_MAX):
            try:
                with self._reading(), self.engine.connect() as connection, connection.begin():
                    return work(connection)
            except PoolTimeoutError as error:
                raise DatabaseBusyError("all database connections are in use") from error
            except OperationalError as error:
                if _code(error) not in _BUSY:
                    raise _told(error) from error
                last = error
        raise DatabaseBusyError("another program writes into the database for too long") from last

    def write(self, work: Callable[[Connection], Result], *, serializable: bool) -> Result:  # noqa: ARG002 - one writer is serial
        """Run ``work`` and commit it, perhaps together with others that wait."""
        return self._groups.write(work, WRITER_WAIT_S)

    def _reading(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext() if self._doors is None else self._doors.reading()

    def _committing(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext() if self._doors is None else self._doors.committing()

    def _commit(self, group: Group) -> None:
        """Commit a group; when something is wrong with the whole of it, each of its jobs alone."""
        last: Exception | None = None
        for _attempt in range(ATTEMPTS_MAX):
            try:
                self._together(group)
            except PoolTimeoutError as error:
                last = DatabaseBusyError("all database connections are in use")
                last.__cause__ = error
                break
            except OperationalError as error:
                if _code(error) not in _BUSY:
                    last = _told(error)
                    break
                last = DatabaseBusyError("another program writes into the database for too long")
                last.__cause__ = error
            except Exception as error:  # noqa: BLE001 - whose fault it is shows when each runs alone
                last = error
                break
            else:
                return
        if len(group.jobs) == 1 or isinstance(last, DatabaseBusyError):
            for job in group.jobs:
                job.error = last
            return
        for job in group.jobs:
            self._commit(Group(job, lambda: None))

    def _together(self, group: Group) -> None:
        with self._writing.connect() as connection, collecting(connection) as held:
            transaction = connection.begin()
            try:
                for job in group.jobs:
                    _run_apart(connection, job, held)
                while (late := group.take()) is not None:
                    _run_apart(connection, late, held)
                write_rows(connection)
                write_links(connection, held.links)
                crash_point("database.before_commit")
                with self._committing():
                    transaction.commit()
                crash_point("database.committed")
            finally:
                if transaction.is_active:
                    transaction.rollback()


def _run_apart(connection: Connection, job: Job[Any], held: Collected) -> None:
    """Run a job behind a savepoint of its own, so that its failing takes nothing from the others."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("SAVEPOINT one_job")
    mark = held.mark()
    job.run(connection)
    if job.error is None:
        driver.execute("RELEASE one_job")
        return
    if not driver.in_transaction and isinstance(job.error, OperationalError):
        # A full or failing disk makes SQLite take the whole transaction back.
        raise job.error
    driver.execute("ROLLBACK TO one_job")
    driver.execute("RELEASE one_job")
    held.back_to(mark)
    if isinstance(job.error, OperationalError):
        told = _told(job.error)
        if told is not job.error:
            told.__cause__ = job.error
        job.error = told


class _Doors:
    """Lets readers in together, and a commit alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0
        self._commits = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Hold off commits."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._commits, POOL_WAIT_S):
                raise DatabaseBusyError("a commit takes too long")
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                if self._commits and not self._readers:
                    self._changed.notify_all()

    @contextlib.contextmanager
    def committing(self) -> Iterator[None]:
        """Let running readers end and hold off new ones; one who does not end meets SQLite's own waiting."""
        with self._changed:
            self._commits = True
            self._changed.wait_for(lambda: not self._readers, BUSY_WAIT_MS / 1000)
        try:
            yield
        finally:
            with self._changed:
                self._commits = False
                self._changed.notify_all()


def _told(error: OperationalError) -> Exception:
    code = _code(error)
    if code in _DISK:
        return DatabaseFullError(str(error.orig))
    if code in _BUSY:
        return DatabaseBusyError(str(error.orig))
    return error


def _code(error: DBAPIError) -> int | None:
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
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes(connection) else "BEGIN")
