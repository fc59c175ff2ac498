"""PostgreSQL: several processes at once, whole transactions repeated when they meet.

Writes run at READ COMMITTED, where unique keys and conditional updates decide; a money path may ask for SERIALIZABLE as a
second belt. Writers of one process that wait are committed together; when one of them fails after it changed something, or met
another process, the group is taken back and each runs alone. A transaction that met another one is run again from its
beginning, a few times, after a short random wait.
Reads see one state of the books (REPEATABLE READ, read only).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store_server.persistence.collected import collecting
from store_server.persistence.crash_points import crash_point
from store_server.persistence.failures import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnsafeError,
    TransactionOvertakenError,
)
from store_server.persistence.postgresql_commit import commit_with
from store_server.persistence.transaction_kind import WRITES
from store_server.persistence.write_groups import Group, Job, WriteGroups

ATTEMPTS_MAX = 5
PAUSE_S = 0.01
"""Before the second attempt, at most; twice as long before each further one."""
POOL_SIZE = 10
POOL_OVERFLOW_MAX = 10
"""With four processes, 80 of the 100 connections that a PostgreSQL takes."""
POOL_WAIT_S = 4.0
LOCK_WAIT_MS = 4000
STATEMENT_MAX_MS = 60_000
IDLE_MAX_MS = 60_000
CONNECT_MAX_S = 5
WRITER_WAIT_S = 8.0
"""For one's turn: longer than a lock may take."""

_WANTED = {"fsync": "on", "full_page_writes": "on", "server_encoding": "UTF8"}
_NOT_DURABLE = "off"
_OVERTAKEN = frozenset({"40001", "40P01", "23505", "23P01"})
"""Serialization failure, deadlock; a key that somebody else took between looking and inserting."""
_BUSY = frozenset({"55P03", "57014", "57P01", "57P02", "57P03", "53300", "25P03", "25P04"})
"""Lock or statement took too long, the server goes down or comes up, has no connection free, has ended an idle transaction."""
_FULL = frozenset({"53100", "53200", "58030"})
_WROTE = "scanlane_wrote"
"""Whether the job at work has changed a row."""

Result = TypeVar("Result")


class PostgresqlBooks:
    """One PostgreSQL database; use it from any thread of any number of processes."""

    def __init__(self, url: str) -> None:
        options = f"-c lock_timeout={LOCK_WAIT_MS} -c statement_timeout={STATEMENT_MAX_MS}"
        self.engine = create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW_MAX,
            pool_timeout=POOL_WAIT_S,
            connect_args={
                "connect_timeout": CONNECT_MAX_S,
                "options": f"{options} -c idle_in_transaction_session_timeout={IDLE_MAX_MS}",
            },
        )
        _guard(self.engine)
        self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writing = self.engine.execution_options(**{WRITES: True})
        self._serializable = self._writing.execution_options(isolation_level="SERIALIZABLE")
        self._groups = WriteGroups(self._commit)

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` on one state of the books."""
        return self._run(self._reading, work)

    def write(self, work: Callable[[Connection], Result], *, serializable: bool) -> Result:
        """Run ``work`` and commit it, perhaps together with others that wait, and again when it was overtaken."""
        if serializable:
            return self._run(self._serializable, work)
        return self._groups.write(work, WRITER_WAIT_S)

    def _commit(self, group: Group) -> None:
        """Commit a group; when one of its jobs spoils the transaction, or others were in its way, each job alone."""
        try:
            self._together(group)
        except PoolTimeoutError as error:
            raise DatabaseBusyError("all database connections are in use") from error
        except (_SpoiltError, TransactionOvertakenError):
            pass
        except (DBAPIError, psycopg.Error) as error:
            told = _told(error)
            if told is not error:
                raise told from error
        else:
            return
        for job in group.jobs:
            job.run_alone(lambda work: self._run(self._writing, work))

    def _together(self, group: Group) -> None:
        with self._writing.connect() as connection, connection.begin() as transaction, collecting(connection) as held:
            job: Job[Any] | None = group.jobs[0]
            while job is not None:
                connection.info[_WROTE] = False
                mark = held.mark()
                job.run(connection)
                if job.error is not None:
                    if isinstance(job.error, DBAPIError) and job.error.connection_invalidated:
                        raise job.error
                    if not _is_as_before(connection, job.error):
                        raise _SpoiltError from job.error
                    held.back_to(mark)
                job = group.take()
            commit_with(connection, transaction, held)
        crash_point("database.committed")

    def _run(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        last: Exception | None = None
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                time.sleep(random.uniform(0, PAUSE_S * 2 ** (attempt - 1)))  # noqa: S311 - guards nothing
            try:
                return _alone(engine, work)
            except PoolTimeoutError as error:
                raise DatabaseBusyError("all database connections are in use") from error
            except TransactionOvertakenError as error:
                last = error
            except (DBAPIError, psycopg.Error) as error:
                if _state(error) not in _OVERTAKEN:
                    raise _told(error) from error
                last = error
        if isinstance(last, DBAPIError | psycopg.Error) and _state(last).startswith("23"):
            # Nobody was in the way: the transaction itself writes a key twice.
            raise last
        raise DatabaseBusyError("others changed the same rows all the time") from last


class _SpoiltError(Exception):
    """A job of a group failed when it had changed something; all that the group did is taken back."""


def _alone(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.connect() as connection, connection.begin() as transaction, collecting(connection) as held:
        result = work(connection)
        commit_with(connection, transaction, held)
    crash_point("database.committed")
    return result


def _is_as_before(connection: Connection, error: BaseException) -> bool:
    """Tell whether a job failed without having changed anything, so that the others' work can go on in its transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    unharmed = driver.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS
    return unharmed and not connection.info[_WROTE] and not isinstance(error, TransactionOvertakenError)


def _state(error: DBAPIError | psycopg.Error) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlstate", None) or ""


def _told(error: DBAPIError | psycopg.Error) -> Exception:
    origin = error.orig if isinstance(error, DBAPIError) else error
    state = _state(error)
    if state in _FULL:
        return DatabaseFullError(str(origin))
    is_away = isinstance(error, DBAPIError) and error.connection_invalidated
    if state in _BUSY or is_away or (isinstance(origin, psycopg.OperationalError) and not state):
        return DatabaseBusyError(f"the database is away or too slow: {origin}")
    return error


def _guard(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(connection: psycopg.Connection[Any], _record: Any) -> None:
        prove_settings(connection)

    @event.listens_for(engine, "after_cursor_execute")
    def _note(connection: Connection, cursor: Any, text: str, *_others: Any) -> None:
        if cursor.rowcount and not text.startswith("SELECT"):
            connection.info[_WROTE] = True


def prove_settings(connection: psycopg.Connection[Any]) -> None:
    """Read back what makes a commit last.

    Raises:
        DatabaseUnsafeError: the server is set up to lose commits, or to keep other letters than Unicode's.
    """
    names = ("synchronous_commit", *_WANTED)
    rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(names)]).fetchall()
    connection.rollback()
    found: dict[str, str] = dict(rows)
    wrong = [name for name, wanted in _WANTED.items() if found[name] != wanted]
    if found["synchronous_commit"] == _NOT_DURABLE:
        wrong.append("synchronous_commit")
    if wrong:
        told = ", ".join(f"{name} = {found[name]}" for name in wrong)
        raise DatabaseUnsafeError(f"The PostgreSQL server has {told}: it may lose or spoil what was paid. Mend its settings.")
