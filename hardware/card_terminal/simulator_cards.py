"""What happens at a simulated terminal: a shopper with a card, a bank, and what was really booked; knows no protocol.

The bookings are the physical truth. Terminals tell of them only what their protocol tells; the bench's operator sees all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from hardware.bench.simulator import Action, ActionError, JsonValue

DELAY_MAX_S = 600.0
BOOKINGS_MAX = 10_000
LIMIT_S = 120.0
"""A terminal gives up a payment after so long."""


class Answer(Enum):
    """How the terminal tells what came of a payment."""

    REPLY = "reply"
    NEVER = "never"
    HANG_UP = "hang up"


class End(Enum):
    """What came of a payment."""

    APPROVED = "approved"
    PARTLY = "partly"
    REFUSED = "refused"
    WRONG_PIN = "wrong pin"
    CANCELLED = "cancelled"
    ABORTED = "aborted"
    PUZZLING = "puzzling"
    """The terminal says something that no manual names."""


Behaviour = Literal[
    "approve",
    "partial",
    "refuse",
    "wrong_pin",
    "cancel",
    "busy",
    "hold",
    "ignore_abort",
    "puzzling",
    "lost",
    "timeout_before",
    "timeout_after",
    "drop_before",
    "drop_after",
]
_ENDS: dict[str, tuple[End, Answer]] = {
    "approve": (End.APPROVED, Answer.REPLY),
    "ignore_abort": (End.APPROVED, Answer.REPLY),
    "partial": (End.PARTLY, Answer.REPLY),
    "refuse": (End.REFUSED, Answer.REPLY),
    "wrong_pin": (End.WRONG_PIN, Answer.REPLY),
    "cancel": (End.CANCELLED, Answer.REPLY),
    "puzzling": (End.PUZZLING, Answer.REPLY),
    "timeout_before": (End.ABORTED, Answer.NEVER),
    "timeout_after": (End.APPROVED, Answer.NEVER),
    "drop_before": (End.ABORTED, Answer.HANG_UP),
    "drop_after": (End.APPROVED, Answer.HANG_UP),
}
_BOOKED = frozenset({End.APPROVED, End.PARTLY})


@dataclass(slots=True)
class Dealing:
    """One payment or reversal at the terminal."""

    number: int
    name: str
    """By which the till knows it."""
    amount_minor: int
    currency: str
    behaviour: str
    due_s: float
    reversal_of: int | None = None
    end: End | None = None
    answer: Answer = Answer.REPLY
    moved_minor: int = 0
    """What was really booked."""

    @property
    def is_running(self) -> bool:
        """Whether the shopper is still at it."""
        return self.end is None


class CardDesk:
    """A terminal's shopper, bank and books."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._always: str = "approve"
        self._delay_s = 0.0
        self._next: tuple[str, float] | None = None
        self.dealings: list[Dealing] = []
        self.repeats = 0
        """Requests that bore a name which was used before."""

    @property
    def running(self) -> Dealing | None:
        """The payment under way."""
        return next((dealing for dealing in reversed(self.dealings) if dealing.is_running), None)

    def named(self, name: str) -> Dealing | None:
        """Return the newest dealing of that name."""
        return next((dealing for dealing in reversed(self.dealings) if dealing.name == name), None)

    def take_behaviour(self) -> tuple[str, float]:
        """Return how the next payment goes, and how long it takes."""
        behaviour, delay_s = self._next or (self._always, self._delay_s)
        self._next = None
        return behaviour, delay_s

    def begin(self, name: str, amount_minor: int, currency: str, now_s: float, behaviour: tuple[str, float]) -> Dealing:
        """Let a payment begin."""
        if len(self.dealings) >= BOOKINGS_MAX:
            raise ActionError(f"a simulated terminal books {BOOKINGS_MAX} payments; start the bench again")
        if self.named(name) is not None:
            self.repeats += 1
        how, delay_s = behaviour
        due_s = now_s + (self._limit_s if how in {"hold", "timeout_before"} else delay_s)
        dealing = Dealing(len(self.dealings) + 1, name, amount_minor, currency, how, due_s)
        self.dealings.append(dealing)
        self.step(now_s)
        return dealing

    def give_back(self, name: str, original: Dealing, now_s: float, behaviour: tuple[str, float]) -> Dealing:
        """Let a reversal begin."""
        dealing = self.begin(name, original.moved_minor, original.currency, now_s, behaviour)
        dealing.reversal_of = original.number
        if dealing.end in _BOOKED:
            dealing.moved_minor = -original.moved_minor
        return dealing

    def is_given_back(self, original: Dealing) -> bool:
        """Whether a dealing was reversed."""
        return any(dealing.reversal_of == original.number and dealing.moved_minor for dealing in self.dealings)

    def step(self, now_s: float) -> None:
        """Let time pass."""
        for dealing in self.dealings[-2:]:
            if dealing.is_running and now_s >= dealing.due_s:
                end, answer = _ENDS.get(dealing.behaviour, (End.ABORTED, Answer.REPLY))
                self._finish(dealing, end, answer)

    def abort(self, name: str) -> None:
        """The till wants a payment to end."""
        dealing = self.named(name)
        if dealing is not None and dealing.is_running and dealing.behaviour != "ignore_abort":
            _end, answer = _ENDS.get(dealing.behaviour, (End.ABORTED, Answer.REPLY))
            self._finish(dealing, End.ABORTED, answer)

    def lose_power(self) -> None:
        """What was not booked never will be."""
        dealing = self.running
        if dealing is not None:
            self._finish(dealing, End.ABORTED, Answer.HANG_UP)

    def _finish(self, dealing: Dealing, end: End, answer: Answer) -> None:
        dealing.end, dealing.answer = end, answer
        if end in _BOOKED:
            dealing.moved_minor = dealing.amount_minor // 2 if end is End.PARTLY else dealing.amount_minor
            if dealing.reversal_of is not None:
                dealing.moved_minor = -dealing.moved_minor

    # The operator's side.

    def facts(self) -> dict[str, JsonValue]:
        """Return what was really booked."""
        bookings: list[JsonValue] = [
            {
                "number": one.number,
                "name": one.name,
                "amount_minor": one.moved_minor,
                "currency": one.currency,
                "reversal_of": one.reversal_of,
            }
            for one in self.dealings
            if one.moved_minor
        ]
        running = self.running
        return {
            "bookings": bookings,
            "booked_minor": sum(one.moved_minor for one in self.dealings),
            "charges": sum(one.moved_minor > 0 for one in self.dealings),
            "running": None if running is None else running.name,
            "repeated_names": self.repeats,
            "next_payment": self._next[0] if self._next else self._always,
        }

    def actions(self) -> Mapping[str, Action]:
        """What a person can do at a terminal."""
        return {"next_payment": self.next_payment, "every_payment": self.every_payment, "customer": self.customer}

    def next_payment(self, behaviour: Behaviour, delay_s: float = 0.0) -> JsonValue:
        """Let the next payment go this way, after this many seconds."""
        self._next = (behaviour, _delay(delay_s))
        return None

    def every_payment(self, behaviour: Behaviour, delay_s: float = 0.0) -> JsonValue:
        """Let all payments from now on go this way."""
        self._always, self._delay_s = behaviour, _delay(delay_s)
        return None

    def customer(self, does: Literal["approve", "refuse", "wrong_pin", "cancel", "drop_after"], now_s: float) -> JsonValue:
        """Let the shopper who stands at the terminal do something now."""
        dealing = self.running
        if dealing is None:
            raise ActionError("Nobody is paying right now.")
        dealing.behaviour, dealing.due_s = does, now_s
        self.step(now_s)
        return None


def _delay(delay_s: float) -> float:
    if not 0 <= delay_s <= DELAY_MAX_S:
        raise ActionError(f"A delay is between 0 and {DELAY_MAX_S:g} seconds.")
    return delay_s
