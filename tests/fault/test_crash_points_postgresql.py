"""kill -9 at every named point, on a real PostgreSQL; see :mod:`tests.fault.crashes`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fault.crashes import ROUNDS, Kills, every_point_is_reached, kill_at, kill_everywhere, points, undisturbed
from tests.fault.keeping import scenarios

CHOSEN = points() if ROUNDS > 1 else points()[::2]
"""A kill costs several times as much here as on SQLite: one round takes every second point, more rounds take all."""

pytestmark = pytest.mark.timeout(600)
"""The first test also lives every scenario undisturbed; the tests beside it may have the machine meanwhile."""


@pytest.fixture(scope="module")
def kills() -> Iterator[Kills]:
    with undisturbed("postgresql") as made:
        yield made


@pytest.mark.parametrize("point", CHOSEN)
def test_a_kill_at_this_point_loses_doubles_and_blocks_nothing(kills: Kills, point: str) -> None:
    kill_at(kills, point)


@pytest.mark.parametrize("name", [scenario.name for scenario in scenarios()])
def test_a_kill_anywhere_leaves_copies_certificates_and_older_books_whole(kills: Kills, name: str) -> None:
    kill_everywhere(kills, name)


def test_every_named_point_is_reached(kills: Kills) -> None:
    every_point_is_reached(kills)
