"""kill -9 at every named point, on a real SQLite file; see :mod:`tests.fault.crashes`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store_server.persistence import crash_points
from tests.fault import child
from tests.fault.crashes import Kills, every_point_is_reached, kill_at, kill_everywhere, points, undisturbed
from tests.fault.keeping import scenarios

pytestmark = pytest.mark.timeout(600)
"""The first test also lives every scenario undisturbed; the tests beside it may have the machine meanwhile."""


@pytest.fixture(scope="module")
def kills() -> Iterator[Kills]:
    with undisturbed("sqlite") as made:
        yield made


@pytest.mark.parametrize("point", points())
def test_a_kill_at_this_point_loses_doubles_and_blocks_nothing(kills: Kills, point: str) -> None:
    kill_at(kills, point)


@pytest.mark.parametrize("name", [scenario.name for scenario in scenarios()])
def test_a_kill_anywhere_leaves_copies_certificates_and_older_books_whole(kills: Kills, name: str) -> None:
    kill_everywhere(kills, name)


def test_every_named_point_is_reached(kills: Kills) -> None:
    every_point_is_reached(kills)


def test_an_armed_point_kills_and_an_unarmed_one_does_nothing() -> None:
    def passes(tell: child.Tell) -> None:
        crash_points.arm("here", 2)
        for number in range(3):
            crash_points.crash_point("there")
            crash_points.crash_point("here")
            tell(number)

    crash_points.crash_point("nobody armed this")
    ended = child.run(passes)
    assert (ended.told, ended.killed) == ([0], True)
