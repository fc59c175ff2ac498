"""What holds at every named point on either database; the two files of tests bring their ``kills``."""

from __future__ import annotations

import pytest

from tests.fault.crashes import (
    SCENARIOS,
    WHOLE_DAYS,
    Kills,
    every_point_is_killed_at,
    kill_a_day,
    kill_everywhere,
    kill_request,
)
from tests.fault.day import the_day


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
