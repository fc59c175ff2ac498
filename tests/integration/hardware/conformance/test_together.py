"""Rows that run together: each is judged, and only a machine that stood still gives one another run."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

import pytest

from tests.integration.hardware.conformance.together import AGAIN_MAX, STALL_S, RaceLostError, Witness, judged, together
from tests.support.wire import TooLateError


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


def test_a_race_lost_on_a_machine_that_ran_is_final() -> None:
    runs = count()

    def fail() -> None:
        raise TooLateError(next(runs))

    with pytest.raises(TooLateError, match="0"):
        judged("row", fail, Witness())
    assert next(runs) == 1


def failing_at(*failing_runs: int, error: type[AssertionError]) -> Callable[[], None]:
    """Return a row that fails at some of its runs."""
    runs = count(1)

    def row() -> None:
        if next(runs) in failing_runs:
            raise error("no")

    return row


@pytest.mark.parametrize("error", [TooLateError, RaceLostError])
def test_a_race_lost_on_a_machine_that_stood_still_is_told_when_the_row_passes_twice(error: type[AssertionError]) -> None:
    [told] = judged("row", failing_at(1, error=error), _Stood())
    assert told.startswith("row: this machine stood still for 60 ms")
    assert "no" in told
    assert judged("row", failing_at(error=error), _Stood()) == []


@pytest.mark.parametrize("failing_runs", [(1, 2), (1, 3), (1, 2, 3)])
def test_a_race_lost_twice_is_a_fault(failing_runs: tuple[int, ...]) -> None:
    with pytest.raises(RaceLostError):
        judged("row", failing_at(*failing_runs, error=RaceLostError), _Stood())


def test_what_is_no_race_is_never_excused() -> None:
    with pytest.raises(AssertionError, match="no"):
        judged("row", failing_at(1, error=AssertionError), _Stood())


def test_many_rows_that_need_another_run_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.integration.hardware.conformance.together.Witness", _Stood)
    few = {str(row): failing_at(1, error=RaceLostError) for row in range(AGAIN_MAX)}
    assert len(together(few)) == AGAIN_MAX
    many = {str(row): failing_at(1, error=RaceLostError) for row in range(AGAIN_MAX + 1)}
    with pytest.raises(AssertionError, match="needed another run"):
        together(many)


def test_the_witness_sees_a_stall() -> None:
    begun_s = time.monotonic()
    with Witness() as witness:
        while not witness.worst_since(begun_s):
            sum(range(20_000_000))  # one long step of the interpreter: no other thread runs meanwhile
    assert witness.worst_since(time.monotonic()) == 0.0
