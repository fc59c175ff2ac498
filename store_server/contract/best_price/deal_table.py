"""One deal by itself: how it can be filled, and what it can still gain from the pieces to come.

A filling is a small number that stands for the pieces lying in the deal that is being filled (all pieces so far where the deal
is limited, up to the count for count-or-more). Bundles fill their slots independently; a complete set is taken off all slots at
once. The charge of a deal at a fixed price is booked in even shares with its pieces, so that a complete deal is booked exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from store_server.contract.best_price.deals import TIE, Deal, Pile

FILLINGS_MAX = 2_000
"""Of one deal. Only bundles of many groups with many pieces each would need more; they keep fewer pieces waiting."""
NEVER = -(1 << 200)
"""The gain of a filling that cannot be completed."""

Role = tuple[int, int, int]
"""Slot, and the score of a reduced piece and of one that is not, shares of the charge booked."""


class DealTable:
    """One deal: its fillings, its moves, and what it can gain."""

    def __init__(self, deal: Deal, piles: Sequence[Pile], order: Sequence[int], scale: int) -> None:
        self.deal = deal
        self._supply = tuple(sum(piles[pile].count for pile, _off in slot.off) for slot in deal.slots)
        self._limit = self._binding_limit()
        self.clipped = False
        self._waiting_max = self._room()
        self.roles = self._scored(scale)
        self._fillings: list[tuple[int, ...]] = [(0,) * (len(deal.slots) + 1)]
        self.moves: list[list[tuple[int, bool] | None]] = [[] for _slot in deal.slots]
        """For each slot and filling the next filling and whether the piece is reduced; None where no more go in."""
        self._explore()
        self._next = [[len(self._fillings) if move is None else move[0] for move in [*moves, None]] for moves in self.moves]
        self._reduces = [deal.reduces(filling[0]) for filling in [*self._fillings, (0,)]]
        self._ends = [*(0 if self._is_complete(filling) else NEVER for filling in self._fillings), NEVER]
        self.walk = [pile for pile in order if pile in self.roles]
        """The piles of its pieces in the order of the walk."""

    @property
    def fillings(self) -> int:
        """How many fillings there are; 0 is empty."""
        return len(self._fillings)

    @property
    def work(self) -> int:
        """Steps of one :meth:`gains`."""
        return self.fillings * sum(1 + len(self.roles[pile]) for pile in self.walk)

    def gains(self, worth: Sequence[int], left: Sequence[int] | None = None) -> list[list[int]]:
        """Return for each place in its walk, and the end, and each filling the most that the pieces from there on can gain.

        Each row ends with one value more, :data:`NEVER`: the filling that takes no more.

        Args:
            worth: For each pile what a piece is worth outside this deal; a piece in the deal gains only what exceeds it.
            left: For each pile the pieces that are there; None for all.
        """
        room = None if left is None else [*left]
        rows = [self._ends]
        for pile in reversed(self.walk):
            after = rows[-1]
            if room is not None:
                room[pile] -= 1
                if room[pile] < 0:
                    rows.append(after)
                    continue
            row = after
            for slot, reduced, plain in self.roles[pile]:
                gains = (plain - worth[pile], reduced - worth[pile])
                steps = zip(row, self._next[slot], self._reduces, strict=True)
                row = [kept if kept >= (put := after[to] + gains[less]) else put for kept, to, less in steps]
            rows.append(row)
        rows.reverse()
        return rows

    def best_use(self, rows: Sequence[Sequence[int]], worth: Sequence[int]) -> list[tuple[int, int, bool]]:
        """Return (pile, slot, reduced) of the pieces that reach the most, of equals the fewest."""
        filling, used = 0, []
        for place, pile in enumerate(self.walk):
            row, after = rows[place], rows[place + 1]
            if row is after or row[filling] == after[filling]:
                continue
            for slot, reduced, plain in self.roles[pile]:
                move = self.moves[slot][filling]
                if move is not None and row[filling] == after[move[0]] + (reduced if move[1] else plain) - worth[pile]:
                    used.append((pile, slot, move[1]))
                    filling = move[0]
                    break
        return used

    def most(self, worth: Sequence[int], counts: Sequence[int]) -> int:
        """Return a bound on the gain that holds also where :attr:`clipped`: each slot takes the best pieces it can."""
        gain = 0
        for number in range(len(self.deal.slots)):
            for pile, roles in self.roles.items():
                gain += counts[pile] * max([0, *(reduced - worth[pile] for slot, reduced, _plain in roles if slot == number)])
        return gain

    # Making -------------------------------------------------------------------------------------------------------------

    def _binding_limit(self) -> int | None:
        limit = self.deal.limit
        possible = min(supply // slot.count for supply, slot in zip(self._supply, self.deal.slots, strict=True))
        return limit if limit is not None and limit < possible else None

    def _room(self) -> tuple[int, ...]:
        """Return for each slot of a bundle how many pieces may wait for the others."""
        most = max(self._supply)
        while True:
            room = tuple(max(slot.count, min(supply, most)) for supply, slot in zip(self._supply, self.deal.slots, strict=True))
            fillings = math.prod(size + 1 for size in room) // max(1, min(room)) * ((self._limit or 0) + 1)
            if len(room) == 1 or fillings <= FILLINGS_MAX or room == tuple(slot.count for slot in self.deal.slots):
                return room
            most -= 1
            self.clipped = True

    def _scored(self, scale: int) -> dict[int, list[Role]]:
        roles: dict[int, list[Role]] = {}
        share = self.deal.charge_minor * scale // self.deal.size * TIE + self.deal.coupon * scale
        for number, slot in enumerate(self.deal.slots):
            for pile, off in slot.off:
                roles.setdefault(pile, []).append((number, off * scale * TIE - share, -share))
        return roles

    def _explore(self) -> None:
        known = {self._fillings[0]: 0}
        for filling in self._fillings:
            for slot, moves in enumerate(self.moves):
                after = self._put(filling, slot)
                if after is None:
                    moves.append(None)
                    continue
                if after not in known:
                    known[after] = len(self._fillings)
                    self._fillings.append(after)
                moves.append((known[after], self.deal.reduces(filling[0])))

    def _put(self, filling: tuple[int, ...], slot: int) -> tuple[int, ...] | None:
        """Put one piece in. The last number counts complete deals, where that matters."""
        *waiting, done = filling
        slots = self.deal.slots
        waiting[slot] += 1
        if self.deal.or_more:
            return min(waiting[0], slots[0].count), 0
        if waiting[slot] > self._waiting_max[slot]:
            return None
        begun = max(-(-pieces // part.count) for pieces, part in zip(waiting, slots, strict=True))
        if self._limit is not None and done + begun > self._limit:
            return None
        if all(pieces >= part.count for pieces, part in zip(waiting, slots, strict=True)):
            waiting = [pieces - part.count for pieces, part in zip(waiting, slots, strict=True)]
            done += self._limit is not None
        return (*waiting, done)

    def _is_complete(self, filling: tuple[int, ...]) -> bool:
        return not any(filling[:-1]) or (self.deal.or_more and filling[0] == self.deal.size)
