"""The boxes that staff empties, and what lies in them; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hardware.cash.events import COIN_BOX, NOTE_BOX
from hardware.recycler.events import BOX as RECYCLER_BOX


@dataclass(frozen=True, slots=True)
class Box:
    """One box, and what the journal says is in it."""

    place: str
    piles: tuple[tuple[int, int], ...] = ()
    """Value in minor units and number, the largest value first."""

    @property
    def worth_minor(self) -> int:
        """All of it."""
        return sum(value * count for value, count in self.piles)


def name_of(place: str, translate: Callable[[str], str]) -> str:
    """Call a box by the words that staff uses."""
    t = translate
    names = {COIN_BOX: t("Coin box"), NOTE_BOX: t("Note box"), RECYCLER_BOX: t("Recycler cash box")}
    return names.get(place, place)
