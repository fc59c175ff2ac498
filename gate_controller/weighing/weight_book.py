"""What is known of the articles' weights, and what an exit may change in it; pure but for the book itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from enum import Enum
from statistics import fmean, linear_regression
from typing import Literal, TypeAlias

from gate_controller.weighing.goods import Goods, Packaging
from gate_controller.weighing.shelf import Shelf

Source: TypeAlias = Literal["supplier", "label", "staff", "exits"]
How: TypeAlias = Literal["fits", "audited", "amended"]
"""Let out by weight; audited and the order was right; audited and the order was amended to what was there."""

SUPPLIER_KNOWN_TO = 0.1
"""A supplier's weight is a net weight or a nominal one: known to this part of itself."""
LEARNED_KNOWN_TO = 0.03
"""What exits taught, here or in another shop of the chain."""
MEASURED_PIECES = 5
"""So many pieces somebody with a scale is taken to have weighed, where nobody wrote down how many."""
NEW_ARTICLE_INFORMATION = 1.0
"""About the logarithm of a variance: the listed spread may be wrong by a factor."""
SHOP_INFORMATION = 2.0
_PIECE_INFORMATION, _VOUCHED_INFORMATION_MAX = 0.5, 1000.0
"""Spreads that somebody measured say that the shop's listed spreads are right as a whole: so much for each piece weighed, up to
the most, because a few articles sell more than all others and their errors do not average out."""
_DRAWN_INFORMATION = 10.0
"""About the logarithm of the factor between variances that were drawn to what is usual and those that are."""

_OFFSET_SD_G = 4.0
_GAIN_SD = 0.0005
_HELD_SD, _HELD_PART = 3.0, 0.03
_TREND_ARTICLES_MIN = 20
_DRAWN = 0.5
_LISTED = ("supplier", "label")
"""Sources of which nobody measured the spread."""


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
    information: float = NEW_ARTICLE_INFORMATION
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

    @classmethod
    def from_price_book(cls, mean_g: float, sd_g: float, weight_source: str) -> ArticleWeight:
        """Begin with the price book's weight, which is as good as its source."""
        if weight_source == "measured":
            begun = cls.listed(mean_g, sd_g, max(sd_g, 0.5) / math.sqrt(MEASURED_PIECES), "staff")
            return replace(begun, information=_PIECE_INFORMATION * MEASURED_PIECES)
        if weight_source == "learned":
            return cls.listed(mean_g, sd_g, LEARNED_KNOWN_TO * mean_g, "exits")
        return cls.listed(mean_g, sd_g, source="label" if weight_source == "declared" else "supplier")

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
    surprise: float | None = None
    """As the lane's verdict had it; None where that was about other goods than these."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an exit changes in the book."""

    taken: bool
    articles: Mapping[str, ArticleWeight] = field(default_factory=dict)
    log_spread: float = 0.0
    information: float = SHOP_INFORMATION
    lane: str = ""
    scale: LaneScale = LaneScale()
    width: float = 0.0
    questions: tuple[Question, ...] = ()


class WeightBook:
    """Every article's learned weight. Changed only by :meth:`apply` and :meth:`vouch`."""

    def __init__(self, articles: Mapping[str, ArticleWeight] | None = None) -> None:
        """Begin with these articles."""
        self.articles: dict[str, ArticleWeight] = dict(articles or {})
        self.log_spread = 0.0
        """The whole shop's correction of listed spreads."""
        self.information = SHOP_INFORMATION
        self.width = 0.0
        """A factor on every spread, as a logarithm: wider while honest shoppers are stopped more often than stated."""
        self.scales: dict[str, LaneScale] = {}

    def begun(self, fresh: Mapping[str, ArticleWeight]) -> WeightBook:
        """Return this book with articles that begin from a list; the first list also says what is known of the whole shop.

        Spreads that nobody measured are drawn halfway to what articles of such a weight have in the list. What is drawn so is
        off by half of what it was away, whichever of the two is right; and a factor that is off as often up as down makes
        variances larger on average, which is what the whole shop's correction begins with.
        """
        drawn, away = _drawn(fresh)
        book = copy(self)
        book.articles = {**self.articles, **drawn}
        if self.articles or not fresh:
            return book
        measured = sum(article.source == "staff" for article in fresh.values())
        told = _PIECE_INFORMATION * MEASURED_PIECES * measured * measured / len(fresh)
        if away:
            book.log_spread = 0.5 * sum(one * one for one in away) / len(fresh)
            told += _DRAWN_INFORMATION
        book.information = max(self.information, min(told, _VOUCHED_INFORMATION_MAX))
        return book

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

    def shelf(self, catalogue: Iterable[Goods]) -> Shelf:
        """Lay out a catalogue with what was learned of its articles."""
        return Shelf.of([self.goods(one) for one in catalogue])

    def spread_g(self, article: ArticleWeight) -> float:
        """Return the standard deviation of one piece."""
        return article.listed_sd_g * math.exp(0.5 * (self.log_spread + article.log_spread))

    def vouch(self, code: str, grams: Sequence[float], listed_sd_g: float, source: Source = "staff") -> ArticleWeight:
        """Take over what staff weighed, or what a label says: the article starts from there."""
        before = self.articles.get(code)
        mean = sum(grams) / len(grams)
        fresh = ArticleWeight.listed(mean, listed_sd_g, max(listed_sd_g, 0.5) / math.sqrt(len(grams)), source)
        fresh = replace(fresh, information=max(NEW_ARTICLE_INFORMATION, _PIECE_INFORMATION * len(grams)))
        if before is not None:
            fresh = replace(
                fresh,
                log_spread=before.log_spread,
                information=max(fresh.information, before.information),
                sold=before.sold,
                exits=before.exits,
            )
        self.articles[code] = fresh
        if len(grams) > 1:
            told = min(self.information + _PIECE_INFORMATION * len(grams), _VOUCHED_INFORMATION_MAX)
            self.information = max(self.information, told)
        return fresh

    def apply(self, lesson: Lesson) -> None:
        """Write a lesson down."""
        if lesson.taken:
            self.articles.update(lesson.articles)
            self.log_spread, self.information = lesson.log_spread, lesson.information
            self.scales[lesson.lane] = lesson.scale
            self.width = lesson.width


def _drawn(fresh: Mapping[str, ArticleWeight]) -> tuple[dict[str, ArticleWeight], list[float]]:
    """Draw spreads that nobody measured halfway to the usual ones; also tell by how much they were away, as logarithms."""
    sized = [article for article in fresh.values() if article.listed_sd_g > 0]
    if len(sized) < _TREND_ARTICLES_MIN:
        return dict(fresh), []
    across = [math.log(article.mean_g) for article in sized]
    up = [math.log(article.listed_sd_g) for article in sized]
    slope, level = linear_regression(across, up) if min(across) < max(across) else (0.0, fmean(up))
    drawn, away = dict(fresh), []
    for code, article in fresh.items():
        if article.source not in _LISTED:
            continue
        usual = level + slope * math.log(article.mean_g)
        if article.listed_sd_g > 0:
            away.append(math.log(article.listed_sd_g) - usual)
            usual += (1 - _DRAWN) * away[-1]
        drawn[code] = replace(article, listed_sd_g=math.exp(usual))
    return drawn, away
