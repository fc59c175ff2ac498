"""Remembers for which orders the lot of a random check was drawn, in whichever lane; one lot for each order."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

KEPT_MAX = 1000
"""Orders; more do not wait between lanes at the same time."""


@dataclass(frozen=True, slots=True)
class _Draw:
    revision: int
    drawn: bool


class DrawnOrders:
    """All lanes' lots.

    Whoever was drawn and goes back into the shop, or to another lane, is checked there; whoever was not, is not drawn again.
    Once staff has changed the order, it was looked at.
    """

    def __init__(self) -> None:
        self._draws: OrderedDict[UUID, _Draw] = OrderedDict()

    def before(self, order_id: UUID, revision: int) -> bool | None:
        """Return how the lot of an order fell, or None where it was not drawn yet."""
        draw = self._draws.get(order_id)
        return None if draw is None else draw.drawn and revision == draw.revision

    def keep(self, order_id: UUID, revision: int, *, drawn: bool) -> None:
        """Remember how it fell; the one that was kept longest goes first."""
        self._draws[order_id] = _Draw(revision, drawn)
        while len(self._draws) > KEPT_MAX:
            self._draws.popitem(last=False)
