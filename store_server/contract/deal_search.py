"""One group of competing deals: the walk through its pieces that fills the deals best.

The pieces are taken one after the other; each stays by itself or goes into one deal. Of all histories that left the deals
filled alike only the best goes on, so that the work is pieces x fillings, not 2 to the power of pieces. A filling's bound is
its score so far plus the most that the pieces to come could gain if every deal shared out its charge and its reductions evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from store_server.contract.deal_filling import DealDigits, Step, deal_digits
from store_server.contract.deals import Deal, Pile, Taking

Link = tuple["Link | None", int, int, bool]
"""What happened before, the pile, the role's number in it, whether the piece was reduced."""
Frontier = dict[int, tuple[int, "Link | None"]]


@dataclass(frozen=True, slots=True)
class Found:
    """One way to fill the deals."""

    score: int
    """Scaled; all pieces of the group."""
    takings: tuple[Taking, ...]
    dropped: int | None = None
    """The best bound among the fillings that were dropped unseen."""


@dataclass(frozen=True, slots=True)
class _Role:
    """A piece of one pile in one slot."""

    number: int
    deal: int
    slot: int
    off_minor: int
    steps: dict[int, Step | None] = field(default_factory=dict)


class DealSearch:
    """The walk through one group."""

    def __init__(self, piles: Sequence[Pile], deals: Sequence[Deal], pieces_max: int) -> None:
        self._piles, self._deals = piles, deals
        self.scale, self._layout = deal_digits(piles, deals)
        roles: list[list[_Role]] = [[] for _pile in piles]
        for number, deal in enumerate(deals):
            for slot, group in enumerate(deal.slots):
                for pile, off in group.off:
                    roles[pile].append(_Role(len(roles[pile]), number, slot, off))
        self._roles = roles
        self._own = [pile.own_score * self.scale for pile in piles]
        self._bounds = [self._bound_of(pile) for pile in range(len(piles))]
        self._excess = [self._excess_of(pile) for pile in range(len(piles))]
        self._walked = self._taken_out(pieces_max)
        self._order = self._ordered()
        self._prepare()

    @property
    def work(self) -> int:
        """Steps of a pass for each filling kept."""
        return max(1, sum(1 + len(self._roles[pile]) for pile in self._order))

    @property
    def root_bound(self) -> int:
        """No way to fill the deals scores more."""
        most = sum(bound * pile.count for bound, pile in zip(self._bounds, self._piles, strict=True))
        for number, place in enumerate(self._layout):
            if place.limit is not None:
                most += place.limit * place.deal.size * max(excess[number] for excess in self._excess)
        return most

    def best(self, width: int, floor: int | None = None) -> Found:
        """Walk once, keeping so many fillings; without those that cannot score more than ``floor``."""
        frontier: Frontier = {0: (self._start_score, None)}
        dropped: int | None = None
        for position, pile in enumerate(self._order):
            frontier = self._stepped(frontier, position, pile)
            if len(frontier) > width:
                frontier, lost = self._thinned(frontier, position + 1, width, floor)
                dropped = lost if dropped is None or (lost is not None and lost > dropped) else dropped
        by_themselves = sum(self._own[pile] * count for pile, count in enumerate(self._walked))
        score, link = max([(self._start_score + by_themselves, None), *frontier.values()], key=lambda history: history[0])
        return Found(score, self._read_back(link), dropped)

    # Preparing ----------------------------------------------------------------------------------------------------------

    def _bound_of(self, pile: int) -> int:
        rates = [
            self._layout[role.deal].rate(role.off_minor, role.slot)
            for role in self._roles[pile]
            if self._layout[role.deal].limit is None
        ]
        return max([self._own[pile], *rates])

    def _excess_of(self, pile: int) -> list[int]:
        """What a piece could gain in each limited deal beyond its bound elsewhere."""
        excess = [0] * len(self._deals)
        for role in self._roles[pile]:
            place = self._layout[role.deal]
            if place.limit is not None:
                excess[role.deal] = max(excess[role.deal], place.rate(role.off_minor, role.slot) - self._bounds[pile])
        return excess

    def _taken_out(self, pieces_max: int) -> list[int]:
        """Put complete deals of equal pieces into the pile's best deal, until few enough pieces are left to walk through."""
        counts = [pile.count for pile in self._piles]
        self._taken = [Taking({}, {}) for _deal in self._deals]
        self._start_score = 0
        share = max(1, pieces_max // len(counts))
        surplus = sum(counts) - pieces_max
        for pile, count in enumerate(counts):
            if surplus <= 0:
                break
            if count <= share:
                continue
            counts[pile] = count - self._put_aside(pile, min(count - share, surplus))
            surplus -= count - counts[pile]
        return counts

    def _put_aside(self, pile: int, count: int) -> int:
        options = [(0, self._own[pile], -1)]
        for role in self._roles[pile]:
            deal, place = self._deals[role.deal], self._layout[role.deal]
            if place.limit is None and len(deal.slots) == 1 and count >= deal.size:
                options.append((deal.size, place.rate(role.off_minor, 0), role.number))
        size, rate, number = max(options, key=lambda option: (option[1], -option[0]))
        if number < 0:
            self._start_score += self._own[pile] * count
            return count
        role = self._roles[pile][number]
        deal = self._deals[role.deal]
        taken = count if deal.or_more else count // size * size
        reduced = taken * deal.reduced // size if deal.reduced else taken
        taking = self._taken[role.deal]
        taking.add(pile, role.off_minor, reduced, reduced=True)
        taking.add(pile, role.off_minor, taken - reduced, reduced=False)
        self._start_score += rate * taken
        return taken

    def _ordered(self) -> list[int]:
        """Return the walk: dearest first where the cheapest are reduced, otherwise so that deals are soon done with."""
        places = range(len(self._piles))
        if any(deal.reduced for deal in self._deals):
            order = sorted(places, key=lambda pile: (-self._piles[pile].price_minor, pile))
        else:
            member = [tuple((role.deal, role.slot) for role in roles) for roles in self._roles]
            order = sorted(places, key=lambda pile: (member[pile], -self._piles[pile].price_minor, pile))
        return [pile for pile in order for _piece in range(self._walked[pile])]

    def _prepare(self) -> None:
        """Sum up, from the end, what is still to come at each position."""
        supply = [[0] * len(deal.slots) for deal in self._deals]
        best_off, best_excess = [0] * len(self._deals), [0] * len(self._deals)
        bound = 0
        self._to_come: list[dict[int, tuple[int, ...]]] = []
        self._ahead: list[tuple[int, list[int], list[int]]] = [(0, [*best_off], [*best_excess])]
        for pile in reversed(self._order):
            roles = self._roles[pile]
            self._to_come.append({role.deal: tuple(supply[role.deal]) for role in roles})
            for role in roles:
                supply[role.deal][role.slot] += 1
                best_off[role.deal] = max(best_off[role.deal], role.off_minor)
                best_excess[role.deal] = max(best_excess[role.deal], self._excess[pile][role.deal])
            bound += self._bounds[pile]
            self._ahead.append((bound, [*best_off], [*best_excess]))
        self._to_come.reverse()
        self._ahead.reverse()

    # Walking ------------------------------------------------------------------------------------------------------------

    def _stepped(self, frontier: Frontier, position: int, pile: int) -> Frontier:
        own = self._own[pile]
        after = {state: (score + own, link) for state, (score, link) in frontier.items()}
        for role in self._roles[pile]:
            place = self._layout[role.deal]
            radix, span, steps = place.radix, place.span, role.steps
            for state, (score, link) in frontier.items():
                part = state // radix % span
                if part not in steps:
                    steps[part] = place.put(part * radix, role.slot, role.off_minor)
                step = steps[part]
                if step is None:
                    continue
                reached, gained = state + step[0], score + step[1]
                known = after.get(reached)
                if known is None or gained > known[0]:
                    after[reached] = (gained, (link, pile, role.number, step[2]))
        for deal, to_come in self._to_come[position].items():
            after = self._completable(after, self._layout[deal], to_come)
        return after

    def _completable(self, frontier: Frontier, place: DealDigits, to_come: tuple[int, ...]) -> Frontier:
        """Leave out fillings that the pieces to come cannot complete."""
        if len(to_come) == 1 and to_come[0] >= place.deal.size:
            return frontier
        radix, span = place.radix, place.span
        able: dict[int, bool] = {}
        kept: Frontier = {}
        for state, history in frontier.items():
            part = state // radix % span
            if part not in able:
                able[part] = all(lack <= rest for lack, rest in zip(place.lacks(part * radix), to_come, strict=True))
            if able[part]:
                kept[state] = history
        return kept

    def _thinned(self, frontier: Frontier, position: int, width: int, floor: int | None) -> tuple[Frontier, int | None]:
        """Keep the most promising fillings; also return the best bound among the others."""
        ahead, best_off, best_excess = self._ahead[position]
        owed: list[dict[int, int]] = [{} for _deal in self._deals]
        ranked = []
        for state, (score, _link) in frontier.items():
            bound = score + ahead
            for number, place in enumerate(self._layout):
                part = state // place.radix % place.span
                if part not in owed[number]:
                    booked, factor, left = place.owed(part * place.radix)
                    owed[number][part] = booked + factor * best_off[number] + left * best_excess[number]
                bound += owed[number][part]
            if floor is None or bound > floor:
                ranked.append((-bound, state))
        ranked.sort()
        dropped = -ranked[width][0] if len(ranked) > width else None
        return {state: frontier[state] for _bound, state in ranked[:width]}, dropped

    def _read_back(self, link: Link | None) -> tuple[Taking, ...]:
        takings = [Taking({**taking.pieces}, {**taking.reduced}, taking.off_minor) for taking in self._taken]
        while link is not None:
            link, pile, number, reduced = link
            role = self._roles[pile][number]
            takings[role.deal].add(pile, role.off_minor, 1, reduced=reduced)
        return tuple(takings)
