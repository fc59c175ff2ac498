"""The rows that one operation of the service wrote, to be written again by plain SQL into tables of the same shape."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, func, select, text

from store_server.persistence.database import Database
from store_server.persistence.schema import TABLES
from store_server.persistence.tables import metadata
from tests.bench.load import Statements

assert TABLES
_ENDLESS = frozenset({"counters", "price_books", "devices", "staff", "alembic_version"})


def counts(database: Database) -> dict[str, int]:
    """Count the rows of every table."""

    def work(connection: Connection) -> dict[str, int]:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in _ENDLESS
        }

    return database.read(work)


def plain_transactions(
    database: Database, name: str, before: dict[str, int], after: dict[str, int], *, done: int, wanted: int
) -> list[Statements]:
    """Make the tables ``NAME_TABLE``, and ``wanted`` transactions that write what one of ``done`` operations wrote."""
    grown = {table: round((after[table] - before[table]) / done) for table in after if after[table] > before[table]}
    samples = {table: _newest(database, metadata.tables[table]) for table in grown}
    mark = "%s" if database.is_shared else "?"

    def make(connection: Connection) -> None:
        for table, row in samples.items():
            columns = ", ".join(f"c{index} {'BIGINT' if isinstance(value, int) else 'TEXT'}" for index, value in enumerate(row))
            connection.execute(text(f"DROP TABLE IF EXISTS {name}_{table}"))
            connection.execute(text(f"CREATE TABLE {name}_{table} (id TEXT PRIMARY KEY, {columns})"))

    database.write(make)
    inserts = [
        (f"INSERT INTO {name}_{table} VALUES ({', '.join([mark] * (len(row) + 1))})", row)  # noqa: S608 - names of our tables
        for table, row in samples.items()
        for _ in range(grown[table])
    ]
    return [
        Statements(tuple((statement, (str(uuid4()), *row)) for statement, row in inserts)) for _transaction in range(wanted)
    ]


def _newest(database: Database, table: Table) -> tuple[Any, ...]:
    columns = ", ".join(column.name for column in table.columns)
    order = " DESC, ".join(column.name for column in table.primary_key.columns)
    statement = text(f"SELECT {columns} FROM {table.name} ORDER BY {order} DESC LIMIT 1")  # noqa: S608 - names of our tables
    return tuple(database.read(lambda connection: connection.execute(statement).one()))
