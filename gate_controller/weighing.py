"""Does the weight on the belt fit the order? And if not: which article most likely explains it?

Pure statistics. An order is a sum of pieces, each with a mean and a standard deviation, pieces being independent; the scale
adds its own noise and its rounding. The sum is close to normal, so the lane accepts what lies inside the central interval that
an honest basket misses with the stated false-alarm rate, instead of a flat band. An article that nobody weighed yet widens the
interval, instead of raising an alarm.

When it does not fit, each hypothesis says how it would move the total and spread it; the normal density of the residual under
it, times how likely it was beforehand, ranks it (Bayes' rule over single causes). ``HYPOTHESES`` is the list of kinds: a new
kind is one more function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist
from typing import Literal, TypeAlias

from gate_controller import texts
from store_server.contract.article_messages import Article
from store_server.contract.lane_messages import Explanation
from store_server.contract.order_messages import PricedLine

EXPLANATIONS_MAX = 5
DETECTION_POWER = 0.95
"""A missing article of ``minimum_detectable_g`` is noticed with this probability."""

Kind: TypeAlias = Literal["missing_scan", "scanned_twice", "swapped", "own_bag", "left_behind", "unknown"]
Names: TypeAlias = Mapping[str, str]

_PRIOR = {"missing_scan": 0.77, "scanned_twice": 0.1, "left_behind": 0.1, "unknown": 0.03}
"""How often each kind is the reason, before the scale has spoken; shared equally among the kind's articles."""
_UNKNOWN_SD_G = 2000.0
"""An unexplained difference may be anything up to several kilograms."""
_DIVISION_VARIANCE = 1 / 12
"""A reading rounded to one division is off by an equal spread over it (variance of a uniform distribution)."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of an order, as far as weight goes."""

    code: str
    name: Names
    quantity: int
    mean_g: float | None
    """Of one piece; None where nobody weighed it yet."""
    sd_g: float
    """Standard deviation of one piece."""

    @classmethod
    def of_line(cls, line: PricedLine) -> Goods:
        """Read a priced line; a weighed line's mean is the whole line's."""
        return cls(code=line.code, name=line.name, quantity=line.quantity, mean_g=line.mean_g, sd_g=line.sd_g)

    @classmethod
    def of_article(cls, article: Article) -> Goods:
        """Read one piece of an article from the price book."""
        return cls(code=article.code, name=article.name, quantity=1, mean_g=article.mean_g, sd_g=article.sd_g)


@dataclass(frozen=True, slots=True)
class WeighingRules:
    """How a lane judges."""

    scale_sd_g: float = 2.0
    """Standard deviation of a stable reading."""
    division_g: float = 1.0
    """The step of the scale's display."""
    false_alarm_rate: float = 0.005
    """Part of honest baskets that are stopped; both sides together."""
    unknown_mean_g: float = 400.0
    """What an article weighs that nobody weighed yet."""
    unknown_sd_g: float = 350.0
    """How far such an article may be from that."""

    @property
    def scale_variance_g2(self) -> float:
        """The scale's own variance: noise and rounding."""
        return self.scale_sd_g**2 + self.division_g**2 * _DIVISION_VARIANCE


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an order should weigh."""

    mean_g: float
    variance_g2: float
    """Of the goods; the scale's comes on top."""
    goods: tuple[Goods, ...] = ()
    """The lines, where they are known; a pass checked without the server carries only the sum."""

    @property
    def spread_g(self) -> float:
        """Standard deviation of the goods' weight."""
        return math.sqrt(self.variance_g2)


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
    explanations: tuple[Explanation, ...] = ()
    """The likeliest first; empty when it fits."""

    @property
    def residual_g(self) -> float:
        """Measured minus expected."""
        return self.measured_g - self.expected_g


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One single cause and how it would move the total."""

    kind: Kind
    goods: Goods | None
    shift_g: float
    added_variance_g2: float
    """Negative when a piece is not there whose spread was counted."""
    prior: float


def expect(lines: Iterable[Goods], rules: WeighingRules) -> Expectation:
    """Sum up what an order should weigh.

    >>> milk = Goods("09520000000011", {"en": "Milk"}, 2, 1030.0, 4.0)
    >>> expect([milk], WeighingRules()).mean_g
    2060.0
    """
    goods = tuple(lines)
    mean = variance = 0.0
    for line in goods:
        if line.mean_g is None:  # its pieces weigh the same, whatever that is: not independent
            mean += line.quantity * rules.unknown_mean_g
            variance += (line.quantity * rules.unknown_sd_g) ** 2
        else:
            mean += line.quantity * line.mean_g
            variance += line.quantity * line.sd_g**2
    return Expectation(mean_g=mean, variance_g2=variance, goods=goods)


def minimum_detectable_g(expected: Expectation, rules: WeighingRules, power: float = DETECTION_POWER) -> float:
    """Return the lightest surplus that this order's weighing notices with probability ``power``: what the scale cannot see."""
    normal = NormalDist()
    reach = normal.inv_cdf(1 - rules.false_alarm_rate / 2) + normal.inv_cdf(power)
    return reach * math.sqrt(expected.variance_g2 + rules.scale_variance_g2)


def judge(expected: Expectation, measured_g: float, rules: WeighingRules, catalogue: Sequence[Goods] = ()) -> Verdict:
    """Decide whether the weight fits; if not, rank what may explain it.

    Args:
        expected: of the order.
        measured_g: a stable weight of everything on the belt.
        rules: how strict to be.
        catalogue: one piece of every article that may have been forgotten.
    """
    variance = expected.variance_g2 + rules.scale_variance_g2
    sd = math.sqrt(variance)
    reach = NormalDist().inv_cdf(1 - rules.false_alarm_rate / 2) * sd
    low, high = expected.mean_g - reach, expected.mean_g + reach
    fit = Fit.FITS if low <= measured_g <= high else Fit.TOO_LIGHT if measured_g < low else Fit.TOO_HEAVY
    reasons: tuple[Explanation, ...] = ()
    if fit is not Fit.FITS:
        reasons = explain(expected, measured_g, rules, catalogue)
    return Verdict(fit, measured_g, expected.mean_g, sd, low, high, reasons)


def explain(
    expected: Expectation, measured_g: float, rules: WeighingRules, catalogue: Sequence[Goods]
) -> tuple[Explanation, ...]:
    """Rank the single causes of a weight that does not fit, the likeliest first, at most :data:`EXPLANATIONS_MAX`."""
    residual = measured_g - expected.mean_g
    variance = expected.variance_g2 + rules.scale_variance_g2
    scored = [
        (hypothesis, math.log(hypothesis.prior) + _log_density(residual - hypothesis.shift_g, variance, hypothesis))
        for kind in HYPOTHESES
        for hypothesis in kind(expected, catalogue)
    ]
    best = max(score for _, score in scored)
    total = sum(math.exp(score - best) for _, score in scored)
    scored.sort(key=lambda pair: -pair[1])
    return tuple(
        Explanation(
            kind=hypothesis.kind,
            code=hypothesis.goods.code if hypothesis.goods else None,
            text=_sentences(hypothesis, residual),
            probability=min(1.0, math.exp(score - best) / total),
        )
        for hypothesis, score in scored[:EXPLANATIONS_MAX]
    )


def _log_density(distance_g: float, variance_g2: float, hypothesis: Hypothesis) -> float:
    spread = max(variance_g2 + hypothesis.added_variance_g2, 1e-9)
    return -0.5 * (math.log(2 * math.pi * spread) + distance_g**2 / spread)


def _missing_scans(_expected: Expectation, catalogue: Sequence[Goods]) -> Iterator[Hypothesis]:
    weighed = [goods for goods in catalogue if goods.mean_g]
    for goods in weighed:
        prior = _PRIOR["missing_scan"] / len(weighed)
        yield Hypothesis("missing_scan", goods, goods.mean_g or 0.0, goods.sd_g**2, prior)


def _absent_pieces(expected: Expectation, _catalogue: Sequence[Goods]) -> Iterator[Hypothesis]:
    weighed = [goods for goods in expected.goods if goods.mean_g]
    for goods in weighed:
        kind: Kind = "scanned_twice" if goods.quantity > 1 else "left_behind"
        prior = _PRIOR[kind] / len(weighed)
        yield Hypothesis(kind, goods, -(goods.mean_g or 0.0), -(goods.sd_g**2), prior)


def _unexplained(_expected: Expectation, _catalogue: Sequence[Goods]) -> Iterator[Hypothesis]:
    yield Hypothesis("unknown", None, 0.0, _UNKNOWN_SD_G**2, _PRIOR["unknown"])


HYPOTHESES: tuple[Callable[[Expectation, Sequence[Goods]], Iterator[Hypothesis]], ...] = (
    _missing_scans,
    _absent_pieces,
    _unexplained,
)


def _sentences(hypothesis: Hypothesis, residual_g: float) -> dict[str, str]:
    goods = hypothesis.goods
    said = {}
    for language, sentence in texts.EXPLANATIONS[hypothesis.kind].items():
        if goods is None:
            said[language] = sentence.format(grams=f"{residual_g:+.0f}")
        else:
            name = goods.name.get(language) or goods.name.get("en") or goods.code
            said[language] = sentence.format(name=name, grams=f"{goods.mean_g:.0f}")
    return said
