from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.store_server.market import Market, open_market


@pytest.fixture
def market(tmp_path: Path, database_url: str) -> Iterator[Market]:
    """A shop on each database."""
    opened = open_market(tmp_path / "server", database_url)
    yield opened
    opened.store.database.close()
