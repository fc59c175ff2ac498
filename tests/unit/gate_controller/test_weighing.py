"""The weight decision against simulated baskets whose truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest

from gate_controller.weighing import (
    DETECTION_POWER,
    EXPLANATIONS_MAX,
    Fit,
    Goods,
    WeighingRules,
    expect,
    explain,
    judge,
    minimum_detectable_g,
)
from store_server.contract.article_messages import Article
from store_server.contract.order_messages import PricedLine

SEED = 20261
RULES = WeighingRules(scale_sd_g=2.0, division_g=1.0, false_alarm_rate=0.005)


def seeded(seed: int) -> random.Random:
    print(f"seed {seed}")
    return random.Random(seed)


def goods(number: int, mean_g: float | None, sd_g: float, quantity: int = 1) -> Goods:
    name = {"en": f"Article {number}", "zh": f"商品{number}"}
    return Goods(code=f"{number:014d}", name=name, quantity=quantity, mean_g=mean_g, sd_g=sd_g)


def catalogue(rng: random.Random, size: int = 300) -> list[Goods]:
    """A range of articles from 20 g to 3 kg, each about 1 % uncertain."""
    means = [math.exp(rng.uniform(math.log(20), math.log(3000))) for _ in range(size)]
    return [goods(number, round(mean, 1), round(0.2 + mean * 0.008, 2)) for number, mean in enumerate(means, 1)]


def basket(rng: random.Random, articles: list[Goods], lines: int = 8) -> list[Goods]:
    chosen = rng.sample(articles, lines)
    return [Goods(one.code, one.name, rng.choice((1, 1, 1, 2, 3)), one.mean_g, one.sd_g) for one in chosen]


def pieces(rng: random.Random, lines: list[Goods]) -> Iterator[float]:
    for line in lines:
        for _ in range(line.quantity):
            yield rng.gauss(line.mean_g or 0.0, line.sd_g)


def weighed(rng: random.Random, lines: list[Goods]) -> float:
    noisy = sum(pieces(rng, lines)) + rng.gauss(0, RULES.scale_sd_g)
    return round(noisy / RULES.division_g) * RULES.division_g


@pytest.mark.parametrize("rate", [0.05, 0.005])
def test_honest_baskets_are_stopped_as_often_as_stated(rate: float) -> None:
    rng = seeded(SEED)
    articles = catalogue(rng)
    rules = WeighingRules(scale_sd_g=2.0, division_g=1.0, false_alarm_rate=rate)
    trials, stopped = 4000, 0
    for _ in range(trials):
        lines = basket(rng, articles)
        if judge(expect(lines, rules), weighed(rng, lines), rules).fit is not Fit.FITS:
            stopped += 1
    deviation = math.sqrt(trials * rate * (1 - rate))
    assert abs(stopped - trials * rate) < 4 * deviation, f"{stopped} of {trials} stopped, stated {rate}"


def test_a_surplus_of_the_minimum_detectable_weight_is_noticed_as_often_as_stated() -> None:
    rng = seeded(SEED + 1)
    articles = catalogue(rng)
    trials, noticed = 2000, 0
    for _ in range(trials):
        lines = basket(rng, articles)
        expected = expect(lines, RULES)
        heavier = weighed(rng, lines) + minimum_detectable_g(expected, RULES)
        noticed += judge(expected, heavier, RULES).fit is Fit.TOO_HEAVY
    deviation = math.sqrt(trials * DETECTION_POWER * (1 - DETECTION_POWER))
    assert abs(noticed - trials * DETECTION_POWER) < 4 * deviation, f"{noticed} of {trials}"


def test_a_forgotten_article_of_150_g_is_noticed_in_an_ordinary_basket() -> None:
    rng = seeded(SEED + 2)
    articles = [one for one in catalogue(rng) if one.mean_g and one.mean_g < 1000]
    trials, noticed = 1000, 0
    for _ in range(trials):
        lines = basket(rng, articles, lines=5)
        forgotten = rng.gauss(150.0, 2.0)
        noticed += judge(expect(lines, RULES), weighed(rng, lines) + forgotten, RULES).fit is Fit.TOO_HEAVY
    assert noticed > 0.95 * trials


def test_the_forgotten_article_ranks_high() -> None:
    """Among 300 articles many weigh alike; the right one is still among the five named, most of the time."""
    rng = seeded(SEED + 3)
    articles = catalogue(rng)
    trials, first, named = 400, 0, 0
    for _ in range(trials):
        lines = basket(rng, articles, lines=4)
        missing = rng.choice([one for one in articles if (one.mean_g or 0) > 150])
        total = weighed(rng, lines) + rng.gauss(missing.mean_g or 0.0, missing.sd_g)
        verdict = judge(expect(lines, RULES), total, RULES, articles)
        codes = [reason.code for reason in verdict.explanations if reason.kind == "missing_scan"]
        first += codes[:1] == [missing.code]
        named += missing.code in codes
    assert named > 0.5 * trials, f"{named} of {trials} named"
    assert first > 0.2 * trials, f"{first} of {trials} first"


def test_the_order_of_explanations_is_that_of_their_probability() -> None:
    lines = [goods(1, 500.0, 3.0, quantity=2), goods(2, 250.0, 2.0)]
    range_ = [goods(3, 1000.0, 5.0), goods(4, 740.0, 4.0), goods(5, 90.0, 1.0)]
    reasons = explain(expect(lines, RULES), 1250.0 + 745.0, RULES, range_)
    assert [reason.probability for reason in reasons] == sorted((reason.probability for reason in reasons), reverse=True)
    assert reasons[0].code == goods(4, 0, 0).code
    assert reasons[0].text == {"en": "Probably not scanned: Article 4 (about 740 g).", "zh": "可能漏扫：商品4（约740克）。"}
    assert len(reasons) <= EXPLANATIONS_MAX
    assert sum(reason.probability for reason in reasons) <= 1.0 + 1e-9


@pytest.mark.parametrize(("missing", "kind"), [(0, "scanned_twice"), (1, "left_behind")])
def test_too_light_a_basket_names_what_is_not_there(missing: int, kind: str) -> None:
    lines = [goods(1, 500.0, 3.0, quantity=2), goods(2, 250.0, 2.0)]
    verdict = judge(expect(lines, RULES), 1250.0 - (lines[missing].mean_g or 0), RULES, [goods(3, 1000.0, 5.0)])
    assert verdict.fit is Fit.TOO_LIGHT
    assert (verdict.explanations[0].kind, verdict.explanations[0].code) == (kind, lines[missing].code)


def test_a_difference_that_no_article_makes_is_called_unknown() -> None:
    verdict = judge(expect([goods(1, 500.0, 3.0)], RULES), 900.0, RULES, [goods(3, 30.0, 1.0)])
    assert verdict.explanations[0].kind == "unknown"
    assert "+400" in verdict.explanations[0].text["en"]


def test_an_empty_catalogue_still_explains() -> None:
    assert judge(expect([], RULES), 100.0, RULES).explanations[0].kind == "unknown"


def test_an_article_without_a_weight_widens_the_interval_instead_of_alarming() -> None:
    known, unknown = goods(1, 500.0, 3.0), goods(2, None, 0.0)
    sharp, wide = expect([known], RULES), expect([known, unknown], RULES)
    assert wide.variance_g2 > 1000 * sharp.variance_g2
    assert judge(wide, 650.0, RULES).fit is Fit.FITS
    assert minimum_detectable_g(wide, RULES) > minimum_detectable_g(sharp, RULES)


def test_pieces_of_one_unknown_article_are_equally_unknown() -> None:
    one, three = expect([goods(1, None, 0, 1)], RULES), expect([goods(1, None, 0, 3)], RULES)
    assert three.spread_g == pytest.approx(3 * one.spread_g)


def test_limits_of_the_interval_fit() -> None:
    expected = expect([goods(1, 500.0, 3.0)], RULES)
    verdict = judge(expected, 500.0, RULES)
    assert judge(expected, verdict.high_g, RULES).fit is Fit.FITS
    assert judge(expected, verdict.high_g + 0.1, RULES).fit is Fit.TOO_HEAVY
    assert judge(expected, verdict.low_g - 0.1, RULES).fit is Fit.TOO_LIGHT
    assert verdict.high_g - 500.0 == pytest.approx(2.807 * math.sqrt(9 + 4 + 1 / 12), rel=1e-3)


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
