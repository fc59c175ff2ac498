"""A kiosk in virtual time: the real driver on the simulated bus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hardware.bench.simulator import JsonValue
from hardware.cash.driver import CashBusDriver
from hardware.cash.entries import DISPENSE, question_of
from hardware.cash.events import (
    CoinTaken,
    CounterMemory,
    CounterMoved,
    NoteInEscrow,
    NoteStacked,
    PayoutFinished,
)
from hardware.cash.simulator import SimulatedCashBus, build
from hardware.journal_entry import Entry
from tests.support.virtual import Clock, VirtualLine, VirtualOwner


class VirtualBus(VirtualLine):
    """The cash bus; ``cut_after`` is a header."""

    def __init__(self, simulator: SimulatedCashBus, clock: Clock, seed: int) -> None:
        super().__init__(simulator, clock, seed)
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        super().write(data)
        self.written.append(data)

    def _is_last(self, data: bytes) -> bool:
        return data[3] == self.cut_after


class VirtualKiosk(VirtualOwner[CashBusDriver]):
    """A kiosk with a cash bus."""

    link: VirtualBus

    def __init__(
        self, options: Mapping[str, JsonValue] | None = None, seed: int = 1, settings: Mapping[str, Any] | None = None
    ) -> None:
        self.settings = settings or {}
        """What the driver is told beside the usual."""
        chosen: dict[str, JsonValue] = {"empty_s": 1.0, **(options or {})}
        self.simulator = build(chosen, seed)
        super().__init__(self.simulator, lambda clock: VirtualBus(self.simulator, clock, seed))
        self.checksum = "crc16" if chosen.get("checksum") == "crc16" else "sum8"
        self.echo = bool(chosen.get("echo", True))
        # The journal:
        self.credits: dict[tuple[str, int, int], int] = {}
        self.counters: dict[str, CounterMemory] = {}
        self.outcomes: dict[UUID, PayoutFinished] = {}
        self.offered_minor = 0
        self.start_driver()

    def new_driver(self) -> CashBusDriver:
        driver = CashBusDriver(
            checksum="crc16" if self.checksum == "crc16" else "sum8",
            echo=self.echo,
            last_counters=dict(self.counters),
            journal=self.journal,
            clock=self.clock,
            **self.settings,
        )
        driver.name = "cash"
        return driver

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
