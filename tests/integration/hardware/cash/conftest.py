from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.hardware.cash.shop import Shop

MakeShop = Callable[..., Shop]


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[MakeShop]:
    """Make a cash bus on a pty with its driver on its thread, and an owner with a journal; all end with the test."""
    with ExitStack() as stack:

        def make(**settings: object) -> Shop:
            return stack.enter_context(Shop(tmp_path, settings))

        yield make
