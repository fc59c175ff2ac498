from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from store_server.domain.payment import Transfer
from store_server.persistence import audit, ledger
from store_server.persistence.collected import add_row, collected
from store_server.persistence.database import Database
from store_server.persistence.once import next_number
from store_server.persistence.schema import bring_up_to_date
from store_server.persistence.tables import answers
from tests.support.crowd import Crowd

Work = Callable[[Connection], object]


@pytest.fixture
def database(tmp_path: Path, database_url: str) -> Iterator[Database]:
    opened = Database(database_url or f"sqlite:///{tmp_path / 'store.db'}")
    bring_up_to_date(opened)
    opened.write(lambda connection: audit.begin_chain(connection, 1))
    yield opened
    opened.close()


def noted(name: str) -> Work:
    """Write a link of the log, a transfer of one and a number."""

    def work(connection: Connection) -> str:
        audit.audited(connection, who="test", action="note", subject=name, at_s=1)
        ledger.post(connection, (Transfer(f"note/{name}", "cash/a/b", "sales", 1),), order_id=None, at_s=1)
        next_number(connection, "order")
        return name

    return work


def refused_at_once(_connection: Connection) -> None:
    raise LookupError("no")


def refused_after_notes(connection: Connection) -> None:
    audit.audited(connection, who="test", action="note", subject="refused", at_s=1)
    raise LookupError("no")


def refused_after_writing(connection: Connection) -> None:
    noted("refused")(connection)
    raise LookupError("no")


def refused_after_looking(connection: Connection) -> None:
    """Have everybody's rows written, for a look at them, and fail then."""
    noted("refused")(connection)
    ledger.balances(connection)
    raise LookupError("no")


def subjects(database: Database) -> list[str]:
    return sorted(entry.subject for entry in database.read(audit.entries))


@pytest.mark.parametrize("refused", [refused_at_once, refused_after_notes, refused_after_writing, refused_after_looking])
@pytest.mark.parametrize("place", [0, 2, 4])
def test_who_fails_leaves_nothing_and_takes_nothing(database: Database, refused: Work, place: int) -> None:
    works = [noted(str(number)) for number in range(4)]
    works.insert(place, refused)
    results = Crowd(database).write(*works)
    assert isinstance(results.pop(place), LookupError)
    assert sorted(map(str, results.values())) == ["0", "1", "2", "3"]
    assert subjects(database) == ["0", "1", "2", "3"]
    assert database.read(ledger.balances) == {"cash/a/b": 4, "sales": -4}
    assert database.read(audit.chain_findings) == []
    assert database.write(lambda connection: next_number(connection, "order")) == 5


def test_many_share_one_commit_and_one_chain(database: Database) -> None:
    crowd = Crowd(database)
    crowd.write(*[noted(str(number)) for number in range(8)])
    assert crowd.commits == 1
    assert database.read(audit.chain_findings) == []
    end = database.read(audit.head)
    assert end is not None
    assert end.seq == 8


def test_the_ledger_can_be_read_by_who_posts(database: Database) -> None:
    def work(connection: Connection) -> dict[str, int]:
        noted("seen")(connection)
        return ledger.balances(connection)

    assert database.write(work) == {"cash/a/b": 1, "sales": -1}
    assert database.read(ledger.balances) == {"cash/a/b": 1, "sales": -1}


def test_a_key_that_is_taken_at_the_end_takes_back_everything_of_that_one(database: Database) -> None:
    row = {"principal": "p", "request_id": "r", "body_hash": "0" * 64, "answer": "{}", "answered_at": 1}

    def answered(name: str) -> Work:
        def work(connection: Connection) -> str:
            noted(name)(connection)
            add_row(connection, answers, row)
            return name

        return work

    results = Crowd(database).write(noted("first"), answered("second"), answered("third"), noted("fourth"))
    failed = [number for number, result in results.items() if isinstance(result, Exception)]
    assert len(failed) == 1
    assert failed[0] in {1, 2}
    kept = {"first", "second", "third", "fourth"} - {{1: "second", 2: "third"}[failed[0]]}
    assert subjects(database) == sorted(kept)
    assert database.read(lambda connection: connection.execute(select(func.count()).select_from(answers)).scalar_one()) == 1
    assert database.read(audit.chain_findings) == []


def test_outside_of_a_writer_rows_are_written_at_once(database: Database) -> None:
    with database.engine.begin() as connection:
        assert collected(connection) is None
        noted("direct")(connection)
    assert subjects(database) == ["direct"]
    assert database.read(audit.chain_findings) == []
