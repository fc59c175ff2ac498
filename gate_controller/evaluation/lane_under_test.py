"""The lane as it is evaluated: the shop's real decision, believing what a shop would have measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gate_controller.evaluation.world import Baskets, Floats
from gate_controller.weighing import Bag, Expectation, Goods, Shelf, WeighingRules, expect, judge_many

BAGS = (Bag(8.0, 3.0, 0.10), Bag(120.0, 60.0, 0.001))
"""What a shop would set after having looked at a few hundred baskets."""


@dataclass(frozen=True, slots=True)
class LaneUnderTest:
    """What the lane knows."""

    goods: tuple[Goods, ...]
    """One piece of each article, in the order of the world's articles."""
    rules: WeighingRules
    shelf: Shelf

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
