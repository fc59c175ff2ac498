"""Rows that are only ever added: kept back while a transaction decides, written together at its end.

History, ledger, kept answers and the audit log are never looked at by the transaction that adds to them, so their rows need not
be a journey to the database each. The log gains most: its end is one row for the whole shop, which is then locked for the last
moment of a transaction and not for most of it.

Whatever reads such a table within a transaction that may have added to it calls :func:`write_rows` first.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table

_KEY = "scanlane_collected"

Row = Mapping[str, Any]


@dataclass(slots=True)
class Collected:
    """What a transaction has still to write."""

    rows: list[tuple[Table, Row]] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    """Contents of the audit log's next links, in their order."""

    def by_table(self) -> dict[Table, list[Row]]:
        """Return the rows of each table, in their order."""
        found: dict[Table, list[Row]] = {}
        for table, row in self.rows:
            found.setdefault(table, []).append(row)
        return found

    def mark(self) -> Collected:
        """Return a copy, for a piece of work that may fail."""
        return Collected(list(self.rows), list(self.links))

    def back_to(self, mark: Collected) -> None:
        """Be again as ``mark`` was; what was written since is taken back by its savepoint."""
        self.rows, self.links = mark.rows, mark.links


@contextlib.contextmanager
def collecting(connection: Connection) -> Iterator[Collected]:
    """Keep rows back while the block runs; its end writes what is kept back, or drops it by an exception."""
    info = connection.info
    held = info[_KEY] = Collected()
    try:
        yield held
    finally:
        info.pop(_KEY, None)


def collected(connection: Connection) -> Collected | None:
    """Return what is kept back; None where rows are written at once."""
    held: Collected | None = connection.info.get(_KEY)
    return held


def add_row(connection: Connection, table: Table, row: Row) -> None:
    """Add a row, now or at the end of the transaction; a key that is taken is an error, and rolls everything back."""
    held = collected(connection)
    if held is None:
        connection.execute(table.insert().inline(), row)
    else:
        held.rows.append((table, row))


def write_rows(connection: Connection) -> None:
    """Write the rows that are kept back, so that they can be read; the log's links wait for the end."""
    held = collected(connection)
    if held is None:
        return
    for table, rows in held.by_table().items():
        connection.execute(table.insert().inline(), rows)
    held.rows.clear()
