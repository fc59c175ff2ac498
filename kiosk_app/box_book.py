"""What lies in the kiosk's boxes, as its journal knows: coins and notes that came in, notes moved in, less what staff took out.

A box that is emptied and notes that a recycler moved are each one transaction with the letter that tells the server. A move is
written down before the recycler is asked, so that its end is asked for again after a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from uuid import UUID

from hardware.recycler.events import BOX, store_of
from kiosk_app.boxes import Box
from store_server.contract.box_messages import DevicePile, EmptyBox, MoveNotes

TABLES = """
CREATE TABLE IF NOT EXISTS handling (
    handling_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('moved', 'emptied')),
    is_done INTEGER NOT NULL CHECK (is_done IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pile (
    handling_id TEXT NOT NULL REFERENCES handling, place TEXT NOT NULL,
    value_minor INTEGER NOT NULL CHECK (value_minor BETWEEN 1 AND 100000000),
    count INTEGER NOT NULL CHECK (count BETWEEN -1000000 AND 1000000),
    PRIMARY KEY (handling_id, place, value_minor)
) STRICT, WITHOUT ROWID;
"""
_CONTENTS = """
SELECT value_minor, sum(pieces) FROM (
    SELECT value_minor, count(*) AS pieces FROM cash_event WHERE place = :place GROUP BY value_minor
    UNION ALL SELECT value_minor, sum(count) FROM pile WHERE place = :place GROUP BY value_minor
) GROUP BY value_minor HAVING sum(pieces) > 0 ORDER BY value_minor DESC
"""
_LETTER = "INSERT INTO outbox (kind, session_id, body) VALUES (?, ?, ?)"

Transaction = Callable[[], AbstractContextManager[sqlite3.Connection]]


class BoxBook:
    """The boxes' pages of the journal; every method raises what the journal raises."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def look(self, places: Iterable[str]) -> tuple[Box, ...]:
        """Return what is in these boxes."""
        with self._transaction() as database:
            return tuple(_box(database, place) for place in places)

    def empty(self, request: EmptyBox) -> None:
        """Write down that staff took all of it out, with the letter."""
        with self._transaction() as database:
            _handle(database, request.emptying_id, "emptied")
            rows = [(str(request.emptying_id), request.device, pile.value_minor, -pile.count) for pile in request.contents]
            database.executemany("INSERT INTO pile VALUES (?, ?, ?, ?)", rows)
            database.execute(_LETTER, ("emptied", str(request.emptying_id), request.model_dump_json()))

    def last_emptied(self) -> EmptyBox | None:
        """Return the newest emptying, for its slip."""
        with self._transaction() as database:
            row = database.execute("SELECT body FROM outbox WHERE kind = 'emptied' ORDER BY place DESC LIMIT 1").fetchone()
        return None if row is None else EmptyBox.model_validate_json(row[0])

    def begin_move(self, movement_id: UUID) -> None:
        """Write down that the recycler is about to move its notes into its box."""
        with self._transaction() as database:
            database.execute("INSERT INTO handling VALUES (?, 'moved', 0)", (str(movement_id),))

    def open_moves(self) -> tuple[UUID, ...]:
        """Return the moves of which the end is not known."""
        with self._transaction() as database:
            rows = database.execute("SELECT handling_id FROM handling WHERE kind = 'moved' AND is_done = 0").fetchall()
        return tuple(UUID(row[0]) for row in rows)

    def end_move(self, movement_id: UUID, moved: Mapping[int, int], now_s: int) -> None:
        """Write down what was moved, by value, with the letter; once."""
        with self._transaction() as database:
            ended = database.execute(
                "UPDATE handling SET is_done = 1 WHERE handling_id = ? AND kind = 'moved' AND is_done = 0", (str(movement_id),)
            )
            piles = [
                DevicePile(device=store_of(value), value_minor=value, count=count) for value, count in moved.items() if count
            ]
            if ended.rowcount != 1 or not piles:
                return
            rows = [(str(movement_id), BOX, pile.value_minor, pile.count) for pile in piles]
            database.executemany("INSERT INTO pile VALUES (?, ?, ?, ?)", rows)
            letter = MoveNotes(movement_id=movement_id, into=BOX, piles=piles, moved_at=now_s)
            database.execute(_LETTER, ("moved", str(movement_id), letter.model_dump_json()))


def _box(database: sqlite3.Connection, place: str) -> Box:
    rows = database.execute(_CONTENTS, {"place": place}).fetchall()
    return Box(place, tuple((value, count) for value, count in rows))


def _handle(database: sqlite3.Connection, handling_id: UUID, kind: str) -> None:
    database.execute("INSERT INTO handling VALUES (?, ?, 1)", (str(handling_id), kind))
