"""The shop's weights at work: orders are expected by what was learned, clean exits teach, staff is asked, scales are watched.

Nothing here opens or shuts a lane: it tells what orders should weigh, and which lane's scale is not to be believed. What cannot
be written to disk is not learned.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import structlog

from gate_controller import staff_texts
from gate_controller.shop_cache import ShopCache
from gate_controller.staff_texts import filled
from gate_controller.texts import Texts
from gate_controller.weighing import Fit, Verdict, WeighingRules, expect
from gate_controller.weighing.learning import learn
from gate_controller.weighing.scale_watch import FINE, ScaleFinding, ScaleState, ScaleWatch, excuses, see
from gate_controller.weighing.weight_book import ArticleWeight, Ask, CleanExit, How, Lesson, Question, WeightBook
from gate_controller.weight_record import WeightRecord
from gate_controller.words import OrderInLane
from store_server.contract.article_messages import PriceBook
from store_server.contract.lane_messages import StaffCommand, StaffCommandKind, WeightNews

NEWS_MAX = 5
"""So many changes are told; the questions come on top."""
LESSONS_PER_SHELF, LESSONS_PER_MOVE = 300, 20
"""So often the shelf is laid out anew when nothing has moved noticeably, and when something has; ..."""
ARTICLES_PER_LESSON = 100
"""... one lesson later for so many articles: laying out 20,000 takes a third of a second."""
MISFITS_MAX = 6
"""So many shoppers in a row who all bring too much, or all too little, are honest: the scale is wrong, by however much."""
TOLD_PART, TOLD_MIN_G = 0.01, 1.0
"""A mean that moved by less since it was told is no news."""

_log = structlog.get_logger(__name__)


class WeightDesk:
    """All lanes' weights; the controller's one thread."""

    def __init__(self, record: WeightRecord, cache: ShopCache, rules: WeighingRules) -> None:
        self._record = record
        self._cache = cache
        self._rules = rules
        self._book: WeightBook = record.book()
        self._listed = record.listed()
        self._questions: dict[str, Question] = record.questions()
        self._told: dict[str, float] = {}
        self._news: deque[WeightNews] = deque(maxlen=NEWS_MAX)
        self._watches: dict[str, ScaleWatch] = record.watches()
        self._findings = {lane: watch.finding() for lane, watch in self._watches.items()}
        self._before: dict[str, tuple[UUID, ScaleWatch, ScaleFinding]] = {}
        """What was thought of each lane's scale before the order that it weighed last."""
        self._rows: dict[str, tuple[Fit, dict[UUID, frozenset[str]]]] = {}
        """The newest orders of each lane, with their articles, while all of them are off to the same side."""
        self._unwritten: dict[str, int | None] = {}
        """Lanes whose watch is not on disk yet: with so many newer weighings, or None where all are to be written anew."""
        self._behind: set[str] = set()
        """Lanes of which the disk did not keep the last one; tried again with the next weighing, not all the time."""
        self._faulty = record.faulty_scales()
        self._prices: PriceBook | None = None
        self._lessons = self._laid_out_at = 0
        self._moved = False

    # What orders should weigh.

    def expected(self, order: OrderInLane) -> OrderInLane:
        """Return the order with what was learned about its articles."""
        self.refresh()
        if not order.expected.goods:
            return order
        return replace(order, expected=expect([self._book.goods(goods) for goods in order.expected.goods], self._rules))

    def refresh(self) -> None:
        """Begin with articles that are new in the price book, and anew with those whose weight was changed there."""
        prices = self._cache.price_book
        if prices is self._prices or prices is None:
            return
        self._prices = prices
        listed = {
            article.code: article.mean_g
            for article in prices.articles
            if article.mean_g and article.sold_by == "piece" and self._listed.get(article.code) != article.mean_g
        }
        begun = self._book.begun(
            {
                article.code: ArticleWeight.from_price_book(article.mean_g, article.sd_g, article.weight_source)
                for article in prices.articles
                if article.mean_g and article.code in listed
            }
        )
        if listed and self._kept(lambda: self._record.keep_articles(listed, begun)):
            self._book = begun
            self._listed |= listed
        self._lay_out()

    def _lay_out(self) -> None:
        """Let the lanes look for what was forgotten among learned weights, and among what sells."""
        self._laid_out_at, self._moved = self._lessons, False
        self._cache.catalogue = self._book.shelf(self._cache.goods)

    # Scales.

    def weighed(self, lane: str, order: OrderInLane, verdict: Verdict) -> ScaleState:
        """Count a weighing; return what is thought of the lane's scale, FAULTY when this shopper must not be accused.

        Goods that are weighed again count once, as they were weighed last: one theft is not the scale's fault for being looked
        at three times.
        """
        if not order.expected.goods:
            return ScaleState.FINE
        former = self._findings.get(lane, FINE)
        _, earlier, before = self._before_order(lane, order)
        watch, finding = earlier.after(see(order.expected, verdict.measured_g, self._rules))
        self._watches[lane] = watch
        self._findings[lane] = finding
        if finding.state is ScaleState.ARTICLE and finding.article is not None:
            self._ask_about(finding.article)
            self._watches[lane] = watch.without(finding.article)
            self._unwritten[lane] = None
        if finding.state is not former.state:
            _log.warning("scale", lane=lane, state=finding.state.value, fault=str(finding.fault), exits=finding.exits)
        shelf = self._cache.catalogue
        excused = verdict.fit is not Fit.FITS and excuses(before, order.expected, verdict.measured_g, self._rules, shelf)
        if finding.state is ScaleState.FAULTY or excused or self._is_misfit_of_all(lane, order, verdict.fit):
            self._set_faulty(lane, faulty=True)
            return ScaleState.FAULTY
        return finding.state

    def _before_order(self, lane: str, order: OrderInLane) -> tuple[UUID, ScaleWatch, ScaleFinding]:
        """Return what was thought of the scale before this order, and note that the disk does not have it yet."""
        waits, waiting = lane in self._unwritten, self._unwritten.get(lane, 0)
        known = self._before.get(lane)
        if known is not None and known[0] == order.order_id:
            self._unwritten[lane] = waiting if waits else None
            return known
        self._unwritten[lane] = None if waiting is None or lane in self._behind else waiting + 1
        known = (order.order_id, self._watches.get(lane, ScaleWatch()), self._findings.get(lane, FINE))
        self._before[lane] = known
        return known

    def _is_misfit_of_all(self, lane: str, order: OrderInLane, fit: Fit) -> bool:
        """Tell whether a row of orders is off to the same side, with no article in all of them; one that fits ends it."""
        side, row = self._rows.pop(lane, (fit, {}))
        if fit is Fit.FITS:
            return False
        codes = frozenset(line.code for line in order.expected.goods)
        kept = {**(row if side is fit else {}), order.order_id: codes}
        self._rows[lane] = (fit, dict(list(kept.items())[-MISFITS_MAX:]))
        return len(kept) >= MISFITS_MAX and not frozenset.intersection(*self._rows[lane][1].values())

    def is_faulty(self, lane: str) -> bool:
        """Whether a lane's scale is not to be believed until somebody has checked it."""
        return lane in self._faulty

    def checked(self, lane: str) -> None:
        """Somebody put a known weight on a lane's scale."""
        self._watches[lane] = ScaleWatch()
        self._findings.pop(lane, None)
        self._before.pop(lane, None)
        self._rows.pop(lane, None)
        self._unwritten[lane] = None
        self.keep_watch(lane)
        self._set_faulty(lane, faulty=False)

    def keep_watch(self, lane: str) -> None:
        """Write down what the newest weighings said of a lane's scale; to be called when no shopper waits for the disk."""
        if lane not in self._unwritten:
            return
        watch, fresh = self._watches[lane], self._unwritten.pop(lane)
        if self._kept(lambda: self._record.keep_watch(lane, watch, fresh=fresh)):
            self._behind.discard(lane)
        else:
            self._behind.add(lane)

    def _set_faulty(self, lane: str, *, faulty: bool) -> None:
        if self._kept(lambda: self._record.scale_is(lane, faulty=faulty)):
            (self._faulty.add if faulty else self._faulty.discard)(lane)

    # Learning.

    def left(self, lane: str, order: OrderInLane, verdict: Verdict | None) -> None:
        """Learn from an exit, if it is one to learn from: it fitted, or staff scanned all of it."""
        how = None if verdict is None else _how(order, verdict)
        if verdict is None or how is None or not order.expected.goods or lane in self._faulty:
            return
        surprise = None if how == "amended" else verdict.surprise
        clean = CleanExit(lines=order.expected.goods, measured_g=verdict.measured_g, how=how, lane=lane, surprise=surprise)
        lesson = learn(self._book, clean, self._rules)
        if not lesson.taken or not self._kept(lambda: self._keep(lesson)):
            return
        for code, article in lesson.articles.items():
            self._tell(code, article)
        self._lessons += 1
        if self._lessons - self._laid_out_at >= self._lessons_per_shelf():
            self._lay_out()
        for question in lesson.questions:
            if question.code not in self._questions:
                self._ask(question)

    def _lessons_per_shelf(self) -> int:
        """Once a weight has moved noticeably, soon; in a large shop, where it takes longer, a little less soon."""
        if not self._moved:
            return LESSONS_PER_SHELF
        return min(LESSONS_PER_SHELF, LESSONS_PER_MOVE + len(self._cache.goods) // ARTICLES_PER_LESSON)

    def _keep(self, lesson: Lesson) -> None:
        """Write a lesson down, then know it; a disk that cannot keep it has the book as it was."""
        former = {code: self._book.articles[code] for code in lesson.articles if code in self._book.articles}
        shop = (self._book.log_spread, self._book.information, self._book.width)
        self._book.apply(lesson)
        try:
            self._record.keep_lesson(lesson, self._book)
        except sqlite3.Error:
            self._book.articles.update(former)
            self._book.log_spread, self._book.information, self._book.width = shop
            raise

    def _tell(self, code: str, article: ArticleWeight) -> None:
        """Make it news when a mean has moved noticeably since it was told last."""
        before = self._told.setdefault(code, article.anchor_g)
        if abs(article.mean_g - before) < max(TOLD_MIN_G, TOLD_PART * before):
            return
        self._told[code] = article.mean_g
        self._moved = True
        self._news.appendleft(self._said(code, staff_texts.WEIGHT_LEARNED, before, article.mean_g, asks=False))

    # Staff.

    def _ask_about(self, code: str) -> None:
        known = self._book.articles.get(code)
        if known is not None and code not in self._questions:
            self._ask(Question(code, Ask.MOVED, known.anchor_g, known.mean_g))

    def _ask(self, question: Question) -> None:
        if self._kept(lambda: self._record.keep_question(question)):
            self._questions[question.code] = question
            _log.warning("staff is asked about a weight", article=question.code, why=question.ask.value)

    def answered(self, command: StaffCommand) -> None:
        """Take staff's word about an article's weight."""
        self.refresh()
        code, question = command.code, self._questions.get(command.code or "")
        if code is None:
            return
        if command.kind is StaffCommandKind.TEACH_WEIGHT and command.grams is not None:
            grams = command.grams
        elif question is not None:
            grams = question.suggested_g if command.kind is StaffCommandKind.KEEP_WEIGHT else question.known_g
        else:
            return
        before = self._book.articles.get(code)
        article = self._book.vouch(code, [grams], before.listed_sd_g if before is not None else 0.02 * grams)
        if not self._kept(lambda: self._vouched(code, article)):
            self._book.articles.pop(code)
            if before is not None:
                self._book.articles[code] = before
            return
        self._lay_out()
        self._questions.pop(code, None)
        self._told[code] = grams
        known_g = grams if before is None else before.mean_g
        self._news.appendleft(self._said(code, staff_texts.WEIGHT_VOUCHED, known_g, grams, asks=False, staff=command.staff))

    def _vouched(self, code: str, article: ArticleWeight) -> None:
        self._record.keep_article(code, article)
        self._record.drop_question(code)

    def news(self) -> list[WeightNews]:
        """Return what waits for staff's word, then the newest changes."""
        asked = [
            self._said(one.code, staff_texts.WEIGHT_ASKED[one.ask.value], one.known_g, one.suggested_g, asks=True)
            for one in self._questions.values()
        ]
        return [*asked[: 50 - NEWS_MAX], *self._news]

    def _said(self, code: str, text: Texts, before_g: float, after_g: float, *, asks: bool, staff: str = "") -> WeightNews:
        name = self._cache.name_of(code) or filled(staff_texts.UNKNOWN_ARTICLE, code=code)
        said = filled(text, name=name, before=f"{before_g:.0f}", after=f"{after_g:.0f}", staff=staff)
        return WeightNews(code=code, name=dict(name), text=dict(said), asks=asks)

    @staticmethod
    def _kept(keep: Callable[[], None]) -> bool:
        try:
            keep()
        except sqlite3.Error as error:
            _log.error("what weighings taught is not kept", why=str(error))
            return False
        return True


def _how(order: OrderInLane, verdict: Verdict) -> How | None:
    """Say why an exit may teach; None when only staff's word let it out."""
    if order.scanned_anew:
        return "amended" if order.revision > 1 and verdict.fit is Fit.FITS else "audited"
    if verdict.fit is not Fit.FITS:
        return None
    return "amended" if order.revision > 1 else "fits"
