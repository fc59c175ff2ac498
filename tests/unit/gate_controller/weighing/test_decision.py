"""The weight decision against simulated baskets whose truth is known."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate_controller.weighing import (
    Bag,
    Expectation,
    Fit,
    Goods,
    Packaging,
    Shelf,
    WeighingRules,
    blind_spot,
    expect,
    judge,
    judge_many,
    minimum_detectable_g,
)
from gate_controller.weighing.decision import prepare
from store_server.contract.article_messages import Article
from store_server.contract.order_messages import PricedLine

SEED = 20261
RULES = WeighingRules()
few = settings(max_examples=25, deadline=None, derandomize=True)


def goods(number: int, mean_g: float | None, sd_g: float, quantity: int = 1) -> Goods:
    name = {"en": f"Article {number}", "zh": f"商品{number}"}
    return Goods(code=f"{number:014d}", name=name, quantity=quantity, mean_g=mean_g, sd_g=sd_g)


def catalogue(rng: np.random.Generator, size: int = 300) -> list[Goods]:
    """A range of articles from 20 g to 3 kg, each about 1 % uncertain."""
    means = np.exp(rng.uniform(math.log(20), math.log(3000), size)).tolist()
    return [goods(number, round(mean, 1), round(0.2 + mean * 0.008, 2)) for number, mean in enumerate(means, 1)]


def baskets(rng: np.random.Generator, articles: list[Goods], count: int) -> tuple[list[list[Goods]], np.ndarray]:
    """Baskets of eight lines, and what the scale shows of them when everything is as the lane assumes."""
    drawn, readings = [], []
    for _ in range(count):
        lines, total = [], rng.normal(0, RULES.scale_sd_g)
        for at in rng.choice(len(articles), 8, replace=False):
            one, quantity = articles[at], int(rng.choice((1, 1, 1, 2, 3)))
            lines.append(Goods(one.code, one.name, quantity, one.mean_g, one.sd_g))
            batch = rng.normal(0, one.sd_g * math.sqrt(RULES.batch_share))
            own = rng.normal(0, one.sd_g * math.sqrt(quantity * (1 - RULES.batch_share)))
            total += quantity * ((one.mean_g or 0.0) + batch) + own
        drawn.append(lines)
        readings.append(round(total))
    return drawn, np.array(readings, dtype=float)


@pytest.mark.parametrize("rate", [0.05, 0.01])
def test_honest_baskets_are_stopped_at_most_as_often_as_stated(rate: float) -> None:
    rng = np.random.default_rng(SEED)
    articles = catalogue(rng)
    rules = WeighingRules(false_alarm_rate=rate, piece_kurtosis=0.01)
    trials = 1200
    drawn, readings = baskets(rng, articles, trials)
    stopped = trials - judge_many([expect(lines, rules) for lines in drawn], readings, rules, Shelf.of(articles)).sum()
    deviation = math.sqrt(trials * rate * (1 - rate))
    assert abs(stopped - trials * rate) < 4 * deviation, f"{stopped} of {trials} stopped, stated {rate}"


def test_the_decision_about_many_is_that_about_each() -> None:
    rng = np.random.default_rng(SEED + 1)
    articles = catalogue(rng)
    drawn, readings = baskets(rng, articles, 40)
    readings[::2] += 60
    shelf = Shelf.of(articles)
    expected = [expect(lines, RULES) for lines in drawn]
    together = judge_many(expected, readings, RULES, shelf)
    alone = [judge(one, reading, RULES, shelf).fit is Fit.FITS for one, reading in zip(expected, readings, strict=True)]
    assert together.tolist() == alone


def test_a_surplus_of_the_minimum_detectable_weight_is_noticed_as_often_as_stated() -> None:
    rng = np.random.default_rng(SEED + 2)
    articles = catalogue(rng)
    shelf, rules = Shelf.of(articles), WeighingRules(piece_kurtosis=0.01)
    drawn, readings = baskets(rng, articles, 250)
    expected = [expect(lines, rules) for lines in drawn]
    least = np.array([minimum_detectable_g(one, rules, 0.9, shelf) for one in expected])
    noticed = (~judge_many(expected, readings + least, rules, shelf)).mean()
    assert noticed == pytest.approx(0.9, abs=4 * math.sqrt(0.9 * 0.1 / 250))


def test_the_decision_comes_close_to_the_best_possible_one() -> None:
    """One article, forgotten or not: the likelihood ratio can be had by hand, and no other test may do better."""
    rules = WeighingRules(piece_kurtosis=0.01)
    shelf = Shelf.of([goods(1, 40.0, 1.0), goods(2, 60.0, 1.0), goods(3, 500.0, 5.0)])
    expected = Expectation(1000.0, 12.0**2)
    sd = math.sqrt(12.0**2 + rules.scale_variance_g2)
    grid = np.arange(-120.0, 200.0)
    stopped = ~judge_many([expected] * len(grid), 1000.0 + grid, rules, shelf)

    def mass(shift: float) -> np.ndarray:
        return np.exp(-0.5 * ((grid - shift) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))

    honest, stolen = mass(0.0), 0.5 * mass(40.0) + 0.5 * mass(60.0)
    order = np.argsort(-stolen / honest)
    best = np.interp(0.005, np.cumsum(honest[order]), np.cumsum(stolen[order]))
    assert honest[stopped].sum() == pytest.approx(0.005, rel=0.1)
    assert stolen[stopped].sum() > 0.95 * best


def test_a_bag_that_shoppers_bring_is_no_theft() -> None:
    expected = expect([goods(1, 500.0, 2.0)], RULES)
    with_bags = WeighingRules(bags=(Bag(50.0, 3.0, 0.1),))
    assert judge(expected, 550.0, RULES).fit is Fit.TOO_HEAVY
    verdict = judge(expected, 550.0, with_bags)
    assert verdict.fit is Fit.FITS
    assert len(verdict.accepted_g) == 2, "an island around the bag"
    assert judge(expected, 525.0, with_bags).fit is Fit.TOO_HEAVY


def test_an_article_may_come_in_two_packagings() -> None:
    both = Goods("00000000000001", {"en": "Rice"}, 2, 500.0, 2.0, packagings=(Packaging(470.0, 0.4),))
    expected = expect([both, goods(2, 300.0, 2.0)], RULES)
    fits = {grams: judge(expected, grams, RULES).fit is Fit.FITS for grams in (1300.0, 1240.0, 1270.0)}
    assert fits == {1300.0: True, 1240.0: True, 1270.0: False}


def test_an_article_without_a_weight_widens_the_band_instead_of_alarming() -> None:
    known, unknown = goods(1, 500.0, 3.0), goods(2, None, 0.0)
    sharp, wide = expect([known], RULES), expect([known, unknown], RULES)
    assert wide.unknown == (unknown,)
    assert judge(wide, 650.0, RULES).fit is Fit.FITS
    assert blind_spot(wide, RULES).unknown_lines == 1
    assert minimum_detectable_g(wide, RULES) > 10 * minimum_detectable_g(sharp, RULES)


def test_pieces_of_one_article_share_what_is_not_known_of_it() -> None:
    one, three = expect([goods(1, None, 0, 1)], RULES), expect([goods(1, None, 0, 3)], RULES)
    assert three.spread_g == pytest.approx(3 * one.spread_g)
    sure, unsure = goods(1, 500.0, 4.0, 3), Goods("1", {"en": "x"}, 3, 500.0, 4.0, mean_sd_g=5.0)
    assert expect([unsure], RULES).variance_g2 - expect([sure], RULES).variance_g2 == pytest.approx(3**2 * 5.0**2)
    share = RULES.batch_share
    assert expect([sure], RULES).variance_g2 == pytest.approx(16 * (3 * (1 - share) + 9 * share))


def test_the_stretches_are_what_fits() -> None:
    expected = expect([goods(1, 500.0, 3.0)], RULES)
    verdict = judge(expected, 500.0, RULES)
    ((low, high),) = verdict.accepted_g
    assert (low, high) == (verdict.low_g, verdict.high_g)
    fits = [judge(expected, grams, RULES).fit for grams in (low - 0.3, low + 0.3, high - 0.3, high + 0.3)]
    assert fits == [Fit.TOO_LIGHT, Fit.FITS, Fit.FITS, Fit.TOO_HEAVY]


lines = st.lists(
    st.builds(goods, st.integers(1, 99), st.floats(5, 3000), st.floats(0.1, 60), st.integers(1, 6)), min_size=0, max_size=12
)


@few
@given(lines, st.floats(0.0005, 0.05), st.booleans())
def test_what_is_expected_fits_and_what_is_far_off_does_not(basket: list[Goods], rate: float, bags: bool) -> None:  # noqa: FBT001
    rules = WeighingRules(false_alarm_rate=rate, bags=(Bag(8.0, 3.0, 0.1),) if bags else ())
    expected = expect(basket, rules)
    far = 30 * math.sqrt(expected.variance_g2 + rules.scale_variance_g2) + 100
    assert judge(expected, expected.mean_g, rules).fit is Fit.FITS
    assert judge(expected, expected.mean_g + far, rules).fit is Fit.TOO_HEAVY
    assert judge(expected, expected.mean_g - far, rules).fit is Fit.TOO_LIGHT


@few
@given(lines, st.floats(1.1, 5))
def test_more_false_alarms_or_a_better_scale_never_see_less(basket: list[Goods], factor: float) -> None:
    expected = expect(basket, RULES)
    strict = WeighingRules(false_alarm_rate=min(0.1, RULES.false_alarm_rate * factor))
    worse = WeighingRules(scale_sd_g=RULES.scale_sd_g * factor)
    least = minimum_detectable_g(expected, RULES)
    assert minimum_detectable_g(expected, strict) <= least * 1.02 + 0.2
    assert minimum_detectable_g(expected, worse) >= least * 0.98 - 0.2


@few
@given(lines, st.floats(0.05, 0.95))
def test_heavier_surpluses_are_noticed_at_least_as_often(basket: list[Goods], power: float) -> None:
    spot = blind_spot(expect(basket, RULES), RULES)
    assert all(later >= earlier - 0.02 for earlier, later in itertools.pairwise(spot.power))
    assert blind_spot(expect(basket, RULES), RULES, power=power).minimum_detectable_g <= spot.weights_g[-1]
    assert spot.power_at(spot.minimum_detectable_g) == pytest.approx(0.95, abs=0.03)


def test_lines_and_articles_become_goods() -> None:
    article = Article(
        code="09520000000011", name={"en": "Milk"}, department="Dairy", sold_by="piece", unit_price_minor=990,
        tax_class="reduced", mean_g=1030.0, sd_g=4.0,
    )  # fmt: skip
    assert Goods.of_article(article) == Goods("09520000000011", {"en": "Milk"}, 1, 1030.0, 4.0)
    line = PricedLine(
        code=article.code, name=article.name, quantity=3, weight_g=None, sold_by="piece", unit_price_minor=990,
        total_minor=2970, tax_class="reduced", mean_g=1030.0, sd_g=4.0, eas=False, minimum_age=0,
    )  # fmt: skip
    assert Goods.of_line(line) == Goods("09520000000011", {"en": "Milk"}, 3, 1030.0, 4.0)


def test_honest_weights_are_as_often_surprising_as_they_say() -> None:
    """Readings drawn from the very density: their surprise is even from 0 to 1."""
    expected = expect([goods(1, 500.0, 5.0), goods(2, 120.0, 2.0)], RULES)
    test = prepare([expected], RULES, Shelf.of([goods(3, 40.0, 1.0), goods(4, 300.0, 3.0)]))
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(test.grid_g[0], 400, p=test.mass[0] / test.mass[0].sum())
    surprises = np.array([test.surprise(np.array([[one]]))[0] for one in drawn])
    for part in (0.1, 0.3, 0.5, 0.8):
        assert np.mean(surprises <= part) == pytest.approx(part, abs=0.08), SEED
    stopped = ~np.array([test.accepts(np.array([[one]]))[0, 0] for one in drawn])
    assert np.all(surprises[stopped] <= RULES.false_alarm_rate + 0.01)


def test_where_spreads_are_not_known_less_is_stopped() -> None:
    sure = goods(1, 500.0, 5.0)
    stopped = {}
    for doubt in (0.0, 0.5, 1.0):
        expected = expect([replace(sure, spread_doubt=doubt)], RULES)
        test = prepare([expected], RULES, Shelf.of([sure]))
        stopped[expected.doubt] = float(test.mass[0][test.ratio[0] > test.limits[0, 0]].sum())
    spent = RULES.false_alarm_rate
    for doubt, part in stopped.items():
        assert part == pytest.approx(spent * (1 - RULES.doubt_caution * doubt), rel=0.2)
