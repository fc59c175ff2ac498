"""The end of a PostgreSQL transaction: what it kept back is written and committed in two journeys to the server.

The statements go out in libpq's pipeline mode, in which nobody waits for one answer before the next question. SQLAlchemy does
not know it, so they are SQLAlchemy's statements, written out once, on psycopg's cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Connection, RootTransaction, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import UpdateBase

from store_server.persistence.audit import PUT_HEAD, TAKE_HEAD, linked, put_values
from store_server.persistence.audit_tables import audit
from store_server.persistence.collected import Collected, Row
from store_server.persistence.crash_points import crash_point


def commit_with(connection: Connection, transaction: RootTransaction, held: Collected) -> None:
    """Write what was kept back and commit.

    Raises:
        psycopg.Error: the server says no; nothing of the transaction stays.
        NoChainError: the books have no audit log.
    """
    if not held.rows and not held.links:
        crash_point("database.before_commit")
        transaction.commit()
        return
    driver, dialect = connection.connection.driver_connection, connection.dialect
    assert isinstance(driver, psycopg.Connection)
    with driver.pipeline(), driver.cursor() as cursor:
        for table, rows in held.by_table().items():
            _add(cursor, table, rows, dialect)
        if held.links:
            cursor.execute(_text(TAKE_HEAD, dialect), {"links": len(held.links)})
            links = linked(cursor.fetchone(), held.links)
            _add(cursor, audit, links, dialect)
            cursor.execute(_text(PUT_HEAD, dialect), put_values(links))
        crash_point("database.before_commit")
        transaction.commit()


def _add(cursor: psycopg.Cursor[Any], table: Table, rows: Sequence[Row], dialect: Dialect) -> None:
    text, writers = _insert(table, tuple(rows[0]), dialect)
    cursor.executemany(
        text, [{name: writers[name](value) if name in writers else value for name, value in row.items()} for row in rows]
    )


@cache
def _insert(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[bytes, dict[str, Callable[[Any], Any]]]:
    """Return an INSERT as psycopg takes it, and how its values are written where psycopg does not know their type."""
    compiled = table.insert().inline().compile(dialect=dialect, column_keys=list(names))
    found = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    return str(compiled).encode(), {name: writer for name, writer in found.items() if writer is not None}


@cache
def _text(statement: UpdateBase, dialect: Dialect) -> bytes:
    return str(statement.compile(dialect=dialect)).encode()
