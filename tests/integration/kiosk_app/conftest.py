from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.integration.kiosk_app.kiosk_shop import FLOAT, KioskShop


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., KioskShop]]:
    """Return a function that opens a shop whose hoppers hold the given coins; the kiosk is not started yet."""
    opened = contextlib.ExitStack()

    def open_one(notes: dict[int, int] | None = None, **stock: int) -> KioskShop:
        coins = {**FLOAT, **{key.replace("_", "-"): n for key, n in stock.items()}}
        shop = KioskShop(tmp_path_factory.mktemp("shop"), coins, notes)
        opened.callback(shop.close)
        return shop

    with opened:
        yield open_one


@pytest.fixture(scope="module")
def shop(open_shop: Callable[..., KioskShop]) -> KioskShop:
    """Return a shop whose kiosk is ready; the tests of a module use it one after the other."""
    opened = open_shop()
    opened.start("kiosk")
    return opened
