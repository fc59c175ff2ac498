from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.store_server.server_process import ServerProcess
from tests.support.postgresql import PostgresqlServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running server that the tests of one file share."""
    process = ServerProcess(tmp_path_factory.mktemp("server"))
    process.set_up()
    process.start()
    yield process
    process.close()


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def server_on_each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running server on each database, shared by the tests of one file."""
    with contextlib.ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            postgresql: PostgresqlServer = request.getfixturevalue("postgresql")
            url = stack.enter_context(postgresql.database_url())
        process = ServerProcess(tmp_path_factory.mktemp("server"), url)
        stack.callback(process.close)
        process.set_up()
        process.start()
        yield process


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A shop of the test's own, not started yet."""
    process = ServerProcess(tmp_path)
    process.set_up()
    yield process
    process.close()


@pytest.fixture
def many(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[ServerProcess]:
    """A shop on PostgreSQL that two processes will serve, not started yet."""
    with postgresql.database_url() as url:
        process = ServerProcess(tmp_path, url, workers=2)
        process.set_up()
        yield process
        process.close()
