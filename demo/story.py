"""A trip told step by step: what was done, what was expected, what happened, how long it took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from demo.errors import DemoError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trip."""

    trip: str
    done: str
    expected: str
    happened: str
    passed: bool
    seconds: float


class TripFailedError(DemoError):
    """A step did not end as expected; the trip stops there."""


@dataclass
class Story:
    """Collects steps, prints them as they happen, writes the summary."""

    tell: Callable[[str], None] = print
    steps: list[Step] = field(default_factory=list)
    failed: bool = False
    """Something went wrong outside a step."""
    _trip: str = ""

    def begin(self, trip: str, sentence: str) -> None:
        """Begin a trip."""
        self._trip = trip
        self.tell(f"\n{trip}: {sentence}")

    def step(self, done: str, expected: str, act: Callable[[], Result], tell: Callable[[Result], str] | None = None) -> Result:
        """Do one step; ``act`` raises DemoError when what was expected does not happen.

        Args:
            done: what the person does.
            expected: what must happen.
            act: does it, waits for it, returns what is of use later.
            tell: turns the result into a short text of what happened.

        Raises:
            TripFailedError: it did not happen.
        """
        began = time.monotonic()
        try:
            result = act()
        except DemoError as error:
            self._add(done, expected, str(error), passed=False, began=began)
            raise TripFailedError(f"{self._trip}: {done}: {error}") from error
        self._add(done, expected, tell(result) if tell is not None else expected, passed=True, began=began)
        return result

    def check(self, done: str, expected: str, happened: str, *, passed: bool) -> None:
        """Record a comparison.

        Raises:
            TripFailedError: it is not as expected.
        """
        self._add(done, expected, happened, passed=passed, began=time.monotonic())
        if not passed:
            raise TripFailedError(f"{self._trip}: {done}: expected {expected}, but {happened}")

    @property
    def all_passed(self) -> bool:
        """Whether every step happened as expected."""
        return bool(self.steps) and not self.failed and all(step.passed for step in self.steps)

    def write(self, path: Path) -> None:
        """Write every step as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        summary = {"passed": self.all_passed, "steps": [asdict(step) for step in self.steps]}
        path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    def _add(self, done: str, expected: str, happened: str, *, passed: bool, began: float) -> None:
        step = Step(self._trip, done, expected, happened, passed, round(time.monotonic() - began, 3))
        self.steps.append(step)
        mark = "ok  " if passed else "FAIL"
        told = happened if happened == expected else f"{expected} -> {happened}"
        self.tell(f"  {mark} {done}: {told}  ({step.seconds:.1f} s)")
