"""What a perfect test would detect: the Neyman-Pearson bound, computed from the world's own distributions.

For each basket the exact density of the residual, honest and under an attack, is the Fourier transform of a product of
characteristic functions. A perfect test knows all of them and stops where the ratio of the two densities is above one limit
for all baskets. Against which attack? ``one_test`` is the test for the equal mixture of all of them: by the lemma, no test at
all detects more on average over the attacks. ``knowing`` is a test of its own for each attack, as if the lane knew what is
being tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gate_controller.evaluation.world import Baskets, Complex, Floats, Numbers, World, cf_sacks, log_cf_scale, log_cf_tails

POINTS = 8192
"""Of the grid of residuals, one gram apart."""
BASKETS_AT_ONCE = 100
_TOP_G = 3500.0
"""A heavier shift counts as this one: both are certain to be noticed."""
_FREQUENCIES = 2 * np.pi * np.arange(POINTS // 2 + 1) / POINTS
_LEVELS = np.geomspace(0.02, 500.0, 420)
"""Spreads for which the pieces' characteristic functions are kept."""
_BINS = 4000
_RATIO_MAX = 60.0
_LEAST = 1e-30

Attack: TypeAlias = Callable[[Baskets, Floats], Complex]
"""From baskets and the logarithms of their honest characteristic functions (baskets, frequencies) to those under attack."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Detection of one attack by a perfect test."""

    one_test: float
    """One test for all attacks, the one that detects most on average over them: no lane can detect more on average."""
    knowing: float
    """A test that knows which attack it is; what it detects of the others does not count."""
    knowing_in_each: float
    """The same, with the stated false-alarm rate in every single basket instead of on average over them."""


class Distributions:
    """The characteristic functions of a world, kept for its articles."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._tails = [
            np.stack([log_cf_tails(level * _FREQUENCIES, student=kind) for level in _LEVELS]) for kind in (False, True)
        ]
        own = world.spreads_g * np.sqrt(1 - world.batch_shares)
        self._level = np.clip(np.searchsorted(_LEVELS, own), 0, len(_LEVELS) - 1)
        self._batch = world.batch_shares * world.spreads_g**2
        self._scale = log_cf_scale(world, _FREQUENCIES)
        self.sacks = cf_sacks(world, _FREQUENCIES)

    def honest(self, baskets: Baskets) -> Floats:
        """Return the logarithms of the characteristic functions of honest residuals, with the scale, without bags."""
        log_cf = np.repeat(self._scale[np.newaxis, :], len(baskets), axis=0)
        for column in range(baskets.pieces.shape[1]):
            rows = np.flatnonzero(baskets.pieces[:, column])
            if len(rows):
                articles, pieces = baskets.articles[rows, column], baskets.pieces[rows, column].reshape(-1, 1)
                log_cf[rows] += pieces * self._own(articles) + pieces**2 * self._shared(articles)
        return log_cf

    def piece(self, articles: Numbers) -> Complex:
        """Return the characteristic functions of one piece of each article, its mean included."""
        means = np.minimum(self.world.means_g[articles], _TOP_G).reshape(-1, 1)
        return np.asarray(np.exp(self._own(articles) + self._shared(articles) + 1j * means * _FREQUENCIES))

    def mixture(self, shares: Floats) -> Complex:
        """Return the characteristic function of one piece of an article drawn with these shares."""
        total = np.zeros(len(_FREQUENCIES), dtype=np.complex128)
        kept = np.flatnonzero(shares)
        for start in range(0, len(kept), BASKETS_AT_ONCE):
            some = kept[start : start + BASKETS_AT_ONCE]
            total += shares[some] @ self.piece(some)
        return np.asarray(total / shares.sum())

    def one_less(self, log_cf: Floats, articles: Numbers, pieces: Numbers) -> Complex:
        """Return the characteristic functions of baskets from which one of so many pieces of an article was taken."""
        means = np.minimum(self.world.means_g[articles], _TOP_G).reshape(-1, 1)
        less = (pieces**2 - (pieces - 1) ** 2).reshape(-1, 1)
        rest = log_cf - self._own(articles) - less * self._shared(articles)
        return np.asarray(np.exp(np.minimum(rest, 0.0) - 1j * means * _FREQUENCIES))

    def _own(self, articles: Numbers) -> Floats:
        student = self.world.student[articles].reshape(-1, 1)
        levels = self._level[articles]
        return np.where(student, self._tails[1][levels], self._tails[0][levels])

    def _shared(self, articles: Numbers) -> Floats:
        return -0.5 * self._batch[articles].reshape(-1, 1) * _FREQUENCIES**2


def unscanned(distributions: Distributions, shares: Floats) -> Attack:
    """One piece more on the belt, of an article drawn with these shares."""
    added = distributions.mixture(shares)
    return lambda _baskets, log_cf: np.exp(log_cf) * (distributions.sacks * added)


def absent(distributions: Distributions, least_pieces: int) -> Attack:
    """One piece less on the belt than paid, of a line that has so many pieces; no density where there is none."""

    def attack(baskets: Baskets, log_cf: Floats) -> Complex:
        return _removed(distributions, baskets, log_cf, least_pieces, None)

    return attack


def swapped(distributions: Distributions) -> Attack:
    """One piece of the order left in the shop, one of another article in its place."""
    everything = distributions.mixture(distributions.world.popularity)

    def attack(baskets: Baskets, log_cf: Floats) -> Complex:
        return _removed(distributions, baskets, log_cf, 1, everything)

    return attack


def _removed(
    distributions: Distributions, baskets: Baskets, log_cf: Floats, least_pieces: int, everything: Complex | None
) -> Complex:
    """Average over a basket's lines: a piece removed, and one of any other article added where ``everything`` is given."""
    total = np.zeros((len(baskets), len(_FREQUENCIES)), dtype=np.complex128)
    eligible = baskets.pieces >= least_pieces
    lines = np.maximum(1, eligible.sum(axis=1))
    for column in range(baskets.pieces.shape[1]):
        rows = np.flatnonzero(eligible[:, column])
        if not len(rows):
            continue
        articles = baskets.articles[rows, column]
        change = distributions.one_less(log_cf[rows], articles, baskets.pieces[rows, column])
        if everything is not None:
            share = distributions.world.popularity[articles].reshape(-1, 1)
            change *= (everything - share * distributions.piece(articles)) / (1 - share)
        total[rows] += change / lines[rows].reshape(-1, 1)
    return total * distributions.sacks


def bounds(distributions: Distributions, baskets: Baskets, attacks: Sequence[Attack], rate: float) -> list[Bound]:
    """Return what perfect tests detect in these baskets with this part of false alarms, for each attack."""
    honest_mass = np.zeros((len(attacks) + 1, _BINS))
    found_mass = np.zeros((len(attacks), 2, _BINS))
    each, totals = np.zeros(len(attacks)), np.zeros(len(attacks))
    for start in range(0, len(baskets), BASKETS_AT_ONCE):
        some = baskets.some(slice(start, start + BASKETS_AT_ONCE))
        log_cf = distributions.honest(some)
        honest = _density(np.exp(log_cf) * distributions.sacks)
        attacked = [_density(attack(some, log_cf)) for attack in attacks]
        any_ratio = _log_ratio(np.mean(attacked, axis=0), honest)
        any_bins = _bins(any_ratio)
        honest_mass[-1] += np.bincount(any_bins, weights=honest.ravel(), minlength=_BINS)
        for number, density in enumerate(attacked):
            ratio = _log_ratio(density, honest)
            bins = _bins(ratio)
            honest_mass[number] += np.bincount(bins, weights=honest.ravel(), minlength=_BINS)
            found_mass[number, 0] += np.bincount(bins, weights=density.ravel(), minlength=_BINS)
            found_mass[number, 1] += np.bincount(any_bins, weights=density.ravel(), minlength=_BINS)
            each[number] += _at_rate(ratio, honest, density, rate)
            totals[number] += float(density.sum())
    totals = np.maximum(totals, _LEAST)
    return [
        Bound(
            knowing=_found(honest_mass[number], found_mass[number, 0], rate) / totals[number],
            knowing_in_each=each[number] / totals[number],
            one_test=_found(honest_mass[-1], found_mass[number, 1], rate) / totals[number],
        )
        for number in range(len(attacks))
    ]


def _found(honest_mass: Floats, found_mass: Floats, rate: float) -> float:
    """Return the mass found when the bins with the largest ratios are stopped until the honest mass is spent."""
    spent = np.cumsum(honest_mass[::-1]) / honest_mass.sum()
    return float(np.interp(rate, spent, np.cumsum(found_mass[::-1])))


def _log_ratio(attacked: Floats, honest: Floats) -> Floats:
    return np.asarray(np.clip(np.log(attacked + _LEAST) - np.log(honest + _LEAST), -_RATIO_MAX, _RATIO_MAX - 1e-9))


def _bins(ratio: Floats) -> Numbers:
    return ((ratio + _RATIO_MAX) * (_BINS / (2 * _RATIO_MAX))).astype(np.intp).ravel()


def _density(cf: Complex) -> Floats:
    """Return the probability of each gram of residual; the grid begins at zero and wraps round to negative ones."""
    return np.maximum(np.fft.irfft(np.conj(cf), POINTS, axis=1), 0.0)


def _at_rate(ratio: Floats, honest: Floats, attacked: Floats, rate: float) -> float:
    """Return what is detected in all baskets when just this part of each one's honest mass is stopped."""
    order = np.argsort(-ratio, axis=1)
    spent = np.cumsum(np.take_along_axis(honest, order, axis=1), axis=1)
    found = np.cumsum(np.take_along_axis(attacked, order, axis=1), axis=1)
    return float(sum(np.interp(rate, one, other) for one, other in zip(spent, found, strict=True)))
