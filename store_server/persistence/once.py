"""Writing down what may happen only once: the key decides, not a look beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from store_server.persistence.tables import counters


def insert_once(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row; return False, and change nothing, when a key of it is taken."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    done = connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())
    assert done.rowcount in {0, 1}
    return done.rowcount == 1


def next_number(connection: Connection, counter: str) -> int:
    """Raise a counter and return it; the first number is 1, and a number taken back by a rollback is given again."""
    insert_once(connection, counters, {"name": counter, "value": 0})
    raised = connection.execute(
        counters.update().where(counters.c.name == counter).values(value=counters.c.value + 1).returning(counters.c.value)
    )
    return int(raised.scalar_one())
