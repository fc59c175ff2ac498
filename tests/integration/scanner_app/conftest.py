"""Widgets are drawn where no display is needed; a shop around one handheld is kept for all tests of a file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.integration.scanner_app.handheld_shop import HandheldShop

os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture(scope="module")
def whole_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandheldShop]:
    opened = HandheldShop(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.close()


@pytest.fixture
def shop(whole_shop: HandheldShop) -> HandheldShop:
    """The shop with everything running and the handheld ready for the next shopper."""
    for name in ("server", "bench", "handheld"):
        if not whole_shop.is_running(name):
            whole_shop.start(name)
    whole_shop.greet()
    return whole_shop
