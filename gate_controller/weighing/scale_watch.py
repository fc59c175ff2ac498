"""Tells a drifting scale from theft: what all baskets have in common is the scale's; pure.

A scale that shows 10 g too much makes every residual 10 g too large, whatever the basket; a thief changes one. For each way a
scale may be wrong (an offset, a wrong gain) a cumulative sum (Page's CUSUM) adds up how much likelier each residual is under
it than with a right scale. The densities are those of the decision, thieves included as a thin even floor, so that neither a
bag nor a theft counts for much. The sum starts again at zero whenever it falls below; a right scale reaches ``FAULTY_SUM``
less than once in exp(``FAULTY_SUM``) exits.

An article whose weight changed moves only the baskets it is in. So before a scale is called faulty, each article is tried as
the cause: where a shift of its baskets alone is likelier than one of all baskets, the article is to be weighed, not the
scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from gate_controller.weighing.decision import judge_many
from gate_controller.weighing.goods import Expectation, Goods, WeighingRules
from gate_controller.weighing.honest import Floats, honest
from gate_controller.weighing.shelf import Shelf

FAULTY_SUM = 12.0
SUSPECT_SUM = 4.0
EVIDENCE_MAX = 3.5
"""No single exit, however odd, makes a scale suspect: the next thief would be excused."""
RECENT_MAX = 400
"""So many exits back the articles are remembered."""

_THIEVES = 0.03
_THIEF_RANGE_G = 4000.0
_UNDECIDED = 5.0
"""The scale is called faulty once it explains so much more than any article by itself, ..."""
_DECIDED_SUM = 2 * FAULTY_SUM
"""... or once this much speaks against it: where every basket has the same article, nothing else can be known."""


class ScaleState(Enum):
    """What is thought of the scale."""

    FINE = "fine"
    SUSPECT = "suspect"
    """Weigh with doubt: who would fit if the scale is wrong is not accused."""
    FAULTY = "faulty"
    """Out of service until somebody put a known weight on it."""
    ARTICLE = "article"
    """One article has another weight than is known; staff should weigh it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way a scale may be wrong."""

    offset_g: float = 0.0
    gain: float = 0.0

    def shift_g(self, load_g: Floats) -> Floats:
        """Return by how much it shows too much under these loads."""
        return self.offset_g + self.gain * load_g


FAULTS = (
    *(Fault(offset_g=sign * grams) for grams in (5.0, 10.0, 20.0) for sign in (1, -1)),
    *(Fault(gain=sign * part) for part in (0.003, 0.01) for sign in (1, -1)),
)


@dataclass(frozen=True, slots=True)
class ScaleFinding:
    """The verdict after an exit."""

    state: ScaleState
    fault: Fault | None = None
    """What fits the residuals best; None when the scale is fine."""
    article: str | None = None
    """The code of the article that is to be weighed."""
    exits: int = 0
    """Since so many exits it looks like that."""


FINE = ScaleFinding(ScaleState.FINE)


@dataclass(frozen=True, slots=True)
class Seen:
    """One exit as it is remembered."""

    evidence: tuple[float, ...]
    """For each of ``FAULTS``, the logarithm of how much likelier it makes the reading."""
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ScaleWatch:
    """The sums of one lane's scale."""

    sums: tuple[float, ...] = (0.0,) * len(FAULTS)
    since: tuple[int, ...] = (0,) * len(FAULTS)
    """How many exits each sum has been above zero."""
    recent: tuple[Seen, ...] = ()

    def after(self, seen: Seen) -> tuple[ScaleWatch, ScaleFinding]:
        """Count an exit; give every exit that was weighed, whether it fitted or not."""
        counted = (max(-EVIDENCE_MAX, min(EVIDENCE_MAX, one)) for one in seen.evidence)
        sums = tuple(max(0.0, total + one) for total, one in zip(self.sums, counted, strict=True))
        since = tuple(exits + 1 if total > 0 else 0 for total, exits in zip(sums, self.since, strict=True))
        watch = ScaleWatch(sums, since, (*self.recent, seen)[-RECENT_MAX:])
        return watch, watch.finding()

    def finding(self) -> ScaleFinding:
        """Return what is thought of the scale now."""
        best = max(range(len(FAULTS)), key=lambda number: self.sums[number])
        if self.sums[best] < SUSPECT_SUM:
            return FINE
        finding = ScaleFinding(ScaleState.SUSPECT, FAULTS[best], None, self.since[best])
        if self.sums[best] < FAULTY_SUM:
            return finding
        recent = self.recent[-self.since[best] :]
        code, by_itself = _likeliest_article(recent)
        ahead = by_itself - _evidence(recent)
        if code is not None and ahead > math.log(len({one for seen in recent for one in seen.codes})):
            return replace(finding, state=ScaleState.ARTICLE, article=code)
        undecided = ahead > -_UNDECIDED and self.sums[best] < _DECIDED_SUM
        return finding if undecided else replace(finding, state=ScaleState.FAULTY)

    def without(self, code: str) -> ScaleWatch:
        """Begin anew without the exits of an article that was weighed, or is being asked about."""
        return replace(ScaleWatch(), recent=tuple(seen for seen in self.recent if code not in seen.codes))


def _likeliest_article(several: Sequence[Seen]) -> tuple[str | None, float]:
    """Return the article that explains most by itself, and how much speaks for a shift of just its baskets."""
    baskets: dict[str, list[Seen]] = {}
    for seen in several:
        for code in seen.codes:
            baskets.setdefault(code, []).append(seen)
    found = {code: _evidence(those) for code, those in baskets.items()}
    best = max(found, key=lambda code: found[code], default=None)
    return best, found.get(best, -math.inf) if best is not None else -math.inf


def _evidence(several: Sequence[Seen]) -> float:
    """Return what speaks for the same shift in all of these exits, whichever fits best."""
    return float(max(sum(column) for column in zip(*(seen.evidence for seen in several), strict=True)))


def see(expected: Expectation, measured_g: float, rules: WeighingRules) -> Seen:
    """Read one weighing for :meth:`ScaleWatch.after`."""
    return see_many([expected], np.array([measured_g]), rules)[0]


def see_many(expected: Sequence[Expectation], measured_g: Floats, rules: WeighingRules) -> list[Seen]:
    """Read many weighings at once."""
    spread = honest(expected, rules)
    means = np.array([one.mean_g for one in expected]).reshape(-1, 1)
    residuals = measured_g.reshape(-1, 1) - means
    shifts = np.hstack([np.zeros_like(means), *(fault.shift_g(means) for fault in FAULTS)])
    logs = np.log((1 - _THIEVES) * spread.density(residuals - shifts) + _THIEVES / _THIEF_RANGE_G)
    evidence = logs[:, 1:] - logs[:, :1]
    codes = [frozenset(line.code for line in one.goods) for one in expected]
    return [Seen(tuple(row), those) for row, those in zip(evidence.tolist(), codes, strict=True)]


def excuses(
    finding: ScaleFinding, expected: Expectation, measured_g: float, rules: WeighingRules, shelf: Shelf | Sequence[Goods] = ()
) -> bool:
    """Tell whether a weight that does not fit would fit if the scale is wrong in the way that was suspected before.

    Give the finding from before this exit: a theft must not be its own excuse. Where it excuses, the shopper is not told that
    something is missing; the lane calls staff and goes out of service.
    """
    if finding.fault is None or finding.state is ScaleState.ARTICLE:
        return False
    shift = float(finding.fault.shift_g(np.array(expected.mean_g)))
    if math.isclose(shift, 0.0):
        return False
    laid_out = shelf if isinstance(shelf, Shelf) else Shelf.of(shelf)
    return bool(judge_many([expected], np.array([measured_g - shift]), rules, laid_out)[0])
