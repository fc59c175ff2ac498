from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.store_server.server_process import ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running server that the tests of one file share."""
    process = ServerProcess(tmp_path_factory.mktemp("server"))
    process.set_up()
    process.start()
    yield process
    process.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A shop of the test's own, not started yet."""
    process = ServerProcess(tmp_path)
    process.set_up()
    yield process
    process.close()
