"""The exit lane's belt: where goods lie, what the scale carries of them, and which tags the deactivator reaches; pure.

::

    entry barrier (DI1)           exit barrier (DI2)
    |<------------------ scale -----------|------->|deactivator|<- rest ->| end of the belt
    0                                   0.8 m     1.1         1.25       1.7

Places are metres from the entry barrier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hardware.bench.simulator import JsonValue

ENTRY_BARRIER_M = 0.0
EXIT_BARRIER_M = 0.8
SCALE_END_M = 1.1
DEACTIVATOR_M = (1.1, 1.25)
BELT_END_M = 1.7
GOODS_LENGTH_M = 0.4
PLACED_FRONT_M = 0.05


@dataclass(slots=True, eq=False)
class Goods:
    """One shopper's goods on the belt."""

    grams: float = 0.0
    front_m: float = PLACED_FRONT_M
    live: list[float] = field(default_factory=list)
    """Live tags: how far each lies behind the front, in metres."""
    dead_tags: int = 0

    @property
    def rear_m(self) -> float:
        """Where they end."""
        return self.front_m - GOODS_LENGTH_M

    def covers(self, place_m: float) -> bool:
        """Whether they lie at this place of the belt."""
        return self.rear_m <= place_m <= self.front_m

    def grams_on_scale(self) -> float:
        """The part of their weight that the scale carries."""
        lying_m = min(self.front_m, SCALE_END_M) - max(self.rear_m, 0.0)
        # Rounded, because sums of metres are not exact and goods that lie wholly on the scale weigh what they weigh.
        return self.grams * min(1.0, max(0.0, round(lying_m / GOODS_LENGTH_M, 9)))

    @property
    def place(self) -> str:
        """Where they are, in words."""
        if self.covers(ENTRY_BARRIER_M):
            return "entry"
        if self.front_m < EXIT_BARRIER_M:
            return "scale"
        if self.covers(EXIT_BARRIER_M):
            return "exit barrier"
        if self.front_m < BELT_END_M:
            return "deactivator"
        return "end"

    def stick_on(self, live_tags: int) -> None:
        """Add live tags, spread over the goods."""
        self.live += [GOODS_LENGTH_M * (tag + 0.5) / live_tags for tag in range(live_tags)]

    def facts(self) -> dict[str, JsonValue]:
        """Return what the operator may know of them."""
        return {
            "grams": self.grams,
            "front_m": round(self.front_m, 3),
            "place": self.place,
            "live_tags": len(self.live),
            "dead_tags": self.dead_tags,
        }

    def move(self, front_m: float, *, deactivating: bool) -> None:
        """Move them on; kill the tags that were over the deactivator meanwhile."""
        before_m, self.front_m = self.front_m, front_m
        if deactivating:
            first_m, last_m = DEACTIVATOR_M
            alive = [behind for behind in self.live if front_m - behind < first_m or before_m - behind > last_m]
            self.dead_tags += len(self.live) - len(alive)
            self.live = alive


def carry(belt: Sequence[Goods], distance_m: float, *, deactivating: bool) -> None:
    """Move everything on the belt, first goods first, until they stand at its end or behind each other."""
    limit_m = BELT_END_M
    for goods in belt:
        goods.move(max(goods.front_m, min(goods.front_m + distance_m, limit_m)), deactivating=deactivating)
        limit_m = goods.rear_m
