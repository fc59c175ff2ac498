"""A shop around one lane, kept for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.gate_controller.lane_shop import LaneShop


@pytest.fixture(scope="session")
def whole_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaneShop]:
    """A shop whose lane runs; kept for all tests."""
    opened = LaneShop(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.close()


@pytest.fixture
def shop(whole_shop: LaneShop) -> LaneShop:
    """The shop with its lane idle and in service."""
    whole_shop.wait_in_service()
    return whole_shop
