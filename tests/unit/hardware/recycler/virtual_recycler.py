"""A recycler in virtual time: the real driver on the simulated device, with journals that survive and an owner that may die."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from hardware.bench.simulator import JsonValue
from hardware.cash.commands import AskPayoutOutcome, ReturnNote, StackNote
from hardware.cash.events import (
    CashTrouble,
    CounterMemory,
    CounterMoved,
    NoteInEscrow,
    NoteStacked,
    PayoutFinished,
)
from hardware.device import DeviceCommand, DeviceEvent
from hardware.errors import DeviceError, LinkLostError
from hardware.journal import JournalError, MemoryJournal
from hardware.journal_entry import Record
from hardware.link import Link
from hardware.recycler.driver import RecyclerDriver
from hardware.recycler.events import AmountPaid, StoreEmptied
from hardware.recycler.simulator import SimulatedRecycler, build

AnyEvent = TypeVar("AnyEvent", bound=DeviceEvent)
STEP_S = 0.01
POLL_S = 0.2


class Clock:
    """Virtual monotonic seconds."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class BreakableJournal(MemoryJournal):
    """A journal whose disk can be full."""

    is_broken = False

    def _write(self, record: Record) -> None:
        if self.is_broken:
            raise JournalError("no space left on device")
        super()._write(record)


class VirtualLine(Link):
    """The line in virtual time; faults by chance, all from one seed."""

    def __init__(self, simulator: SimulatedRecycler, clock: Clock, seed: int) -> None:
        self.url = "virtual"
        self.simulator = simulator
        self.is_cut = False
        self.loss = 0.0
        """Chance that a chunk, in either direction, is lost or damaged."""
        self.fragility = 0.0
        """Chance that the line is cut right after something was sent."""
        self.cut_after: int | None = None
        """Cut the line as soon as the device has carried out this command."""
        self._clock = clock
        self._random = random.Random(seed)
        self._arrived = b""

    def write(self, data: bytes) -> None:
        self._check()
        done = len(self.simulator.line.executed)
        self.simulator.receive(self._worn(data), self._clock())
        if self.cut_after in self.simulator.line.executed[done:]:
            self.is_cut, self.cut_after = True, None
        self.is_cut |= self._random.random() < self.fragility

    def read(self, timeout_s: float, limit: int = 4096) -> bytes:
        deadline_s = self._clock() + timeout_s
        while True:
            self._check()
            self._arrived += self._worn(self.simulator.send(self._clock()))
            if self._arrived:
                data, self._arrived = self._arrived[:limit], self._arrived[limit:]
                return data
            if self._clock() >= deadline_s:
                return b""
            self._clock.now_s += STEP_S

    def discard_input(self, quiet_s: float = 0.0) -> int:
        dropped = 0
        while data := self.read(quiet_s):
            dropped += len(data)
        return dropped

    def close(self) -> None:
        self._arrived = b""

    def _check(self) -> None:
        if self.is_cut:
            raise LinkLostError("the line is cut")

    def _worn(self, data: bytes) -> bytes:
        if not data or self._random.random() < self.loss / 2:
            return b""
        if self._random.random() < self.loss / 2:
            at = self._random.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << self._random.randrange(8)]) + data[at + 1 :]
        return data


class VirtualKiosk:
    """Owner, journals, driver, line and recycler. The journals survive :meth:`crash`; events that were not digested do not."""

    def __init__(
        self, options: Mapping[str, JsonValue] | None = None, seed: int = 1, stored: frozenset[int] = frozenset({1000, 2000})
    ) -> None:
        self.clock = Clock()
        self.simulator = build(options or {}, seed)
        self.link = VirtualLine(self.simulator, self.clock, seed)
        self.stored = stored
        # What survives:
        self.journal = BreakableJournal()
        self.credits: dict[tuple[str, int, int], int] = {}
        self.counters: dict[str, CounterMemory] = {}
        self.ordered: list[AskPayoutOutcome] = []
        self.outcomes: dict[UUID, PayoutFinished] = {}
        self.amounts: dict[UUID, AmountPaid] = {}
        self.emptied: dict[UUID, StoreEmptied] = {}
        self.troubles: list[CashTrouble] = []
        # What dies in a crash:
        self.events: list[DeviceEvent] = []
        self.inbox: list[DeviceEvent] = []
        self.commands: list[DeviceCommand] = []
        self.is_connected = False
        self.losses = 0
        self.driver = self._new_driver()

    def _new_driver(self) -> RecyclerDriver:
        driver = RecyclerDriver(self.journal, stored_minor=self.stored, last_counters=dict(self.counters), clock=self.clock)
        driver.name = "recycler"
        driver.publish = self._publish
        return driver

    def _publish(self, event: DeviceEvent) -> None:
        self.events.append(event)
        self.inbox.append(event)
        if isinstance(event, CashTrouble):
            self.troubles.append(event)

    def give(self, command: DeviceCommand) -> None:
        """Queue a command of the owner."""
        self.commands.append(command)

    def tick(self) -> None:
        """Do what the device's thread does in one round."""
        begun_s = self.clock()
        try:
            self._work()
        except DeviceError:
            self._lose()
        self.clock.now_s = max(self.clock.now_s, begun_s + POLL_S)
        if not self.is_connected:
            self.simulator.send(self.clock.now_s)

    def _work(self) -> None:
        if not self.is_connected:
            while self.commands:
                self.driver.abandon(self.commands.pop(0))
            self.driver.open("virtual")
            self.driver.probe(self.link)
            self.is_connected = True
        elif self.commands:
            self.driver.perform(self.link, self.commands.pop(0))
        else:
            self.driver.poll(self.link)

    def _lose(self) -> None:
        self.is_connected = False
        self.losses += 1
        self.driver.close(self.link)
        self.clock.now_s += 0.5

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

    def run(self, seconds: float) -> None:
        """Let time pass, the owner awake."""
        end_s = self.clock() + seconds
        while self.clock() < end_s:
            self.tick()
            self.digest()

    def crash(self) -> None:
        """Kill the host."""
        self.inbox.clear()
        self.commands.clear()
        self.is_connected = False
        self.driver.close(self.link)
        self.driver = self._new_driver()
        self.clock.now_s += 2.0
        self.link.close()

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
