"""One measured figure, and how it is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """A figure; a ratio names what it is against."""

    name: str
    value: float
    unit: str
    against: str = ""


def seconds_per_call(act: Callable[[], object], calls: int) -> float:
    """Time ``calls`` calls, :data:`ROUNDS` times; return the median per call."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(calls):
            act()
        rounds.append((time.perf_counter() - began) / calls)
    return statistics.median(rounds)


def ratio(name: str, ours: float, limit: float, against: str) -> Row:
    """Return how many times as long ours takes as the limit measured in the same run."""
    return Row(name, round(ours / limit, 3), "x", against)
