"""When a weight may be believed: several equal stable readings over a while, after the belt has stopped.

One stable reading is not enough: a load cell may call itself stable in the lull between two swings.
"""

from __future__ import annotations

from dataclasses import dataclass

READINGS_KEPT = 50


@dataclass(frozen=True, slots=True)
class SettlingRules:
    """What counts as settled."""

    readings: int = 3
    """Stable readings in a row."""
    span_s: float = 0.5
    """Time from the first of them to the last."""
    within_g: float = 1.0
    """Largest difference between them: one division."""


@dataclass(frozen=True, slots=True)
class Settling:
    """The stable readings so far, oldest first, as (grams, seconds)."""

    rules: SettlingRules
    readings: tuple[tuple[float, float], ...] = ()

    @property
    def due_s(self) -> float:
        """When a reading like those so far would settle it; 0 while there is none."""
        return self.readings[0][1] + self.rules.span_s if self.readings else 0.0

    def feed(self, grams: float, *, stable: bool, now_s: float) -> tuple[Settling, float | None]:
        """Take a reading; return the new memory and the settled weight, or None while it has not settled."""
        if not stable:
            return Settling(self.rules), None
        kept = (*self.readings, (grams, now_s))
        while max(g for g, _ in kept) - min(g for g, _ in kept) > self.rules.within_g:
            kept = kept[1:]
        if len(kept) >= self.rules.readings and now_s - kept[0][1] >= self.rules.span_s:
            last = kept[-self.rules.readings :]
            return Settling(self.rules), sum(g for g, _ in last) / len(last)
        if len(kept) > READINGS_KEPT:  # the oldest tells since when; one in the middle tells nothing
            kept = (kept[0], *kept[2:])
        return Settling(self.rules, kept), None
