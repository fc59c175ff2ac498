"""A recycler in virtual time: the real driver on the simulated device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from hardware.bench.simulator import JsonValue
from hardware.cash.commands import AskPayoutOutcome, ReturnNote, StackNote
from hardware.cash.events import (
    CounterMemory,
    CounterMoved,
    NoteInEscrow,
    NoteStacked,
    PayoutFinished,
)
from hardware.device import DeviceEvent
from hardware.recycler.driver import RecyclerDriver
from hardware.recycler.events import AmountPaid, StoreEmptied
from hardware.recycler.simulator import SimulatedRecycler, build
from tests.support.virtual import Clock, VirtualLine, VirtualOwner

AnyEvent = TypeVar("AnyEvent", bound=DeviceEvent)


class VirtualRecyclerLine(VirtualLine):
    """The recycler's line; it is cut as soon as the device has carried out the command ``cut_after``."""

    step_s = 0.01

    def __init__(self, simulator: SimulatedRecycler, clock: Clock, seed: int) -> None:
        super().__init__(simulator, clock, seed)
        self._executed = simulator.line.executed
        self._seen = 0

    def _is_last(self, data: bytes) -> bool:
        del data
        fresh, self._seen = self._executed[self._seen :], len(self._executed)
        if self.cut_after not in fresh:
            return False
        self.cut_after = None
        return True


class VirtualKiosk(VirtualOwner[RecyclerDriver]):
    """A kiosk with a recycler."""

    poll_s = 0.2

    def __init__(
        self, options: Mapping[str, JsonValue] | None = None, seed: int = 1, stored: frozenset[int] = frozenset({1000, 2000})
    ) -> None:
        self.simulator = build(options or {}, seed)
        super().__init__(self.simulator, lambda clock: VirtualRecyclerLine(self.simulator, clock, seed))
        self.stored = stored
        # What survives:
        self.credits: dict[tuple[str, int, int], int] = {}
        self.counters: dict[str, CounterMemory] = {}
        self.ordered: list[AskPayoutOutcome] = []
        self.outcomes: dict[UUID, PayoutFinished] = {}
        self.amounts: dict[UUID, AmountPaid] = {}
        self.emptied: dict[UUID, StoreEmptied] = {}
        self.start_driver()

    def new_driver(self) -> RecyclerDriver:
        driver = RecyclerDriver(self.journal, stored_minor=self.stored, last_counters=dict(self.counters), clock=self.clock)
        driver.name = "recycler"
        return driver

    def digest(self) -> None:
        """Let the owner journal what it was told."""
        for event in self.inbox:
            if isinstance(event, NoteStacked):
                known = self.credits.setdefault((event.place, event.epoch, event.seq), event.value_minor)
                assert known == event.value_minor, f"{event} came with two values"
                self.counters[event.place] = event.memory
            elif isinstance(event, CounterMoved):
                self.counters[event.place] = event.memory
            elif isinstance(event, PayoutFinished):
                self.outcomes[event.payout_id] = event
            elif isinstance(event, AmountPaid):
                self.amounts[event.payout_id] = event
            elif isinstance(event, StoreEmptied):
                self.emptied[event.entry_id] = event
        self.inbox.clear()

    def insert(self, value_minor: int, *, keep: bool = True) -> None:
        """Put a note in, and answer the offer."""

        seen = len(self.events)
        self.simulator.insert_note(value_minor, self.clock())
        self.run(1.0)
        if any(isinstance(event, NoteInEscrow) for event in self.events[seen:]):
            self.give(StackNote() if keep else ReturnNote())
        self.run(2.0)

    def heard(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        """Return all events of a kind since the last crash."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def store_minor(self) -> int:
        """What the store really holds."""
        return sum(value * count for value, count in self.simulator.notes.store.items())

    @property
    def box_minor(self) -> int:
        """What the cash box really holds."""
        return sum(value * count for value, count in self.simulator.notes.box.items())
