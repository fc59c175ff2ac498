"""Runs rows of a table at the same time: each waits most of its time for its own device on its own line.

A row is a race against the times that a driver allows a device. On a machine that stood still meanwhile a lost race says
nothing: such a row runs again, and must then pass twice. Only a race is excused: money that does not balance, a line of the log
too much, a mistake of Python's fail at once. What ran again stands at the end of the whole run's report, and a test in which it
happens often fails.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Self

from tests.support.wire import TooLateError

ROWS_AT_ONCE = 10
PASSES_NEEDED = 2
"""A fault that shows in one run of three passes three runs in this order one time in seven; one that always shows, never."""
AGAIN_MAX = 3
"""So many rows of one test may need another run."""
STALL_S = 0.03
"""Less than a frame may pause on most lines; what waits for several threads in turn waits for a few of these."""
ONLY = os.environ.get("SCANLANE_ROWS", "")
"""Runs only the rows whose name has this in it."""


class Witness:
    """Sees how long this process was kept from running: a thread that wants to wake every hundredth of a second."""

    def __init__(self, period_s: float = 0.01) -> None:
        self._period_s = period_s
        self._stalls: list[tuple[float, float]] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="witness", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def worst_since(self, moment_s: float) -> float:
        """Return the longest stall that ended after a moment of ``time.monotonic``."""
        return max((stall_s for end_s, stall_s in self._stalls if end_s > moment_s), default=0.0)

    def _watch(self) -> None:
        before_s = time.monotonic()
        while not self._ending.wait(self._period_s):
            now_s = time.monotonic()
            stall_s = now_s - before_s - self._period_s
            if stall_s > STALL_S:
                self._stalls.append((now_s, stall_s))
            before_s = now_s


class RaceLostError(AssertionError):
    """Something took another way than on a machine that runs: a connection was lost, an operation tried again."""


def together(rows: Mapping[str, Callable[[], None]], at_once: int = ROWS_AT_ONCE) -> list[str]:
    """Run every row, some of them at the same time; return what ran again, and why.

    Raises:
        ExceptionGroup: what failed in each row that did not pass, with the row's name.
        AssertionError: more rows than :data:`AGAIN_MAX` needed another run.
    """
    failures: list[Exception] = []
    again: list[str] = []
    with Witness() as witness, ThreadPoolExecutor(at_once, "row") as pool:
        running = {pool.submit(judged, name, row, witness): name for name, row in rows.items() if ONLY in name}
        for future in as_completed(running):
            error = future.exception()
            if isinstance(error, Exception):
                error.add_note(f"row: {running[future]}")
                failures.append(error)
            elif error is not None:
                raise error
            else:
                again += future.result()
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(running)} rows failed", failures)
    assert len(again) <= AGAIN_MAX, f"{len(again)} of {len(running)} rows needed another run: {again}"
    return again


def judged(name: str, row: Callable[[], None], witness: Witness) -> list[str]:
    """Run a row; when it lost a race while the machine stood still, it must pass :data:`PASSES_NEEDED` times in a row.

    Returns:
        Nothing, or one sentence about what ran again.
    """
    begun_s = time.monotonic()
    try:
        row()
    except (TooLateError, RaceLostError) as error:
        stall_s = witness.worst_since(begun_s)
        if stall_s <= STALL_S:
            raise
        for _ in range(PASSES_NEEDED):
            row()
        return [f"{name}: this machine stood still for {stall_s * 1000:.0f} ms, and {error!r}"]
    return []
