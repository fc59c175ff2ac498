"""The bound against bounds that can be had by other ways."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from gate_controller.evaluation.attacks import Scenario, attacks, draw_exits
from gate_controller.evaluation.bands import best_band
from gate_controller.evaluation.bound import POINTS, Distributions, _density, absent, bounds, swapped, unscanned
from gate_controller.evaluation.catalogue_file import ListedArticle
from gate_controller.evaluation.world import Baskets, World, draw_baskets, draw_goods_g, draw_reading_g

SEED = 20265
ARTICLES = tuple(
    ListedArticle(f"{number:014d}", f"A{number}", mean, 0.01 * mean + 0.5, 1.0 + number)
    for number, mean in enumerate((18.0, 35.0, 70.0, 150.0, 240.0, 420.0, 800.0, 1500.0))
)


def world(**changes: object) -> World:
    drawn = World.of(ARTICLES, np.random.default_rng(SEED))
    return replace(drawn, **changes)  # type: ignore[arg-type]  # whatever field a test asks for


def test_the_density_is_that_of_the_drawn_exits() -> None:
    here = world()
    rng = np.random.default_rng(SEED)
    one = draw_baskets(here, rng, 1)
    many = Baskets(np.repeat(one.articles, 40_000, axis=0), np.repeat(one.pieces, 40_000, axis=0))
    residuals = draw_reading_g(here, rng, draw_goods_g(here, rng, many)) - float(
        np.sum(one.pieces * here.means_g[one.articles])
    )
    distributions = Distributions(here)
    density = _density(np.exp(distributions.honest(one)) * distributions.sacks)[0]
    assert density.sum() == pytest.approx(1.0, abs=1e-6)
    grams = np.where(np.arange(POINTS) < POINTS // 2, np.arange(POINTS), np.arange(POINTS) - POINTS)
    for limit in (-30, -10, -3, 0, 3, 10, 20, 40):
        drawn = np.mean(residuals <= limit + 0.5)
        assert density[grams <= limit].sum() == pytest.approx(drawn, abs=0.02), limit


def test_a_normal_world_has_the_bound_of_the_textbook() -> None:
    """One article of one batch, no bags, one attack of a fixed weight: a one-sided test of two normal distributions."""
    flat = np.zeros(len(ARTICLES))
    here = world(batch_shares=flat + 0.9999, sacks=(), spreads_g=flat + 3.0, division_g=1e-6)
    baskets = Baskets(np.full((1, 1), 5), np.ones((1, 1), dtype=np.intp))
    only = np.where(np.arange(len(ARTICLES)) == 0, 1.0, 0.0)  # 18 g
    (found,) = bounds(Distributions(here), baskets, [unscanned(Distributions(here), only)], 0.005)
    honest, stolen = np.sqrt(3.0**2 + 4), np.sqrt(2 * 3.0**2 + 4)
    expected = 1 - NormalDist(18.0, stolen).cdf(NormalDist(0, honest).inv_cdf(0.995))
    for part in (found.knowing, found.knowing_in_each, found.one_test):
        assert part == pytest.approx(expected, abs=0.02)


def test_no_test_is_better_than_the_bound() -> None:
    here = world()
    rng = np.random.default_rng(SEED)
    kinds = attacks(here)
    distributions = Distributions(here)
    made = [
        unscanned(distributions, kind.shares(here))
        if kind.kind == "unscanned"
        else swapped(distributions)
        if kind.kind == "swapped"
        else absent(distributions, 2)
        for kind in kinds
    ]
    honest = draw_exits(here, rng, Scenario("honest"), 4000)
    found = bounds(distributions, honest.orders.some(slice(0, 60)), made, 0.005)
    assert all(0 <= one.one_test <= one.knowing + 1e-9 for one in found)
    assert all(one.knowing_in_each <= one.knowing + 0.02 for one in found)

    def residuals(scenario: Scenario) -> np.ndarray:
        exits = draw_exits(here, rng, scenario, 800)
        return np.asarray(exits.readings_g - np.sum(exits.orders.pieces * here.means_g[exits.orders.articles], axis=1))

    band = best_band(residuals(Scenario("honest")), [residuals(kind) for kind in kinds], 0.005)
    assert np.mean(band.detections) < np.mean([one.one_test for one in found]) + 0.05
    assert band.false_alarms <= 0.005
    assert band.low < 0 < band.high


def test_attacks_change_what_they_say() -> None:
    here = world()
    rng = np.random.default_rng(SEED)
    for kind in attacks(here):
        exits = draw_exits(here, rng, kind, 300)
        expected = np.sum(exits.orders.pieces * here.means_g[exits.orders.articles], axis=1)
        shift = np.median(
            exits.readings_g
            - expected
            - {
                "unscanned": here.means_g[exits.first],
                "scanned_twice": -here.means_g[exits.first],
                "swapped": here.means_g[exits.second] - here.means_g[exits.first],
            }[kind.kind]
        )
        assert abs(shift) < 5, kind.name
        if kind.kind == "unscanned":
            weights = here.means_g[exits.first]
            assert np.all((weights >= kind.low_g) & (weights < kind.high_g))
