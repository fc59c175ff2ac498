"""How soon a drifting scale is found, and how many shoppers are stopped before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gate_controller.evaluation.attacks import Scenario, attacks, draw_exits
from gate_controller.evaluation.lane_under_test import LaneUnderTest
from gate_controller.evaluation.world import Floats, World
from gate_controller.weighing import Expectation
from gate_controller.weighing.scale_watch import ScaleFinding, ScaleState, ScaleWatch, excuses, see_many

DRIFTS_G = (5.0, -5.0, 10.0, -10.0, 20.0, -20.0)
RUNS = 20
WITHIN_EXITS = 500
"""A drift that is not found in so many exits counts as missed."""
RIGHT_EXITS = 10_000
"""A right scale is watched for so many."""
THIEVES = 0.02
_FADE_EXITS = 40
"""The drift comes over so many exits."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What became of one size of drift."""

    grams: float
    runs: int
    found: int
    """Runs in which the scale was called faulty."""
    median_exits: float | None
    worst_exits: int | None
    stopped: float
    """Honest shoppers stopped before it was found, mean over the runs."""
    accused: float
    """Those of them who were told of an article, not of the scale."""

    @property
    def found_part(self) -> float:
        """Part of the runs in which it was found in time."""
        return self.found / self.runs

    def as_json(self) -> dict[str, object]:
        """Return every figure."""
        return {name: getattr(self, name) for name in self.__slots__}

    def as_line(self) -> str:
        """Return a line of the table."""
        if not self.grams:
            return f"none ({RIGHT_EXITS} exits) {self.runs:>3}  {self.found:>6}   (each of them a false alarm of the watch)"
        exits = "-" if self.median_exits is None else f"{self.median_exits:.0f}, {self.worst_exits}"
        counts = f"{self.grams:+5.0f} g {self.runs:>15}  {self.found:>6}   {exits:>33}"
        return f"{counts}   {self.stopped:>14.2f}   {self.accused:>12.2f}"


def run_drifts(world: World, lane: LaneUnderTest, rng: np.random.Generator) -> tuple[Drift, ...]:
    """Try every drift, and none."""
    return (_right(world, lane, rng), *(_drifting(world, lane, rng, grams) for grams in DRIFTS_G))


def _right(world: World, lane: LaneUnderTest, rng: np.random.Generator) -> Drift:
    watch, found = ScaleWatch(), 0
    _, expected, readings = _sequence(world, lane, rng, RIGHT_EXITS)
    for seen in see_many(expected, readings, lane.rules):
        watch, finding = watch.after(seen)
        if finding.state is ScaleState.FAULTY:
            found += 1
            watch = ScaleWatch()
        elif finding.state is ScaleState.ARTICLE and finding.article is not None:
            watch = watch.without(finding.article)
    return Drift(0.0, 1, found, None, None, 0.0, 0.0)


def _drifting(world: World, lane: LaneUnderTest, rng: np.random.Generator, grams: float) -> Drift:
    waits, stopped, accused = [], 0, 0
    ramp = np.minimum(1.0, np.arange(1, WITHIN_EXITS + 1) / _FADE_EXITS) * grams
    for _ in range(RUNS):
        honest, expected, readings = _sequence(world, lane, rng, WITHIN_EXITS)
        readings = readings + np.round(ramp)
        stops = lane.stops(expected, readings)
        watch, finding = ScaleWatch(), ScaleFinding(ScaleState.FINE)
        for number, seen in enumerate(see_many(expected, readings, lane.rules)):
            before = finding
            watch, finding = watch.after(seen)
            if finding.state is ScaleState.FAULTY:
                waits.append(number + 1)
                break
            if finding.state is ScaleState.ARTICLE and finding.article is not None:
                watch = watch.without(finding.article)
            if stops[number] and honest[number]:
                stopped += 1
                accused += not excuses(before, expected[number], float(readings[number]), lane.rules, lane.shelf)
    median = float(np.median(waits)) if waits else None
    return Drift(grams, RUNS, len(waits), median, max(waits, default=None), stopped / RUNS, accused / RUNS)


def _sequence(
    world: World, lane: LaneUnderTest, rng: np.random.Generator, count: int
) -> tuple[npt.NDArray[np.bool_], list[Expectation], Floats]:
    """Draw exits, thieves among them: who is honest, what the lane expects, what a right scale shows."""
    honest_exits = draw_exits(world, rng, Scenario("honest"), count)
    expected, readings = lane.expectations(honest_exits.orders), honest_exits.readings_g.copy()
    honest = rng.random(count) >= THIEVES
    anything = replace(attacks(world)[0], low_g=0.0, high_g=float("inf"))
    stolen = draw_exits(world, rng, anything, int((~honest).sum()) or 1)
    for number, row in enumerate(np.flatnonzero(~honest)):
        expected[row] = lane.expectations(stolen.orders.some(slice(number, number + 1)))[0]
        readings[row] = stolen.readings_g[number]
    return honest, expected, readings
