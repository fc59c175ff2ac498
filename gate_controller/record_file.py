"""The file of the controller's own record: opened once, proven safe, written in whole transactions.

The database is SQLite with ``journal_mode=PERSIST`` and ``synchronous=EXTRA``, set and read back, so that a committed row
survives a power cut also on libraries with the WAL-reset fault (3.7.0 to 3.51.2). A commit ends with the journal's header
overwritten and flushed; making and removing the journal each time (``DELETE``) can take ten times as long, and shoppers wait.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from program.errors import ProgramError

FILE_NAME = "passes-used.sqlite"
SLOW_S = 0.5
"""A disk that needs longer for one change is told in the log."""

_TABLES = """
CREATE TABLE IF NOT EXISTS pass_used (
    order_id TEXT PRIMARY KEY,
    order_number TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision BETWEEN 1 AND 65535),
    lane TEXT NOT NULL,
    entry_id TEXT NOT NULL UNIQUE,
    total_minor INTEGER NOT NULL CHECK (total_minor BETWEEN 0 AND 1000000000000),
    expected_g REAL NOT NULL,
    spread_g REAL NOT NULL,
    decided_by TEXT NOT NULL CHECK (decided_by IN ('server', 'signature', 'staff')),
    without_server INTEGER NOT NULL CHECK (without_server IN (0, 1)),
    exit_pass TEXT,
    used_at INTEGER NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'left', 'stayed'))
) STRICT;
CREATE TABLE IF NOT EXISTS exit_report (
    exit_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE REFERENCES pass_used (order_id),
    body TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT 'none'
) STRICT;
CREATE TABLE IF NOT EXISTS entry (
    entry_id TEXT PRIMARY KEY,
    leaving INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1))
) STRICT;
CREATE TABLE IF NOT EXISTS command_done (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS server_heard (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS record_begun (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    controller_id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS pass_used_without_server ON pass_used (used_at) WHERE without_server = 1;
CREATE INDEX IF NOT EXISTS pass_used_open ON pass_used (lane) WHERE outcome = 'open';
CREATE INDEX IF NOT EXISTS exit_report_waiting ON exit_report (answer) WHERE answer = 'none';
"""
_PRAGMAS = {"journal_mode": "persist", "synchronous": 3, "foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0}

_log = logging.getLogger(__name__)


class RecordError(ProgramError):
    """The disk could not record it; nothing may open. At the start it ends the program with its sentence."""


class RecordFile:
    """The open file. Used from the controller's thread and the store link's threads; one lock guards the one connection."""

    def __init__(self, folder: Path) -> None:
        """Open or make the record in ``folder``.

        Raises:
            ProgramError: the file cannot be opened, is damaged, or does not keep its promises.
        """
        self._lock = threading.Lock()
        self.is_failing = False
        """The disk did not keep what was to be written last."""
        path = folder / FILE_NAME
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
            _make_durable(self._db, path)
            self._db.executescript(_TABLES)
            damage = self._db.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.Error as error:
            raise ProgramError(
                f"The record of used passes {path} cannot be opened: {error}. Restore it or call support."
            ) from error
        if damage != "ok":
            raise ProgramError(f"The record of used passes {path} is damaged: {damage}. Restore it or call support.")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _read(self, query: str, *values: str | int) -> list[tuple[str, ...]]:
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise RecordError(f"The record of used passes cannot be read: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            begun_s = time.monotonic()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
                self.is_failing = False
            except sqlite3.Error as error:
                self.is_failing = not isinstance(error, sqlite3.IntegrityError)
                self._roll_back()
                raise RecordError(f"The record of used passes cannot be written: {error}") from error
            except BaseException:
                self._roll_back()
                raise
            took_s = time.monotonic() - begun_s
            if took_s > SLOW_S:
                _log.warning("the disk took %.1f s to keep the record: shoppers wait for it; use a faster disk", took_s)

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def _make_durable(db: sqlite3.Connection, path: Path) -> None:
    for pragma, wanted in _PRAGMAS.items():
        db.execute(f"PRAGMA {pragma} = {wanted}")
        found = db.execute(f"PRAGMA {pragma}").fetchone()[0]
        if found != wanted:
            raise ProgramError(
                f"{path}: the database keeps {pragma} at {found!r} instead of {wanted!r}; it is not safe enough."
            )
