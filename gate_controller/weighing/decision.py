"""Does the weight on the belt fit the order? The likelihood ratio of theft against honesty decides; pure.

Neyman and Pearson: of all tests with the same part of false alarms, the one that stops where ``theft(r) / honest(r)`` is
largest detects most. So for each basket both densities are laid over a grid of residuals, the grid's points are ordered by
their ratio, and the lane stops at those that have the largest ones until the honest mass among them is the stated rate. The
result is seldom symmetric: where no article weighs 20 g, 20 g too much is no theft; a shopper's own light bag makes an island
of its own.

Theft is a mixture: one article of the shelf forgotten, one swapped for another, a piece of the order not there, anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from gate_controller.weighing.explanations import explain
from gate_controller.weighing.goods import Expectation, Goods, WeighingRules
from gate_controller.weighing.honest import Floats, Honest, honest
from gate_controller.weighing.shelf import Shelf
from store_server.contract.lane_messages import Explanation

GRID_POINTS = 401
BASKETS_AT_ONCE = 2000
"""Bounds the memory of a decision about many baskets."""
LINES_MAX = 8
"""So many of a basket's lightest lines count as what may be missing; heavier ones are noticed anyway."""

_REACH_SD = 9.0
"""The grid ends here, beyond which nothing honest is expected."""
_RARE = 1e-4
"""Ways of being honest that are rarer than this do not lengthen the grid."""
_FORGOTTEN, _SWAPPED, _ABSENT, _ANYTHING = 0.72, 0.06, 0.18, 0.04
"""What the mixture of thefts and mistakes is made of."""
_ANYTHING_G = 600.0
"""Mean size of a difference that has no name."""
_LEAST = 1e-300


class Fit(Enum):
    """How the weight compares with the order."""

    FITS = "fits"
    TOO_LIGHT = "too light"
    TOO_HEAVY = "too heavy"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about one weighing, with its reasons."""

    fit: Fit
    measured_g: float
    expected_g: float
    sd_g: float
    """Standard deviation of the measured total of an honest basket, scale included."""
    low_g: float
    high_g: float
    """What fits lies between them; see ``accepted_g`` where there are gaps."""
    explanations: tuple[Explanation, ...] = ()
    """The likeliest first; empty when it fits."""
    accepted_g: tuple[tuple[float, float], ...] = ()
    """Every stretch of totals that fits, the lightest first."""
    surprise: float = 1.0
    """Part of honest baskets like this one that look at least as much like theft; even from 0 to 1 where the model is right."""

    @property
    def residual_g(self) -> float:
        """Measured minus expected."""
        return self.measured_g - self.expected_g


@dataclass(frozen=True, slots=True)
class RatioTest:
    """The test of several baskets at once: one row each."""

    honest: Honest
    shelf: Shelf
    absent_g: Floats
    """(baskets, lines): weights of pieces that may not be there; not a number where there are fewer."""
    grid_g: Floats
    """(baskets, points): residuals."""
    mass: Floats
    """(baskets, points): honest probability around each point."""
    ratio: Floats
    """(baskets, points): logarithm of how much likelier theft makes each point than honesty does."""
    limits: Floats
    """(baskets, 1): largest logarithm of the ratio that is let out."""

    def log_ratio(self, residuals_g: Floats) -> Floats:
        """Return how much likelier theft makes these residuals than honesty does."""
        return _log_ratio(self.honest, self.shelf, self.absent_g, residuals_g)

    def surprise(self, residuals_g: Floats) -> Floats:
        """Return what honest mass looks at least as much like theft as each basket's one residual (baskets, 1)."""
        return np.asarray(np.sum(self.mass * (self.ratio >= self.log_ratio(residuals_g)), axis=1))

    def accepts(self, residuals_g: Floats) -> npt.NDArray[np.bool_]:
        """Tell which residuals (baskets, points) are let out."""
        inside = (residuals_g >= self.grid_g[:, :1]) & (residuals_g <= self.grid_g[:, -1:])
        return inside & (self.log_ratio(residuals_g) <= self.limits)


def prepare(expected: Sequence[Expectation], rules: WeighingRules, shelf: Shelf) -> RatioTest:
    """Lay out the test of these baskets."""
    spread = honest(expected, rules)
    absent = _absent(expected)
    usual = np.where(spread.weights > _RARE, spread.shifts_g, 0.0)
    low = usual.min(axis=1, keepdims=True) - _REACH_SD * spread.sd_g
    high = usual.max(axis=1, keepdims=True) + _REACH_SD * spread.sd_g
    grid = low + (high - low) * np.linspace(0.0, 1.0, GRID_POINTS)
    density = spread.density(grid)
    mass = density * ((high - low) / (GRID_POINTS - 1))
    ratio = np.log(_theft(spread, shelf, absent, grid)) - np.log(density + _LEAST)
    return RatioTest(spread, shelf, absent, grid, mass, ratio, _limits(ratio, mass, _spent(expected, rules)))


def judge_many(
    expected: Sequence[Expectation], measured_g: Floats, rules: WeighingRules, shelf: Shelf
) -> npt.NDArray[np.bool_]:
    """Tell for many baskets at once whether the weight fits: the same decision as :func:`judge`."""
    fits = np.empty(len(expected), dtype=np.bool_)
    for start in range(0, len(expected), BASKETS_AT_ONCE):
        some = expected[start : start + BASKETS_AT_ONCE]
        means = np.array([one.mean_g for one in some])
        residuals = (measured_g[start : start + BASKETS_AT_ONCE] - means).reshape(-1, 1)
        fits[start : start + len(some)] = prepare(some, rules, shelf).accepts(residuals)[:, 0]
    return fits


def judge(expected: Expectation, measured_g: float, rules: WeighingRules, catalogue: Sequence[Goods] | Shelf = ()) -> Verdict:
    """Decide whether the weight fits; if not, rank what may explain it.

    Args:
        expected: of the order.
        measured_g: a stable weight of everything on the belt.
        rules: how strict to be.
        catalogue: one piece of every article that may have been forgotten; lay a ``Shelf`` out once where it is large.
    """
    shelf = catalogue if isinstance(catalogue, Shelf) else Shelf.of(catalogue)
    test = prepare([expected], rules, shelf)
    residual = measured_g - expected.mean_g
    fit = Fit.FITS
    at = np.array([[residual]])
    surprise = float(test.surprise(at)[0])
    if not test.accepts(at)[0, 0]:
        fit = Fit.TOO_LIGHT if residual < 0 else Fit.TOO_HEAVY
    stretches = tuple((expected.mean_g + low, expected.mean_g + high) for low, high in stretches_g(test))
    reasons = () if fit is Fit.FITS else explain(expected, measured_g, rules, shelf)
    low, high = (stretches[0][0], stretches[-1][1]) if stretches else (expected.mean_g, expected.mean_g)
    spread = float(test.honest.sd_g[0, 0])
    return Verdict(fit, measured_g, expected.mean_g, spread, low, high, reasons, stretches, surprise)


def stretches_g(test: RatioTest) -> list[tuple[float, float]]:
    """Return the stretches of residuals that the first basket's test lets out."""
    grid = test.grid_g[0]
    above = test.ratio[0] - test.limits[0, 0]
    inside = above <= 0
    edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
    ends = [float(grid[at] + (grid[at + 1] - grid[at]) * above[at] / (above[at] - above[at + 1])) for at in edges]
    if inside[0]:
        ends.insert(0, float(grid[0]))
    if inside[-1]:
        ends.append(float(grid[-1]))
    return list(zip(ends[::2], ends[1::2], strict=True))


def _absent(expected: Sequence[Expectation]) -> Floats:
    """Return for each basket the weights of its lightest pieces."""
    rows = [sorted(line.mean_g for line in one.goods if line.mean_g)[:LINES_MAX] for one in expected]
    absent = np.full((len(rows), max((len(row) for row in rows), default=0)), np.nan)
    for number, row in enumerate(rows):
        absent[number, : len(row)] = row
    return absent


def _log_ratio(spread: Honest, shelf: Shelf, absent_g: Floats, residuals_g: Floats) -> Floats:
    return np.log(_theft(spread, shelf, absent_g, residuals_g)) - np.log(spread.density(residuals_g) + _LEAST)


def _theft(spread: Honest, shelf: Shelf, absent_g: Floats, residuals_g: Floats) -> Floats:
    """Return the density of the mixture of thefts and mistakes."""
    total = _ANYTHING / (2 * _ANYTHING_G) * np.exp(-np.abs(residuals_g) / _ANYTHING_G) + _LEAST
    if shelf.forgotten is not None and shelf.swapped is not None:
        total += _FORGOTTEN * shelf.forgotten.density(residuals_g, spread.sd_g)
        total += _SWAPPED * shelf.swapped.density(residuals_g, spread.sd_g)
    lines = np.maximum(1, np.sum(~np.isnan(absent_g), axis=1, keepdims=True))
    each = _ABSENT / lines / (np.sqrt(2 * np.pi) * spread.sd_g)
    for line in range(absent_g.shape[1]):
        distance = (residuals_g + absent_g[:, line : line + 1]) / spread.sd_g
        total += each * np.nan_to_num(np.exp(-0.5 * distance * distance))
    return total


def _spent(expected: Sequence[Expectation], rules: WeighingRules) -> Floats:
    """Return the part of honest baskets like each of these that is stopped."""
    known = np.array([1 - rules.doubt_caution * one.doubt for one in expected]).reshape(-1, 1)
    return np.asarray(rules.false_alarm_rate * known)


def _limits(ratio: Floats, mass: Floats, rate: Floats) -> Floats:
    """Return for each basket the ratio above which the honest mass is ``rate``, between two points of the grid."""
    order = np.argsort(-ratio, axis=1)
    sorted_ratio = np.take_along_axis(ratio, order, axis=1)
    spent = np.cumsum(np.take_along_axis(mass, order, axis=1), axis=1)
    after = np.clip(np.sum(spent <= rate, axis=1), 1, ratio.shape[1] - 1).reshape(-1, 1)
    spent_before = np.take_along_axis(spent, after - 1, axis=1)
    spent_after = np.take_along_axis(spent, after, axis=1)
    part = np.clip((rate - spent_before) / np.maximum(spent_after - spent_before, _LEAST), 0.0, 1.0)
    first = np.take_along_axis(sorted_ratio, after - 1, axis=1)
    return first + part * (np.take_along_axis(sorted_ratio, after, axis=1) - first)
