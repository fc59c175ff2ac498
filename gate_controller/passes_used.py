"""The controller's own durable record: which passes were used, which exits are still to be reported, what staff ordered.

One controller per shop is the arbiter of its lanes: a signature proves payment, only this record proves that a pass was not
used before. ``pass_used(order_id PRIMARY KEY)`` is committed before the deactivator is enabled, the exit before the gate opens.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from gate_controller.pass_use import PassUse
from gate_controller.record_file import FILE_NAME, RecordError, RecordFile
from store_server.contract.lane_messages import ReportExit

__all__ = ["BATCH_MAX", "FILE_NAME", "PassesUsed", "RecordError", "RecordIdentity"]

BATCH_MAX = 20
"""Exits or entries handed out at a time."""
COMMANDS_KEPT = 1000
HOUR_S = 3600
_GOODS_STAYED = "UPDATE pass_used SET outcome = 'stayed' WHERE order_id = ? AND outcome = 'open'"
_LEAVING = "UPDATE entry SET leaving = 1 WHERE entry_id = ?"


@dataclass(frozen=True, slots=True)
class RecordIdentity:
    """Which record this is: another record is another arbiter."""

    controller_id: UUID
    begun_at: int
    """Passes issued before this moment may have been used where this record does not see it."""


class PassesUsed(RecordFile):
    """The record on disk.

    That goods stayed, or that somebody turned back, gives an order free again. Where the disk does not keep that, it is kept in
    memory and written with whatever is written next: else who did not leave would be told that they had.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make the record in ``folder``.

        Raises:
            ProgramError: the file cannot be opened, is damaged, or does not keep its promises.
        """
        super().__init__(folder)
        self._owed: dict[tuple[str, str], None] = {}
        """Changes that the disk did not keep yet, with the id that each is about, oldest first."""

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        owed: dict[tuple[str, str], None] = {}
        try:
            with super()._writing() as db:
                owed, self._owed = self._owed, {}  # under the lock: nobody else writes them after what comes now
                for change, about in owed:
                    db.execute(change, (about,))
                yield db
        except BaseException:
            self._owed = owed | self._owed
            raise

    def _give_free(self, change: str, about: UUID) -> None:
        try:
            with self._writing() as db:
                db.execute(change, (str(about),))
        except RecordError:
            self._owed[change, str(about)] = None
            raise

    def identity(self, now: int) -> RecordIdentity:
        """Return which record this is; ``now`` is kept when it is a new one, and still empty."""
        with self._writing() as db:
            is_empty = db.execute("SELECT 1 FROM pass_used LIMIT 1").fetchone() is None
            made = "INSERT INTO record_begun (only, controller_id, at) VALUES (1, ?, ?) ON CONFLICT DO NOTHING"
            db.execute(made, (str(uuid4()), now if is_empty else 0))
        found = self._read("SELECT controller_id, at FROM record_begun")[0]
        return RecordIdentity(UUID(found[0]), int(found[1]))

    def try_to_write(self) -> bool:
        """Tell whether the disk keeps what is written; writes what it owes, and nothing new."""
        try:
            with self._writing() as db:
                db.execute("UPDATE record_begun SET at = at")
        except RecordError:
            return False
        return True

    # passes

    def use(self, use: PassUse) -> PassUse | None:
        """Record that a pass is used now; return None, or the earlier use that forbids it.

        Goods that went back into the shop never left: their pass may be used again.

        Raises:
            RecordError: the disk could not record it.
        """
        with self._writing() as db:
            inserted = db.execute(
                "INSERT INTO pass_used (order_id, order_number, revision, lane, entry_id, total_minor, expected_g, spread_g,"
                " decided_by, without_server, exit_pass, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (order_id) DO UPDATE SET revision = excluded.revision, lane = excluded.lane,"
                " entry_id = excluded.entry_id, total_minor = excluded.total_minor, expected_g = excluded.expected_g,"
                " spread_g = excluded.spread_g, decided_by = excluded.decided_by, without_server = excluded.without_server,"
                " exit_pass = excluded.exit_pass, used_at = excluded.used_at, outcome = 'open' WHERE outcome = 'stayed'",
                _row(use),
            ).rowcount
        if inserted == 1:
            return None
        earlier = self.used(use.order_id)
        assert earlier is not None, "a row that conflicts exists"
        return earlier

    def used(self, order_id: UUID) -> PassUse | None:
        """Return when and where an order's pass was used, unless its goods went back into the shop."""
        if (_GOODS_STAYED, str(order_id)) in self._owed:
            return None
        rows = self._read(_SELECT_USE + " WHERE order_id = ? AND outcome <> 'stayed'", str(order_id))
        return _use(rows[0]) if rows else None

    def interrupted(self, lane: str) -> PassUse | None:
        """Return the newest order of ``lane`` whose pass was used and of which nobody knows whether it left."""
        rows = self._read(_SELECT_USE + " WHERE lane = ? AND outcome = 'open' ORDER BY rowid DESC LIMIT 1", lane)
        return _use(rows[0]) if rows else None

    def goods_stayed(self, order_id: UUID) -> None:
        """Record that an order did not leave although its pass is used."""
        self._give_free(_GOODS_STAYED, order_id)

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

    def exits_without_server_in_the_hour(self, now: int) -> int:
        """Return how many orders left on their signature alone in the hour before ``now``; a clock set back hides none."""
        rows = self._read("SELECT count(*) FROM pass_used WHERE without_server = 1 AND used_at > ?", now - HOUR_S)
        return int(rows[0][0])

    def has_exits_to_report(self) -> bool:
        """Tell whether the server has yet to hear of an exit."""
        return bool(self._read("SELECT 1 FROM exit_report WHERE answer = 'none' LIMIT 1"))

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
        self._give_free(_LEAVING, entry_id)

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
