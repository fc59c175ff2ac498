"""kill -9 at every named point, on a real SQLite file; see :mod:`tests.fault.crashes`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store_server.persistence import crash_points
from tests.fault import child
from tests.fault.crashes import (
    SCENARIOS,
    WHOLE_DAYS,
    Kills,
    every_point_is_killed_at,
    kill_a_day,
    kill_everywhere,
    kill_request,
    undisturbed,
)
from tests.fault.day import the_day

pytestmark = pytest.mark.timeout(600)
"""The first test also lives every scenario undisturbed; the tests beside it may have the machine meanwhile."""


@pytest.fixture(scope="module")
def kills() -> Iterator[Kills]:
    with undisturbed("sqlite") as made:
        yield made


@pytest.mark.parametrize("index", range(len(the_day())), ids=[step.name for step in the_day()])
def test_a_kill_within_a_request_loses_doubles_and_blocks_nothing(kills: Kills, index: int) -> None:
    kill_request(kills, index)


@pytest.mark.parametrize("number", range(WHOLE_DAYS))
def test_a_day_with_kills_ends_like_a_day_without(kills: Kills, number: int) -> None:
    kill_a_day(kills, number)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_anywhere_leaves_a_first_day_copies_certificates_and_older_books_whole(kills: Kills, name: str) -> None:
    kill_everywhere(kills, name)


def test_every_named_point_is_killed_at(kills: Kills) -> None:
    every_point_is_killed_at(kills)


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
