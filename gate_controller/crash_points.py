"""Named places of a passage at which a test kills this process: nothing may open, stay on, get lost or happen twice after it.

A line ``crash_point("pass.used")`` does nothing until one point is armed: by :func:`arm` in the process itself, or by the
A line ``crash_point("pass.used")`` does nothing until one point is armed: by :func:`arm` in the process itself, or by the
environment variable ``SCANLANE_CRASH_POINT`` before the program starts (``exit.recorded:2`` for the second time). An armed
point ends the process by SIGKILL. Only tests set the variable; ``tests/fault/test_lane_crash_points.py`` finds every point.
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


def arm(name: str, nth: int = 1) -> None:
    """Kill this process when it passes ``name`` for the ``nth`` time from now on; an empty name disarms."""
    global _passed  # noqa: PLW0603 - one hook for the whole process, read without a lock
    left = nth

    def passed(here: str) -> None:
        nonlocal left
        if here == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    _passed = passed if name else None


def _arm_from_environment() -> None:
    name, _, nth = os.environ.get(VARIABLE, "").partition(":")
    arm(name, int(nth or "1"))


_arm_from_environment()
