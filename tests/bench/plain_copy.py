"""The rows that one operation of the service wrote, to be written again by plain SQL into tables of the same shape."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, func, select, text

from store_server.persistence.database import Database
from store_server.persistence.schema import TABLES
from store_server.persistence.tables import metadata
from tests.bench.sql_clients import Statements

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


class PlainCopy:
    """Tables ``NAME_TABLE`` with a primary key and nothing else, and what one operation writes into them."""

    def __init__(self, database: Database, name: str, before: dict[str, int], after: dict[str, int], done: int) -> None:
        """Make the tables; between the two counts ``done`` operations wrote."""
        grown = {table: round((after[table] - before[table]) / done) for table in after}
        samples = {table: _newest(database, metadata.tables[table]) for table, rows in grown.items() if rows}
        database.write(lambda connection: _make(connection, name, samples))
        mark = "%s" if database.is_shared else "?"
        self._inserts = [
            (f"INSERT INTO {name}_{table} VALUES ({', '.join([mark] * (len(row) + 1))})", row)  # noqa: S608 - names of our tables
            for table, row in samples.items()
            for _ in range(grown[table])
        ]

    def transactions(self, wanted: int) -> list[Statements]:
        """Return so many transactions, each of which writes what one operation wrote, under keys of its own."""
        return [
            Statements(tuple((statement, (str(uuid4()), *row)) for statement, row in self._inserts))
            for _number in range(wanted)
        ]


def _make(connection: Connection, name: str, samples: dict[str, tuple[Any, ...]]) -> None:
    for table, row in samples.items():
        columns = ", ".join(f"c{index} {'BIGINT' if isinstance(value, int) else 'TEXT'}" for index, value in enumerate(row))
        connection.execute(text(f"CREATE TABLE {name}_{table} (id TEXT PRIMARY KEY, {columns})"))


def _newest(database: Database, table: Table) -> tuple[Any, ...]:
    columns = ", ".join(column.name for column in table.columns)
    order = " DESC, ".join(column.name for column in table.primary_key.columns)
    statement = text(f"SELECT {columns} FROM {table.name} ORDER BY {order} DESC LIMIT 1")  # noqa: S608 - names of our tables
    return tuple(database.read(lambda connection: connection.execute(statement).one()))
