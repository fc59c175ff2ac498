"""What the best fixed tolerance would detect: the same grams, or the same percentage, for every basket.

Tuned on the very exits it is judged by, which flatters it: of all ways to share the stated false alarms between too light and
too heavy, the one that detects most on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gate_controller.evaluation.world import Floats

_SPLITS = 21


@dataclass(frozen=True, slots=True)
class Band:
    """A fixed band and what it does."""

    low: float
    high: float
    false_alarms: float
    detections: tuple[float, ...]
    """By attack, in the order they were given."""


def best_band(honest: Floats, attacked: Sequence[Floats], rate: float) -> Band:
    """Tune a band to the stated rate.

    Args:
        honest: deviations of honest exits, in grams or as parts of the expected weight.
        attacked: the same for each attack.
        rate: part of the honest exits that may lie outside.
    """
    bands = []
    for split in np.linspace(0.0, 1.0, _SPLITS):
        low = float(np.quantile(honest, rate * split, method="lower"))
        high = float(np.quantile(honest, 1 - rate * (1 - split), method="higher"))
        found = tuple(float(np.mean((one < low) | (one > high))) for one in attacked)
        bands.append(Band(low, high, float(np.mean((honest < low) | (honest > high))), found))
    return max(bands, key=lambda band: float(np.mean(band.detections)) if band.detections else 0.0)
