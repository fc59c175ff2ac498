"""How the workers of a run share its test files, so that what computes does not disturb what watches the clock.

Tests of programs and devices wait most of their time and mind when an answer comes late; tests of rules and books compute all
of theirs and mind nothing. The first workers compute, with the processor's lowest priority: they fill what the others leave.
The last worker runs the conformance suite, whose many lines at once leave no room for a second one beside it. A worker whose
own kind is done helps with the others'.
"""

from __future__ import annotations

import contextlib
import os
from enum import Enum
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

LOWEST = 19
_NICENESS_OF_SESSION = Path("/proc/self/autogroup")


class Kind(Enum):
    """What a test file does most of the time; the value is how its path, from the project's folder, begins."""

    LINES = ("tests/integration/hardware/conformance/",)
    PROGRAMS = ("tests/e2e/", "tests/integration/", "tests/fault/test_lane_crash_points.py", "tests/unit/hardware/connection/")
    COMPUTES = ("",)


def kind_of(file: str) -> Kind:
    """Return a test file's kind."""
    return next(kind for kind in Kind if file.startswith(kind.value))


def first_kind(worker: str, workers: int) -> Kind:
    """Return which kind a worker, gw0 or a later one of so many, takes first."""
    number = int(worker.removeprefix("gw"))
    if number == workers - 1:
        return Kind.LINES
    return Kind.COMPUTES if number < workers // 2 else Kind.PROGRAMS


def take_own_share(config: pytest.Config) -> None:
    """Give this process, if it is a worker, its own share of the processor; one that computes gets what the others leave.

    Linux shares among sessions first, and heeds niceness within each: in one session with all others, workers would get less
    than each of the programs that they start, which have sessions of their own.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None:
        return
    with contextlib.suppress(OSError):
        os.setsid()
    if first_kind(worker["workerid"], worker["workercount"]) is Kind.COMPUTES:
        os.nice(LOWEST)
        with contextlib.suppress(OSError):
            _NICENESS_OF_SESSION.write_text(str(LOWEST), encoding="ascii")


class SharedByKind(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives each worker a file of its own kind while there is one; a file's tests stay together, in their order."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        own = first_kind(node.gateway.id, self.numnodes)
        wanted = [own, Kind.PROGRAMS, Kind.COMPUTES, Kind.LINES]
        first = min(self.workqueue, key=lambda file: wanted.index(kind_of(file)))
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)
