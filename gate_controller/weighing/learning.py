"""Learns what articles weigh from whole baskets that left rightly; pure.

A basket's total says a little about each of its articles. A Kalman filter shares the residual out: to each article in
proportion to how badly its mean is known, and some to the scale, so that what all baskets have in common never settles on the
articles. What a basket may teach is bounded in four ways, because a thief would like to be a teacher:

* only exits that fitted, or that staff audited, are taken (``Lesson.taken``);
* a residual counts at most ``fitting_sd`` spreads (Huber), so a theft that fitted moves little;
* no mean moves further from what staff, a label or the supplier said than that was uncertain (``held``): beyond, staff is
  asked;
* a spread may move by a few percent for each exit, and never beyond ``SPREAD_RANGE``.

An article whose packaging changed weighs another amount from one day on. Audited exits that do not fit leave a jump with each
of their articles; where the same jump comes back ``JUMPS_FOR_PACKAGING`` times with one article and not with the others, the
article gets a second weight, and staff is asked to weigh one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gate_controller.weighing.goods import WeighingRules
from gate_controller.weighing.packagings import JUMPS_KEPT, TaughtLine, chosen_packagings, followed_shares, with_jump
from gate_controller.weighing.weight_book import (
    ArticleWeight,
    Ask,
    CleanExit,
    LaneScale,
    Lesson,
    Question,
    WeightBook,
)

SPREAD_RANGE = 4.0
"""A learned spread stays within this factor of the listed one."""

_SURE_PART, _SHOP_SURE_PART = 0.8, 0.35
"""Spreads are learned from baskets of whose variance the doubt about means is less than this part: an article's, and the whole
shop's with its width."""
_TOGETHER = 0.4
"""By this part the doubt about a basket's means is less than the sum over its articles: where one was learned too heavy, what
was sold with it was learned too light."""
_SURER = 0.8
"""A mean gets all of the certainty that a residual gives it while it is as it was listed. The more of it was learned from whole
baskets, the more its error hangs together with those of the articles in them; nobody keeps the correlations of a whole shop, so
then it gets only this part."""
_SURPRISING = 0.02
"""Such a part of the honest exits should be as surprising as this: often enough to be counted, rare enough to be tail."""
_WIDTH_STEP_MAX, _WIDTH_STEP = 0.03, 0.8
"""One exit moves the width at most so far; and by this over what is known of the shop's spreads."""
_WIDTH_MIN, _WIDTH_MAX = -0.3, 0.5
_INFORMATION_MAX, _SHOP_INFORMATION_MAX = 60.0, 2000.0
"""Older exits are forgotten so far that spreads can still follow; the whole shop's does not move so fast."""
_Z2_MAX, _Z2_MEAN = 9.0, 0.97
"""The square of a residual counts at most nine; then it is this on average."""
_LOG_STEP_MAX = 0.1
_LOG_SPREAD_MAX = 2 * math.log(SPREAD_RANGE)
_WANDER = 0.03
"""A mean wanders by this part of its article's spread from one sale to the next."""
_OFFSET_VARIANCE_MAX, _OFFSET_WANDER_G = 25.0, 0.2
_GAIN_VARIANCE_MAX, _GAIN_WANDER = 25 * 0.0005**2, 0.00002
_JUMP_SD = 3.0
_SOLD_FADES = 0.9995


@dataclass(frozen=True, slots=True)
class TeachingRules:
    """How much one exit may teach."""

    fitting_sd: float = 1.5
    """A residual of an exit that fitted counts at most so many spreads."""
    audited_sd: float = 4.0
    taken_sd: float = 3.2
    """An exit that nobody audited and that lies further off teaches nothing."""


def learn(book: WeightBook, clean: CleanExit, rules: WeighingRules, teaching: TeachingRules | None = None) -> Lesson:
    """Return what this exit teaches; nothing where it is neither audited nor fitting."""
    limits = teaching or TeachingRules()
    lines, fixed_g, fixed_variance = _read(book, clean, rules)
    if not lines:
        return Lesson(taken=False)
    scale = _wandered(book.scales.get(clean.lane, LaneScale()))
    shift_g, chosen = chosen_packagings(lines, clean.measured_g - fixed_g, rules)
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
        return _misfit(book, clean, lines, residual_g=residual, variance_g2=variance)
    most = limits.fitting_sd if clean.how == "fits" else limits.audited_sd
    step = max(-most, min(most, z)) / sd
    unsure = sum(line.pieces**2 * line.mean_variance_g2 for line in lines) / variance
    told = square / (variance * (1 - _TOGETHER * unsure)) if unsure < _SURE_PART else None
    taught = {
        line.code: _taught(
            book.spread_g(line.known), line, step=step, variance=variance, z2=told, packaging=chosen.get(line.code)
        )
        for line in lines
    }
    weight = sum(line.spread_variance_g2 for line in lines) / variance
    log_spread, information = _follow(
        book.log_spread, book.information, weight, told if unsure < _SHOP_SURE_PART else None, _SHOP_INFORMATION_MAX
    )
    questions = tuple(question for line in lines for question in _questions(line.code, taught[line.code]))
    return Lesson(
        taken=True,
        articles={code: _held(article) for code, article in taught.items()},
        log_spread=log_spread,
        information=information,
        lane=clean.lane,
        scale=_scale_taught(scale, load, step, variance),
        width=_width(book, clean) if unsure < _SHOP_SURE_PART else book.width,
        questions=questions,
    )


def _read(book: WeightBook, clean: CleanExit, rules: WeighingRules) -> tuple[list[TaughtLine], float, float]:
    """Split a basket into articles that can learn and the rest, whose weight and variance are taken as they are."""
    lines: list[TaughtLine] = []
    fixed, variance = 0.0, 0.0
    for line in clean.lines:
        known = book.articles.get(line.code)
        spread = line.sd_g**2 if known is None else book.spread_g(known) ** 2
        shared = line.quantity * spread * (1 - rules.batch_share) + line.quantity**2 * spread * rules.batch_share
        if known is not None:
            lines.append(TaughtLine(line.code, line.quantity, known, shared))
        elif line.mean_g is None:
            return [], 0.0, 0.0
        else:
            fixed += line.quantity * line.mean_g
            variance += shared + (line.quantity * line.mean_sd_g) ** 2
    return lines, fixed, variance


def _wandered(scale: LaneScale) -> LaneScale:
    return replace(
        scale,
        offset_variance_g2=min(scale.offset_variance_g2 + _OFFSET_WANDER_G**2, _OFFSET_VARIANCE_MAX),
        gain_variance=min(scale.gain_variance + _GAIN_WANDER**2, _GAIN_VARIANCE_MAX),
    )


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


def _taught(
    spread: float, line: TaughtLine, *, step: float, variance: float, z2: float | None, packaging: int | None
) -> ArticleWeight:
    known = line.known
    moved = line.pieces * line.mean_variance_g2 * step
    alone = min(1.0, known.mean_sd_g / known.anchor_sd_g) if known.anchor_sd_g else 0.0
    sureness = (_SURER + (1 - _SURER) * alone) * line.pieces**2 * line.mean_variance_g2 / variance
    left = line.mean_variance_g2 * (1 - sureness) + (_WANDER * spread) ** 2
    log_spread, information = _follow(known.log_spread, known.information, line.spread_variance_g2 / variance, z2)
    return replace(
        known,
        mean_g=known.mean_g + moved if packaging is None else known.mean_g,
        mean_sd_g=math.sqrt(max(left, 0.0)),
        log_spread=max(-_LOG_SPREAD_MAX, min(_LOG_SPREAD_MAX, log_spread)),
        information=information,
        sold=known.sold * _SOLD_FADES + line.pieces,
        exits=known.exits + 1,
        packagings=followed_shares(known, packaging),
        jumps=(*known.jumps, 0.0)[-JUMPS_KEPT:],
        source="exits",
    )


def _width(book: WeightBook, clean: CleanExit) -> float:
    """Widen after a surprising exit, narrow a little after each that was not; they balance where the model is right."""
    if clean.surprise is None or clean.how == "amended":
        return book.width
    step = min(_WIDTH_STEP_MAX, _WIDTH_STEP / book.information)
    return max(_WIDTH_MIN, min(_WIDTH_MAX, book.width + step * ((clean.surprise < _SURPRISING) - _SURPRISING)))


def _follow(
    log_spread: float, information: float, weight: float, z2: float | None, most: float = _INFORMATION_MAX
) -> tuple[float, float]:
    """Follow a variance by the slope of the likelihood in its logarithm, with a memory that fades.

    Not while means are unsure: then there is no ``z2``.
    """
    if z2 is None:
        return log_spread, information
    known = min(information + 0.5 * weight**2, most)
    slope = 0.5 * weight * (min(z2, _Z2_MAX) - _Z2_MEAN)
    return log_spread + max(-_LOG_STEP_MAX, min(_LOG_STEP_MAX, slope / known)), known


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


def _misfit(
    book: WeightBook,
    clean: CleanExit,
    lines: Sequence[TaughtLine],
    *,
    residual_g: float,
    variance_g2: float,
) -> Lesson:
    """Learn from an audited exit that did not fit: spreads may be too small, or one article has another weight now."""
    taught: dict[str, ArticleWeight] = {}
    questions = []
    for line in lines:
        article, question = with_jump(line, residual_g, math.sqrt(variance_g2))
        log_spread, information = _follow(
            article.log_spread, article.information, line.spread_variance_g2 / variance_g2, residual_g**2 / variance_g2
        )
        taught[line.code] = replace(article, log_spread=min(log_spread, _LOG_SPREAD_MAX), information=information)
        questions += [question] if question is not None else []
    weight = sum(line.spread_variance_g2 for line in lines) / variance_g2
    log_spread, information = _follow(
        book.log_spread, book.information, weight, residual_g**2 / variance_g2, _SHOP_INFORMATION_MAX
    )
    return Lesson(
        taken=True,
        articles=taught,
        log_spread=log_spread,
        information=information,
        lane=clean.lane,
        scale=book.scales.get(clean.lane, LaneScale()),
        width=_width(book, clean),
        questions=tuple(questions),
    )
