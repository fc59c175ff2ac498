"""How soon a lane that begins with wrong weights sees as well as one that knows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gate_controller.evaluation.attacks import Exits, Scenario, attacks, draw_exits
from gate_controller.evaluation.lane_under_test import LaneUnderTest
from gate_controller.evaluation.world import Numbers, World, draw_piece_g
from gate_controller.weighing import Fit, Goods, expect, judge
from gate_controller.weighing.learning import learn
from gate_controller.weighing.weight_book import ArticleWeight, CleanExit, How, WeightBook

EXITS = 2000
CHECKS = (0, 125, 250, 500, 1000, EXITS)
MEAN_OFF = 0.10
SPREAD_OFF = 2.0
THIEVES = 0.02
HONEST_CHECKED = 8000
ATTACKS_CHECKED = 800
_NEW_SHELF_EXITS = 100


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


@dataclass(frozen=True, slots=True)
class _Day:
    """The exits that are learned from: some of them thefts."""

    exits: Exits
    stolen: Numbers
    """The article that was not scanned, or -1."""


def run_learning(world: World, rate: float, rng: np.random.Generator, bound: float) -> Learning:
    """Let a lane with wrong weights watch exits; ``bound`` is what the perfect test detects, mean over the attacks."""
    signs = rng.choice((-1.0, 1.0), size=(2, len(world.articles)))
    listed = {}
    for number, article in enumerate(world.articles):
        wrong = article.mean_g * (1 + MEAN_OFF * float(signs[0, number]))
        listed[article.code] = ArticleWeight.listed(wrong, article.sd_g * SPREAD_OFF ** float(signs[1, number]))
    book = WeightBook.from_suppliers(listed)
    honest = draw_exits(world, rng, Scenario("honest"), HONEST_CHECKED)
    attacked = [draw_exits(world, rng, attack, ATTACKS_CHECKED) for attack in attacks(world)]
    day = _draw_day(world, rng)
    steps: list[Step] = []
    questions = 0
    for start, end in zip((0, *CHECKS), CHECKS, strict=False):
        for number in range(start, end):
            if number % _NEW_SHELF_EXITS == 0 or number == start:
                lane = _believing(world, book, rate)
            questions += _watch(lane, book, day, number)
        lane = _believing(world, book, rate)
        found = float(np.mean([_stopped(lane, exits) for exits in attacked]))
        steps.append(Step(end, found / bound if bound else 0.0, _stopped(lane, honest)))
    return Learning(tuple(steps), questions)


def _believing(world: World, book: WeightBook, rate: float) -> LaneUnderTest:
    goods = [book.goods(Goods(article.code, {"en": article.name}, 1, None, 0.0)) for article in world.articles]
    return LaneUnderTest.believing(goods, rate)


def _stopped(lane: LaneUnderTest, exits: Exits) -> float:
    return float(np.mean(lane.stops(lane.expectations(exits.orders), exits.readings_g)))


def _draw_day(world: World, rng: np.random.Generator) -> _Day:
    """Draw honest exits, and put an article that nobody paid on some of them."""
    exits = draw_exits(world, rng, Scenario("honest"), EXITS)
    stolen = np.where(rng.random(EXITS) < THIEVES, world.pick(rng, EXITS), -1)
    extra = np.where(stolen >= 0, np.round(draw_piece_g(world, rng, np.maximum(stolen, 0))), 0.0)
    return _Day(replace(exits, readings_g=exits.readings_g + extra), stolen)


def _watch(lane: LaneUnderTest, book: WeightBook, day: _Day, number: int) -> int:
    """Let one shopper out, or audit the goods first; learn in either case. Returns how many questions came up."""
    row, pieces = day.exits.orders.articles[number].tolist(), day.exits.orders.pieces[number].tolist()
    lines = [book.goods(line) for line in lane.lines(row, pieces)]
    reading = float(day.exits.readings_g[number])
    fits = judge(expect(lines, lane.rules), reading, lane.rules, lane.shelf).fit is Fit.FITS
    stolen = int(day.stolen[number])
    how: How = "fits" if fits else "audited"
    if not fits and stolen >= 0:  # the audit finds it, and it is paid
        how = "amended"
        lines = [line for line in lines if line.code != lane.goods[stolen].code]
        lines += [
            replace(
                book.goods(lane.goods[stolen]), quantity=1 + sum(p for a, p in zip(row, pieces, strict=True) if a == stolen)
            )
        ]
    lesson = learn(book, CleanExit(tuple(lines), reading, how), lane.rules)
    book.apply(lesson)
    return len(lesson.questions)
