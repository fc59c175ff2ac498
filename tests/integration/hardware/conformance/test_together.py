"""Rows that run together: each is judged, and only a machine that stood still gives one another run."""

from __future__ import annotations

import time
from itertools import count

import pytest

from tests.integration.hardware.conformance.together import RUNS_MAX, STALL_S, Witness, judged, together


class _Stood(Witness):
    """Has always just seen a stall."""

    def worst_since(self, moment_s: float) -> float:
        del moment_s
        return 2 * STALL_S


def _fail() -> None:
    raise AssertionError("no")


def test_every_row_runs_and_every_failure_is_told() -> None:
    done: list[int] = []
    rows = {"one": lambda: done.append(1), "two": _fail, "three": lambda: done.append(3), "four": _fail}
    with pytest.raises(ExceptionGroup) as told:
        together(rows, at_once=2)
    assert sorted(done) == [1, 3]
    assert sorted(error.__notes__[0] for error in told.value.exceptions) == ["row: four", "row: two"]


def test_a_failure_on_a_machine_that_ran_is_final() -> None:
    runs = count()

    def fail() -> None:
        raise AssertionError(next(runs))

    with pytest.raises(AssertionError, match="0"):
        judged("row", fail, Witness())
    assert next(runs) == 1


def test_a_failure_on_a_machine_that_stood_still_runs_again_a_few_times(capsys: pytest.CaptureFixture[str]) -> None:
    runs = count(1)

    def third_time_lucky() -> None:
        assert next(runs) == RUNS_MAX

    judged("row", third_time_lucky, _Stood())
    assert capsys.readouterr().out.count("stood still for 60 ms") == RUNS_MAX - 1
    with pytest.raises(AssertionError, match="no"):
        judged("row", _fail, _Stood())


def test_the_witness_sees_a_stall() -> None:
    begun_s = time.monotonic()
    with Witness() as witness:
        while not witness.worst_since(begun_s):
            sum(range(20_000_000))  # one long step of the interpreter: no other thread runs meanwhile
    assert witness.worst_since(time.monotonic()) == 0.0
