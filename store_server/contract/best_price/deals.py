"""Piles of identical pieces and the deals that they can go into: the question that ``price_search`` answers."""

from __future__ import annotations

from dataclasses import dataclass

TIE = 1 << 20
"""Scores are minor units times this, less 1 for each piece that uses a coupon: equal savings leave coupons unused."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Identical pieces."""

    price_minor: int
    count: int
    own_minor: int = 0
    """What a piece saves by itself, outside all deals."""
    own_coupon: bool = False

    @property
    def own_score(self) -> int:
        """The score of a piece outside all deals."""
        return self.own_minor * TIE - self.own_coupon


@dataclass(frozen=True, slots=True)
class Slot:
    """One group of a deal: this many pieces, of these piles."""

    count: int
    off: tuple[tuple[int, int], ...]
    """Pile to what a reduced piece of it saves; for a deal at a fixed price its whole price. Never rises as prices fall."""


@dataclass(frozen=True, slots=True)
class Deal:
    """Pieces that save together: each reduced piece its ``off``, less ``charge_minor`` for each complete deal."""

    slots: tuple[Slot, ...]
    charge_minor: int = 0
    reduced: int = 0
    """How many, the cheapest, are reduced; 0 for all. Only with one slot and no charge."""
    or_more: bool = False
    """The slot's count or more, once. Only with one slot, no charge and no limit."""
    limit: int | None = None
    coupon: bool = False

    @property
    def size(self) -> int:
        """Pieces of one complete deal."""
        return sum(slot.count for slot in self.slots)

    def reduces(self, filled: int) -> bool:
        """Return whether the next piece is reduced where so many lie in the deal (dearest first)."""
        return not self.reduced or filled % self.size >= self.size - self.reduced


@dataclass(slots=True)
class Taking:
    """What one deal takes; grows while it is read back."""

    pieces: dict[int, int]
    """Pile to the pieces that take part."""
    reduced: dict[int, int]
    """Pile to those of them that are reduced."""
    off_minor: int = 0
    """What the reduced pieces save, before the charge."""

    def add(self, pile: int, off_minor: int, count: int, *, reduced: bool) -> None:
        """Add pieces of one pile."""
        self.pieces[pile] = self.pieces.get(pile, 0) + count
        if reduced:
            self.reduced[pile] = self.reduced.get(pile, 0) + count
            self.off_minor += off_minor * count
