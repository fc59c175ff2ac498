"""Which coins to give: exact change from a limited stock, with the fewest coins.

Greedy choice is wrong when stock is limited (60 from one 50 and six 20s), so this is the bounded-coin change problem solved by
dynamic programming, one coin value after the other. Amounts are counted in steps of the greatest common divisor of the coin
values, up to the amount that is asked for. A recycler's notes are planned like coins.

>>> exact_change(60, {50: 1, 20: 6})
{20: 3}
>>> most_change(75, {50: 1, 20: 6})
{50: 1, 20: 1}
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from functools import lru_cache

STEPS_MAX = 2_000_000
"""A stock of more steps than this is a mistake in the settings."""
LIMIT_BITS_MIN = 12
"""Amounts below 2 to this power are planned together."""

_NEVER = math.inf


class ChangeError(ValueError):
    """A stock that cannot be: coins of no value, negative counts, or beyond all measure."""


def exact_change(amount_minor: int, stock: Mapping[int, int]) -> dict[int, int] | None:
    """Return how many coins of each value make exactly ``amount_minor``, the fewest possible; None if none do.

    Args:
        amount_minor: 0 or more.
        stock: coin value in minor units to the number of coins that are there.
    """
    return _Ways.of(stock, amount_minor).exactly(amount_minor)


def can_give(amount_minor: int, stock: Mapping[int, int]) -> bool:
    """Whether exactly ``amount_minor`` can be given."""
    return _Ways.of(stock, amount_minor).reaches(amount_minor)


def most_change(amount_minor: int, stock: Mapping[int, int]) -> dict[int, int]:
    """Return the coins that make as much of ``amount_minor`` as possible and never more, the fewest possible."""
    ways = _Ways.of(stock, amount_minor)
    for amount in range(min(amount_minor, ways.total_minor), 0, -1):
        plan = ways.exactly(amount)
        if plan is not None:
            return plan
    return {}


class _Ways:
    """For one stock: the fewest coins for every amount up to a limit, and which coins they are."""

    def __init__(self, stock: tuple[tuple[int, int], ...], limit_minor: int) -> None:
        self.total_minor = sum(value * count for value, count in stock)
        self._step = math.gcd(*(value for value, _ in stock)) or 1
        if self.total_minor // self._step >= STEPS_MAX:
            raise ChangeError(f"a stock of {self.total_minor} minor units in steps of {self._step} is too large to plan with")
        self._size = min(self.total_minor, limit_minor) // self._step + 1
        self._fewest: list[float] = [0, *[_NEVER] * (self._size - 1)]
        self._used: list[tuple[int, list[int]]] = []
        for value, count in stock:
            self._add(value, count)

    @staticmethod
    def of(stock: Mapping[int, int], amount_minor: int) -> _Ways:
        if any(value < 1 or count < 0 for value, count in stock.items()):
            raise ChangeError(f"coins have a positive value and a count of 0 or more: {dict(stock)}")
        # Notes make stocks of many thousand steps; only those up to the amount matter. Powers of two are found again.
        limit_minor = 1 << max(LIMIT_BITS_MIN, amount_minor.bit_length())
        return _ways(tuple(sorted((value, count) for value, count in stock.items() if count)), limit_minor)

    def reaches(self, amount_minor: int) -> bool:
        steps, rest = divmod(amount_minor, self._step)
        return amount_minor == 0 or (rest == 0 and 0 < steps < self._size and self._fewest[steps] < _NEVER)

    def exactly(self, amount_minor: int) -> dict[int, int] | None:
        if not self.reaches(amount_minor):
            return None
        plan: dict[int, int] = {}
        left = amount_minor // self._step
        for value, used in reversed(self._used):
            if used[left]:
                plan[value] = used[left]
                left -= used[left] * (value // self._step)
        return plan

    def _add(self, value: int, count: int) -> None:
        """Allow up to ``count`` coins of ``value``: for each residue a sliding window over the amounts without them."""
        before, width = self._fewest, value // self._step
        after: list[float] = [_NEVER] * self._size
        used = [0] * self._size
        for residue in range(min(width, self._size)):
            window: deque[tuple[float, int]] = deque()
            for place, amount in enumerate(range(residue, self._size, width)):
                key = before[amount] - place
                while window and window[-1][0] >= key:
                    window.pop()
                window.append((key, place))
                if window[0][1] < place - count:
                    window.popleft()
                best, origin = window[0]
                after[amount] = best + place
                used[amount] = place - origin if after[amount] < _NEVER else 0
        self._fewest = after
        self._used.append((value, used))


@lru_cache(maxsize=64)
def _ways(stock: tuple[tuple[int, int], ...], limit_minor: int) -> _Ways:
    return _Ways(stock, limit_minor)
