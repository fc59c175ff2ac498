"""In which order the search goes through the piles: so that as few deals as possible are half filled at a time.

Deals that reduce their cheapest pieces must meet their piles dearest first; within that, piles that finish deals come early and
piles that begin new ones late, as in any elimination by variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log2

from store_server.contract.best_price.deals import Deal, Pile


def walking_order(piles: Sequence[Pile], deals: Sequence[Deal]) -> list[int]:
    """Return the piles' places in the order of the walk."""
    reach = [sorted({pile for slot in deal.slots for pile, _off in slot.off}) for deal in deals]
    weight = [_weight(piles, deal) for deal in deals]
    mine: list[list[int]] = [[] for _pile in piles]
    before = [0] * len(piles)
    after: list[list[int]] = [[] for _pile in piles]
    for number, (deal, members) in enumerate(zip(deals, reach, strict=True)):
        for pile in members:
            mine[pile].append(number)
        if deal.reduced:
            chain = sorted(members, key=lambda pile: (-piles[pile].price_minor, pile))
            for dearer, cheaper in pairwise(chain):
                before[cheaper] += 1
                after[dearer].append(cheaper)
    left = [len(members) for members in reach]
    ready, order = {pile for pile in range(len(piles)) if not before[pile]}, []
    while ready:
        pile = min(ready, key=lambda one: (_growth(mine[one], left, reach, weight), -piles[one].price_minor, one))
        ready.remove(pile)
        order.append(pile)
        for number in mine[pile]:
            left[number] -= 1
        for cheaper in after[pile]:
            before[cheaper] -= 1
            if not before[cheaper]:
                ready.add(cheaper)
    return order


def _growth(mine: Sequence[int], left: Sequence[int], reach: Sequence[Sequence[int]], weight: Sequence[float]) -> float:
    """Return how many bits of filling the walk has to remember more after this pile."""
    begun = sum(weight[number] for number in mine if left[number] == len(reach[number]) > 1)
    done = sum(weight[number] for number in mine if left[number] == 1 < len(reach[number]))
    return begun - done


def _weight(piles: Sequence[Pile], deal: Deal) -> float:
    supplies = [sum(piles[pile].count for pile, _off in slot.off) for slot in deal.slots]
    if len(supplies) > 1:
        return sum(log2(supply + 1) for supply in supplies)
    return log2(min(deal.size * (deal.limit or 1) + 1, supplies[0] + 1))
