"""Writing down what may happen only once: the key decides, not a look beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from store_server.persistence.tables import counters

_RAISE = (
    update(counters)
    .where(counters.c.name == bindparam("counter"))
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)


def insert_once(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row; return False, and change nothing, when a key of it is taken."""
    done = connection.execute(_insert(table, connection.dialect.name), dict(values))
    assert done.rowcount in {0, 1}
    return done.rowcount == 1


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Insert those rows whose keys are free, in one statement, and return them.

    Args:
        connection: of the transaction.
        table: where to.
        rows: with all columns of the primary key, which is different in each.
    """
    key = [column.name for column in table.primary_key]
    done = connection.execute(_insert_telling_keys(table, connection.dialect.name), [dict(row) for row in rows])
    new = {tuple(found) for found in done}
    return [row for row in rows if tuple(row[name] for name in key) in new]


def next_number(connection: Connection, counter: str) -> int:
    """Raise a counter and return it; the first number is 1, and a number taken back by a rollback is given again."""
    raised = connection.execute(_RAISE, {"counter": counter}).scalar_one_or_none()
    if raised is None:
        insert_once(connection, counters, {"name": counter, "value": 0})
        raised = connection.execute(_RAISE, {"counter": counter}).scalar_one()
    return int(raised)


@cache
def _insert_telling_keys(table: Table, dialect: str) -> Insert:
    kind = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return kind(table).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _insert(table: Table, dialect: str) -> Insert:
    """Build a statement once: building costs more than running it."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return sqlite.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
