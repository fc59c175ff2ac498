"""One group of competing deals: the walk through its pieces that fills the deals best.

The pieces are taken one after the other; each stays by itself or goes into one deal. Of all histories that left the deals
filled alike only the best goes on, so that the work is pieces x fillings, not 2 to the power of pieces. Each history carries
the most that it can still reach (``shadow_prices``); at the end of the walk that is what it did reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from store_server.contract.best_price.deal_table import NEVER, DealTable
from store_server.contract.best_price.deals import TIE, Deal, Pile, Taking
from store_server.contract.best_price.shadow_prices import ROUNDS_MAX, Bound, Taken, bound_at, one_by_one, tightened
from store_server.contract.best_price.walking_order import walking_order

STEPS_MAX = 20_000
"""Steps of one walk; decides how many fillings it keeps."""
NARROW = 32
"""Fillings kept by the first walks, which are exact for nearly all baskets."""
PIECES_MAX = 600
"""Of one group; from larger groups complete deals of equal pieces are taken out first."""

Link = tuple["Link | None", int, int, int, bool]
"""What happened before, then pile, deal, slot, and whether the piece was reduced."""
Frontier = dict[int, tuple[int, "Link | None"]]


@dataclass(frozen=True, slots=True)
class Found:
    """One way to use the deals."""

    score: int
    takings: tuple[Taking, ...]
    most: int
    """No way scores more; equal to ``score`` where that is proven best."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What one piece can do in one deal, for each filling of it."""

    radix: int
    fillings: int
    drifts: Sequence[int]
    """What is lost by going on without it."""
    moves: Sequence[Sequence[tuple[int, int, tuple[int, int, int, bool]]]]
    """Change of the state, gain against going on without, and what to write down."""


class DealSearch:
    """The search through one group."""

    def __init__(self, piles: Sequence[Pile], deals: Sequence[Deal]) -> None:
        self._piles, self._deals = piles, deals
        self.scale = math.lcm(*(deal.size for deal in deals))
        """Scores are multiplied by this, so that shares of a charge are whole numbers."""
        self._own = [pile.own_score * self.scale for pile in piles]
        self._aside = [Taking({}, {}) for _deal in deals]
        self._aside_score = 0
        self._counts = [pile.count for pile in piles]
        if sum(self._counts) > PIECES_MAX:
            self._set_aside()
        walked = [replace(pile, count=count) for pile, count in zip(piles, self._counts, strict=True)]
        self._order = [pile for pile in walking_order(walked, deals) for _piece in range(self._counts[pile])]
        self._tables = [DealTable(deal, walked, self._order, self.scale) for deal in deals]

    def best(self) -> Found:
        """Return the best use that the bound on steps lets us find, and a bound on all others."""
        bound = bound_at(self._tables, self._counts, self._own)
        score, taken = one_by_one(self._tables, self._counts, self._own, bound)
        found = self._walked(bound, NARROW, Found(score, self._takings(taken), bound.most))
        if found.most > found.score:
            wide = STEPS_MAX // sum(1 + sum(pile in table.roles for table in self._tables) for pile in self._order)
            for rounds, width in ((ROUNDS_MAX // 4, NARROW), (ROUNDS_MAX, NARROW), (0, wide)):
                if found.most > found.score:
                    bound = tightened(self._tables, self._counts, self._own, bound, known=found.score, rounds_max=rounds)
                    found = replace(found, most=max(found.score, min(found.most, bound.most)))
                    found = self._walked(bound, width, found)
        most = found.most if sum(self._counts) == sum(pile.count for pile in self._piles) else self._even_most()
        return Found(found.score + self._aside_score, found.takings, max(most, found.score + self._aside_score))

    # Large groups -------------------------------------------------------------------------------------------------------

    def _set_aside(self) -> None:
        """Put complete deals of equal pieces into the pile's best deal, until few enough pieces are left to walk through."""
        share = max(1, PIECES_MAX // len(self._counts))
        for pile, count in enumerate(self._counts):
            if count > share:
                self._counts[pile] -= self._put_aside(pile, count - share)

    def _put_aside(self, pile: int, count: int) -> int:
        size, rate, number, off_minor = 1, self._own[pile], -1, 0
        for other, deal in enumerate(self._deals):
            off = dict(deal.slots[0].off).get(pile)
            if off is None or len(deal.slots) > 1 or deal.limit is not None or count < deal.size:
                continue
            if (even := self._even(deal, off)) > rate:
                size, rate, number, off_minor = deal.size, even, other, off
        taken = count // size * size
        self._aside_score += rate * taken
        if number >= 0:
            reduced = taken * (self._deals[number].reduced or size) // size
            self._aside[number].add(pile, off_minor, reduced, reduced=True)
            self._aside[number].add(pile, off_minor, taken - reduced, reduced=False)
        return taken

    def _even(self, deal: Deal, off_minor: int) -> int:
        """Return what a piece scores where charge and reductions are shared out evenly."""
        part = off_minor * (deal.reduced or deal.size) - deal.charge_minor
        return part * self.scale // deal.size * TIE - deal.coupon * self.scale

    def _even_most(self) -> int:
        """Return a bound for all pieces: each in the deal that serves it best."""
        best = [*self._own]
        for deal in self._deals:
            for slot in deal.slots:
                for pile, off in slot.off:
                    best[pile] = max(best[pile], self._even(deal, off))
        return sum(one * pile.count for one, pile in zip(best, self._piles, strict=True))

    # Walking ------------------------------------------------------------------------------------------------------------

    def _walked(self, bound: Bound, width: int, known: Found) -> Found:
        """Walk once, keeping so many fillings, and return the better of what is known and what was found."""
        if known.most <= known.score:
            return known
        walked_most = sum(bound.worth[pile] for pile in self._order) + sum(rows[0][0] for rows in bound.rows)
        frontier: Frontier = {0: (walked_most, None)}
        places = [0] * len(self._tables)
        dropped = known.score
        for pile in self._order:
            frontier = self._stepped(frontier, pile, places, bound, known.score)
            for number, table in enumerate(self._tables):
                places[number] += pile in table.roles
            if len(frontier) > width:
                ranked = sorted(frontier, key=lambda state: (-frontier[state][0], state))
                dropped = max(dropped, frontier[ranked[width]][0])
                frontier = {state: frontier[state] for state in ranked[:width]}
        best = max(frontier.values(), key=lambda history: history[0], default=None)
        most = known.most if any(table.clipped for table in self._tables) else min(known.most, dropped)
        if best is None or best[0] <= known.score:
            return replace(known, most=max(most, known.score))
        return Found(best[0], self._takings(self._read_back(best[1])), max(most, best[0]))

    def _stepped(self, frontier: Frontier, pile: int, places: Sequence[int], bound: Bound, floor: int) -> Frontier:
        """Put one piece everywhere it can go; leave out what cannot end above ``floor``."""
        choices = self._choices(pile, places, bound)
        own, out = self._own[pile], self._own[pile] - bound.worth[pile]
        reached: Frontier = {}
        for state, (most, link) in frontier.items():
            still = most + out
            for choice in choices:
                still += choice.drifts[state // choice.radix % choice.fillings]
            if still > floor and (state not in reached or still > reached[state][0]):
                reached[state] = (still, link)
            for choice in choices:
                for change, gain, step in choice.moves[state // choice.radix % choice.fillings]:
                    then = still - own + gain
                    to = state + change
                    if then > floor and (to not in reached or then > reached[to][0]):
                        reached[to] = (then, (link, *step))
        return reached

    def _choices(self, pile: int, places: Sequence[int], bound: Bound) -> list[_Choice]:
        """Return what a piece of this pile can do in each deal, ready for all states."""
        choices, radix = [], 1
        for number, table in enumerate(self._tables):
            if pile in table.roles:
                now, after = bound.rows[number][places[number] : places[number] + 2]
                moves: list[list[tuple[int, int, tuple[int, int, int, bool]]]] = [[] for _filling in now]
                for slot, reduced, plain in table.roles[pile]:
                    for filling, move in enumerate(table.moves[slot]):
                        if move is not None and after[move[0]] > NEVER // 2:
                            gain = after[move[0]] - after[filling] + (reduced if move[1] else plain)
                            moves[filling].append(((move[0] - filling) * radix, gain, (pile, number, slot, move[1])))
                drifts = [later - sooner for later, sooner in zip(after, now, strict=True)]
                choices.append(_Choice(radix, table.fillings, drifts, moves))
            radix *= table.fillings
        return choices

    def _read_back(self, link: Link | None) -> list[Taken]:
        taken: list[Taken] = [[] for _table in self._tables]
        while link is not None:
            link, pile, number, slot, reduced = link
            taken[number].append((pile, slot, reduced))
        return taken

    def _takings(self, taken: Sequence[Taken]) -> tuple[Taking, ...]:
        takings = []
        for deal, aside, pieces in zip(self._deals, self._aside, taken, strict=True):
            taking = Taking({**aside.pieces}, {**aside.reduced}, aside.off_minor)
            offs = [dict(slot.off) for slot in deal.slots]
            for pile, slot, reduced in pieces:
                taking.add(pile, offs[slot][pile], 1, reduced=reduced)
            takings.append(taking)
        return tuple(takings)
