"""The lane as it is evaluated: the shop's real decision, believing what a shop would have measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gate_controller.evaluation.world import Baskets, Floats, World
from gate_controller.weighing import Bag, Expectation, Goods, Shelf, WeighingRules, expect, judge_many

BAGS = (Bag(8.0, 3.0, 0.10), Bag(120.0, 60.0, 0.001))
"""What a shop would set after having looked at a few hundred baskets."""

SPREAD_DOUBT = 0.28
"""A spread that was taken from 25 weighings is known to a seventh, its square's logarithm to this."""


@dataclass(frozen=True, slots=True)
class LaneUnderTest:
    """What the lane knows."""

    goods: tuple[Goods, ...]
    """One piece of each article, in the order of the world's articles."""
    rules: WeighingRules
    shelf: Shelf

    @classmethod
    def of(cls, world: World, rate: float) -> LaneUnderTest:
        """Build the lane of a shop that weighed each article several times."""
        rows = zip(world.articles, world.lane_means_g.tolist(), world.lane_mean_sds_g.tolist(), strict=True)
        goods = [
            Goods(
                one.code,
                {"en": one.name},
                1,
                mean,
                one.sd_g,
                mean_sd_g=known_to,
                spread_doubt=SPREAD_DOUBT,
                popularity=one.popularity,
            )
            for one, mean, known_to in rows
        ]
        return cls.believing(goods, rate)

    @classmethod
    def believing(cls, goods: Sequence[Goods], rate: float) -> LaneUnderTest:
        """Build the lane that believes these weights."""
        return cls(tuple(goods), WeighingRules(false_alarm_rate=rate, bags=BAGS), Shelf.of(goods))

    def expectations(self, orders: Baskets) -> list[Expectation]:
        """Return what the lane expects of each order."""
        return [expect(self.lines(row, pieces), self.rules) for row, pieces in _rows(orders)]

    def lines(self, articles: Sequence[int], pieces: Sequence[int]) -> list[Goods]:
        """Return the lines of one order."""
        return [replace(self.goods[article], quantity=count) for article, count in zip(articles, pieces, strict=True) if count]

    def stops(self, expected: Sequence[Expectation], readings_g: Floats) -> npt.NDArray[np.bool_]:
        """Tell which exits the lane does not let out."""
        return ~judge_many(expected, readings_g, self.rules, self.shelf)


def _rows(orders: Baskets) -> list[tuple[list[int], list[int]]]:
    return list(zip(orders.articles.tolist(), orders.pieces.tolist(), strict=True))
