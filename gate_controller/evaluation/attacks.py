"""The kinds of exits that are evaluated, and how they come to the belt."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from gate_controller.evaluation.world import (
    Baskets,
    Floats,
    Numbers,
    World,
    draw_baskets,
    draw_goods_g,
    draw_piece_g,
    draw_reading_g,
)

Kind: TypeAlias = Literal["honest", "own_bag", "unscanned", "swapped", "scanned_twice"]

CLASS_EDGES_G = (0.0, 25.0, 50.0, 100.0, 200.0, 500.0, 1000.0, float("inf"))
_OWN_BAG_G = (40.0, 250.0)
"""A cloth bag or rucksack that the shopper left on the belt."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of exit."""

    kind: Kind
    low_g: float = 0.0
    high_g: float = float("inf")

    @property
    def name(self) -> str:
        """What the table calls it."""
        if self.kind == "unscanned":
            top = "and more" if np.isinf(self.high_g) else f"to {self.high_g:.0f}"
            return f"unscanned, {self.low_g:.0f} g {top}" if np.isinf(self.high_g) else f"unscanned, {self.low_g:.0f} {top} g"
        return {"honest": "honest", "own_bag": "own bag on the belt", "swapped": "swapped", "scanned_twice": "scanned twice"}[
            self.kind
        ]

    def shares(self, world: World) -> Floats:
        """Return how often each article of this weight class is the one that was not scanned."""
        within = (world.means_g >= self.low_g) & (world.means_g < self.high_g)
        return np.where(within, world.popularity, 0.0)


@dataclass(frozen=True, slots=True)
class Exits:
    """Several exits of one kind: what was paid, what the scale shows, and which article it was about."""

    orders: Baskets
    readings_g: Floats
    first: Numbers
    """The article forgotten, scanned twice, or paid instead of another; -1 where there is none."""
    second: Numbers
    """The article that was carried instead; -1 where there is none."""

    def __len__(self) -> int:
        return len(self.orders)


def attacks(world: World) -> tuple[Scenario, ...]:
    """Return every attack that this catalogue makes possible."""
    classes = (Scenario("unscanned", low, high) for low, high in itertools.pairwise(CLASS_EDGES_G))
    listed = np.array([article.popularity for article in world.articles])
    kept = [one for one in classes if np.any(listed[one.shares(world) > 0] > 0)]
    return (*kept, Scenario("swapped"), Scenario("scanned_twice"))


def draw_exits(world: World, rng: np.random.Generator, scenario: Scenario, count: int) -> Exits:
    """Draw so many exits of this kind; a few less where an order allows no such attack."""
    orders = draw_baskets(world, rng, count)
    nobody = np.full(count, -1, dtype=np.intp)
    if scenario.kind == "honest":
        return Exits(orders, draw_reading_g(world, rng, draw_goods_g(world, rng, orders)), nobody, nobody)
    if scenario.kind == "own_bag":
        load = draw_goods_g(world, rng, orders) + rng.uniform(*_OWN_BAG_G, count)
        return Exits(orders, draw_reading_g(world, rng, load, sacks=False), nobody, nobody)
    if scenario.kind == "unscanned":
        shares = scenario.shares(world)
        culprits = rng.choice(len(shares), count, p=shares / shares.sum()).astype(np.intp)
        load = draw_goods_g(world, rng, orders) + draw_piece_g(world, rng, culprits)
        return Exits(orders, draw_reading_g(world, rng, load), culprits, nobody)
    line = orders.line(rng, least_pieces=2 if scenario.kind == "scanned_twice" else 1)
    orders, line = orders.some(line >= 0), line[line >= 0]
    first = orders.articles[np.arange(len(line)), line]
    load = draw_goods_g(world, rng, orders.without_one(line))
    second = np.full(len(line), -1, dtype=np.intp)
    if scenario.kind == "swapped":
        second = world.pick(rng, len(line))
        while np.any(second == first):
            second = np.where(second == first, world.pick(rng, len(line)), second)
        load = load + draw_piece_g(world, rng, second)
    return Exits(orders, draw_reading_g(world, rng, load), first, second)
