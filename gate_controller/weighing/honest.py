"""How the reading of an honest basket is spread around what its order should weigh; pure, for many baskets at once.

A mixture: with and without a bag of the shopper's own, with this or that packaging. Each part is a Student distribution whose
variance and fourth cumulant are those of the sum of its pieces: a single piece has heavy tails, a full basket nearly none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gate_controller.weighing.goods import Expectation, Part, WeighingRules

Floats: TypeAlias = npt.NDArray[np.float64]

FREEDOM_MIN = 4.2
"""Degrees of freedom below which a Student distribution has no fourth cumulant to match."""
FREEDOM_MAX = 400.0
"""Above, nothing tells it from a normal distribution."""
PARTS_MAX = 32
_FOURTH = 6.0
"""The excess kurtosis of a Student distribution is 6 / (freedom - 4)."""
_LEAST_KURTOSIS = _FOURTH / (FREEDOM_MAX - 4)


@dataclass(frozen=True, slots=True)
class Honest:
    """The distributions of several baskets; each array has one row for each basket."""

    weights: Floats
    """Of the parts: (baskets, parts)."""
    shifts_g: Floats
    variances_g2: Floats
    """With the scale's."""
    freedom: Floats
    """(baskets, 1)."""
    sd_g: Floats
    """(baskets, 1): without bags and packagings."""
    norm: Floats
    """(baskets, 1): the density of a unit-variance Student distribution at its middle."""

    def density(self, residuals_g: Floats, more_variance_g2: Floats | float = 0.0) -> Floats:
        """Return the density at each residual (measured minus expected): (baskets, points)."""
        power = -(self.freedom + 1) / 2
        stretch = self.freedom - 2
        total = np.zeros_like(residuals_g)
        for part in range(self.weights.shape[1]):
            column = slice(part, part + 1)
            variance = self.variances_g2[:, column] + more_variance_g2
            distance = residuals_g - self.shifts_g[:, column]
            body = np.exp(power * np.log1p(distance * distance / (stretch * variance)))
            total += self.weights[:, column] * self.norm / np.sqrt(variance) * body
        return total


def honest(expected: Sequence[Expectation], rules: WeighingRules) -> Honest:
    """Return how the readings of these baskets are spread."""
    known = {parts: _parts(parts, rules) for parts in {one.parts for one in expected}}
    mixtures = [known[one.parts] for one in expected]
    most = max(len(parts) for parts in mixtures)
    base = np.array([one.variance_g2 + rules.scale_variance_g2 for one in expected]).reshape(-1, 1)
    weights, shifts = np.zeros((len(expected), most)), np.zeros((len(expected), most))
    variances = np.repeat(base, most, axis=1)
    if len(known) == 1:
        weights[:], shifts[:] = [part.weight for part in mixtures[0]], [part.shift_g for part in mixtures[0]]
        variances += [part.variance_g2 for part in mixtures[0]]
    else:
        for row, parts in enumerate(mixtures):
            for column, part in enumerate(parts):
                weights[row, column], shifts[row, column] = part.weight, part.shift_g
                variances[row, column] += part.variance_g2
    kurtosis = np.array([one.fourth_g4 for one in expected]).reshape(-1, 1) / base**2
    freedom = np.maximum(FREEDOM_MIN, 4 + _FOURTH / np.maximum(kurtosis, _LEAST_KURTOSIS))
    norm = np.array([_norm(value) for value in freedom[:, 0]]).reshape(-1, 1)
    return Honest(weights, shifts, variances, freedom, np.sqrt(base), norm)


def _norm(freedom: float) -> float:
    ratio = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    return math.exp(ratio) / math.sqrt(math.pi * (freedom - 2))


def _parts(packagings: tuple[Part, ...], rules: WeighingRules) -> tuple[Part, ...]:
    """Combine packagings with bags, the likeliest first."""
    bare = max(0.0, 1 - sum(bag.share for bag in rules.bags))
    ways = [Part(bare, 0.0), *(Part(bag.share, bag.mean_g, bag.sd_g**2) for bag in rules.bags)]
    combined = [
        Part(one.weight * way.weight, one.shift_g + way.shift_g, one.variance_g2 + way.variance_g2)
        for one in packagings
        for way in ways
    ]
    return tuple(sorted(combined, key=lambda part: -part.weight)[:PARTS_MAX])
