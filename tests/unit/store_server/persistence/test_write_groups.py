from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from store_server.persistence.database import Database, DatabaseFullError
from store_server.persistence.once import next_number
from store_server.persistence.schema import bring_up_to_date
from tests.support.crowd import Crowd


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'store.db'}")
    bring_up_to_date(opened)
    yield opened
    opened.close()


def raised(connection: Connection) -> int:
    return next_number(connection, "order")


def failing(connection: Connection) -> None:
    next_number(connection, "order")
    raise LookupError("not this one")


def test_waiting_writers_share_one_commit(database: Database) -> None:
    crowd = Crowd(database)
    assert sorted(crowd.write(*[raised] * 8).values()) == list(range(1, 9))  # type: ignore[type-var]  # numbers, all of them
    assert crowd.commits == 1
    assert database.write(raised) == 9


@pytest.mark.parametrize("failing_one", [0, 3, 7])
def test_one_that_fails_takes_nothing_from_the_others(database: Database, failing_one: int) -> None:
    works: list[Callable[[Connection], object]] = [raised] * 8
    works[failing_one] = failing
    results = Crowd(database).write(*works)
    assert isinstance(results.pop(failing_one), LookupError)
    assert sorted(results.values()) == list(range(1, 8))  # type: ignore[type-var]  # numbers, all of them
    assert database.write(raised) == 8


def test_a_full_disk_is_told_to_the_one_that_fills_it(database: Database) -> None:
    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE filler (x)")
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")
        try:
            for _ in range(200):
                connection.execute(text("INSERT INTO filler VALUES (zeroblob(4000))"))
        finally:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.execute("PRAGMA max_page_count=1000000")

    results = Crowd(database).write(raised, fill, raised)
    assert isinstance(results.pop(1), DatabaseFullError)
    assert sorted(results.values()) == [1, 2]  # type: ignore[type-var]  # numbers, all of them
    assert database.write(raised) == 3
    fillers = text("SELECT name FROM sqlite_schema WHERE name = 'filler'")
    assert database.read(lambda connection: connection.execute(fillers).all()) == []


def test_writers_are_answered_only_when_their_rows_are_in_the_file(database: Database, tmp_path: Path) -> None:
    seen: list[int] = []

    def look(_connection: Connection) -> None:
        with sqlite3.connect(tmp_path / "store.db") as other:
            seen.append(other.execute("SELECT count(*) FROM counters").fetchone()[0])
        other.close()

    Crowd(database).write(raised, look)
    with sqlite3.connect(tmp_path / "store.db") as other:
        assert other.execute("SELECT value FROM counters").fetchall() == [(1,)]
    other.close()
    assert seen == [0]
