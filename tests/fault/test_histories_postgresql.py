"""Histories over a real PostgreSQL; see :mod:`tests.fault.history`."""

from __future__ import annotations

import pytest

from tests.fault.history_runs import PARTS, run_part


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS), ids=lambda part: f"part-{part}")
def test_the_books_are_right_after_every_step_of_every_history(part: int, request: pytest.FixtureRequest) -> None:
    run_part("postgresql", part, request.node.nodeid)
