"""kill -9 at every named point, on a real SQLite file; see :mod:`tests.fault.crashes`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store_server.persistence import crash_points
from tests.fault import child
from tests.fault.crashes import Kills, undisturbed
from tests.fault.killing import (
    test_a_day_with_kills_ends_like_a_day_without,
    test_a_kill_anywhere_leaves_a_first_day_copies_certificates_and_older_books_whole,
    test_a_kill_within_a_request_loses_doubles_and_blocks_nothing,
    test_every_named_point_is_killed_at,
)

__all__ = [
    "test_a_day_with_kills_ends_like_a_day_without",
    "test_a_kill_anywhere_leaves_a_first_day_copies_certificates_and_older_books_whole",
    "test_a_kill_within_a_request_loses_doubles_and_blocks_nothing",
    "test_every_named_point_is_killed_at",
]

pytestmark = pytest.mark.timeout(600)
"""The first test also lives every scenario undisturbed; the tests beside it may have the machine meanwhile."""


@pytest.fixture(scope="module")
def kills() -> Iterator[Kills]:
    with undisturbed("sqlite") as made:
        yield made


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
