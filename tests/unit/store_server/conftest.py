from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.store_server.market import Market, open_market


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    opened = open_market(tmp_path / "server")
    yield opened
    opened.store.database.close()
