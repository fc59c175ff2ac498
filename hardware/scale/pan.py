"""The physics of a simulated scale: a mass on a pan, settling, noisy, zeroed and tared. Knows no words and no clock."""

from __future__ import annotations

import math
from collections import deque

TICK_S = 0.02
"""The converter samples fifty times a second."""
WINDOW_TICKS = 20
"""A weight is stable when all samples of the last 0.4 s agree within one division."""
OVERLOAD_DIVISIONS = 9
UNDERLOAD_DIVISIONS = 20
DISTURBANCE_DIVISIONS = 5
"""Standard deviation of a sample while someone leans on the scale."""

_MASK = (1 << 64) - 1


def noise(seed: int, index: int) -> float:
    """Return a reproducible number with mean 0 and standard deviation 1 (nearly normal: the sum of four uniform ones)."""
    total = 0.0
    for part in range(4):
        # The output step of SplitMix64, a counter hashed to 64 even bits.
        z = (seed * 0x9E3779B97F4A7C15 + (4 * index + part + 1) * 0xD1342543DE82EF95) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        total += (z ^ (z >> 31)) / _MASK - 0.5
    return total * math.sqrt(3)


class Pan:
    """A mass on a pan as the converter sees it. All masses in grams."""

    def __init__(self, *, capacity_g: float, division_g: float, settling_s: float, noise_g: float, seed: int) -> None:
        self.capacity_g = capacity_g
        self.division_g = division_g
        self.load_g = 0.0
        self.zero_g = 0.0
        self.tare_g = 0.0
        self.disturbed = False
        """Someone leans on it: never stable."""
        self._settling_s = settling_s
        self._noise_g = noise_g
        self._seed = seed
        self._swing_g = 0.0
        """How far the pan still is from rest."""
        self._samples = deque([0.0] * WINDOW_TICKS, WINDOW_TICKS)
        self._tick: int | None = None

    def put(self, grams: float) -> None:
        """Replace what lies on the pan."""
        self._swing_g += self.load_g - grams
        self.load_g = grams

    def advance(self, now_s: float) -> None:
        """Take all samples up to ``now_s``."""
        target = math.floor(now_s / TICK_S)
        if self._tick is None:
            self._tick = target
        missed = target - self._tick
        if missed > WINDOW_TICKS:
            self._swing_g *= self._decay(missed - WINDOW_TICKS)
        for tick in range(max(self._tick, target - WINDOW_TICKS) + 1, target + 1):
            self._swing_g *= self._decay(1)
            self._samples.append(self.load_g + self._swing_g + self._noise_now_g() * noise(self._seed, tick))
        self._tick = max(self._tick, target)

    @property
    def is_stable(self) -> bool:
        """Whether the last samples agree within one division."""
        return max(self._samples) - min(self._samples) <= self.division_g

    @property
    def gross_g(self) -> float:
        """The last sample above zero, not yet rounded."""
        return self._samples[-1] - self.zero_g

    @property
    def net_g(self) -> float:
        """What the display shows: rounded to the division, tare taken off."""
        return self.rounded(self.gross_g) - self.tare_g

    @property
    def is_overloaded(self) -> bool:
        """Whether more lies on it than it can weigh."""
        return self.gross_g > self.capacity_g + OVERLOAD_DIVISIONS * self.division_g

    @property
    def is_underloaded(self) -> bool:
        """Whether the pan was lifted or goods were zeroed and then taken off."""
        return self.gross_g < -UNDERLOAD_DIVISIONS * self.division_g

    def rounded(self, grams: float) -> float:
        """Round to the division."""
        return round(grams / self.division_g) * self.division_g

    def zero(self) -> None:
        """Call the present load zero; clears the tare, as scales do."""
        self.zero_g = self._samples[-1]
        self.tare_g = 0.0

    def _decay(self, ticks: int) -> float:
        return math.exp(-ticks * TICK_S / self._settling_s)

    def _noise_now_g(self) -> float:
        return DISTURBANCE_DIVISIONS * self.division_g if self.disturbed else self._noise_g
