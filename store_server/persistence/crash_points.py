"""Named places at which a test kills this process, to prove that nothing is lost, doubled or stuck.

A line ``crash_point("settle.after_row")`` does nothing until one point is armed: :func:`arm` in the process itself, or the
environment variable ``SCANLANE_CRASH_POINT=settle.after_row`` (``settle.after_row:3`` for the third pass) before the program
starts. An armed point ends the process by SIGKILL: no handler runs, no buffer is written, no transaction is rolled back by us.
Only tests set the variable. ``tests/fault/test_crash_points.py`` finds every point by its line and kills at each of them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

VARIABLE = "SCANLANE_CRASH_POINT"

_passed: Callable[[str], None] | None = None


def crash_point(name: str) -> None:
    """Pass a named point; the process ends here when the point is armed."""
    if _passed is not None:
        _passed(name)


def watch(passed: Callable[[str], None] | None) -> None:
    """Tell ``passed`` the name of every point from now on; None for nobody."""
    global _passed  # noqa: PLW0603 - one hook for the whole process, read without a lock
    _passed = passed


def arm(name: str, nth: int = 1) -> None:
    """Kill this process when it passes ``name`` for the ``nth`` time from now on."""
    left = nth

    def passed(here: str) -> None:
        nonlocal left
        if here != name:
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    watch(passed)


def _arm_from_environment() -> None:
    name, _, nth = os.environ.get(VARIABLE, "").partition(":")
    if name:
        arm(name, int(nth or "1"))


_arm_from_environment()
