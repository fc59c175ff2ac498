"""Articles that come in several packagings: which one is on the belt, and when a new one has appeared; pure.

Audited exits that do not fit leave a jump with each of their articles. Where the same jump comes back
``JUMPS_FOR_PACKAGING`` times with one article, it gets a second weight, and staff is asked to weigh one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gate_controller.weighing.goods import Packaging, WeighingRules
from gate_controller.weighing.weight_book import ArticleWeight, Ask, Question

PACKAGINGS_MAX = 3
JUMPS_KEPT = 12
JUMPS_FOR_PACKAGING = 4

_JUMP_PART_MAX = 0.5
_ALIKE_SD = 2.5
_SHARE_STEP = 0.05
_SHARE_GONE = 0.02
_SHARE_USUAL = 0.6


@dataclass(frozen=True, slots=True)
class TaughtLine:
    """An article of the basket that is being learned from."""

    code: str
    pieces: int
    known: ArticleWeight
    spread_variance_g2: float
    """Of all its pieces together."""

    @property
    def mean_variance_g2(self) -> float:
        """How badly the mean of one piece is known."""
        return self.known.mean_sd_g**2


def chosen_packagings(lines: Sequence[TaughtLine], left_g: float, rules: WeighingRules) -> tuple[float, dict[str, int]]:
    """Choose the packaging of each article that has several: the combination that comes closest, one article after another."""
    shift = 0.0
    chosen: dict[str, int] = {}
    rest = left_g - sum(line.pieces * line.known.mean_g for line in lines)
    variance = rules.scale_variance_g2 + sum(line.spread_variance_g2 + line.pieces**2 * line.mean_variance_g2 for line in lines)
    for line in lines:
        usual = 1 - sum(packaging.share for packaging in line.known.packagings)
        best = -(rest**2) / (2 * variance) + math.log(max(usual, 1e-3))
        for number, packaging in enumerate(line.known.packagings):
            moved = line.pieces * (packaging.mean_g - line.known.mean_g)
            score = -((rest - moved) ** 2) / (2 * variance) + math.log(max(packaging.share, 1e-3))
            if score > best:
                best, chosen[line.code] = score, number
        if line.code in chosen:
            moved = line.pieces * (line.known.packagings[chosen[line.code]].mean_g - line.known.mean_g)
            shift, rest = shift + moved, rest - moved
    return shift, chosen


def followed_shares(known: ArticleWeight, packaging: int | None) -> tuple[Packaging, ...]:
    """Let the shares of the packagings follow what is sold; those that are not seen any more go."""
    followed = (
        replace(one, share=one.share + _SHARE_STEP * ((number == packaging) - one.share))
        for number, one in enumerate(known.packagings)
    )
    return tuple(one for one in followed if one.share > _SHARE_GONE)


def with_jump(line: TaughtLine, residual_g: float, sd_g: float) -> tuple[ArticleWeight, Question | None]:
    """Note how much an article would have to differ to explain a residual; believe it when that comes back."""
    jump = residual_g / line.pieces
    known = line.known
    if abs(jump) > _JUMP_PART_MAX * known.mean_g:
        return known, None
    jumps = (*known.jumps, jump)[-JUMPS_KEPT:]
    alike = [one for one in jumps if one and abs(one - jump) < _ALIKE_SD * sd_g / line.pieces]
    if len(alike) < JUMPS_FOR_PACKAGING or len(known.packagings) >= PACKAGINGS_MAX:
        return replace(known, jumps=jumps), None
    weight = known.mean_g + sum(alike) / len(alike)
    fresh = Packaging(weight, min(_SHARE_USUAL, len(alike) / len(jumps)))
    others = (replace(one, share=one.share * (1 - fresh.share)) for one in known.packagings)
    return replace(known, packagings=(*others, fresh), jumps=()), Question(line.code, Ask.PACKAGING, known.mean_g, weight)
