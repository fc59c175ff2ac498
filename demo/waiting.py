"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from demo.errors import DemoError

LOOK_EVERY_S = 0.05

Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str, timeout_s: float = 20.0) -> Found:
    """Call ``look`` until it returns something true and return that.

    Raises:
        DemoError: it did not within ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise DemoError(f"waited {timeout_s:.0f} s in vain for {what}")
        time.sleep(LOOK_EVERY_S)
