from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, InternalError, ProgrammingError

from store_server.persistence.database import Database, DatabaseBusyError, DatabaseUnsafeError
from store_server.persistence.failures import TransactionOvertakenError
from store_server.persistence.once import next_number
from store_server.persistence.schema import bring_up_to_date, newest_revision, revision_of
from store_server.persistence.tables import metadata
from tests.support.postgresql import PostgresqlServer

POST = "INSERT INTO transfers (seq, source, debit, credit, amount_minor, posted_at) VALUES (1, 'x', 'a', 'b', 500, 1)"


@pytest.fixture
def database(postgresql: PostgresqlServer) -> Iterator[Database]:
    with postgresql.database_url() as url:
        opened = Database(url)
        yield opened
        opened.close()


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    def compare(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    assert database.read(compare) == []
    assert revision_of(database) == newest_revision() is not None
    bring_up_to_date(database)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE transfers SET amount_minor = 1",
        "DELETE FROM transfers",
        "TRUNCATE transfers",
        POST + " ON CONFLICT (seq) DO UPDATE SET amount_minor = 1",
    ],
)
def test_a_ledger_row_is_never_changed(database: Database, change: str) -> None:
    database.write(lambda connection: connection.execute(text(POST)))
    with pytest.raises((IntegrityError, InternalError), match="never changed"):
        database.write(lambda connection: connection.execute(text(change)))
    amounts = text("SELECT amount_minor FROM transfers")
    assert database.read(lambda connection: connection.execute(amounts).scalars().all()) == [500]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises((ProgrammingError, InternalError), match="read-only"):
        database.read(lambda connection: connection.execute(text(POST)))


@pytest.mark.parametrize("serializable", [False, True])
def test_writers_in_threads_lose_no_number(database: Database, *, serializable: bool) -> None:
    done: list[int] = []

    def raise_often() -> None:
        for _ in range(5):
            while True:
                try:
                    done.append(database.write(lambda connection: next_number(connection, "order"), serializable=serializable))
                    break
                except DatabaseBusyError:
                    # Bounded repeats may run out where everybody is strict; the caller repeats.
                    continue

    threads = [threading.Thread(target=raise_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(1, 31))


def test_an_overtaken_transaction_runs_again_from_its_beginning_and_not_for_ever(database: Database) -> None:
    runs: list[int] = []

    def overtaken_twice(connection: Connection) -> int:
        runs.append(next_number(connection, "order"))
        if len(runs) < 3:
            raise TransactionOvertakenError("again")
        return runs[-1]

    assert database.write(overtaken_twice) == 1
    assert runs == [1, 1, 1]

    def always(_connection: Connection) -> None:
        raise TransactionOvertakenError("again")

    with pytest.raises(DatabaseBusyError):
        database.write(always)


def test_a_key_written_twice_by_one_transaction_is_its_own_mistake(database: Database) -> None:
    def twice(connection: Connection) -> None:
        connection.execute(text(POST))
        connection.execute(text(POST))

    with pytest.raises(IntegrityError):
        database.write(twice)


def test_a_connection_that_was_cut_makes_busy_and_the_next_one_works(database: Database) -> None:
    def cut(connection: Connection) -> None:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        connection.execute(text(f"SELECT pg_terminate_backend({own})"))

    with pytest.raises(DatabaseBusyError):
        database.write(cut)
    assert database.write(lambda connection: next_number(connection, "order")) == 1


def test_a_server_that_loses_commits_is_refused(postgresql: PostgresqlServer) -> None:
    with postgresql.database_url() as url:
        loose = Database(url)
        make_unsafe = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
        loose.write(lambda connection: connection.execute(text(make_unsafe)))
        loose.close()
        with pytest.raises(DatabaseUnsafeError, match="synchronous_commit = off"):
            loose.read(lambda connection: connection.execute(text("SELECT 1")))
        loose.close()


def test_no_server_is_told(postgresql: PostgresqlServer) -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/books")
    with pytest.raises(DatabaseBusyError, match="away"):
        nowhere.read(lambda connection: connection.execute(text("SELECT 1")))
    nowhere.close()
