"""The controller's own durable record: which passes were used, which exits are still to be reported, what staff ordered.

One controller per shop is the arbiter of its lanes: a signature proves payment, only this record proves that a pass was not
used before. ``pass_used(order_id PRIMARY KEY)`` is committed before the deactivator is enabled, the exit before the gate opens.
The database is SQLite with ``journal_mode=DELETE`` and ``synchronous=EXTRA``, set and read back, so that a committed row
survives a power cut also on libraries with the WAL-reset fault (3.7.0 to 3.51.2).

Used from the controller's thread and the store link's threads; one lock guards the one connection.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from gate_controller.pass_use import PassUse
from program.errors import ProgramError
from store_server.contract.lane_messages import ReportExit

FILE_NAME = "passes-used.sqlite"
BATCH_MAX = 20
"""Exits or entries handed out at a time."""
COMMANDS_KEPT = 1000

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
"""
_PRAGMAS = {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0}


class RecordError(Exception):
    """The disk could not record it; nothing may open."""


class PassesUsed:
    """The record on disk."""

    def __init__(self, folder: Path) -> None:
        """Open or make the record in ``folder``.

        Raises:
            ProgramError: the file cannot be opened, is damaged, or does not keep its promises.
        """
        self._lock = threading.Lock()
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

    # passes

    def use(self, use: PassUse) -> PassUse | None:
        """Record that a pass is used now; return None, or the earlier use that forbids it.

        Raises:
            RecordError: the disk could not record it.
        """
        with self._writing() as db:
            inserted = db.execute(
                "INSERT INTO pass_used (order_id, order_number, revision, lane, entry_id, total_minor, expected_g, spread_g,"
                " decided_by, without_server, exit_pass, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (order_id) DO NOTHING",
                _row(use),
            ).rowcount
        if inserted == 1:
            return None
        earlier = self.used(use.order_id)
        assert earlier is not None, "a row that conflicts exists"
        return earlier

    def used(self, order_id: UUID) -> PassUse | None:
        """Return when and where an order's pass was used."""
        rows = self._read(_SELECT_USE + " WHERE order_id = ?", str(order_id))
        return _use(rows[0]) if rows else None

    def interrupted(self, lane: str) -> PassUse | None:
        """Return the newest order of ``lane`` whose pass was used and of which nobody knows whether it left."""
        rows = self._read(_SELECT_USE + " WHERE lane = ? AND outcome = 'open' ORDER BY rowid DESC LIMIT 1", lane)
        return _use(rows[0]) if rows else None

    def goods_stayed(self, order_id: UUID) -> None:
        """Record that an order did not leave although its pass is used."""
        with self._writing() as db:
            db.execute("UPDATE pass_used SET outcome = 'stayed' WHERE order_id = ? AND outcome = 'open'", (str(order_id),))

    # exits

    def record_exit(self, report: ReportExit) -> None:
        """Record that the gate opens now and queue the report; an order exits once.

        Raises:
            RecordError: the disk could not record it, the pass was not used, or the order has already left.
        """
        with self._writing() as db:
            changed = db.execute(
                "UPDATE pass_used SET outcome = 'left', decided_by = ? WHERE order_id = ? AND outcome = 'open'",
                (report.decided_by, str(report.order_id)),
            ).rowcount
            if changed != 1:
                raise RecordError(f"order {report.order_id} is not on its way out of this lane")
            db.execute(
                "INSERT INTO exit_report (exit_id, order_id, body) VALUES (?, ?, ?)",
                (str(report.exit_id), str(report.order_id), report.model_dump_json()),
            )
            db.execute(
                "DELETE FROM entry WHERE entry_id = (SELECT entry_id FROM pass_used WHERE order_id = ?)",
                (str(report.order_id),),
            )

    def exits_to_report(self) -> list[ReportExit]:
        """Return exits that the server has not answered, oldest first."""
        rows = self._read("SELECT body FROM exit_report WHERE answer = 'none' ORDER BY rowid LIMIT ?", BATCH_MAX)
        return [ReportExit.model_validate_json(row[0]) for row in rows]

    def exit_answered(self, exit_id: UUID, answer: str) -> None:
        """Record the server's answer, ``recorded`` or the refusal's code."""
        with self._writing() as db:
            db.execute("UPDATE exit_report SET answer = ? WHERE exit_id = ? AND answer = 'none'", (answer, str(exit_id)))

    def exits_without_server(self) -> int:
        """Return how many orders left on their signature alone since the server was last heard."""
        heard_at = self.server_heard_at() or 0
        rows = self._read("SELECT count(*) FROM pass_used WHERE without_server = 1 AND used_at >= ?", heard_at)
        return int(rows[0][0])

    # entries

    def begin_entry(self, entry_id: UUID) -> None:
        """Record an attempt before the server is asked, so that it can be released after a crash."""
        with self._writing() as db:
            db.execute("INSERT INTO entry (entry_id) VALUES (?) ON CONFLICT DO NOTHING", (str(entry_id),))

    def end_entry(self, entry_id: UUID) -> None:
        """Forget an attempt: the server let go of it, or never held it."""
        with self._writing() as db:
            db.execute("DELETE FROM entry WHERE entry_id = ?", (str(entry_id),))

    def leave(self, entry_id: UUID) -> None:
        """Mark an attempt to be released; nothing happens when it is unknown."""
        with self._writing() as db:
            db.execute("UPDATE entry SET leaving = 1 WHERE entry_id = ?", (str(entry_id),))

    def leave_abandoned(self) -> None:
        """Mark every attempt to be released that an earlier run left behind, but those whose goods may be on their way."""
        with self._writing() as db:
            db.execute(
                "UPDATE entry SET leaving = 1 WHERE entry_id NOT IN (SELECT entry_id FROM pass_used WHERE outcome = 'open')"
            )

    def entries_to_leave(self) -> list[UUID]:
        """Return attempts that the server has to let go of."""
        rows = self._read("SELECT entry_id FROM entry WHERE leaving = 1 ORDER BY rowid LIMIT ?", BATCH_MAX)
        return [UUID(row[0]) for row in rows]

    # staff commands and the server

    def begin_command(self, command_id: UUID) -> bool:
        """Record a staff command before it is done; False when it was recorded before."""
        with self._writing() as db:
            new = db.execute("INSERT INTO command_done (command_id) VALUES (?) ON CONFLICT DO NOTHING", (str(command_id),))
            db.execute(
                "DELETE FROM command_done WHERE seq <= (SELECT max(seq) FROM command_done) - ?",
                (COMMANDS_KEPT,),
            )
            return new.rowcount == 1

    def server_heard(self, at: int) -> None:
        """Record when the server was last heard; the offline caps count from there."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO server_heard (only, at) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET at = excluded.at", (at,)
            )

    def server_heard_at(self) -> int | None:
        """Return when the server was last heard, by any run of this program."""
        rows = self._read("SELECT at FROM server_heard")
        return int(rows[0][0]) if rows else None

    def _read(self, query: str, *values: str | int) -> list[tuple[str, ...]]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise RecordError(f"the record of used passes cannot be written: {error}") from error
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


_SELECT_USE = (
    "SELECT order_id, order_number, revision, lane, entry_id, total_minor, expected_g, spread_g, decided_by, without_server,"
    " exit_pass, used_at FROM pass_used"
)


def _row(use: PassUse) -> tuple[str | int | float | None, ...]:
    return (
        str(use.order_id),
        use.order_number,
        use.revision,
        use.lane,
        str(use.entry_id),
        use.total_minor,
        use.expected_g,
        use.spread_g,
        use.decided_by,
        int(use.without_server),
        use.exit_pass,
        use.used_at,
    )


def _use(row: tuple[str, ...]) -> PassUse:
    return PassUse(
        order_id=UUID(row[0]),
        order_number=row[1],
        revision=int(row[2]),
        lane=row[3],
        entry_id=UUID(row[4]),
        total_minor=int(row[5]),
        expected_g=float(row[6]),
        spread_g=float(row[7]),
        decided_by=row[8],
        without_server=bool(row[9]),
        exit_pass=row[10],
        used_at=int(row[11]),
    )


def _make_durable(db: sqlite3.Connection, path: Path) -> None:
    for pragma, wanted in _PRAGMAS.items():
        db.execute(f"PRAGMA {pragma} = {wanted}")
        found = db.execute(f"PRAGMA {pragma}").fetchone()[0]
        if found != wanted:
            raise ProgramError(
                f"{path}: the database keeps {pragma} at {found!r} instead of {wanted!r}; it is not safe enough."
            )
