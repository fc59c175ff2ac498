"""What the kiosk remembers on disk: written before anything moves, so that kill -9 at any instant loses and doubles nothing.

One SQLite file. Each step of the session is one transaction: the session as it is now, each coin and note once (primary key
``place, epoch, seq``), the payouts, and what is to be told to the server. The desk carries out a step's commands after its
commit.

Whose money it is, is told here and nowhere else: sessions, credits, payouts as the session decided and booked them. What a
device was told to move, its counters before and what it really moved is told by :attr:`Journal.devices`, the devices' own
journal (:mod:`hardware.journal`) in a file beside this one; its entries have the ids of the payouts here. The cash devices'
thread writes only there.

The journal needs no WAL: ``journal_mode=DELETE`` with ``synchronous=EXTRA`` is right on every SQLite, also those older than
3.51.3 with their WAL-reset bug, and costs about a millisecond per step.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from hardware.cash.events import CounterMemory
from hardware.journal import FileJournal
from hardware.journal import JournalError as DeviceJournalError
from hardware.journal_entry import Entry, Intent
from kiosk_app import box_book
from kiosk_app.box_book import BoxBook
from kiosk_app.session import OpenPayout, Session
from kiosk_app.session_commands import Command, ReleaseOrder, ReportCash
from program.errors import ProgramError

FILE_NAME = "journal.sqlite"
DEVICES_FILE_NAME = "devices.journal"
LAYOUT_VERSION = 3
BUSY_TIMEOUT_MS = 1000
"""Only a backup or a curious reader can hold the file; the screen waits no longer for them."""
_PRAGMAS = {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0}

_AMOUNT = "INTEGER NOT NULL CHECK ({0} BETWEEN 1 AND 100000000)"
_TABLES = f"""
CREATE TABLE session (
    only INTEGER PRIMARY KEY CHECK (only = 1), session_id TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE cash_event (
    place TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, value_minor {_AMOUNT.format("value_minor")},
    session_id TEXT NOT NULL, PRIMARY KEY (place, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE counter (place TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE payout (
    payout_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, hopper TEXT NOT NULL, coin_minor {_AMOUNT.format("coin_minor")},
    requested INTEGER NOT NULL CHECK (requested BETWEEN 1 AND 1000),
    paid INTEGER CHECK (paid BETWEEN 0 AND 100000), uncertain INTEGER CHECK (uncertain BETWEEN 0 AND 1000)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_payout ON payout (hopper) WHERE paid IS NULL;
"""
_OUTBOX = """
CREATE TABLE outbox (
    place INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind IN ('release', 'report', 'emptied', 'moved')),
    session_id TEXT NOT NULL, body TEXT NOT NULL, answer TEXT, UNIQUE (kind, session_id)
) STRICT;
"""

_LETTERS_OVER = "INSERT INTO outbox SELECT * FROM outbox_before; DROP TABLE outbox_before;"

_INTENTS_INSIDE = 1
"""In this layout the intents of payouts stood in the same file."""
_WITHOUT_BOXES = 2
"""In this layout nothing was known of boxes that staff empties."""
_SESSION = TypeAdapter(Session)
_MEMORY = TypeAdapter(CounterMemory)


class JournalError(ProgramError):
    """The journal cannot be read or written: no money may move."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A coin or note to be written once."""

    place: str
    epoch: int
    seq: int
    value_minor: int
    memory: CounterMemory


@dataclass(frozen=True, slots=True)
class Letter:
    """Something the server must be told."""

    place: int
    kind: Literal["release", "report", "emptied", "moved"]
    session_id: UUID
    """The session's; for boxes the id of the emptying or the move."""
    body: str


class Journal:
    """The kiosk's memory, for one thread; the devices' threads write into :attr:`devices`."""

    def __init__(self, folder: Path) -> None:
        """Open or make the journal.

        Raises:
            JournalError: it cannot be opened, or an option that guards against power loss cannot be set.
        """
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()
        self.boxes = BoxBook(self._transaction)
        """What lies in the kiosk's boxes."""
        with self._explained():
            self.devices = FileJournal(folder / DEVICES_FILE_NAME)
            """What the devices were told to move, and what they moved."""
            self._database = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000
            )
            self._set_up()

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._database.close()
        self.devices.close()

    def load(self) -> Session | None:
        """Return the session as it was last written; None on the first start."""
        with self._explained(), self._lock:
            row = self._database.execute("SELECT body FROM session").fetchone()
        return None if row is None else self._parsed(row[0])

    def record(self, before: Session, after: Session, commands: Iterable[Command], credit: Credit | None = None) -> None:
        """Write one step; when it returns, the step is on disk.

        Raises:
            JournalError: it could not be written; nothing of it was.
        """
        with self._transaction() as database:
            if credit is not None:
                database.execute(
                    "INSERT INTO cash_event VALUES (?, ?, ?, ?, ?)",
                    (credit.place, credit.epoch, credit.seq, credit.value_minor, str(after.session_id)),
                )
                _remember(database, credit.place, credit.memory)
            _write_payouts(database, before, after)
            for command in commands:
                _post(database, command)
            database.execute(
                "INSERT INTO session VALUES (1, ?, ?, ?) ON CONFLICT (only) DO UPDATE SET"
                " session_id = excluded.session_id, state = excluded.state, body = excluded.body",
                (str(after.session_id), after.state.value, _SESSION.dump_json(after).decode("utf-8")),
            )

    def knows(self, place: str, epoch: int, seq: int) -> bool:
        """Whether this coin or note was credited before."""
        with self._explained(), self._lock:
            found = self._database.execute(
                "SELECT 1 FROM cash_event WHERE (place, epoch, seq) = (?, ?, ?)", (place, epoch, seq)
            ).fetchone()
        return found is not None

    def remember_counter(self, place: str, memory: CounterMemory) -> None:
        """Keep where the reading of a device's events stands."""
        with self._transaction() as database:
            _remember(database, place, memory)

    def counters(self) -> dict[str, CounterMemory]:
        """Return the newest memory of each device."""
        with self._explained(), self._lock:
            rows = self._database.execute("SELECT place, body FROM counter").fetchall()
        return {place: _MEMORY.validate_json(body) for place, body in rows}

    def device_entry(self, payout_id: UUID) -> Entry | None:
        """Return what the devices' journal says of a payout; None if the hopper was never told to move."""
        return self.devices.entry(payout_id)

    def next_letter(self) -> Letter | None:
        """Return the oldest thing that the server has not answered yet."""
        with self._explained(), self._lock:
            row = self._database.execute(
                "SELECT place, kind, session_id, body FROM outbox WHERE answer IS NULL ORDER BY place LIMIT 1"
            ).fetchone()
        return None if row is None else Letter(row[0], row[1], UUID(row[2]), row[3])

    def answered(self, letter: Letter, answer: str) -> None:
        """Note the server's answer; the letter is not sent again."""
        with self._transaction() as database:
            database.execute("UPDATE outbox SET answer = ? WHERE place = ?", (answer, letter.place))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValidationError, DeviceJournalError) as error:
            raise JournalError(
                f"The kiosk's journal {self._path} fails: {error}. No money moves. Make room on the disk or replace it, then"
                f" start again; keep the file."
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._explained(), self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def _set_up(self) -> None:
        database = self._database
        for name, wanted in _PRAGMAS.items():
            database.execute(f"PRAGMA {name} = {wanted}")
            (held,) = database.execute(f"PRAGMA {name}").fetchone()
            if held != wanted:
                raise sqlite3.OperationalError(f"{name} is {held!r} and cannot be set to {wanted!r}")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 0:
            made = _TABLES + _OUTBOX + box_book.TABLES
            database.executescript(f"BEGIN IMMEDIATE; {made} PRAGMA user_version = {LAYOUT_VERSION}; COMMIT;")
        elif version in {_INTENTS_INSIDE, _WITHOUT_BOXES}:
            if version == _INTENTS_INSIDE:
                _move_intents(database, self.devices)
            _add_boxes(database)
        elif version != LAYOUT_VERSION:
            raise sqlite3.OperationalError(f"its layout {version} is of another version of this program")

    def _parsed(self, body: str) -> Session:
        with self._explained():
            return _SESSION.validate_json(body)


def _remember(database: sqlite3.Connection, place: str, memory: CounterMemory) -> None:
    database.execute(
        "INSERT INTO counter VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET body = excluded.body",
        (place, _MEMORY.dump_json(memory).decode("utf-8")),
    )


def _move_intents(database: sqlite3.Connection, devices: FileJournal) -> None:
    """Bring the intents of payouts that are still open into the devices' journal, then into the next layout."""
    rows = database.execute(
        "SELECT payout_id, coin_minor, body FROM payout_intent JOIN payout USING (payout_id) WHERE paid IS NULL"
    ).fetchall()
    for payout_id, coin_minor, body in rows:
        told = json.loads(body)
        count, device = told["count"], f"cash/{told['hopper']}"
        before = {"dispensed": told["dispensed_before"], "count": count, "coin_minor": coin_minor}
        devices.intend(Intent(UUID(payout_id), device, "dispense", count * coin_minor, told["serial"], before))
    database.executescript(f"BEGIN IMMEDIATE; DROP TABLE payout_intent; PRAGMA user_version = {_WITHOUT_BOXES}; COMMIT;")


def _add_boxes(database: sqlite3.Connection) -> None:
    """Make room for boxes and their letters; those that wait keep their places."""
    rebuilt = f"ALTER TABLE outbox RENAME TO outbox_before; {_OUTBOX} {_LETTERS_OVER} {box_book.TABLES}"
    database.executescript(f"BEGIN IMMEDIATE; {rebuilt} PRAGMA user_version = {LAYOUT_VERSION}; COMMIT;")


def _write_payouts(database: sqlite3.Connection, before: Session, after: Session) -> None:
    known = before.payouts if before.session_id == after.session_id else ()
    for done in after.payouts[len(known) :]:
        changed = database.execute(
            "UPDATE payout SET paid = ?, uncertain = ? WHERE payout_id = ? AND paid IS NULL",
            (done.paid, done.uncertain, str(done.payout_id)),
        )
        assert changed.rowcount == 1, f"payout {done.payout_id} was not open"
    if _is_new(after.open_payout, before.open_payout):
        opened = after.open_payout
        assert opened is not None
        database.execute(
            "INSERT INTO payout VALUES (?, ?, ?, ?, ?, NULL, NULL)",
            (str(opened.payout_id), str(after.session_id), opened.hopper, opened.coin_minor, opened.count),
        )


def _is_new(opened: OpenPayout | None, before: OpenPayout | None) -> bool:
    return opened is not None and (before is None or before.payout_id != opened.payout_id)


def _post(database: sqlite3.Connection, command: Command) -> None:
    if isinstance(command, ReleaseOrder):
        kind, session_id, body = "release", command.session_id, ""
    elif isinstance(command, ReportCash):
        kind, session_id, body = "report", command.report.session_id, command.report.model_dump_json()
    else:
        return
    database.execute(
        "INSERT INTO outbox (kind, session_id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (kind, str(session_id), body)
    )
