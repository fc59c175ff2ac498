"""Watches the scale while the belt is empty: small drift is zeroed away, a larger one takes the lane out of service; pure.

Zeroing is a way to cheat: what lies on the scale while it is zeroed is carried out for nothing. So it happens only with both
light barriers clear, in IDLE, and never for more than :data:`ZERO_MAX_G`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

ZERO_MIN_G = 2.0
"""Less is the scale's ordinary noise."""
ZERO_MAX_G = 5.0
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
    """Since when the empty scale has shown something."""

    since_s: float | None = None

    def feed(self, grams: float, *, stable: bool, empty: bool, now_s: float) -> tuple[ZeroWatch, Finding]:
        """Take a reading; ``empty`` says that the lane is idle and both barriers are clear."""
        if not empty or not stable:
            return ZeroWatch(), Finding.NOTHING
        if abs(grams) < ZERO_MIN_G:
            return ZeroWatch(), Finding.FINE
        if self.since_s is None:
            return ZeroWatch(now_s), Finding.NOTHING
        if now_s - self.since_s < LASTING_S:
            return self, Finding.NOTHING
        if abs(grams) <= ZERO_MAX_G:
            return ZeroWatch(), Finding.ZERO
        return replace(self), Finding.DRIFTED if abs(grams) > DRIFT_MAX_G else Finding.NOTHING
