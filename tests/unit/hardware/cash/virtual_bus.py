"""A kiosk in virtual time: the real driver on the simulated bus, with a journal that survives and an owner that may die.

Nothing waits: the line moves a virtual clock. The line can lose, damage or delay chunks, and can be cut.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hardware.bench.simulator import JsonValue
from hardware.cash.driver import CashBusDriver
from hardware.cash.entries import DISPENSE, question_of
from hardware.cash.events import (
    CashTrouble,
    CoinTaken,
    CounterMemory,
    CounterMoved,
    NoteInEscrow,
    NoteStacked,
    PayoutFinished,
)
from hardware.cash.simulator import SimulatedCashBus, build
from hardware.device import DeviceCommand, DeviceEvent
from hardware.errors import DeviceError, LinkLostError
from hardware.journal import JournalError, MemoryJournal
from hardware.journal_entry import Entry, Record
from hardware.link import Link

STEP_S = 0.003
POLL_S = 0.1
FAILED_MAX = 3


class Clock:
    """Virtual monotonic seconds."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class VirtualLink(Link):
    """The line in virtual time; faults by chance, all from one seed."""

    def __init__(self, simulator: SimulatedCashBus, clock: Clock, seed: int) -> None:
        self.url = "virtual"
        self.simulator = simulator
        self.is_cut = False
        self.is_silent = False
        self.loss = 0.0
        """Chance that a chunk, in either direction, is lost or damaged."""
        self.fragility = 0.0
        """Chance that the line is cut right after something was sent."""
        self.delay_s = 0.0
        """How late a chunk comes; with the same chance as a loss."""
        self.cut_after: int | None = None
        """Cut the line when a frame with this header has been sent."""
        self.written: list[bytes] = []
        self._clock = clock
        self._random = random.Random(seed)
        self._coming: list[tuple[float, bytes]] = []
        self._arrived = b""

    def write(self, data: bytes) -> None:
        self._check()
        self.simulator.receive(self._worn(data), self._clock())
        self.written.append(data)
        self.is_cut = self._random.random() < self.fragility or data[3] == self.cut_after

    def read(self, timeout_s: float, limit: int = 4096) -> bytes:
        deadline_s = self._clock() + timeout_s
        while True:
            self._check()
            self._move()
            if self._arrived:
                data, self._arrived = self._arrived[:limit], self._arrived[limit:]
                return data
            if self._clock() >= deadline_s:
                return b""
            self._clock.now_s += STEP_S

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        deadline_s = self._clock() + timeout_s
        data = b""
        while len(data) < count and (more := self.read(max(0.0, deadline_s - self._clock()), count - len(data))):
            data += more
        return data

    def discard_input(self, quiet_s: float = 0.0) -> int:
        dropped = 0
        while data := self.read(quiet_s):
            dropped += len(data)
        return dropped

    def close(self) -> None:
        self._coming.clear()
        self._arrived = b""

    def _check(self) -> None:
        if self.is_cut:
            raise LinkLostError("the line is cut")

    def _move(self) -> None:
        now_s = self._clock()
        if chunk := self.simulator.send(now_s):
            late_s = self.delay_s if self._random.random() < self.loss else 0.0
            self._coming.append((now_s + late_s, self._worn(chunk)))
        while self._coming and self._coming[0][0] <= now_s:
            self._arrived += self._coming.pop(0)[1]

    def _worn(self, data: bytes) -> bytes:
        if self.is_silent or (data and self._random.random() < self.loss / 2):
            return b""
        if data and self._random.random() < self.loss / 2:
            at = self._random.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << self._random.randrange(8)]) + data[at + 1 :]
        return data


class BreakableJournal(MemoryJournal):
    """A journal that can fail, and that forgets nothing."""

    is_broken = False

    def _write(self, record: Record) -> None:
        if self.is_broken:
            raise JournalError("no space left on device")
        super()._write(record)

    def _tidy(self) -> None:
        """Forget nothing."""


class VirtualKiosk:
    """Owner, journal, driver, line and bus. The journal survives :meth:`crash`; events that were not digested do not."""

    def __init__(
        self, options: Mapping[str, JsonValue] | None = None, seed: int = 1, settings: Mapping[str, Any] | None = None
    ) -> None:
        self.settings = settings or {}
        """What the driver is told beside the usual."""
        chosen: dict[str, JsonValue] = {"empty_s": 1.0, **(options or {})}
        self.clock = Clock()
        self.simulator = build(chosen, seed)
        self.link = VirtualLink(self.simulator, self.clock, seed)
        self.checksum = "crc16" if chosen.get("checksum") == "crc16" else "sum8"
        self.echo = bool(chosen.get("echo", True))
        # The journal:
        self.credits: dict[tuple[str, int, int], int] = {}
        self.counters: dict[str, CounterMemory] = {}
        self.journal = BreakableJournal()
        self.outcomes: dict[UUID, PayoutFinished] = {}
        self.troubles: list[CashTrouble] = []
        # What dies in a crash:
        self.events: list[DeviceEvent] = []
        self.inbox: list[DeviceEvent] = []
        self.commands: list[DeviceCommand] = []
        self.is_connected = False
        self.failures = 0
        self.offered_minor = 0
        self.driver = self._new_driver()

    def _new_driver(self) -> CashBusDriver:
        driver = CashBusDriver(
            checksum="crc16" if self.checksum == "crc16" else "sum8",
            echo=self.echo,
            last_counters=dict(self.counters),
            journal=self.journal,
            clock=self.clock,
            **self.settings,
        )
        driver.name = "cash"
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
        """Do what the device's thread does in one round, a tenth of a second."""
        begun_s = self.clock()
        try:
            self._work()
            self.failures = 0
        except LinkLostError:
            self._lose()
        except DeviceError:
            self.failures += 1
            if not self.is_connected or self.failures >= FAILED_MAX:
                self._lose()
        self.clock.now_s = max(self.clock.now_s, begun_s + POLL_S)
        self.simulator.send(self.clock.now_s) if not self.is_connected else None

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
        self.failures = 0
        self.driver.close(self.link)
        self.clock.now_s += 0.5

    def digest(self) -> None:
        """Let the owner journal what it was told."""
        for event in self.inbox:
            if isinstance(event, CoinTaken | NoteStacked):
                key = (event.place, event.epoch, event.seq)
                known = self.credits.setdefault(key, event.value_minor)
                assert known == event.value_minor, f"{key} came with two values"
                self.counters[event.place] = event.memory
            elif isinstance(event, CounterMoved):
                self.counters[event.place] = event.memory
            elif isinstance(event, NoteInEscrow):
                self.offered_minor = event.value_minor
            elif isinstance(event, PayoutFinished):
                self.outcomes[event.payout_id] = event
        self.inbox.clear()

    def run(self, seconds: float) -> None:
        """Let time pass, the owner awake."""
        end_s = self.clock() + seconds
        while self.clock() < end_s:
            self.tick()
            self.digest()

    def crash(self) -> None:
        """Kill the host; at its next start it asks for the outcome of every open intent."""
        self.inbox.clear()
        self.commands.clear()
        self.is_connected = False
        self.failures = 0
        self.driver.close(self.link)
        self.driver = self._new_driver()
        self.clock.now_s += 2.0
        self.link.close()

    def ask_open_payouts(self) -> None:
        """Ask for the outcome of what the journal does not know the end of."""
        for payout_id, entry in self.dispenses.items():
            outcome = self.outcomes.get(payout_id)
            if outcome is None or outcome.uncertain:
                self.give(question_of(entry))

    @property
    def dispenses(self) -> dict[UUID, Entry]:
        """All payouts that were ever written down."""
        return {entry.intent.entry_id: entry for entry in self.journal._entries.values() if entry.intent.action == DISPENSE}

    def sent(self, header: int) -> int:
        """Return how often a header was sent."""
        return sum(frame[3] == header for frame in self.link.written)

    def credited_minor(self, place: str) -> int:
        """Return the journalled credits of a place."""
        return sum(value_minor for (where, _, _), value_minor in self.credits.items() if where == place)

    def pile(self, name: str) -> dict[str, int]:
        """Return a pile of the simulator's facts."""
        pile = self.simulator.facts()[name]
        assert isinstance(pile, dict)
        return {key: count for key, count in pile.items() if isinstance(count, int)}

    def worth_minor(self, name: str) -> int:
        """Return what a pile of the simulator's facts is worth."""
        return sum(int(value_minor) * count for value_minor, count in self.pile(name).items())

    def stock(self, hopper: str) -> int:
        """Return how many coins a hopper really holds."""
        hoppers = self.simulator.facts()["hoppers"]
        assert isinstance(hoppers, dict)
        facts = hoppers[hopper]
        assert isinstance(facts, dict)
        count = facts["count"]
        assert isinstance(count, int)
        return count
