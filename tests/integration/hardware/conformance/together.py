"""Runs rows of a table at the same time: each waits most of its time for its own device on its own line.

A row is a race against the times that a driver allows a device. On a machine that stood still meanwhile a lost race says
nothing: such a row runs again, and what stood still, and for how long, is printed.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Self

ROWS_AT_ONCE = 6
RUNS_MAX = 3
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


def together(rows: Mapping[str, Callable[[], None]], at_once: int = ROWS_AT_ONCE) -> None:
    """Run every row, some of them at the same time.

    Raises:
        ExceptionGroup: what failed in each row that did not pass, with the row's name.
    """
    failures: list[Exception] = []
    with Witness() as witness, ThreadPoolExecutor(at_once, "row") as pool:
        running = {pool.submit(judged, name, row, witness): name for name, row in rows.items() if ONLY in name}
        for future in as_completed(running):
            error = future.exception()
            if isinstance(error, Exception):
                error.add_note(f"row: {running[future]}")
                failures.append(error)
            elif error is not None:
                raise error
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(running)} rows failed", failures)


def judged(name: str, row: Callable[[], None], witness: Witness) -> None:
    """Run a row; again when it failed while the machine stood still, at most :data:`RUNS_MAX` times in all."""
    for run in range(RUNS_MAX):
        begun_s = time.monotonic()
        try:
            row()
        except Exception as error:
            stall_s = witness.worst_since(begun_s)
            if stall_s <= STALL_S or run == RUNS_MAX - 1:
                raise
            print(f"{name} runs again: this machine stood still for {stall_s * 1000:.0f} ms, and {error!r}")
        else:
            return
