"""The truth of the evaluation: what articles really weigh, what shoppers carry, what the scale shows.

Deliberately another shape than the lane assumes: each article has a batch share and tails of its own (half of them Student's
with five degrees of freedom, half a normal distribution of which every twentieth piece is three times as spread), its real
spread is a tenth off the listed one, bags are skewed (gamma), the scale rounds. Characteristic functions are those of exactly
these distributions; :mod:`gate_controller.evaluation.bound` makes densities of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gate_controller.evaluation.catalogue_file import ListedArticle

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[np.intp]
Complex: TypeAlias = npt.NDArray[np.complex128]

LINES_MAX = 14
PIECES_MAX = 6
_LINES_MEAN = 4.5
_PIECES = (0.78, 0.14, 0.05, 0.02, 0.007, 0.003)
"""How often a line has 1, 2, ... pieces."""
_STUDENT = 5.0
_RARE, _RARE_SPREAD = 0.05, 3.0
_RARE_NORM = np.sqrt((1 - _RARE) + _RARE * _RARE_SPREAD**2)
_BATCH_SHARE_MAX = 0.6
_SPREAD_ERROR = 0.1
WEIGHINGS = 25
"""The lane's means come from so many single weighings of each article."""


@dataclass(frozen=True, slots=True)
class Sack:
    """A kind of bag as shoppers really bring it: gamma distributed."""

    share: float
    shape: float
    scale_g: float


LIGHT_SACK = Sack(share=0.10, shape=9.0, scale_g=0.9)
HEAVY_SACK = Sack(share=0.001, shape=4.0, scale_g=30.0)


@dataclass(frozen=True)
class World:
    """Every article as it really is, and the scale."""

    articles: tuple[ListedArticle, ...]
    means_g: Floats
    spreads_g: Floats
    batch_shares: Floats
    student: npt.NDArray[np.bool_]
    """Which articles have Student's tails."""
    popularity: Floats
    """Summing up to 1."""
    lane_means_g: Floats
    """What the shop measured with ``WEIGHINGS`` pieces of each."""
    scale_sd_g: float = 2.0
    division_g: float = 1.0
    sacks: tuple[Sack, ...] = (LIGHT_SACK, HEAVY_SACK)
    cumulative: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Sum up the popularity for drawing."""
        object.__setattr__(self, "cumulative", np.cumsum(self.popularity))

    @classmethod
    def of(cls, articles: Sequence[ListedArticle], rng: np.random.Generator) -> World:
        """Draw what the catalogue does not tell."""
        count = len(articles)
        means = np.array([article.mean_g for article in articles])
        listed = np.array([article.sd_g for article in articles])
        popularity = np.array([article.popularity for article in articles]) + 1e-12
        lane_sds = listed / np.sqrt(WEIGHINGS)
        return cls(
            articles=tuple(articles),
            means_g=means,
            spreads_g=listed * np.exp(rng.normal(0.0, _SPREAD_ERROR, count)),
            batch_shares=rng.uniform(0.0, _BATCH_SHARE_MAX, count),
            student=rng.random(count) < 0.5,  # noqa: PLR2004 - half of them
            popularity=popularity / popularity.sum(),
            lane_means_g=np.maximum(means * 0.1, means + rng.normal(0.0, 1.0, count) * lane_sds),
        )

    def pick(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> Numbers:
        """Draw articles by popularity."""
        return np.minimum(np.searchsorted(self.cumulative, rng.random(size)), len(self.articles) - 1)


@dataclass(frozen=True, slots=True)
class Baskets:
    """Several baskets: one row each, one column for each line, no pieces where there are fewer lines."""

    articles: Numbers
    pieces: Numbers

    def __len__(self) -> int:
        return len(self.articles)

    def some(self, rows: slice | Numbers | npt.NDArray[np.bool_]) -> Baskets:
        """Return some of the baskets."""
        return Baskets(self.articles[rows], self.pieces[rows])

    def line(self, rng: np.random.Generator, least_pieces: int = 1) -> Numbers:
        """Draw one line of each basket that has so many pieces; -1 where there is none."""
        lots = np.where(self.pieces >= least_pieces, rng.random(self.pieces.shape), -1.0)
        chosen = lots.argmax(axis=1)
        return np.where(lots.max(axis=1) < 0, -1, chosen)

    def without_one(self, line: Numbers) -> Baskets:
        """Take one piece of one line out of each basket."""
        pieces = self.pieces.copy()
        pieces[np.arange(len(pieces)), line] -= 1
        return Baskets(self.articles, pieces)


def draw_baskets(world: World, rng: np.random.Generator, count: int) -> Baskets:
    """Draw what shoppers buy; an article stands on one line only."""
    lines = np.minimum(1 + rng.poisson(_LINES_MEAN, count), LINES_MAX)
    articles = world.pick(rng, (count, LINES_MAX))
    pieces = 1 + rng.choice(PIECES_MAX, (count, LINES_MAX), p=_PIECES)
    pieces[np.arange(LINES_MAX) >= lines[:, np.newaxis]] = 0
    order = np.argsort(np.where(pieces > 0, articles, len(world.articles)), axis=1, kind="stable")
    articles, pieces = np.take_along_axis(articles, order, axis=1), np.take_along_axis(pieces, order, axis=1)
    pieces[:, 1:][(articles[:, 1:] == articles[:, :-1]) & (pieces[:, 1:] > 0)] = 0
    return Baskets(articles, pieces)


def draw_goods_g(world: World, rng: np.random.Generator, baskets: Baskets) -> Floats:
    """Draw what the goods in these baskets weigh together."""
    spread, share = world.spreads_g[baskets.articles], world.batch_shares[baskets.articles]
    batch = rng.normal(size=spread.shape) * spread * np.sqrt(share)
    own = np.zeros_like(spread)
    for piece in range(PIECES_MAX):
        there = baskets.pieces > piece
        if there.any():
            own[there] += _tails(world.student[baskets.articles[there]], rng)
    total = baskets.pieces * (world.means_g[baskets.articles] + batch) + own * spread * np.sqrt(1 - share)
    return np.asarray(total.sum(axis=1))


def draw_piece_g(world: World, rng: np.random.Generator, articles: Numbers) -> Floats:
    """Draw what one piece of each article weighs, of whatever batch."""
    ones = Baskets(articles.reshape(-1, 1), np.ones((len(articles), 1), dtype=np.intp))
    return draw_goods_g(world, rng, ones)


def draw_reading_g(world: World, rng: np.random.Generator, load_g: Floats, *, sacks: bool = True) -> Floats:
    """Draw what the scale shows for these goods, with the bags that shoppers have by chance."""
    load = load_g + (_draw_sacks_g(world, rng, len(load_g)) if sacks else 0.0)
    noisy = load + rng.normal(0.0, world.scale_sd_g, len(load_g))
    return np.asarray(np.round(noisy / world.division_g) * world.division_g)


def _draw_sacks_g(world: World, rng: np.random.Generator, count: int) -> Floats:
    kind = rng.random(count)
    total = np.zeros(count)
    passed = 0.0
    for sack in world.sacks:
        has = (kind >= passed) & (kind < passed + sack.share)
        total[has] = rng.gamma(sack.shape, sack.scale_g, int(has.sum()))
        passed += sack.share
    return total


def _tails(student: npt.NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    """Draw from the articles' own distributions, of variance 1."""
    heavy = rng.standard_t(_STUDENT, len(student)) * np.sqrt((_STUDENT - 2) / _STUDENT)
    rare = np.where(rng.random(len(student)) < _RARE, _RARE_SPREAD, 1.0) / _RARE_NORM
    return np.asarray(np.where(student, heavy, rng.normal(size=len(student)) * rare))


def log_cf_tails(spread_at: Floats, *, student: bool) -> Floats:
    """Return the logarithm of the characteristic function of one piece's own part; ``spread_at`` is spread times frequency."""
    if student:
        at = np.sqrt(_STUDENT) * np.abs(spread_at) * np.sqrt((_STUDENT - 2) / _STUDENT)
        return np.asarray(np.log1p(at + at**2 / 3) - at)
    narrow, wide = spread_at / _RARE_NORM, spread_at * _RARE_SPREAD / _RARE_NORM
    return np.asarray(np.logaddexp(np.log(1 - _RARE) - narrow**2 / 2, np.log(_RARE) - wide**2 / 2))


def cf_sacks(world: World, frequencies: Floats) -> Complex:
    """Return the characteristic function of the bags."""
    total = np.full(frequencies.shape, 1.0 - sum(sack.share for sack in world.sacks), dtype=np.complex128)
    for sack in world.sacks:
        total += sack.share * (1 - 1j * sack.scale_g * frequencies) ** -sack.shape
    return total


def log_cf_scale(world: World, frequencies: Floats) -> Floats:
    """Return the logarithm of the characteristic function of the scale's noise and rounding."""
    rounding = np.sinc(frequencies * world.division_g / (2 * np.pi))
    return np.asarray(-0.5 * (frequencies * world.scale_sd_g) ** 2 + np.log(np.maximum(np.abs(rounding), 1e-12)))
