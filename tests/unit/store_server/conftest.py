from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.support.postgresql import PostgresqlServer
from tests.support.quick_passwords import quick_passwords
from tests.unit.store_server.market import Market, open_copied_market, open_market

SHOP = "scanlane_market"


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with quick_passwords():
        yield


@pytest.fixture(scope="session")
def sqlite_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shop that each market on SQLite is a copy of."""
    folder = tmp_path_factory.mktemp("market") / "server"
    open_market(folder).store.database.close()
    return folder


@pytest.fixture(scope="session")
def postgresql_shop(postgresql: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shop that each market on PostgreSQL is a copy of; its database is the template ``SHOP``."""
    folder = tmp_path_factory.mktemp("market") / "server"
    postgresql.make_template(SHOP, lambda url: open_market(folder, url).store.database.close())
    return folder


@pytest.fixture(params=DATABASES)
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Market]:
    """A shop on each database."""
    first: Path = request.getfixturevalue(f"{request.param}_shop")
    with contextlib.ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            url = stack.enter_context(server.database_url(SHOP))
        opened = open_copied_market(first, tmp_path / "server", url)
        stack.callback(opened.store.database.close)
        yield opened
