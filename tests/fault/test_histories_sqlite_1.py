"""Histories over a real SQLite file, part 1; see :mod:`tests.fault.history`."""

from __future__ import annotations

import pytest

from tests.fault.history_runs import run_part


@pytest.mark.timeout(0)
def test_the_books_are_right_after_every_step_of_every_history() -> None:
    run_part("sqlite", 1)
