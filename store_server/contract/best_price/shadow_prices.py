"""What pieces are worth to the deals that compete for them: prices at which hardly any piece is wanted twice.

Where every deal chooses for itself and pays each piece's worth, the sum of all worths and all gains is a bound that no allowed
use can exceed (Lagrange's relaxation of "each piece once"). Raising the worth of pieces that are wanted too often, and lowering
that of others, tightens the bound. All in whole numbers, so that every machine finds the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store_server.contract.best_price.deal_table import DealTable

ROUNDS_MAX = 40
WORK_MAX = 400_000
"""Steps in all rounds together; at least :data:`ROUNDS_MIN` are made."""
ROUNDS_MIN = 3
PATIENCE = 3
"""Rounds without a better bound before the steps are halved."""

Rows = list[list[int]]
Taken = list[tuple[int, int, bool]]


@dataclass(frozen=True, slots=True)
class Bound:
    """Worths, what each deal can gain at them, and the bound they prove."""

    worth: tuple[int, ...]
    rows: tuple[Rows, ...]
    most: int


def bound_at(tables: Sequence[DealTable], counts: Sequence[int], worth: Sequence[int]) -> Bound:
    """Return the bound that these worths prove for so many pieces."""
    rows = tuple(table.gains(worth) for table in tables)
    gain = sum(table.most(worth, counts) if table.clipped else row[0][0] for table, row in zip(tables, rows, strict=True))
    return Bound(tuple(worth), rows, sum(count * one for count, one in zip(counts, worth, strict=True)) + gain)


def tightened(
    tables: Sequence[DealTable], counts: Sequence[int], own: Sequence[int], start: Bound, *, known: int, rounds_max: int
) -> Bound:
    """Return the tightest bound found in so many rounds; ``known`` is a score that can be reached."""
    rounds = min(rounds_max, max(ROUNDS_MIN, WORK_MAX // max(1, sum(table.work for table in tables))))
    best, now, halvings, waited = start, start, 0, 0
    for _round in range(rounds):
        excess = [-count for count in counts]
        for table, rows in zip(tables, now.rows, strict=True):
            for pile, _slot, _reduced in table.best_use(rows, now.worth):
                excess[pile] += 1
        pull = [more if more > 0 or worth > least else 0 for more, worth, least in zip(excess, now.worth, own, strict=True)]
        norm = sum(more * more for more in pull)
        gap = now.most - known
        if not norm or gap <= 0:
            break
        worth = [
            max(least, one + more * gap // (norm << halvings)) for one, more, least in zip(now.worth, pull, own, strict=True)
        ]
        now = bound_at(tables, counts, worth)
        waited += 1
        if now.most < best.most:
            best, waited = now, 0
        elif waited >= PATIENCE:
            now, halvings, waited = best, halvings + 1, 0
    return best


def one_by_one(tables: Sequence[DealTable], counts: Sequence[int], own: Sequence[int], start: Bound) -> tuple[int, list[Taken]]:
    """Serve the deals one after the other, the one that gains most by itself first; return the score and what each takes."""
    left, score = [*counts], sum(count * one for count, one in zip(counts, own, strict=True))
    taken: list[Taken] = [[] for _table in tables]
    for number in sorted(range(len(tables)), key=lambda place: (-start.rows[place][0][0], place)):
        table = tables[number]
        rows = table.gains(own, left)
        score += rows[0][0]
        taken[number] = table.best_use(rows, own)
        for pile, _slot, _reduced in taken[number]:
            left[pile] -= 1
    return score, taken
