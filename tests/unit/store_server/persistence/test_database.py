from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from store_server.persistence.database import (
    Database,
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnsafeError,
    journal_settings,
    pragmas,
    prove_pragmas,
)
from store_server.persistence.once import insert_once, next_number
from store_server.persistence.schema import bring_up_to_date, newest_revision, revision_of
from store_server.persistence.tables import counters, metadata


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{path}")
    bring_up_to_date(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("version", "mode", "synchronous"),
    [
        ((3, 40, 1), "delete", 3),
        ((3, 44, 5), "delete", 3),
        ((3, 44, 6), "wal", 2),
        ((3, 50, 6), "delete", 3),
        ((3, 50, 7), "wal", 2),
        ((3, 51, 2), "delete", 3),
        ((3, 51, 3), "wal", 2),
        ((3, 53, 0), "wal", 2),
    ],
)
def test_a_library_with_the_wal_reset_bug_gets_the_rollback_journal(
    version: tuple[int, ...], mode: str, synchronous: int
) -> None:
    assert journal_settings(version) == {"journal_mode": mode, "synchronous": synchronous}


def test_every_connection_has_its_pragmas(database: Database) -> None:
    def look(connection: Connection) -> dict[str, object]:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas()}

    assert database.read(look) == pragmas()
    assert database.write(look) == pragmas()


def test_a_pragma_that_does_not_stick_ends_the_start(tmp_path: Path) -> None:
    path = tmp_path / "read-only.db"
    sqlite3.connect(path).executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (x); PRAGMA journal_mode=WAL;").close()
    wanted = pragmas()["journal_mode"]
    connection = sqlite3.connect(f"file:{path}?mode=memory" if wanted == "wal" else ":memory:", uri=True)
    try:
        # A database in memory knows no journal file, so neither mode can be set there.
        with pytest.raises(DatabaseUnsafeError, match="journal_mode=memory"):
            prove_pragmas(connection)
    finally:
        connection.close()


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    def compare(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    assert database.read(compare) == []
    assert revision_of(database) == newest_revision() is not None


def test_every_table_is_strict(database: Database) -> None:
    names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'alembic_version' AND sql NOT LIKE '%STRICT%'"
    assert database.read(lambda connection: connection.execute(text(names)).scalars().all()) == []


def test_an_upgrade_of_books_that_are_up_to_date_changes_nothing(database: Database) -> None:
    database.write(lambda connection: next_number(connection, "order"))
    bring_up_to_date(database)
    assert database.write(lambda connection: next_number(connection, "order")) == 2


def test_a_number_that_was_taken_back_is_given_again(database: Database) -> None:
    def fail(connection: Connection) -> None:
        assert next_number(connection, "order") == 1
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    assert database.write(lambda connection: next_number(connection, "order")) == 1


def test_a_row_is_inserted_once(database: Database) -> None:
    row = {"name": "order", "value": 7}
    assert database.write(lambda connection: insert_once(connection, counters, row))
    assert not database.write(lambda connection: insert_once(connection, counters, row | {"value": 8}))
    assert database.write(lambda connection: next_number(connection, "order")) == 8


POST = "INTO transfers (seq, source, debit, credit, amount_minor, posted_at) VALUES ({seq}, '{source}', 'a', 'b', {amount}, 1)"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE transfers SET amount_minor = 1",
        "DELETE FROM transfers",
        "INSERT OR REPLACE " + POST.format(seq=1, source="other", amount=1),
        "INSERT OR REPLACE " + POST.format(seq=2, source="x", amount=1),
        "REPLACE " + POST.format(seq=1, source="x", amount=1),
        "INSERT " + POST.format(seq=1, source="x", amount=1) + " ON CONFLICT (seq) DO UPDATE SET amount_minor = 1",
    ],
)
@pytest.mark.parametrize("recursive", ["on", "off"])
def test_a_ledger_row_is_never_changed(path: Path, database: Database, change: str, recursive: str) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute(f"PRAGMA recursive_triggers={recursive}")
        connection.execute("INSERT " + POST.format(seq=1, source="x", amount=500))
        connection.commit()
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            connection.execute(change)
        connection.rollback()
        assert connection.execute("SELECT seq, source, amount_minor FROM transfers").fetchall() == [(1, "x", 500)]
    finally:
        connection.close()


@pytest.mark.parametrize("amount", ["0", "-1", "'12abc'", "1.5", "NULL", "9223372036854775807"])
def test_an_amount_that_cannot_be_is_refused_by_the_table(database: Database, amount: str) -> None:
    insert = text("INSERT " + POST.format(seq=1, source="x", amount=amount))
    with pytest.raises(IntegrityError):
        database.write(lambda connection: connection.execute(insert))


def test_a_writer_has_the_lock_before_its_first_row_and_a_reader_has_none(path: Path, database: Database) -> None:
    other = sqlite3.connect(path, isolation_level=None, timeout=0)

    def lock_again(_connection: Connection) -> None:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")

    try:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            database.write(lock_again)
        database.read(lock_again)
    finally:
        other.close()


def test_writers_in_threads_lose_no_number(database: Database) -> None:
    def raise_often() -> None:
        for _ in range(10):
            database.write(lambda connection: next_number(connection, "order"))

    threads = [threading.Thread(target=raise_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.write(lambda connection: next_number(connection, "order")) == 81


def test_another_programs_lock_makes_busy_and_changes_nothing(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store_server.persistence.sqlite.BUSY_WAIT_MS", 20)
    impatient = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseBusyError):
            impatient.write(lambda connection: next_number(connection, "order"))
        with pytest.raises(DatabaseBusyError):
            impatient.read(lambda connection: connection.execute(counters.select()).all())
        other.execute("ROLLBACK")
        assert impatient.write(lambda connection: next_number(connection, "order")) == 1
    finally:
        other.close()
        impatient.close()


def test_a_writer_that_never_ends_makes_the_next_one_busy(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store_server.persistence.sqlite.WRITER_WAIT_S", 0.05)

    def write_inside(_connection: Connection) -> None:
        waiting = threading.Thread(target=try_to_write)
        waiting.start()
        waiting.join()

    raised: list[Exception] = []

    def try_to_write() -> None:
        try:
            database.write(lambda connection: next_number(connection, "order"))
        except DatabaseBusyError as error:
            raised.append(error)

    database.write(write_inside)
    assert len(raised) == 1


def test_a_full_disk_is_told_and_leaves_nothing_half_done(database: Database) -> None:
    def fill(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        next_number(connection, "order")
        for number in range(2000):
            insert_once(connection, counters, {"name": f"filler {number} {'x' * 200}", "value": 0})

    with pytest.raises(DatabaseFullError, match="full"):
        database.write(fill)
    assert database.read(lambda connection: connection.execute(counters.select()).all()) == []


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this is no database, but it is long enough to look at" * 100)
    broken = Database(f"sqlite:///{path}")
    with pytest.raises((DatabaseError, sqlite3.DatabaseError), match="not a database"):
        broken.read(lambda connection: connection.execute(counters.select()).all())
    broken.close()
