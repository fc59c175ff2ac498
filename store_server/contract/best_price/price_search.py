"""Which pieces go into which deals, so that most is saved: an exact search with a stated bound.

Deals that share no goods are solved apart (``deal_search``). Within a group of deals that compete for the same goods the pieces
are gone through one after the other; all that the past leaves behind is how far each deal is filled, so that histories with the
same filling are merged and only the best goes on. That each deal is filled one at a time, dearest first, is what makes "the
cheapest are free" exact: the last pieces of a deal are its cheapest.

The steps for one group are bounded. Where more would be needed, the fillings that promise least are dropped. Then

1. the answer still saves at least what the best single deal of the group could save alone, hence at least the j-th part of the
   best where j deals compete (groups of up to ``deal_search.PIECES_MAX`` pieces), and
2. ``unproven_minor`` says how much more could at most be saved: 0 where the bound proves that nothing better was dropped.

Nothing depends on a clock: the handheld and the server find the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from store_server.contract.best_price.deal_search import DealSearch
from store_server.contract.best_price.deals import TIE, Deal, Pile, Taking


@dataclass(frozen=True, slots=True)
class Use:
    """What one deal takes: (pile, pieces that take part, those of them that are reduced), and what it saves."""

    taken: tuple[tuple[int, int, int], ...] = ()
    saved_minor: int = 0

    @property
    def pieces(self) -> int:
        """All that take part."""
        return sum(pieces for _pile, pieces, _reduced in self.taken)


@dataclass(frozen=True, slots=True)
class BestUse:
    """The answer: one use for each deal, in the order of the deals."""

    uses: tuple[Use, ...]
    unproven_minor: int = 0
    """At most this much more could have been saved; 0: proven best."""


def best_use(piles: Sequence[Pile], deals: Sequence[Deal]) -> BestUse:
    """Return the uses of all deals that together save most.

    >>> from store_server.contract.best_price.deals import Slot
    >>> best_use([Pile(300, 4)], [Deal((Slot(3, ((0, 300),)),), charge_minor=700)]).uses[0].saved_minor
    200
    """
    uses = [Use()] * len(deals)
    unproven = 0
    for members in _groups(piles, deals):
        names = sorted({pile for number in members for slot in deals[number].slots for pile, _off in slot.off})
        place = {pile: local for local, pile in enumerate(names)}
        group = tuple(_renamed(deals[number], place) for number in members)
        solved = _solved(tuple(piles[pile] for pile in names), group)
        unproven += solved.unproven_minor
        for number, use in zip(members, solved.uses, strict=True):
            uses[number] = replace(use, taken=tuple((names[pile], pieces, reduced) for pile, pieces, reduced in use.taken))
    return BestUse(tuple(uses), unproven)


def _renamed(deal: Deal, place: dict[int, int]) -> Deal:
    slots = tuple(replace(slot, off=tuple((place[pile], off) for pile, off in slot.off)) for slot in deal.slots)
    return replace(deal, slots=slots)


def _groups(piles: Sequence[Pile], deals: Sequence[Deal]) -> list[list[int]]:
    """Return the numbers of the deals that can happen and pay, in groups that share no piles."""
    groups: list[tuple[set[int], list[int]]] = []
    for number, deal in enumerate(deals):
        if not _may_pay(piles, deal):
            continue
        reach, members, apart = {pile for slot in deal.slots for pile, _off in slot.off}, [number], []
        for other in groups:
            if reach.isdisjoint(other[0]):
                apart.append(other)
            else:
                reach |= other[0]
                members += other[1]
        groups = [*apart, (reach, sorted(members))]
    return [members for _reach, members in groups]


def _may_pay(piles: Sequence[Pile], deal: Deal) -> bool:
    """Return whether one complete deal could score more than its pieces do by themselves."""
    gain = -deal.charge_minor * deal.size * TIE
    for slot in deal.slots:
        factor = deal.reduced or deal.size
        score = sorted(
            (
                (off * factor * TIE - (piles[pile].own_score + deal.coupon) * deal.size, piles[pile].count)
                for pile, off in slot.off
            ),
            reverse=True,
        )
        wanted = slot.count
        for more, count in score:
            gain += more * min(wanted, count)
            wanted -= min(wanted, count)
        if wanted:
            return False
        if deal.or_more and score[0][0] > 0:
            return True
    return gain > 0


@lru_cache(maxsize=1024)
def _solved(piles: tuple[Pile, ...], deals: tuple[Deal, ...]) -> BestUse:
    """Solve one group. Kept, because a handheld prices after each scan, and then mostly one group is new."""
    search = DealSearch(piles, deals)
    found = search.best()
    uses = _uses(piles, deals, found.takings)
    if found.most == found.score:
        return BestUse(uses)
    reached = sum(pile.own_score * pile.count for pile in piles) + sum(map(_gain, [piles] * len(deals), deals, uses))
    return BestUse(uses, max(0, -((reached * search.scale - found.most) // (search.scale * TIE))))


def forget() -> None:
    """Forget solved groups; only measurements need that."""
    _solved.cache_clear()


def _uses(piles: Sequence[Pile], deals: Sequence[Deal], takings: Sequence[Taking]) -> tuple[Use, ...]:
    """Sum up; a deal that pays nothing gives its pieces back."""
    uses = []
    for deal, taking in zip(deals, takings, strict=True):
        complete = sum(taking.pieces.values()) // deal.size
        saved = taking.off_minor - deal.charge_minor * complete
        taken = tuple((pile, count, taking.reduced.get(pile, 0)) for pile, count in sorted(taking.pieces.items()) if count)
        use = Use(taken, saved)
        uses.append(use if _gain(piles, deal, use) > 0 else Use())
    return tuple(uses)


def _gain(piles: Sequence[Pile], deal: Deal, use: Use) -> int:
    """Return what a use scores beyond its pieces by themselves."""
    by_themselves = sum(piles[pile].own_score * pieces for pile, pieces, _reduced in use.taken)
    return use.saved_minor * TIE - use.pieces * deal.coupon - by_themselves
