from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from store_server.persistence.database import Database, DatabaseFullError
from store_server.persistence.once import next_number
from store_server.persistence.schema import bring_up_to_date


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'store.db'}")
    bring_up_to_date(opened)
    yield opened
    opened.close()


class Crowd:
    """Writers that queue while the first one is at work, so that they are committed together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._inside, self._go = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self.results: dict[int, object] = {}
        self.commits = 0
        event.listen(database.engine, "commit", self._count)

    def _count(self, _connection: Connection) -> None:
        self.commits += 1

    def write(self, *works: Callable[[Connection], object]) -> dict[int, object]:
        def first(connection: Connection) -> object:
            self._inside.set()
            assert self._go.wait(10)
            return works[0](connection)

        self._start(0, first)
        assert self._inside.wait(10)
        for number, work in enumerate(works[1:], 1):
            self._start(number, work)
            while len(self._database._books._groups._waiting) < number:
                assert self._threads[-1].is_alive()
        self.commits = 0
        self._go.set()
        for thread in self._threads:
            thread.join(10)
        return self.results

    def _start(self, number: int, work: Callable[[Connection], object]) -> None:
        def run() -> None:
            try:
                self.results[number] = self._database.write(work)
            except Exception as error:  # noqa: BLE001 - what the writer was told is the point
                self.results[number] = error

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()


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
