"""One measured figure, what it is held against, and how it is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """A figure; a ratio names what it is against."""

    subject: str
    """What was measured, for example "SQLite, orders submitted, 16 clients"."""
    measure: str
    """Which of its figures this is, for example "p99"."""
    value: float
    unit: str
    against: str = ""
    aim: str = ""
    """Empty where nothing is asked of it."""
    met: bool | None = None

    @property
    def name(self) -> str:
        """Both in one."""
        return f"{self.subject}: {self.measure}"

    @property
    def figure(self) -> str:
        """The value with three digits, or whole."""
        if self.value == int(self.value):
            return f"{self.value:.0f}"
        digits = 0 if abs(self.value) >= 100 else 1 if abs(self.value) >= 10 else 2 if abs(self.value) >= 1 else 3
        return f"{self.value:.{digits}f}"

    @property
    def verdict(self) -> str:
        """What is asked of it, and whether it was met."""
        return f"{self.aim}: {'met' if self.met else 'MISSED'}" if self.aim else ""


def at_least(row: Row, aim: float) -> Row:
    """Ask for this much or more."""
    return replace(row, aim=f"at least {aim:g}", met=row.value >= aim)


def below(row: Row, aim: float) -> Row:
    """Ask for less than this."""
    return replace(row, aim=f"under {aim:g}", met=row.value < aim)


def seconds_per_call(act: Callable[[], object], calls: int) -> float:
    """Time ``calls`` calls, :data:`ROUNDS` times; return the median per call."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(calls):
            act()
        rounds.append((time.perf_counter() - began) / calls)
    return statistics.median(rounds)


def ratio(subject: str, measure: str, ours: float, limit: float, against: str) -> Row:
    """Return ours divided by the limit measured in the same run."""
    return Row(subject, measure, round(ours / limit, 4), "x", against)
