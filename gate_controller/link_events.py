"""What comes back from the store server, as events for the controller's loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from store_server.contract.lane_messages import StaffCommand
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal

OUR_MISTAKE = frozenset({Refusal.UNAUTHENTICATED, Refusal.FORBIDDEN, Refusal.SERVER_BUSY})
"""Refusals that say nothing about the order: repeat once the device is enrolled."""


@dataclass(frozen=True, slots=True)
class EntryAnswered:
    """What the server said about a pass: an order, a refusal, or nothing at all."""

    lane: str
    entry_id: UUID
    order: Order | None = None
    refusal: Refusal | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """How the order in a lane stands; None when the server did not say."""

    lane: str
    order: Order | None


@dataclass(frozen=True, slots=True)
class CommandsHeard:
    """What staff wants a lane to do."""

    lane: str
    commands: tuple[StaffCommand, ...]


@dataclass(frozen=True, slots=True)
class ArbiterChanged:
    """Whether this controller may run the shop's lanes."""

    is_ours: bool
    sentence: str = ""


LinkEvent: TypeAlias = EntryAnswered | OrderSeen | CommandsHeard | ArbiterChanged
