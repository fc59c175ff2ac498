"""How soon a lane that begins with wrong weights sees as well as one that knows them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from gate_controller.evaluation.attacks import Exits, Scenario, attacks, draw_exits
from gate_controller.evaluation.experience import THIEVES, believing, experience
from gate_controller.evaluation.lane_under_test import LaneUnderTest
from gate_controller.evaluation.world import World
from gate_controller.weighing.weight_book import ArticleWeight, WeightBook

EXITS = 2000
CHECKS = (0, 125, 250, 500, 1000, EXITS)
MEAN_OFF = 0.10
SPREAD_OFF = 2.0
HONEST_CHECKED = 8000
ATTACKS_CHECKED = 800


@dataclass(frozen=True, slots=True)
class Step:
    """How the lane did after so many exits."""

    exits: int
    part_of_bound: float
    false_alarms: float

    def as_json(self) -> dict[str, float]:
        """Return every figure."""
        return {"exits": self.exits, "part_of_bound": self.part_of_bound, "false_alarms": self.false_alarms}


@dataclass(frozen=True, slots=True)
class Learning:
    """The whole course."""

    steps: tuple[Step, ...]
    questions: int
    """So often staff was asked to weigh an article."""

    @property
    def exits(self) -> int:
        """How many exits were learned from."""
        return self.steps[-1].exits

    @property
    def final(self) -> float:
        """Part of the bound that is reached at the end."""
        return self.steps[-1].part_of_bound

    @property
    def final_false_alarms(self) -> float:
        """False alarms at the end."""
        return self.steps[-1].false_alarms

    def as_lines(self) -> list[str]:
        """Return the table."""
        lines = [
            (
                f"Learning (means off by {MEAN_OFF:.0%}, spreads by {SPREAD_OFF:g} x; {THIEVES:.0%} thieves;"
                f" {self.questions} questions to staff)"
            ),
            "after exits   part of the bound   false alarms",
        ]
        lines += [
            f"{step.exits:>11}   {100 * step.part_of_bound:>16.2f}%   {100 * step.false_alarms:>11.2f}%" for step in self.steps
        ]
        return lines


def run_learning(world: World, rate: float, rng: np.random.Generator, bound: float) -> Learning:
    """Let a lane with wrong weights watch exits; ``bound`` is what the perfect test detects, mean over the attacks."""
    signs = rng.choice((-1.0, 1.0), size=(2, len(world.articles)))
    listed = {}
    for number, article in enumerate(world.articles):
        wrong = article.mean_g * (1 + MEAN_OFF * float(signs[0, number]))
        listed[article.code] = ArticleWeight.listed(wrong, article.sd_g * SPREAD_OFF ** float(signs[1, number]))
    book = WeightBook().begun(listed)
    honest = draw_exits(world, rng, Scenario("honest"), HONEST_CHECKED)
    attacked = [draw_exits(world, rng, attack, ATTACKS_CHECKED) for attack in attacks(world)]
    steps: list[Step] = []
    questions, watched = 0, experience(world, book, rate, rng, EXITS)
    for start, end in zip((0, *CHECKS), CHECKS, strict=False):
        questions += sum(itertools.islice(watched, end - start))
        lane = believing(world, book, rate)
        found = float(np.mean([_stopped(lane, exits) for exits in attacked]))
        steps.append(Step(end, found / bound if bound else 0.0, _stopped(lane, honest)))
    return Learning(tuple(steps), questions)


def _stopped(lane: LaneUnderTest, exits: Exits) -> float:
    return float(np.mean(lane.stops(lane.expectations(exits.orders), exits.readings_g)))
