"""What a trip is made of; the machine that changes it is :mod:`scanner_app.trip`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias
from uuid import UUID

from scanner_app.basket import Basket
from scanner_app.notices import Notice
from scanner_app.trip_events import Command
from store_server.contract.order_messages import Order, SubmitOrder

RETRY_S = (1.0, 2.0, 3.0, 5.0)
"""Waits between attempts while the store is away; the last one is repeated."""
IDLE_LIMIT_S = 1800.0
"""A basket that nobody touched for so long was left behind."""


class State(Enum):
    """Where the trip is."""

    WELCOME = "welcome"
    SHOPPING = "shopping"
    REVIEWING = "reviewing"
    SUBMITTED = "submitted"
    PAID = "paid"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Trip:
    """All that is known of one shopper's trip."""

    state: State = State.WELCOME
    language: str = "en"
    house_language: str = "en"
    """What the next shopper is greeted in."""
    lines: Basket = ()
    next_number: int = 1
    last_number: int | None = None
    """The line that was touched last."""
    history: tuple[Basket, ...] = ()
    """Earlier baskets, for undo."""
    submission: SubmitOrder | None = None
    """Handed in, not answered."""
    given_up: SubmitOrder | None = None
    """Handed in, not answered, and the shopper turned back: nobody knows whether the store has it."""
    unanswered: tuple[UUID, ...] = ()
    """Orders of baskets since changed that nobody knows of whether the store has them; the next order replaces them."""
    order: Order | None = None
    """As the store last told."""
    failed_attempts: int = 0
    """Attempts in a row that the store did not answer."""
    notice: Notice | None = None

    @property
    def can_be_handed_in(self) -> bool:
        """Whether there is something to hand in, and all of it can be bought."""
        return bool(self.lines) and self.submission is None and not any(line.gone for line in self.lines)

    @property
    def codes(self) -> frozenset[str]:
        """The articles that the basket and its undo history name."""
        return frozenset(line.article.code for basket in (self.lines, *self.history) for line in basket)

    @property
    def idle_limit_s(self) -> float | None:
        """How long the handheld may lie untouched in this state; None where waiting is right."""
        if self.state in {State.SHOPPING, State.PAID} or (self.state is State.REVIEWING and self.submission is None):
            return IDLE_LIMIT_S
        return None

    @property
    def retry_s(self) -> float:
        """How long to wait before the store is asked again."""
        return RETRY_S[min(max(self.failed_attempts, 1), len(RETRY_S)) - 1]


Step: TypeAlias = tuple[Trip, tuple[Command, ...]]
"""The trip after an event, and what the desk must do."""
