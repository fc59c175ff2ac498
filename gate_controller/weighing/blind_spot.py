"""What the scale cannot see in a given basket, so that tags, value and audits look there instead; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gate_controller.weighing.decision import prepare
from gate_controller.weighing.goods import Expectation, Goods, WeighingRules
from gate_controller.weighing.honest import Floats
from gate_controller.weighing.shelf import Shelf

DETECTION_POWER = 0.95
"""A surplus of ``minimum_detectable_g`` is noticed with this probability."""

_WEIGHTS = 160
_TOP_SD = 14.0
_MARGIN_G = 10.0


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """How well one basket's weighing notices what was added to it."""

    minimum_detectable_g: float
    """Every surplus from here on is noticed with the power asked for."""
    weights_g: tuple[float, ...]
    """Surpluses, the lightest first."""
    power: tuple[float, ...]
    """How probably each of them is noticed."""
    unknown_lines: int
    """Lines that nobody weighed yet: the weight says little about this basket, an audit more."""

    def power_at(self, grams: float) -> float:
        """Return how probably one article of this weight is noticed if it was not scanned."""
        return float(np.interp(abs(grams), self.weights_g, self.power))


def blind_spot(
    expected: Expectation, rules: WeighingRules, shelf: Shelf | Sequence[Goods] = (), power: float = DETECTION_POWER
) -> BlindSpot:
    """Return what this basket's weighing would not notice."""
    laid_out = shelf if isinstance(shelf, Shelf) else Shelf.of(shelf)
    test = prepare([expected], rules, laid_out)
    spread = float(test.honest.sd_g[0, 0])
    bags = max(0.0, float(test.honest.shifts_g[0].max()))
    weights = np.linspace(0.0, _TOP_SD * spread + bags + _MARGIN_G, _WEIGHTS)
    noticed = _noticed(test.grid_g[0], test.mass[0], test.ratio[0] <= test.limits[0, 0], weights)
    below = np.flatnonzero(noticed < power)
    last = int(below[-1]) if len(below) else 0
    least = weights[-1]
    if last + 1 < len(weights):
        rise = max(noticed[last + 1] - noticed[last], 1e-12)
        least = weights[last] + (weights[last + 1] - weights[last]) * min(1.0, (power - noticed[last]) / rise)
    return BlindSpot(float(least), tuple(weights.tolist()), tuple(noticed.tolist()), len(expected.unknown))


def minimum_detectable_g(
    expected: Expectation, rules: WeighingRules, power: float = DETECTION_POWER, shelf: Shelf | Sequence[Goods] = ()
) -> float:
    """Return the lightest surplus that this order's weighing notices with probability ``power``."""
    return blind_spot(expected, rules, shelf, power).minimum_detectable_g


def _noticed(grid_g: Floats, mass: Floats, accepted: np.ndarray[tuple[int], np.dtype[np.bool_]], weights_g: Floats) -> Floats:
    """Return the honest mass that a surplus pushes out of what is accepted."""
    let_out = accepted.astype(np.float64)
    moved = np.interp((grid_g + weights_g[:, np.newaxis]).ravel(), grid_g, let_out, left=0.0, right=0.0)
    kept = moved.reshape(len(weights_g), len(grid_g)) @ mass
    return np.asarray(np.clip(1 - kept / mass.sum(), 0.0, 1.0))
