"""What exits teach, and what they must not."""

from __future__ import annotations

import numpy as np
import pytest

from gate_controller.weighing import Goods, WeighingRules
from gate_controller.weighing.learning import SPREAD_RANGE, learn
from gate_controller.weighing.packagings import JUMPS_FOR_PACKAGING
from gate_controller.weighing.weight_book import ArticleWeight, Ask, CleanExit, How, Question, WeightBook

RULES = WeighingRules()
CODES = [f"{number:014d}" for number in range(1, 13)]
TRUTH = dict(zip(CODES, (60.0, 95.0, 130.0, 180.0, 240.0, 310.0, 400.0, 480.0, 560.0, 720.0, 900.0, 1200.0), strict=True))
SEED = 20263


def book(off: float = 0.0, known_to_g: float | None = 1.0) -> WeightBook:
    """The shop's articles with a spread of 1 %; means wrong by a part, up and down in turn."""
    return WeightBook(
        {
            code: ArticleWeight.listed(mean * (1 + off * (-1) ** number), 0.01 * mean, known_to_g)
            for number, (code, mean) in enumerate(TRUTH.items())
        }
    )


def line(code: str, quantity: int = 1) -> Goods:
    return Goods(code, {"en": code}, quantity, None, 0.0)


def teach(known: WeightBook, lines: list[Goods], grams: float, how: How = "fits") -> tuple[Question, ...]:
    lesson = learn(known, CleanExit(tuple(lines), grams, how), RULES)
    known.apply(lesson)
    return lesson.questions


def shop(
    known: WeightBook, rng: np.random.Generator, exits: int, truth: dict[str, float] | None = None, scale_g: float = 0
) -> list[Question]:
    """Honest baskets of three to six articles; those that do not fit are audited. Returns staff's questions."""
    weights = truth or TRUTH
    questions: list[Question] = []
    for _ in range(exits):
        codes = rng.choice(CODES, rng.integers(3, 7), replace=False).tolist()
        grams = sum(rng.normal(weights[code], 0.01 * TRUTH[code]) for code in codes) + rng.normal(scale_g, 2)
        lines = [line(code) for code in codes]
        if not learn(known, CleanExit(tuple(lines), grams, "fits"), RULES).taken:
            questions += teach(known, lines, grams, "audited")
        else:
            questions += teach(known, lines, grams)
    return questions


def wrong_g(known: WeightBook) -> np.ndarray:
    return np.array([abs(known.articles[code].mean_g - mean) for code, mean in TRUTH.items()])


def test_whole_baskets_tell_the_weights_of_their_articles() -> None:
    known = book(off=0.1, known_to_g=None)
    shop(known, np.random.default_rng(SEED), 600)
    assert wrong_g(known).max() < 3.0, wrong_g(known)
    honest = [abs(known.articles[code].mean_g - mean) < 5 * known.articles[code].mean_sd_g for code, mean in TRUTH.items()]
    assert all(honest), "the book knows how well it knows"


def test_spreads_are_learned_from_residuals() -> None:
    for wrong in (0.5, 2.0):
        known = book()
        for code, article in known.articles.items():
            known.articles[code] = ArticleWeight.listed(article.mean_g, article.listed_sd_g * wrong, 1.0)
        shop(known, np.random.default_rng(SEED), 600)
        learned = np.mean([known.spread_g(known.articles[code]) / (0.01 * TRUTH[code]) for code in CODES])
        assert 0.7 < learned < 1.4, f"spreads {wrong} times too large end at {learned:.2f}"


def test_an_exit_that_does_not_fit_teaches_nothing_unless_it_was_audited() -> None:
    known = book()
    before = dict(known.articles)
    assert not learn(
        known, CleanExit((line(CODES[3]), line(CODES[5])), TRUTH[CODES[3]] + TRUTH[CODES[5]] + 60, "fits"), RULES
    ).taken
    assert known.articles == before
    assert learn(known, CleanExit((Goods("7", {}, 1, None, 0.0),), 500.0, "audited"), RULES).taken is False, "nobody knows it"


def test_a_thief_who_takes_30_g_at_every_exit_cannot_teach_the_lane() -> None:
    """Always the same dear article, always as much beside it as just passes."""
    known = book()
    rng = np.random.default_rng(SEED)
    target = CODES[8]
    asked: list[Question] = []
    for _ in range(400):
        honest = rng.normal(TRUTH[target], 5.6) + rng.normal(TRUTH[CODES[10]], 9) + rng.normal(0, 2)
        asked += teach(known, [line(target), line(CODES[10])], honest + 30)
    moved = known.articles[target].mean_g - TRUTH[target]
    limit = known.articles[target].hold_g
    assert moved <= limit + 1e-9
    assert limit < 30
    for code in (target, CODES[10]):
        assert known.spread_g(known.articles[code]) <= SPREAD_RANGE * 0.01 * TRUTH[code]
    assert moved < 15 or any(question.ask is Ask.MOVED for question in asked)


def test_a_few_thieves_among_honest_shoppers_move_nothing() -> None:
    known = book()
    rng = np.random.default_rng(SEED)
    for _ in range(40):
        shop(known, rng, 10)
        teach(known, [line(CODES[8]), line(CODES[4])], TRUTH[CODES[8]] + TRUTH[CODES[4]] + 15)
    assert wrong_g(known).max() < 4.5, "of 15 g that were carried past"


def test_a_new_packaging_becomes_a_second_weight() -> None:
    known = book()
    rng = np.random.default_rng(SEED)
    changed = CODES[9]
    questions = shop(known, rng, 200, {**TRUTH, changed: TRUTH[changed] - 90})
    assert [question.ask for question in questions] == [Ask.PACKAGING]
    assert questions[0].code == changed
    (packaging,) = known.articles[changed].packagings
    assert packaging.mean_g == pytest.approx(TRUTH[changed] - 90, abs=8)
    assert packaging.share > 0.5, "by now all of it is sold in the new one"
    others = [known.articles[code].packagings for code in CODES if code != changed]
    assert others == [()] * (len(CODES) - 1)
    assert abs(known.articles[changed].mean_g - TRUTH[changed]) < 10, "the old weight is kept"
    assert JUMPS_FOR_PACKAGING >= 3


def test_a_slow_drift_is_followed() -> None:
    known = book()
    rng = np.random.default_rng(SEED)
    truth = dict(TRUTH)
    for _ in range(40):
        truth[CODES[7]] -= 0.25
        shop(known, rng, 20, truth)
    assert known.articles[CODES[7]].mean_g == pytest.approx(truth[CODES[7]], abs=5)


def test_what_all_baskets_have_in_common_is_the_scales() -> None:
    known = book()
    shop(known, np.random.default_rng(SEED), 300, scale_g=8.0)
    assert 4.0 < known.scales[""].offset_g < 9.0
    moved = np.array([known.articles[code].mean_g - TRUTH[code] for code in CODES])
    assert abs(moved.mean()) < 1.5, moved


def test_labelled_goods_count_as_they_are() -> None:
    known = book()
    ham = Goods("02110037000008", {"en": "Ham"}, 1, 312.0, 1.0)
    lesson = learn(known, CleanExit((ham, line(CODES[4])), 312.0 + TRUTH[CODES[4]] + 3, "fits"), RULES)
    assert set(lesson.articles) == {CODES[4]}
    assert lesson.articles[CODES[4]].mean_g > TRUTH[CODES[4]]


def test_staff_who_weigh_an_article_set_it_anew() -> None:
    known = book(off=0.3)
    known.vouch(CODES[0], [60.0, 61.0, 59.0, 60.0], 0.6)
    article = known.articles[CODES[0]]
    assert (article.mean_g, article.anchor_g, article.source) == (60.0, 60.0, "staff")
    assert article.mean_sd_g < 1
    assert known.goods(line(CODES[0], 2)).mean_g == 60.0
    assert known.goods(Goods("9", {}, 1, 5.0, 1.0)) == Goods("9", {}, 1, 5.0, 1.0)


def test_suppliers_spreads_are_drawn_to_what_is_usual() -> None:
    listed = {f"{n}": ArticleWeight.listed(100.0 + n, 1.0) for n in range(40)} | {"odd": ArticleWeight.listed(120.0, 16.0)}
    drawn = WeightBook().begun(listed)
    assert 2.0 < drawn.articles["odd"].listed_sd_g < 8.0
    few = {"1": ArticleWeight.listed(100.0, 1.0)}
    assert WeightBook().begun(few).articles == few
    alike = {f"{n}": ArticleWeight.listed(100.0, 2.0) for n in range(40)}
    assert WeightBook().begun(alike).articles["1"].listed_sd_g == pytest.approx(2.0), "all of one weight"


def test_what_somebody_measured_is_not_drawn_and_makes_the_shop_sure() -> None:
    odd = ArticleWeight.from_price_book(120.0, 16.0, "measured")
    measured = {f"{n}": ArticleWeight.from_price_book(100.0 + n, 1.0, "measured") for n in range(40)} | {"odd": odd}
    begun = WeightBook().begun(measured)
    assert begun.articles == measured
    assert (begun.log_spread, begun.information) == (0.0, 41 * 2.5)


def test_factors_up_and_down_make_variances_larger_on_average() -> None:
    """Lists that are twice or half of the truth: the first list says so, a later one leaves what was learned."""
    rng = np.random.default_rng(SEED)
    listed = {f"{n}": ArticleWeight.listed(100.0 + n, 2.0 * 2.0 ** rng.choice((-1, 1))) for n in range(400)}
    begun = WeightBook().begun(listed)
    believed = np.array([begun.spread_g(article) for article in begun.articles.values()])
    assert np.mean((2.0 / believed) ** 2) == pytest.approx(1.0, rel=0.1), "residuals are as large as expected, on average"
    later = begun.begun({f"new {n}": article for n, article in enumerate(listed.values())})
    assert len(later.articles) == 800
    assert (later.log_spread, later.information) == (begun.log_spread, begun.information)


def surprised(known: WeightBook, surprise: float | None, how: How = "fits") -> float:
    """Teach an exit that was so surprising; return by how much the width moved."""
    before = known.width
    known.apply(learn(known, CleanExit((line(CODES[9]),), TRUTH[CODES[9]], how, surprise=surprise), RULES))
    return known.width - before


def test_surprising_exits_widen_every_spread_and_balance_where_two_in_a_hundred_are() -> None:
    known = book()
    wider, narrower = surprised(known, 0.004), surprised(known, 0.5)
    assert 0 < -narrower < wider / 20
    assert surprised(book(), 0.001, "audited") > 0, "one who was stopped although the order was right"
    assert surprised(book(), 0.001, "amended") == 0, "a theft that was found says nothing about the spreads"
    assert surprised(book(), None) == 0
    assert surprised(book(known_to_g=60.0), 0.001) == 0, "nor does an exit while means are unsure"
    sure = book()
    sure.information = 100.0
    assert 0 < surprised(sure, 0.001) < wider / 2, "the more is known, the less one exit counts"


def test_measured_spreads_say_that_the_list_is_right_and_one_weighing_does_not() -> None:
    known = WeightBook()
    begun = known.information
    known.vouch(CODES[0], [60.0], 0.6)
    assert known.information == begun
    known.vouch(CODES[0], [60.0] * 25, 0.6)
    assert known.information == begun + 12.5
    for _ in range(400):
        known.vouch(CODES[0], [60.0] * 25, 0.6)
    assert known.information == 1000, "what sells most does not average out"


def test_honest_exits_that_were_stopped_widen_the_shops_spread_too() -> None:
    known = book()
    lines, grams = [line(code) for code in CODES[6:]], sum(TRUTH[code] for code in CODES[6:])
    for number in range(6):
        teach(known, lines, grams + 60.0 * (-1) ** number, "audited")
    assert known.log_spread > 0.2


@pytest.mark.parametrize(
    ("source", "known_to_g", "said_by"),
    [("", 50.0, "supplier"), ("declared", 50.0, "label"), ("learned", 15.0, "exits"), ("measured", 5.0 / 5**0.5, "staff")],
)
def test_a_price_books_weight_is_as_good_as_its_source(source: str, known_to_g: float, said_by: str) -> None:
    begun = ArticleWeight.from_price_book(500.0, 5.0, source)
    assert (begun.mean_g, begun.listed_sd_g, begun.source) == (500.0, 5.0, said_by)
    assert begun.mean_sd_g == begun.anchor_sd_g == pytest.approx(known_to_g)
    assert begun.information >= ArticleWeight.listed(500.0, 5.0).information
