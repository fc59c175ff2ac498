"""How high the true explanation ranks among those that the lane gives for a stopped exit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gate_controller.evaluation.attacks import Exits, Kind
from gate_controller.evaluation.lane_under_test import LaneUnderTest
from gate_controller.evaluation.world import Numbers, World
from gate_controller.weighing import expect
from gate_controller.weighing.explanations import Cause, rank

UNIQUE_SD = 3.0
"""A weight is unique within the noise when nothing else that explains comes as close to it as this many true spreads."""
FIRST_OF = 5


@dataclass(frozen=True, slots=True)
class Naming:
    """Ranks of the true explanation over stopped exits."""

    exits: int
    first: int
    among_five: int
    unique: int
    """Exits where the true explanation's weight is unique within the noise."""
    unique_first: int
    unique_among_five: int
    alike: float | None = None
    """So many other explanations of the same kind weigh the same within the noise: median over the exits."""

    @classmethod
    def over(cls, several: list[Naming]) -> Naming:
        """Add up."""
        rows = [(one.exits, one.first, one.among_five, one.unique, one.unique_first, one.unique_among_five) for one in several]
        return cls(*(int(total) for total in np.sum(np.array(rows or [(0,) * 6]), axis=0)))


def name_culprits(world: World, lane: LaneUnderTest, kind: Kind, exits: Exits, rows: list[int]) -> Naming:
    """Ask the lane about these stopped exits and look where the truth is."""
    first = among = unique = unique_first = unique_among = 0
    others = []
    for row in rows:
        place = _place(world, lane, kind, exits, row)
        others.append(_alike(world, kind, exits, row))
        alone = others[-1] == 0
        first += place == 0
        among += place < FIRST_OF
        unique += alone
        unique_first += alone and place == 0
        unique_among += alone and place < FIRST_OF
    known = [one for one in others if one is not None]
    alike = float(np.median(known)) if known else None
    return Naming(len(rows), first, among, unique, unique_first, unique_among, alike)


def _place(world: World, lane: LaneUnderTest, kind: Kind, exits: Exits, row: int) -> int:
    lines = lane.lines(exits.orders.articles[row].tolist(), exits.orders.pieces[row].tolist())
    expected = expect(lines, lane.rules)
    ranked, _ = rank(expected, float(exits.readings_g[row]), lane.rules, lane.shelf, FIRST_OF)
    codes = [world.articles[article].code if article >= 0 else None for article in (exits.first[row], exits.second[row])]
    for place, (_, cause) in enumerate(ranked):
        if _tells(cause, kind, codes):
            return place
    return FIRST_OF


def _tells(cause: Cause, kind: Kind, codes: list[str | None]) -> bool:
    told = [cause.first.code if cause.first else None, cause.second.code if cause.second else None]
    kinds = {
        "unscanned": ("missing_scan",),
        "scanned_twice": ("scanned_twice", "left_behind"),
        "swapped": ("swapped",),
        "own_bag": ("own_bag",),
    }
    return cause.kind in kinds.get(kind, ()) and told == codes


def _alike(world: World, kind: Kind, exits: Exits, row: int) -> int | None:
    """Count what else of the same kind explains about the same difference; None for bags, which have no weight of their own."""
    articles = exits.orders.articles[row][exits.orders.pieces[row] > 0]
    pieces = exits.orders.pieces[row][exits.orders.pieces[row] > 0]
    first, second = exits.first[row], exits.second[row]
    noise = UNIQUE_SD * _true_sd_g(world, articles, pieces, second if kind == "swapped" else first)
    if kind == "unscanned":
        others = np.delete(world.means_g, first)
        return int(np.sum(np.abs(others - world.means_g[first]) <= noise))
    if kind == "scanned_twice":
        others = world.means_g[articles[articles != first]]
        return int(np.sum(np.abs(others - world.means_g[first]) <= noise))
    if kind == "swapped":
        shift = world.means_g[second] - world.means_g[first]
        shifts = world.means_g[np.newaxis, :] - world.means_g[articles][:, np.newaxis]
        near = np.abs(shifts - shift) <= noise
        near[articles[:, np.newaxis] == np.arange(len(world.articles))] = False
        return int(near.sum()) - 1
    return None


def _true_sd_g(world: World, articles: Numbers, pieces: Numbers, other: int) -> float:
    spread, share = world.spreads_g[articles], world.batch_shares[articles]
    goods = np.sum(spread**2 * (pieces * (1 - share) + pieces**2 * share))
    more = world.spreads_g[other] ** 2 if other >= 0 else 0.0
    return float(np.sqrt(goods + more + world.scale_sd_g**2 + world.division_g**2 / 12))
