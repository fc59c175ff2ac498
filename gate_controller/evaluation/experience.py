"""A lane gathers experience: it watches exits, lets out, has audited, and learns from what was right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gate_controller.evaluation.attacks import Exits, Scenario, draw_exits
from gate_controller.evaluation.lane_under_test import LaneUnderTest
from gate_controller.evaluation.world import WEIGHINGS, Numbers, World, draw_piece_g
from gate_controller.weighing import Fit, Goods, expect, judge
from gate_controller.weighing.learning import learn
from gate_controller.weighing.weight_book import CleanExit, How, WeightBook

THIEVES = 0.02
"""Part of the shoppers who did not scan an article."""
OPEN_EXITS = 1500
"""The lane is evaluated after it has seen so many exits, thieves among them."""
_SOLD_BEFORE = 2000.0
_NEW_SHELF_EXITS = 250


@dataclass(frozen=True, slots=True)
class _Days:
    """The exits that are learned from: some of them thefts."""

    exits: Exits
    stolen: Numbers
    """The article that was not scanned, or -1."""


def open_shop(world: World, rate: float, rng: np.random.Generator) -> LaneUnderTest:
    """Return the lane of a shop that weighed each article several times and has been open for a while."""
    book = WeightBook()
    for article, popularity, mean in zip(world.articles, world.popularity.tolist(), world.lane_means_g.tolist(), strict=True):
        vouched = book.vouch(article.code, [mean] * WEIGHINGS, article.sd_g)
        book.articles[article.code] = replace(vouched, sold=popularity * _SOLD_BEFORE)
    for _ in experience(world, book, rate, rng, OPEN_EXITS):
        pass
    return believing(world, book, rate)


def experience(world: World, book: WeightBook, rate: float, rng: np.random.Generator, exits: int) -> Iterator[int]:
    """Let a lane learn from so many exits; yields after each of them how many questions to staff came up."""
    days = _draw_days(world, rng, exits)
    lane = believing(world, book, rate)
    for number in range(exits):
        if number % _NEW_SHELF_EXITS == 0:
            lane = believing(world, book, rate)
        yield _watch(lane, book, days, number)


def believing(world: World, book: WeightBook, rate: float) -> LaneUnderTest:
    """Return the lane that believes what the book says."""
    goods = [book.goods(Goods(article.code, {"en": article.name}, 1, None, 0.0)) for article in world.articles]
    return LaneUnderTest.believing(goods, rate)


def _draw_days(world: World, rng: np.random.Generator, count: int) -> _Days:
    """Draw honest exits, and put an article that nobody paid on some of them."""
    exits = draw_exits(world, rng, Scenario("honest"), count)
    stolen = np.where(rng.random(count) < THIEVES, world.pick(rng, count), -1)
    extra = np.where(stolen >= 0, np.round(draw_piece_g(world, rng, np.maximum(stolen, 0))), 0.0)
    return _Days(replace(exits, readings_g=exits.readings_g + extra), stolen)


def _watch(lane: LaneUnderTest, book: WeightBook, days: _Days, number: int) -> int:
    """Let one shopper out, or audit the goods first; learn in either case. Returns how many questions came up."""
    row, pieces = days.exits.orders.articles[number].tolist(), days.exits.orders.pieces[number].tolist()
    lines = [book.goods(line) for line in lane.lines(row, pieces)]
    reading = float(days.exits.readings_g[number])
    verdict = judge(expect(lines, lane.rules), reading, lane.rules, lane.shelf)
    fits = verdict.fit is Fit.FITS
    stolen = int(days.stolen[number])
    how: How = "fits" if fits else "audited"
    if not fits and stolen >= 0:  # the audit finds it, and it is paid
        how = "amended"
        lines = [line for line in lines if line.code != lane.goods[stolen].code]
        lines += [
            replace(
                book.goods(lane.goods[stolen]), quantity=1 + sum(p for a, p in zip(row, pieces, strict=True) if a == stolen)
            )
        ]
    lesson = learn(book, CleanExit(tuple(lines), reading, how, surprise=verdict.surprise), lane.rules)
    book.apply(lesson)
    return len(lesson.questions)
