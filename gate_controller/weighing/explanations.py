"""What most likely explains a weight that does not fit: Bayes' rule over single and double causes; pure.

Each cause says how it would move the total and spread it; the honest density of what is then left, times how likely the cause
was beforehand (its kind, shared among the articles by popularity), ranks it. Single causes are all looked at. Of double ones
there are as many as pairs of articles, so each first article is paired only with the most popular ones whose weights come
close to the rest: the work is bounded by ``PAIRS_FIRST_MAX`` and ``PAIRS_SECOND_MAX``, whatever the size of the shop.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from gate_controller import texts
from gate_controller.weighing.goods import Bag, Expectation, Goods, WeighingRules
from gate_controller.weighing.honest import Floats, Honest, honest
from gate_controller.weighing.shelf import Shelf
from store_server.contract.lane_messages import Explanation

EXPLANATIONS_MAX = 5
PAIRS_FIRST_MAX = 256
PAIRS_SECOND_MAX = 12
LINES_MAX = 40
"""So many of a basket's lines are tried as swapped, scanned twice or left behind."""

Kind: TypeAlias = Literal["missing_scan", "scanned_twice", "swapped", "own_bag", "left_behind", "unknown"]

PRIOR = {
    "missing_scan": 0.64,
    "swapped": 0.10,
    "scanned_twice": 0.09,
    "left_behind": 0.06,
    "own_bag": 0.04,
    "two_missing": 0.03,
    "two_absent": 0.01,
    "unknown": 0.03,
}
"""How often each kind is the reason, before the scale has spoken."""

OWN_BAGS = (Bag(60.0, 25.0, 0.4), Bag(120.0, 40.0, 0.4), Bag(300.0, 150.0, 0.2))
"""What a shopper's own bag weighs; carrier bags that are lighter are known to the shop and stand in the rules."""
_UNKNOWN_SD_G = 2000.0
"""An unexplained difference may be anything up to several kilograms."""
_NEAR_SD = 4.0
_LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing, or two, that may have happened."""

    kind: Kind
    first: Goods | None = None
    second: Goods | None = None
    grams: float = 0.0
    """By how much it moves the total."""


Scored: TypeAlias = tuple[float, Cause]


def explain(expected: Expectation, measured_g: float, rules: WeighingRules, shelf: Shelf) -> tuple[Explanation, ...]:
    """Rank the causes of a weight that does not fit, the likeliest first, at most :data:`EXPLANATIONS_MAX`."""
    residual = measured_g - expected.mean_g
    ranked, total = rank(expected, measured_g, rules, shelf)
    return tuple(
        Explanation(
            kind=cause.kind,
            code=cause.first.code if cause.first else None,
            second_code=cause.second.code if cause.second else None,
            text=_sentences(cause, residual),
            probability=min(1.0, score / total),
        )
        for score, cause in ranked[:EXPLANATIONS_MAX]
    )


def rank(
    expected: Expectation, measured_g: float, rules: WeighingRules, shelf: Shelf, most: int = EXPLANATIONS_MAX
) -> tuple[list[Scored], float]:
    """Return the likeliest causes with their scores, and the sum of the scores of all that were looked at."""
    residual = measured_g - expected.mean_g
    spread = honest([expected], rules)
    lines = [line for line in expected.goods if line.mean_g][:LINES_MAX]
    scored: list[Scored] = []
    total = 0.0
    kinds = (
        _forgotten(spread, residual, shelf, most),
        _absent(spread, residual, lines),
        _swapped(spread, residual, lines, shelf),
        _two_forgotten(spread, residual, shelf),
        _two_absent(spread, residual, lines),
        _without_article(spread, residual),
    )
    for score, cause in itertools.chain(*kinds):
        total += score
        if cause is not None:
            scored.append((score, cause))
    scored.sort(key=lambda pair: -pair[0])
    return scored[:most], max(total, _LEAST)


Found: TypeAlias = Iterator[tuple[float, Cause | None]]
"""Scores with their causes; None for the sum of those that are not worth a name."""


def _density(spread: Honest, residuals_g: Floats, more_variance_g2: Floats | float = 0.0) -> Floats:
    return np.asarray(spread.density(residuals_g.reshape(1, -1), np.reshape(more_variance_g2, (1, -1)))[0])


def _forgotten(spread: Honest, residual_g: float, shelf: Shelf, most: int) -> Found:
    if not shelf.goods:
        return
    scores = PRIOR["missing_scan"] * shelf.shares * _density(spread, residual_g - shelf.means_g, shelf.variances_g2)
    best = np.argpartition(-scores, most - 1)[:most] if len(scores) > most else np.arange(len(scores))
    yield float(scores.sum() - scores[best].sum()), None
    for at in best:
        goods = shelf.goods[at]
        yield float(scores[at]), Cause("missing_scan", goods, grams=goods.mean_g or 0.0)


def _absent(spread: Honest, residual_g: float, lines: list[Goods]) -> Found:
    if not lines:
        return
    again = [line for line in lines if line.quantity > 1]
    means = np.array([line.mean_g or 0.0 for line in lines])
    variances = np.array([line.sd_g**2 for line in lines])
    floor = -0.5 * float(spread.sd_g[0, 0]) ** 2
    density = _density(spread, residual_g + means, np.maximum(-variances, floor))
    for line, value in zip(lines, density, strict=True):
        kind: Kind = "scanned_twice" if line.quantity > 1 else "left_behind"
        alike = len(again) if line.quantity > 1 else len(lines) - len(again)
        yield float(PRIOR[kind] / alike * value), Cause(kind, line, grams=-(line.mean_g or 0.0))


def _swapped(spread: Honest, residual_g: float, lines: list[Goods], shelf: Shelf) -> Found:
    """Find what was carried instead of a line, paid for."""
    reach = _NEAR_SD * float(spread.sd_g[0, 0])
    for line in lines:
        wanted = residual_g + (line.mean_g or 0.0)
        near = _near(shelf, wanted, reach, PAIRS_SECOND_MAX * 2)
        near = near[shelf.codes[near] != line.code]
        if wanted <= 0 or not len(near):
            continue
        scores = PRIOR["swapped"] / len(lines) * shelf.shares[near] * _density(spread, wanted - shelf.means_g[near])
        for at, score in zip(near, scores, strict=True):
            other = shelf.goods[at]
            yield float(score), Cause("swapped", line, other, (other.mean_g or 0.0) - (line.mean_g or 0.0))


def _two_forgotten(spread: Honest, residual_g: float, shelf: Shelf) -> Found:
    """Pair popular articles that are lighter than the difference with those that weigh the rest."""
    reach = _NEAR_SD * float(spread.sd_g[0, 0])
    lighter = int(np.searchsorted(shelf.means_g, residual_g * 0.5 + reach, side="right"))
    if residual_g <= 0 or not lighter:
        return
    firsts = np.arange(lighter)
    if lighter > PAIRS_FIRST_MAX:
        firsts = np.argpartition(-shelf.shares[:lighter], PAIRS_FIRST_MAX - 1)[:PAIRS_FIRST_MAX]
    pairs = [(first, _near(shelf, residual_g - shelf.means_g[first], reach, PAIRS_SECOND_MAX)) for first in firsts]
    left = np.repeat(firsts, [len(seconds) for _, seconds in pairs])
    right = np.concatenate([seconds for _, seconds in pairs])
    once = (left <= right) | (right >= lighter) | ~np.isin(right, firsts)
    left, right = left[once], right[once]
    if not len(left):
        return
    grams = shelf.means_g[left] + shelf.means_g[right]
    prior = PRIOR["two_missing"] * shelf.shares[left] * shelf.shares[right] * np.where(left == right, 1.0, 2.0)
    scores = prior * _density(spread, residual_g - grams, shelf.variances_g2[left] + shelf.variances_g2[right])
    best = np.argsort(-scores)[:EXPLANATIONS_MAX]
    yield float(scores.sum() - scores[best].sum()), None
    for at in best:
        yield float(scores[at]), Cause("missing_scan", shelf.goods[left[at]], shelf.goods[right[at]], float(grams[at]))


def _two_absent(spread: Honest, residual_g: float, lines: list[Goods]) -> Found:
    if residual_g >= 0:
        return
    pairs = [*itertools.combinations(lines, 2), *((line, line) for line in lines if line.quantity > 1)]
    if not pairs:
        return
    grams = np.array([-(one.mean_g or 0.0) - (other.mean_g or 0.0) for one, other in pairs])
    scores = PRIOR["two_absent"] / len(pairs) * _density(spread, residual_g - grams)
    best = np.argsort(-scores)[:EXPLANATIONS_MAX]
    yield float(scores.sum() - scores[best].sum()), None
    for at in best:
        one, other = pairs[at]
        yield float(scores[at]), Cause("left_behind", one, other, float(grams[at]))


def _without_article(spread: Honest, residual_g: float) -> Found:
    residual = np.array([residual_g])
    if residual_g > 0:
        shifted = [bag.share * _density(spread, residual - bag.mean_g, bag.sd_g**2)[0] for bag in OWN_BAGS]
        yield PRIOR["own_bag"] * float(sum(shifted)), Cause("own_bag", grams=residual_g)
    yield PRIOR["unknown"] * float(_density(spread, residual, _UNKNOWN_SD_G**2)[0]), Cause("unknown", grams=residual_g)


def _near(shelf: Shelf, wanted_g: float, reach_g: float, most: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the most popular articles whose weight is within reach of what is wanted."""
    low, high = np.searchsorted(shelf.means_g, (wanted_g - reach_g, wanted_g + reach_g))
    if high - low <= most:
        return np.arange(low, high)
    return np.asarray(low + np.argpartition(-shelf.shares[low:high], most - 1)[:most])


def _sentences(cause: Cause, residual_g: float) -> dict[str, str]:
    sentences = texts.EXPLANATIONS[cause.kind if cause.second is None or cause.kind == "swapped" else f"two_{cause.kind}"]
    grams = f"{residual_g:+.0f}" if cause.kind == "unknown" else f"{abs(cause.grams):.0f}"
    said = {}
    for language, sentence in sentences.items():
        names = {"name": _name(cause.first, language), "other": _name(cause.second, language)}
        said[language] = sentence.format(grams=grams, **names)
    return said


def _name(goods: Goods | None, language: str) -> str:
    return "" if goods is None else goods.name.get(language) or goods.name.get("en") or goods.code
