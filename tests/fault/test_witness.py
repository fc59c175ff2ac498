"""The witness of the histories sees every change: by others, in earlier histories' rows, and in rows that claim to be older."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from tests.fault.books import DATABASES
from tests.fault.history_bench import BETWEEN_S, Bench, a_bench
from tests.fault.history_runs import _run
from tests.fault.witness import LOOKS, Witness


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A shop in which five histories were lived."""
    with a_bench("sqlite") as bench:
        _run(bench, begun_with=1, examples=5, shrinks=False)
        yield bench


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments SET covered_minor = covered_minor + 1 WHERE rowid = (SELECT min(rowid) FROM payments)",
        "UPDATE wallets SET available_minor = available_minor + 1",
        "UPDATE orders SET total_minor = total_minor + 1, paid_minor = paid_minor + 1",
        "INSERT INTO transfers (source, debit, credit, amount_minor, posted_at) VALUES ('s', 'a', 'b', 7, 0)",
        "DELETE FROM cash_events WHERE rowid = (SELECT max(rowid) FROM cash_events)",
    ],
)
def test_what_happens_to_rows_of_former_histories_is_found_in_the_end(bench: Bench, change: str) -> None:
    bench.hold_all_histories()
    connection: sqlite3.Connection = bench.auditor._connection
    connection.execute("BEGIN")
    try:
        changed = connection.execute(change).rowcount
        assert changed > 0
        with pytest.raises(AssertionError, match="rows of former histories changed"):
            bench.hold_all_histories()
    finally:
        connection.execute("ROLLBACK")
    bench.hold_all_histories()


@pytest.mark.parametrize("database", DATABASES)
def test_a_commit_by_anybody_is_seen_at_the_next_look(database: str) -> None:
    with a_bench(database) as bench:
        ledger = bench.auditor.one("SELECT coalesce(max(seq), 0) FROM transfers")
        bench.clock.now += BETWEEN_S
        witness = Witness(bench.auditor, bench.clock.now, ledger)
        assert witness.look() == {name: [] for name in LOOKS}
        _post(bench, "'one', 'a', 'b', 7, 0")
        assert witness.look()["transfers"] == [("a", "b", 7)]
        _post(bench, "'two', 'b', 'a', 8, 0")
        assert sorted(witness.look()["transfers"]) == [("a", "b", 7), ("b", "a", 8)]


def _post(bench: Bench, values: str) -> None:
    with bench.store.database.engine.begin() as other:
        other.exec_driver_sql(f"INSERT INTO transfers (source, debit, credit, amount_minor, posted_at) VALUES ({values})")  # noqa: S608 - ours
