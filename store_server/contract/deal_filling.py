"""The states that the price search walks through: how far each competing deal is filled, as one whole number.

A state is a mixed-radix number with a digit for each slot of each deal: the pieces in the deal that is being filled (all pieces
so far where the deal is limited, the pieces up to the count for count-or-more). Bundles fill their slots independently; a
complete set is taken off all its slots at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from store_server.contract.deals import TIE, Deal, Pile

Step = tuple[int, int, bool]
"""How the state changes, the score gained, whether the piece is reduced."""


@dataclass(slots=True)
class DealDigits:
    """One deal's place in the state, and all that is asked of it there."""

    deal: Deal
    scale: int
    """Scores are multiplied by this, so that shares of a charge are whole numbers."""
    supply: tuple[int, ...]
    """For each slot, the pieces that could go in."""
    radix: int = 1
    limit: int | None = None
    sizes: list[int] = field(default_factory=list)
    """How many values each digit has."""

    def __post_init__(self) -> None:
        deal = self.deal
        if deal.limit is not None and all(deal.limit * s.count < n for s, n in zip(deal.slots, self.supply, strict=True)):
            self.limit = deal.limit
        if len(deal.slots) > 1:
            self.sizes = [supply + 1 for supply in self.supply] + ([self.limit + 1] if self.limit is not None else [])
        elif deal.or_more:
            self.sizes = [deal.size + 1]
        else:
            self.sizes = [deal.size if self.limit is None else deal.size * self.limit + 1]

    @property
    def span(self) -> int:
        """How many fillings there are."""
        return math.prod(self.sizes)

    def digits(self, state: int) -> list[int]:
        """Read this deal's digits."""
        rest, found = state // self.radix, []
        for size in self.sizes:
            rest, digit = divmod(rest, size)
            found.append(digit)
        return found

    def number(self, digits: Sequence[int]) -> int:
        """Write this deal's digits."""
        total = 0
        for size, digit in zip(reversed(self.sizes), reversed(digits), strict=True):
            total = total * size + digit
        return total * self.radix

    def put(self, state: int, slot: int, off_minor: int) -> Step | None:
        """Return the step that puts one piece in; None where the deal takes no more."""
        deal, digits = self.deal, self.digits(state)
        before = self.number(digits)
        filled = digits[slot]
        opens = deal.charge_minor and slot == 0 and filled % deal.slots[0].count == 0
        reduced = deal.reduces(filled) if len(deal.slots) == 1 else True
        digits[slot] += 1
        if not self._settle(digits):
            return None
        gain = (off_minor * reduced - (deal.charge_minor if opens else 0)) * TIE - deal.coupon
        return self.number(digits) - before, gain * self.scale, reduced

    def _settle(self, digits: list[int]) -> bool:
        """Take complete deals off; return False beyond the limit."""
        deal = self.deal
        if len(deal.slots) == 1:
            if deal.or_more:
                digits[0] = min(digits[0], deal.size)
            elif self.limit is None:
                digits[0] %= deal.size
            return digits[0] < self.sizes[0]
        counts = [slot.count for slot in deal.slots]
        if self.limit is not None and digits[-1] + self.sets(digits) > self.limit:
            return False
        if all(digit >= count for digit, count in zip(digits, counts, strict=False)):
            for place, count in enumerate(counts):
                digits[place] -= count
            if self.limit is not None:
                digits[-1] += 1
        return all(digit < size for digit, size in zip(digits, self.sizes, strict=True))

    def sets(self, digits: Sequence[int]) -> int:
        """Return how many deals are begun and not complete."""
        return max(-(-digit // slot.count) for slot, digit in zip(self.deal.slots, digits, strict=False))

    def lacks(self, state: int) -> list[int]:
        """Return for each slot how many pieces must still come before the filling counts."""
        digits = self.digits(state)
        if len(self.deal.slots) == 1:
            whole = digits[0] in (0, self.deal.size) if self.deal.or_more else digits[0] % self.deal.size == 0
            return [0 if whole else self.deal.size - digits[0] % self.deal.size]
        sets = self.sets(digits)
        return [sets * slot.count - digit for slot, digit in zip(self.deal.slots, digits, strict=False)]

    def rate(self, off_minor: int, slot: int) -> int:
        """Return at most what a piece gains in this deal when its charge and reductions are shared out evenly (scaled)."""
        deal = self.deal
        part = off_minor * self.scale * deal.reduced // deal.slots[slot].count if deal.reduced else off_minor * self.scale
        return (part - deal.charge_minor * self.scale // deal.size) * TIE - deal.coupon * self.scale

    def owed(self, state: int) -> tuple[int, int, int]:
        """Return what booking differs from even sharing: a score, a factor on the best ``off``, pieces allowed."""
        deal, digits = self.deal, self.digits(state)
        share = deal.charge_minor * self.scale // deal.size * TIE
        if len(deal.slots) > 1:
            filled, opened = sum(digits[: len(deal.slots)]), -(-digits[0] // deal.slots[0].count)
            left = 0 if self.limit is None else (self.limit - digits[-1]) * deal.size - filled
        else:
            filled = 0 if deal.or_more else digits[0] % deal.size
            opened = 1 if filled else 0
            left = 0 if self.limit is None else self.limit * deal.size - digits[0]
        factor = 0
        if deal.reduced and filled:
            to_come = deal.size - filled
            rewards = min(deal.reduced, to_come) * self.scale
            factor = (rewards - to_come * deal.reduced * self.scale // deal.size) * TIE
        return share * deal.size * opened - share * filled, factor, left


def deal_digits(piles: Sequence[Pile], deals: Sequence[Deal]) -> tuple[int, list[DealDigits]]:
    """Return the scale and the layout of the state for deals that compete for these piles."""
    scale = math.lcm(*(deal.size for deal in deals))
    layout, radix = [], 1
    for deal in deals:
        supply = tuple(sum(piles[pile].count for pile, _off in slot.off) for slot in deal.slots)
        place = DealDigits(deal, scale, supply, radix)
        radix *= place.span
        layout.append(place)
    return scale, layout
