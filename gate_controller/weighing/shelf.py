"""The shop's articles, laid out so that a lane finds quickly what could weigh so much; pure.

``Shelf`` holds every article whose weight is known, sorted by weight, and two densities that the decision needs at every
point of its grid: what one forgotten article would add to a basket, and what a swap would. Both are kept for a ladder of
spreads, because computing them anew for each basket would take as long as the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gate_controller.weighing.goods import Goods
from gate_controller.weighing.honest import Floats

_SPREADS_G = np.geomspace(1.0, 1000.0, 46)
"""The ladder; a basket's spread lies between two rungs."""
_STEPS = np.arange(-12.0, 60.1, 0.25)
"""Where each rung holds its densities, in its own spread."""
_BIN_OF_SPREAD = 0.35
"""Articles that are closer than this many spreads are taken together."""
_TOP_G = 60_000
_SWAP_TOP_G = 4096
"""Heavier articles are hardly ever swapped for much lighter ones."""
_ANY = 0.5
"""Part of the forgotten articles that may weigh anything: one of 20 to 40 g as likely as one of 200 to 400 g. Without it a
lane would give up articles that are light and rare, and trust a popularity that nobody may have counted yet."""
_ANY_LIGHTEST_G, _ANY_HEAVIEST_G, _ANY_POINTS = 8.0, 5000.0, 200
_ANY_STEP = float(np.log(_ANY_HEAVIEST_G / _ANY_LIGHTEST_G)) / _ANY_POINTS
_FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Ladder:
    """One density for every spread: the logarithm at ``_STEPS`` spreads from zero, on each rung."""

    logs: Floats

    def density(self, residuals_g: Floats, sd_g: Floats) -> Floats:
        """Return the density at residuals (baskets, points) of baskets with these spreads (baskets, 1)."""
        rungs = len(_SPREADS_G) - 1
        height = np.clip(np.interp(np.log(sd_g), np.log(_SPREADS_G), np.arange(rungs + 1.0)), 0, rungs - 1e-9)
        rung = height.astype(np.intp)
        upper = height - rung
        step = (np.clip(residuals_g / sd_g, _STEPS[0], _STEPS[-1] - 1e-9) - _STEPS[0]) * 4
        left = step.astype(np.intp)
        right = step - left
        flat = self.logs.ravel()
        at = rung * len(_STEPS) + left
        low = flat[at] * (1 - right) + flat[at + 1] * right
        at += len(_STEPS)
        high = flat[at] * (1 - right) + flat[at + 1] * right
        return np.asarray(np.exp(low * (1 - upper) + high * upper))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every article whose weight is known, the lightest first."""

    goods: tuple[Goods, ...]
    means_g: Floats
    variances_g2: Floats
    """Of one piece, with how well its mean is known."""
    shares: Floats
    """Popularity, summing up to 1."""
    codes: npt.NDArray[np.str_]
    forgotten: Ladder | None
    """What one article more would add; None on an empty shelf."""
    swapped: Ladder | None

    @classmethod
    def of(cls, catalogue: Sequence[Goods]) -> Shelf:
        """Lay out one piece of every article; articles without a known weight are left out."""
        goods = tuple(sorted((one for one in catalogue if one.mean_g), key=lambda one: one.mean_g or 0.0))
        means = np.array([one.mean_g or 0.0 for one in goods])
        variances = np.array([one.sd_g**2 + one.mean_sd_g**2 for one in goods])
        popularity = np.array([max(one.popularity, 1e-9) for one in goods])
        codes = np.array([one.code for one in goods], dtype=np.str_)
        if not goods:
            return cls((), means, variances, popularity, codes, None, None)
        shares = popularity / popularity.sum()
        swaps, swap_shares = _differences(means, shares)
        swap_variances = np.full_like(swaps, 2 * float(np.sum(shares * variances)))
        any_weight = np.geomspace(_ANY_LIGHTEST_G, _ANY_HEAVIEST_G, _ANY_POINTS)
        forgotten = _ladder(
            np.concatenate([means, any_weight]),
            np.concatenate([shares * (1 - _ANY), np.full(_ANY_POINTS, _ANY / _ANY_POINTS)]),
            np.concatenate([variances, (any_weight * _ANY_STEP) ** 2]),
        )
        return cls(goods, means, variances, shares, codes, forgotten, _ladder(swaps, swap_shares, swap_variances))


def _differences(means_g: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Return by how much one article of the shelf in another's place changes a basket, in whole grams, and how often."""
    light = means_g < _SWAP_TOP_G
    grams = np.bincount(means_g[light].astype(np.intp), weights=shares[light], minlength=_SWAP_TOP_G)
    spectrum = np.fft.rfft(grams, 2 * _SWAP_TOP_G)
    around = np.maximum(np.fft.irfft(spectrum * np.conj(spectrum)), 0.0)
    around[0] = 0.0  # an article for itself changes nothing, and is no swap
    shifts = np.fft.fftfreq(2 * _SWAP_TOP_G, 1 / (2 * _SWAP_TOP_G))
    kept = around > _FLOOR
    return np.asarray(shifts[kept], dtype=np.float64), np.asarray(around[kept], dtype=np.float64)


def _ladder(means_g: Floats, shares: Floats, variances_g2: Floats) -> Ladder:
    logs = np.empty((len(_SPREADS_G), len(_STEPS)))
    for rung, spread in enumerate(_SPREADS_G):
        points = _STEPS * spread
        near = (means_g > points[0] - 6 * spread) & (means_g < min(points[-1] + 6 * spread, _TOP_G))
        bins = np.floor((means_g[near] - points[0]) / (spread * _BIN_OF_SPREAD)).astype(np.intp)
        if not len(bins):
            logs[rung] = np.log(_FLOOR)
            continue
        bins -= bins.min()
        weight = np.bincount(bins, weights=shares[near])
        held = weight > 0
        weight, middle = weight[held], (np.bincount(bins, weights=shares[near] * means_g[near])[held] / weight[held])
        variance = np.bincount(bins, weights=shares[near] * variances_g2[near])[held] / weight + spread**2
        distance = points[:, np.newaxis] - middle
        height = weight / np.sqrt(2 * np.pi * variance)
        logs[rung] = np.log(np.exp(-0.5 * distance * distance / variance) @ height + _FLOOR)
    return Ladder(logs)
