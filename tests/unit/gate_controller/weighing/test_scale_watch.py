"""A drifting scale is told from thieves and from articles that changed."""

from __future__ import annotations

import numpy as np
import pytest

from gate_controller.weighing import Expectation, Goods, WeighingRules, expect
from gate_controller.weighing.scale_watch import FAULTS, FINE, Fault, ScaleFinding, ScaleState, ScaleWatch, excuses, see_many

RULES = WeighingRules()
SEED = 20264


def exits(rng: np.random.Generator, count: int, shop: int = 40) -> tuple[list[Expectation], np.ndarray]:
    articles = [Goods(f"{n:014d}", {"en": str(n)}, 1, float(rng.uniform(50, 900)), 3.0) for n in range(shop)]
    expected = [
        expect([articles[at] for at in rng.choice(shop, rng.integers(2, 7), replace=False)], RULES) for _ in range(count)
    ]
    return expected, np.array([round(rng.normal(one.mean_g, np.sqrt(one.variance_g2 + 4))) for one in expected], dtype=float)


def watched(expected: list[Expectation], readings: np.ndarray) -> tuple[int, ScaleFinding]:
    """Return after how many exits the scale is called faulty, or an article is to be weighed; 0 for never."""
    watch, finding = ScaleWatch(), FINE
    for number, seen in enumerate(see_many(expected, readings, RULES), 1):
        watch, finding = watch.after(seen)
        if finding.state in {ScaleState.FAULTY, ScaleState.ARTICLE}:
            return number, finding
    return 0, finding


@pytest.mark.parametrize("grams", [5.0, -5.0, 10.0, 20.0, -20.0])
def test_a_drift_of_5_to_20_g_is_found_and_is_the_scales(grams: float) -> None:
    expected, readings = exits(np.random.default_rng(SEED), 300)
    after, finding = watched(expected, readings + grams)
    assert 0 < after < 300
    assert finding.state is ScaleState.FAULTY
    assert finding.article is None
    assert finding.fault is not None
    assert np.sign(finding.fault.offset_g + finding.fault.gain) == np.sign(grams)


def test_a_wrong_gain_is_found() -> None:
    expected, readings = exits(np.random.default_rng(SEED), 300)
    after, finding = watched(expected, np.round(readings * 1.01))
    assert after > 0
    assert finding.state is ScaleState.FAULTY


def test_a_right_scale_stays_in_service_among_thieves() -> None:
    rng = np.random.default_rng(SEED)
    expected, readings = exits(rng, 3000)
    readings += np.where(rng.random(3000) < 0.03, rng.uniform(20, 900, 3000), 0)
    after, finding = watched(expected, readings)
    assert after == 0, finding


def test_an_article_that_changed_is_not_the_scales_fault() -> None:
    expected, readings = exits(np.random.default_rng(SEED), 600, shop=15)
    with_it = np.array([any(line.code == f"{3:014d}" for line in one.goods) for one in expected])
    after, finding = watched(expected, readings - 35.0 * with_it)
    assert after > 0
    assert (finding.state, finding.article) == (ScaleState.ARTICLE, f"{3:014d}")
    without = ScaleWatch().without(f"{3:014d}")
    assert without.finding() == FINE


def test_who_would_fit_on_a_right_scale_is_not_accused() -> None:
    expected = expect([Goods("00000000000001", {"en": "x"}, 1, 500.0, 2.0)], RULES)
    suspect = ScaleFinding(ScaleState.SUSPECT, Fault(offset_g=20.0), None, 12)
    assert excuses(suspect, expected, 519.0, RULES)
    assert not excuses(suspect, expected, 560.0, RULES)
    assert not excuses(FINE, expected, 519.0, RULES)
    assert not excuses(ScaleFinding(ScaleState.ARTICLE, Fault(offset_g=20.0), "1", 12), expected, 519.0, RULES)


def test_one_theft_makes_no_scale_suspect() -> None:
    expected, _ = exits(np.random.default_rng(SEED), 1)
    for grams in (5.0, 20.0, 40.0, 400.0):
        watch, _ = ScaleWatch().after(see_many(expected[:1], expected[0].mean_g + np.array([grams]), RULES)[0])
        assert watch.finding() == FINE, grams


def test_every_fault_moves_the_reading() -> None:
    assert all(fault.shift_g(np.array([1000.0]))[0] for fault in FAULTS)
