"""Learns what articles weigh from whole baskets that left rightly; pure.

A basket's total says a little about each of its articles. A Kalman filter shares the residual out: to each article in proportion to
how badly its mean is known, and some to the scale, so that what all baskets have in common never settles on the articles. What
a basket may teach is bounded in four ways, because a thief would like to be a teacher:

* only exits that fitted, or that staff audited, are taken (``Lesson.taken``);
* a residual counts at most ``fitting_sd`` spreads (Huber), so a theft that fitted moves little;
* no mean moves further from what staff, a label or the supplier said than that was uncertain (``held``): beyond, staff is asked;
* a spread may move by a few percent for each exit, and never beyond ``SPREAD_RANGE``.

An article whose packaging changed weighs another amount from one day on. Audited exits that do not fit leave a jump with each of
their articles; where the same jump comes back ``JUMPS_FOR_PACKAGING`` times with one article and not with the others, the article gets a
second weight, and staff is asked to weigh one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from statistics import linear_regression
from typing import Literal, TypeAlias

from gate_controller.weighing.goods import Goods, Packaging, WeighingRules

PACKAGINGS_MAX = 3
JUMPS_KEPT = 12
JUMPS_FOR_PACKAGING = 4
SPREAD_RANGE = 4.0
"""A learned spread stays within this factor of the listed one."""

Source: TypeAlias = Literal["supplier", "label", "staff", "exits"]
How: TypeAlias = Literal["fits", "audited", "amended"]
"""Let out by weight; audited and the order was right; audited and the order was amended to what was there."""

SUPPLIER_KNOWN_TO = 0.1
"""A supplier's weight is a net weight or a nominal one: known to this part of itself."""
_SURER = 0.75
"""A mean gets only this part of the certainty that the residual would give it if the basket's other articles were independent of
it; their errors are not, and nobody keeps the correlations of a whole shop."""
_WIDTH_STEP, _WIDTH_MIN, _WIDTH_MAX = 0.08, 0.0, 0.7
_TREND_ARTICLES_MIN = 20
_DRAWN = 0.5
_SURE_PART = 0.35
"""Spreads are learned from baskets of whose variance the doubt about means is less than this part."""
_NEW_ARTICLE_INFORMATION = 1.0
_SHOP_INFORMATION = 2.0
_INFORMATION_MAX = 60.0
"""Older exits are forgotten so far that spreads can still follow."""
_Z2_MAX, _Z2_MEAN = 9.0, 0.97
"""The square of a residual counts at most nine; then it is this on average."""
_LOG_STEP_MAX = 0.1
_WANDER = 0.02
"""A mean wanders by this part of its article's spread from one sale to the next."""
_OFFSET_SD_G, _OFFSET_WANDER_G = 1.0, 0.1
_GAIN_SD, _GAIN_WANDER = 0.0005, 0.00002
_HELD_SD, _HELD_PART = 3.0, 0.03
_JUMP_SD = 3.0
_JUMP_PART_MAX = 0.5
_ALIKE_SD = 2.5
_SHARE_STEP = 0.05
_SHARE_GONE = 0.02
_SHARE_USUAL = 0.6
_SOLD_FADES = 0.9995


@dataclass(frozen=True, slots=True)
class ArticleWeight:
    """What is known of one article's weight."""

    mean_g: float
    mean_sd_g: float
    """How well the mean is known."""
    listed_sd_g: float
    """Spread of one piece as it was listed or measured."""
    anchor_g: float
    """The mean that a person or a label last vouched for."""
    anchor_sd_g: float
    log_spread: float = 0.0
    """The article's own correction of the listed spread: a factor on the variance, as a logarithm."""
    information: float = _NEW_ARTICLE_INFORMATION
    sold: float = 0.0
    """Pieces sold, fading: the article's popularity."""
    exits: int = 0
    packagings: tuple[Packaging, ...] = ()
    jumps: tuple[float, ...] = ()
    """Differences for each piece in audited exits that did not fit; zero for exits that fitted."""
    source: Source = "supplier"

    @classmethod
    def listed(cls, mean_g: float, sd_g: float, known_to_g: float | None = None, source: Source = "supplier") -> ArticleWeight:
        """Begin with a weight that somebody told; without ``known_to_g`` it is a supplier's."""
        known = SUPPLIER_KNOWN_TO * mean_g if known_to_g is None else known_to_g
        return cls(mean_g, known, sd_g, mean_g, known, source=source)

    @property
    def hold_g(self) -> float:
        """How far exits alone may carry the mean away from the anchor."""
        return _HELD_SD * self.anchor_sd_g + _HELD_PART * self.anchor_g


class Ask(Enum):
    """Why staff should put one piece on a scale."""

    MOVED = "moved"
    """Exits say another weight, further off than anybody vouched for."""
    PACKAGING = "packaging"
    """A second weight was found."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to staff."""

    code: str
    ask: Ask
    known_g: float
    suggested_g: float


@dataclass(frozen=True, slots=True)
class LaneScale:
    """What exits say about one lane's scale; never used to let anybody out, only to keep the articles clean of it."""

    offset_g: float = 0.0
    offset_variance_g2: float = _OFFSET_SD_G**2
    gain: float = 0.0
    gain_variance: float = _GAIN_SD**2


@dataclass(frozen=True, slots=True)
class CleanExit:
    """An exit that left rightly."""

    lines: tuple[Goods, ...]
    """Code and quantity count; the weight only of articles that the book does not hold, such as labelled ones."""
    measured_g: float
    how: How
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an exit changes in the book."""

    taken: bool
    articles: Mapping[str, ArticleWeight] = field(default_factory=dict)
    log_spread: float = 0.0
    information: float = _SHOP_INFORMATION
    lane: str = ""
    scale: LaneScale = LaneScale()
    width: float = 0.0
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class TeachingRules:
    """How much one exit may teach."""

    fitting_sd: float = 1.5
    """A residual of an exit that fitted counts at most so many spreads."""
    audited_sd: float = 4.0
    taken_sd: float = 3.2
    """An exit that nobody audited and that lies further off teaches nothing."""


class WeightBook:
    """Every article's learned weight. Changed only by :meth:`apply` and :meth:`vouch`."""

    def __init__(self, articles: Mapping[str, ArticleWeight] | None = None) -> None:
        """Begin with these articles."""
        self.articles: dict[str, ArticleWeight] = dict(articles or {})
        self.log_spread = 0.0
        """The whole shop's correction of listed spreads."""
        self.information = _SHOP_INFORMATION
        self.width = 0.0
        """A factor on every spread, as a logarithm: wider while honest shoppers are stopped more often than stated."""
        self.scales: dict[str, LaneScale] = {}

    @classmethod
    def from_suppliers(cls, articles: Mapping[str, ArticleWeight]) -> WeightBook:
        """Begin with weights that nobody checked: each spread is drawn halfway to what articles of such a weight have here."""
        sized = [article for article in articles.values() if article.listed_sd_g > 0]
        if len(sized) < _TREND_ARTICLES_MIN:
            return cls(articles)
        across = [math.log(article.mean_g) for article in sized]
        up = [math.log(article.listed_sd_g) for article in sized]
        trend = linear_regression(across, up)
        drawn = {}
        for code, article in articles.items():
            usual = trend.intercept + trend.slope * math.log(article.mean_g)
            spread = math.exp(_DRAWN * usual + (1 - _DRAWN) * math.log(article.listed_sd_g)) if article.listed_sd_g else math.exp(usual)
            drawn[code] = replace(article, listed_sd_g=spread)
        return cls(drawn)

    def goods(self, line: Goods) -> Goods:
        """Return a line with what was learned about its article; unchanged where nothing was."""
        known = self.articles.get(line.code)
        if known is None:
            return line
        return replace(
            line,
            mean_g=known.mean_g,
            sd_g=self.spread_g(known) * math.exp(self.width),
            mean_sd_g=known.mean_sd_g,
            spread_doubt=math.sqrt(1 / known.information + 1 / self.information),
            popularity=known.sold + 0.5,
            packagings=known.packagings,
        )

    def spread_g(self, article: ArticleWeight) -> float:
        """Return the standard deviation of one piece."""
        return article.listed_sd_g * math.exp(0.5 * (self.log_spread + article.log_spread))

    def vouch(self, code: str, grams: Sequence[float], listed_sd_g: float, source: Source = "staff") -> ArticleWeight:
        """Take over what staff weighed, or what a label says: the article starts from there."""
        before = self.articles.get(code)
        mean = sum(grams) / len(grams)
        fresh = ArticleWeight.listed(mean, listed_sd_g, max(listed_sd_g, 0.5) / math.sqrt(len(grams)), source)
        if before is not None:
            fresh = replace(
                fresh, log_spread=before.log_spread, information=before.information, sold=before.sold, exits=before.exits
            )
        self.articles[code] = fresh
        return fresh

    def apply(self, lesson: Lesson) -> None:
        """Write a lesson down."""
        if lesson.taken:
            self.articles.update(lesson.articles)
            self.log_spread, self.information = lesson.log_spread, lesson.information
            self.scales[lesson.lane] = lesson.scale
            self.width = lesson.width


@dataclass(frozen=True, slots=True)
class _Line:
    """An article of the basket that is being learned from."""

    code: str
    pieces: int
    known: ArticleWeight
    spread_variance_g2: float
    """Of all its pieces together."""

    @property
    def mean_variance_g2(self) -> float:
        return self.known.mean_sd_g**2


def learn(book: WeightBook, clean: CleanExit, rules: WeighingRules, teaching: TeachingRules | None = None) -> Lesson:
    """Return what this exit teaches; nothing where it is neither audited nor fitting."""
    limits = teaching or TeachingRules()
    lines, fixed_g, fixed_variance = _read(book, clean, rules)
    if not lines:
        return Lesson(taken=False)
    scale = _wandered(book.scales.get(clean.lane, LaneScale()))
    shift_g, chosen = _packagings(book, lines, clean.measured_g - fixed_g, rules)
    load = fixed_g + sum(line.pieces * line.known.mean_g for line in lines) + shift_g
    expected = load + scale.offset_g + scale.gain * load
    variance = (
        fixed_variance
        + rules.scale_variance_g2
        + sum(line.pieces**2 * line.mean_variance_g2 + line.spread_variance_g2 for line in lines)
        + scale.offset_variance_g2
        + load**2 * scale.gain_variance
    )
    residual, square = _without_bag(clean.measured_g - expected, variance, rules)
    sd = math.sqrt(variance)
    z = residual / sd
    if clean.how == "fits" and abs(z) > limits.taken_sd:
        return Lesson(taken=False)
    if clean.how != "fits" and abs(z) > _JUMP_SD:
        return _remember_jump(book, lines, residual, sd, clean.lane, _width(book.width, clean, rules))
    most = limits.fitting_sd if clean.how == "fits" else limits.audited_sd
    step = max(-most, min(most, z)) / sd
    surely = sum(line.pieces**2 * line.mean_variance_g2 for line in lines) < _SURE_PART * variance
    told = square / variance if surely else None
    taught = {line.code: _taught(book, line, step, variance, told, chosen.get(line.code)) for line in lines}
    weight = sum(line.spread_variance_g2 for line in lines) / variance
    log_spread, information = _follow(book.log_spread, book.information, weight, told)
    questions = tuple(question for line in lines for question in _questions(line.code, taught[line.code]))
    return Lesson(
        taken=True,
        articles={code: _held(article) for code, article in taught.items()},
        log_spread=log_spread,
        information=information,
        lane=clean.lane,
        scale=_scale_taught(scale, load, step, variance),
        width=_width(book.width, clean, rules),
        questions=questions,
    )


def _read(book: WeightBook, clean: CleanExit, rules: WeighingRules) -> tuple[list[_Line], float, float]:
    """Split a basket into articles that can learn and the rest, whose weight and variance are taken as they are."""
    lines: list[_Line] = []
    fixed, variance = 0.0, 0.0
    for line in clean.lines:
        known = book.articles.get(line.code)
        spread = line.sd_g**2 if known is None else book.spread_g(known) ** 2
        shared = line.quantity * spread * (1 - rules.batch_share) + line.quantity**2 * spread * rules.batch_share
        if known is not None:
            lines.append(_Line(line.code, line.quantity, known, shared))
        elif line.mean_g is None:
            return [], 0.0, 0.0
        else:
            fixed += line.quantity * line.mean_g
            variance += shared + (line.quantity * line.mean_sd_g) ** 2
    return lines, fixed, variance


def _wandered(scale: LaneScale) -> LaneScale:
    return replace(
        scale,
        offset_variance_g2=min(scale.offset_variance_g2 + _OFFSET_WANDER_G**2, 25 * _OFFSET_SD_G**2),
        gain_variance=min(scale.gain_variance + _GAIN_WANDER**2, 25 * _GAIN_SD**2),
    )


def _packagings(
    book: WeightBook, lines: Iterable[_Line], left_g: float, rules: WeighingRules
) -> tuple[float, dict[str, int]]:
    """Choose the packaging of each article that has several: the combination that comes closest, one article after another."""
    shift, chosen = 0.0, {}
    lines = list(lines)
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


def _without_bag(residual_g: float, variance_g2: float, rules: WeighingRules) -> tuple[float, float]:
    """Take off a bag, as likely as there is one; return the mean and the mean square of what is left."""
    ways = [(1 - sum(bag.share for bag in rules.bags), 0.0, 0.0), *((bag.share, bag.mean_g, bag.sd_g**2) for bag in rules.bags)]
    whole = mean = square = 0.0
    for share, shift, spread in ways:
        total = variance_g2 + spread
        weight = share / math.sqrt(total) * math.exp(-min(700.0, (residual_g - shift) ** 2 / (2 * total)))
        left = (residual_g - shift) * variance_g2 / total
        whole += weight
        mean += weight * left
        square += weight * (left**2 + variance_g2 * spread / total)
    if whole <= 0:
        return residual_g, residual_g**2
    return mean / whole, square / whole


def _taught(book: WeightBook, line: _Line, step: float, variance: float, z2: float | None, packaging: int | None) -> ArticleWeight:
    known = line.known
    spread = book.spread_g(known)
    moved = line.pieces * line.mean_variance_g2 * step
    sureness = _SURER * line.pieces**2 * line.mean_variance_g2 / variance
    left = line.mean_variance_g2 * (1 - sureness) + (_WANDER * spread) ** 2
    log_spread, information = _follow(known.log_spread, known.information, line.spread_variance_g2 / variance, z2)
    top = 2 * math.log(SPREAD_RANGE)
    return replace(
        known,
        mean_g=known.mean_g + moved if packaging is None else known.mean_g,
        mean_sd_g=math.sqrt(max(left, 0.0)),
        log_spread=max(-top, min(top, log_spread)),
        information=information,
        sold=known.sold * _SOLD_FADES + line.pieces,
        exits=known.exits + 1,
        packagings=_shares(known, packaging),
        jumps=(*known.jumps, 0.0)[-JUMPS_KEPT:],
        source="exits",
    )


def _width(width: float, clean: CleanExit, rules: WeighingRules) -> float:
    """Widen after an honest shopper was stopped, narrow a little after each that was not: the stated rate is where they balance."""
    stopped = clean.how == "audited"
    return max(_WIDTH_MIN, min(_WIDTH_MAX, width + _WIDTH_STEP * (stopped - rules.false_alarm_rate)))


def _follow(log_spread: float, information: float, weight: float, z2: float | None) -> tuple[float, float]:
    """Follow a variance by the slope of the likelihood in its logarithm, with a memory that fades; not while means are unsure."""
    if z2 is None:
        return log_spread, information
    known = min(information + 0.5 * weight**2, _INFORMATION_MAX)
    slope = 0.5 * weight * (min(z2, _Z2_MAX) - _Z2_MEAN)
    return log_spread + max(-_LOG_STEP_MAX, min(_LOG_STEP_MAX, slope / known)), known


def _shares(known: ArticleWeight, packaging: int | None) -> tuple[Packaging, ...]:
    """Let the shares of the packagings follow what is sold; those that are not seen any more go."""
    followed = (
        replace(one, share=one.share + _SHARE_STEP * ((number == packaging) - one.share))
        for number, one in enumerate(known.packagings)
    )
    return tuple(one for one in followed if one.share > _SHARE_GONE)


def _scale_taught(scale: LaneScale, load_g: float, step: float, variance: float) -> LaneScale:
    return LaneScale(
        offset_g=scale.offset_g + scale.offset_variance_g2 * step,
        offset_variance_g2=scale.offset_variance_g2 * (1 - scale.offset_variance_g2 / variance),
        gain=scale.gain + load_g * scale.gain_variance * step,
        gain_variance=scale.gain_variance * (1 - load_g**2 * scale.gain_variance / variance),
    )


def _held(article: ArticleWeight) -> ArticleWeight:
    """Keep the mean as close to what somebody vouched for as that was certain."""
    low, high = article.anchor_g - article.hold_g, article.anchor_g + article.hold_g
    return replace(article, mean_g=max(low, min(high, article.mean_g)))


def _questions(code: str, article: ArticleWeight) -> list[Question]:
    if abs(article.mean_g - article.anchor_g) > article.hold_g:
        return [Question(code, Ask.MOVED, article.anchor_g, article.mean_g)]
    return []


def _remember_jump(book: WeightBook, lines: Sequence[_Line], residual_g: float, sd_g: float, lane: str, width: float) -> Lesson:
    """Note how much each article would have to differ; believe it of one with which it comes back."""
    changed: dict[str, ArticleWeight] = {}
    questions: list[Question] = []
    for line in lines:
        jump = residual_g / line.pieces
        if abs(jump) > _JUMP_PART_MAX * line.known.mean_g:
            continue
        jumps = (*line.known.jumps, jump)[-JUMPS_KEPT:]
        alike = [one for one in jumps if one and abs(one - jump) < _ALIKE_SD * sd_g / line.pieces]
        article = replace(line.known, jumps=jumps)
        if len(alike) >= JUMPS_FOR_PACKAGING and len(article.packagings) < PACKAGINGS_MAX:
            weight = article.mean_g + sum(alike) / len(alike)
            share = min(_SHARE_USUAL, len(alike) / len(jumps))
            article = replace(article, packagings=_with(article, Packaging(weight, share)), jumps=())
            questions.append(Question(line.code, Ask.PACKAGING, article.mean_g, weight))
        changed[line.code] = article
    scale = book.scales.get(lane, LaneScale())
    return Lesson(
        taken=True, articles=changed, log_spread=book.log_spread, information=book.information, lane=lane, scale=scale,
        width=width, questions=tuple(questions),
    )  # fmt: skip


def _with(article: ArticleWeight, fresh: Packaging) -> tuple[Packaging, ...]:
    """Add a packaging; the others give way to it in proportion."""
    return (*(replace(one, share=one.share * (1 - fresh.share)) for one in article.packagings), fresh)
