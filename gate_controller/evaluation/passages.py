"""Puts exits before the lane's decision and sets what it found beside what could have been found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gate_controller.evaluation import bound as perfect
from gate_controller.evaluation.attacks import Exits, Scenario, attacks, draw_exits
from gate_controller.evaluation.bands import Band, best_band
from gate_controller.evaluation.lane_under_test import LaneUnderTest
from gate_controller.evaluation.naming import Naming, name_culprits
from gate_controller.evaluation.world import Floats, World

HONEST_PART = 0.4
OWN_BAG_PART = 0.04
BOUND_BASKETS = 3000
"""The bound is computed over so many of the honest baskets."""
NAMED_MAX = 400
"""So many stopped exits of each kind are asked for their explanation."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """What happened to the exits of one kind."""

    scenario: Scenario
    exits: int
    stopped: int
    bound: perfect.Bound | None = None
    grams_band: float | None = None
    """Part that the best fixed band in grams stops."""
    percent_band: float | None = None
    naming: Naming | None = None

    @property
    def rate(self) -> float:
        """Part of the exits that were stopped."""
        return self.stopped / self.exits if self.exits else 0.0


@dataclass(frozen=True, slots=True)
class Passages:
    """Every row, and the bands they are compared with."""

    rows: tuple[Row, ...]
    grams: Band
    percent: Band

    def row(self, kind: str) -> Row:
        """Return the first row of a kind."""
        return next(row for row in self.rows if row.scenario.kind == kind)

    @property
    def attacked(self) -> tuple[Row, ...]:
        """The rows of the attacks."""
        return tuple(row for row in self.rows if row.bound is not None)


@dataclass
class _Tried:
    """Exits of one kind with what the lane made of them."""

    scenario: Scenario
    exits: Exits
    stopped: np.ndarray[tuple[int], np.dtype[np.bool_]]
    deviations_g: Floats
    parts: Floats = field(init=False)


def run_passages(world: World, lane: LaneUnderTest, rng: np.random.Generator, exits: int, tell: Progress) -> Passages:
    """Try honest exits and every attack, ``exits`` in all."""
    kinds = attacks(world)
    counts = {Scenario("honest"): int(exits * HONEST_PART), Scenario("own_bag"): int(exits * OWN_BAG_PART)}
    each = max(1, (exits - sum(counts.values())) // len(kinds))
    counts |= dict.fromkeys(kinds, each)
    tried = []
    for scenario, count in counts.items():
        tell(f"{count} exits: {scenario.name}")
        tried.append(_try(lane, scenario, draw_exits(world, rng, scenario, max(1, count))))
    tell("what a perfect test would find")
    rate = lane.rules.false_alarm_rate
    bounds = _bounds(world, tried[0].exits, kinds, rate)
    grams = best_band(tried[0].deviations_g, [one.deviations_g for one in tried[2:]], rate)
    percent = best_band(tried[0].parts, [one.parts for one in tried[2:]], rate)
    tell("what the lane gives as reasons")
    rows = [_row(world, lane, one) for one in tried[:2]]
    for number, one in enumerate(tried[2:]):
        row = _row(world, lane, one)
        band = grams.detections[number], percent.detections[number]
        rows.append(Row(row.scenario, row.exits, row.stopped, bounds[number], *band, row.naming))
    return Passages(tuple(rows), grams, percent)


def _try(lane: LaneUnderTest, scenario: Scenario, exits: Exits) -> _Tried:
    expected = lane.expectations(exits.orders)
    means = np.array([one.mean_g for one in expected])
    tried = _Tried(scenario, exits, lane.stops(expected, exits.readings_g), exits.readings_g - means)
    tried.parts = tried.deviations_g / means
    return tried


def _row(world: World, lane: LaneUnderTest, one: _Tried) -> Row:
    stopped = np.flatnonzero(one.stopped)
    naming = None
    if one.scenario.kind != "honest":
        naming = name_culprits(world, lane, one.scenario.kind, one.exits, stopped[:NAMED_MAX].tolist())
    return Row(one.scenario, len(one.exits), len(stopped), naming=naming)


def _bounds(world: World, honest: Exits, kinds: tuple[Scenario, ...], rate: float) -> list[perfect.Bound]:
    distributions = perfect.Distributions(world)
    made = []
    for scenario in kinds:
        if scenario.kind == "unscanned":
            made.append(perfect.unscanned(distributions, scenario.shares(world)))
        elif scenario.kind == "swapped":
            made.append(perfect.swapped(distributions))
        else:
            made.append(perfect.absent(distributions, 2))
    return perfect.bounds(distributions, honest.orders.some(slice(0, BOUND_BASKETS)), made, rate)
