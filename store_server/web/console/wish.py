"""What staff wants of a lane, as the page's parts say it to each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from store_server.contract.lane_messages import StaffCommandKind


@dataclass(frozen=True, slots=True)
class Wish:
    """What staff wants of a lane."""

    kind: StaffCommandKind
    reason: str = ""
    seconds: int | None = None
    order_number: str | None = None
    code: str | None = None
    grams: float | None = None


Tell = Callable[[Wish], Awaitable[None]]
