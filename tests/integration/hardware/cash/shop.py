"""A cash bus on a pty, its driver on its own thread, and an owner that journals: the real parts, in real time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from hardware.bench.simulator import JsonValue
from hardware.cash.driver import CashBusDriver
from hardware.cash.events import CoinTaken, CounterMemory, CounterMoved, NoteStacked, PayoutFinished
from hardware.cash.simulator import build
from hardware.connection import State
from hardware.device import Device
from hardware.journal import FileJournal
from hardware.link import Link
from tests.support.owner import Owner
from tests.support.wire import Shape, Wire, wait_for

FAST: Mapping[str, JsonValue] = {"coins_per_s": 20.0, "empty_s": 0.5, "escrow_s": 5.0}


class Shop:
    """One kiosk's cash devices."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        shape, seed = settings.pop("shape", Shape.GOOD), settings.pop("seed", 1)
        self.folder = folder
        self.checksum, self.echo = settings.get("checksum", "sum8"), settings.get("echo", True)
        self.simulator = build({**FAST, **settings}, seed)
        self.wire = Wire(folder, self.simulator, shape, seed)
        self.owner = Owner()
        self.credits: dict[tuple[str, int, int], int] = {}
        self.counters: dict[str, CounterMemory] = {}
        self.journal = FileJournal(folder / "devices.journal")
        self.device = self._new_device()

    def __enter__(self) -> Self:
        self.wire.__enter__()
        self.device.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.device.stop()
        self.journal.close()
        self.wire.__exit__()

    def _new_device(self) -> Device[Link]:
        driver = CashBusDriver(checksum=self.checksum, echo=self.echo, last_counters=dict(self.counters), journal=self.journal)
        return Device("cash", self.wire.url, driver, self.owner.publish)

    def digest(self) -> None:
        """Journal all credits and counters heard so far."""
        for event in self.owner.seen():
            if isinstance(event, CoinTaken | NoteStacked):
                self.credits.setdefault((event.place, event.epoch, event.seq), event.value_minor)
                self.counters[event.place] = event.memory
            elif isinstance(event, CounterMoved):
                self.counters[event.place] = event.memory

    def restart(self) -> None:
        """End the program and start it again with its journals; it asks for the outcome of open payouts by itself."""
        self.device.stop()
        self.digest()
        self.journal.close()
        self.journal = FileJournal(self.folder / "devices.journal")
        self.owner = Owner()
        self.device = self._new_device()
        self.device.start()
        self.ready()

    def ready(self, times: int = 1) -> None:
        """Wait until the bus can be used."""
        self.owner.wait_for_state(State.READY, times)

    def coin(self, value_minor: int) -> None:
        """Insert a coin."""
        with self.wire.paused():
            self.simulator.insert_coin(value_minor, self.wire.now_s)

    def note(self, value_minor: int) -> None:
        """Insert a note."""
        with self.wire.paused():
            self.simulator.insert_note(value_minor, self.wire.now_s)

    def fact(self, name: str) -> Any:
        """Return one of the simulator's facts."""
        with self.wire.paused():
            return self.simulator.facts()[name]

    def wait_for_fact(self, name: str, value: object) -> None:
        """Wait until a fact is so."""
        wait_for(lambda: self.fact(name) == value, f"{name} to be {value}")

    def credited_minor(self) -> int:
        """Return all credits journalled."""
        self.digest()
        return sum(self.credits.values())

    def paid_minor(self) -> int:
        """Return what all payouts say that they paid."""
        values = {"hopper-100": 100, "hopper-50": 50, "hopper-10": 10}
        return sum(event.paid * values[event.hopper] for event in self.owner.heard(PayoutFinished))
