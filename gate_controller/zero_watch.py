"""Watches the scale while the belt is empty: small drift is zeroed away, a larger one takes the lane out of service; pure.

Zeroing is a way to cheat: what lies on the scale while it is zeroed is carried out for nothing. So it happens only while the
belt is known to be empty: the lane is idle, both light barriers are clear, and since the scale last showed zero its reading has
only crept. Whatever changes it by more than :data:`STEP_MAX_G` at once was put there or taken off, also from the side, past the
barriers; then nothing is zeroed until the reading is back where it was, or at zero. And all zeroings together move zero by no
more than :data:`ZERO_TOTAL_MAX_G`, so that many small things are not hidden one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

ZERO_MIN_G = 2.0
"""Less is the scale's ordinary noise."""
ZERO_MAX_G = 5.0
STEP_MAX_G = 1.9
"""A scale drifts slower than this from one reading to the next, and over one shopper."""
ZERO_TOTAL_MAX_G = 20.0
DRIFT_MAX_G = 20.0
LASTING_S = 20.0
"""A load that goes away sooner is somebody leaning on the belt."""


class Finding(Enum):
    """What to do about the empty scale."""

    NOTHING = "nothing"
    ZERO = "zero it"
    DRIFTED = "call staff"
    FINE = "it shows zero"


@dataclass(frozen=True, slots=True)
class ZeroWatch:
    """What the empty scale has shown."""

    since_s: float | None = None
    """Since when it has not shown zero."""
    empty_g: float | None = None
    """What it last showed while the belt was known to be empty; None before it ever was."""
    zeroed_g: float = 0.0
    """By how much zero was moved so far."""

    def feed(self, grams: float, *, stable: bool, empty: bool, now_s: float) -> tuple[ZeroWatch, Finding]:
        """Take a reading; ``empty`` says that the lane is idle and both barriers are clear."""
        if not empty or not stable:
            return replace(self, since_s=None), Finding.NOTHING
        if abs(grams) < ZERO_MIN_G:
            return replace(self, since_s=None, empty_g=grams), Finding.FINE
        since_s = now_s if self.since_s is None else self.since_s
        watch = replace(self, since_s=since_s, empty_g=grams if self._has_crept(grams) else self.empty_g)
        if now_s - since_s < LASTING_S:
            return watch, Finding.NOTHING
        known_empty = self.empty_g is not None and self._has_crept(grams)
        if known_empty and abs(grams) <= ZERO_MAX_G and abs(self.zeroed_g + grams) <= ZERO_TOTAL_MAX_G:
            return ZeroWatch(None, 0.0, self.zeroed_g + grams), Finding.ZERO
        is_lost = abs(grams) > DRIFT_MAX_G or (known_empty and abs(self.zeroed_g + grams) > ZERO_TOTAL_MAX_G)
        return watch, Finding.DRIFTED if is_lost else Finding.NOTHING

    def _has_crept(self, grams: float) -> bool:
        """Tell whether this reading follows from the one before by drift alone; the very first must be zero."""
        return abs(grams) < ZERO_MIN_G if self.empty_g is None else abs(grams - self.empty_g) <= STEP_MAX_G
