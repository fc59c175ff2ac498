"""A terminal on a real bench, its driver connected over a real socket, a journal on disk; for both protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import pytest

from hardware.bench.bench import Bench
from hardware.bench.devices import BenchDevice, WiredDevice
from hardware.bench.host import TcpHost
from hardware.bench.https import HttpsDevice
from hardware.bench.simulator import JsonValue
from hardware.card_terminal import simulator_nexo, simulator_zvt
from hardware.card_terminal.commands import Charge
from hardware.card_terminal.events import ChargeFinished, Result, Verdict
from hardware.card_terminal.https import Trust
from hardware.card_terminal.nexo_driver import NexoDriver, NexoSettings
from hardware.card_terminal.terminal import Patience, TerminalDriver
from hardware.card_terminal.zvt_driver import ZvtDriver, ZvtSettings
from hardware.connection import State
from hardware.device import Device
from hardware.journal import FileJournal
from tests.support.owner import Owner
from tests.support.wire import wait_for

PASSPHRASE = "mysupersecretpassphrase"
PATIENCE = Patience(heartbeat_s=0.3, acknowledge_s=1.0, ask_period_s=0.2, answer_limit_s=2.0)


class Till:
    """A terminal and its driver."""

    def __init__(self, folder: Path, kind: str, **options: JsonValue) -> None:
        self.folder = folder
        self.kind = kind
        module = {"nexo-terminal": simulator_nexo, "zvt-terminal": simulator_zvt}[kind]
        simulator = module.build(options, 1)

        def another() -> Any:
            return module.build(module.other_options(options), 1)

        made: BenchDevice
        if kind == "nexo-terminal":
            made = HttpsDevice("terminal", kind, simulator, port=0, folder=folder, another=another)
            self.trust = Trust(fingerprint=made.fingerprint)
        else:
            made = WiredDevice("terminal", kind, simulator, TcpHost("terminal", 0), another)
        self.bench = Bench([made])
        self.url = made.url
        self.patience = PATIENCE
        self.poi_id = "V400m-324688179"
        self.comes_to = State.READY
        self.start()

    def start(self) -> None:
        """Start the program that owns the driver."""
        self.owner = Owner()
        self.journal = FileJournal(self.folder / "card.journal")
        self.device: Device[Any] = Device("terminal", self.url, self.driver(), self.owner.publish)

    def driver(self) -> TerminalDriver[Any]:
        if self.kind == "nexo-terminal":
            settings = NexoSettings("kiosk-1", self.poi_id, trust=self.trust, passphrase=PASSPHRASE)
            return NexoDriver(settings, self.journal, self.patience)
        return ZvtDriver(ZvtSettings(currency="CNY"), self.journal, self.patience)

    def __enter__(self) -> Self:
        self.bench.start()
        self.device.start()
        self.owner.wait_for_state(self.comes_to)
        return self

    def __exit__(self, *_: object) -> None:
        self.device.stop()
        self.journal.close()
        self.bench.stop()

    def restart(self) -> None:
        """End the owner's program in the middle of everything and start it again."""
        self.device.stop()
        self.journal.close()
        self.start()
        self.device.start()
        self.owner.wait_for_state(State.READY)

    def play(self, action: str, **arguments: JsonValue) -> None:
        self.bench.play("terminal", action, arguments)

    def facts(self) -> dict[str, Any]:
        facts = self.bench.describe("terminal")["facts"]
        assert isinstance(facts, dict)
        return facts

    def charge(self, amount_minor: int = 1234, charge_id: UUID | None = None) -> UUID:
        wanted = charge_id or uuid4()
        self.device.perform(Charge(wanted, amount_minor, "CNY"))
        return wanted

    def results(self, charge_id: UUID) -> list[Result]:
        return [event.result for event in self.owner.heard(ChargeFinished) if event.charge_id == charge_id]

    def final(self, charge_id: UUID) -> Result:
        """Wait for the final verdict; there is exactly one kind of it."""
        wait_for(lambda: any(one.verdict.is_final for one in self.results(charge_id)), "a final verdict", 20.0)
        return next(one for one in self.results(charge_id) if one.verdict.is_final)

    def wait_unknown(self, charge_id: UUID) -> None:
        wait_for(lambda: any(one.verdict is Verdict.UNKNOWN for one in self.results(charge_id)), "UNKNOWN")

    def wait_running(self) -> None:
        wait_for(lambda: self.facts()["running"] is not None, "the payment to run")

    def check(self) -> None:
        """What the journal says moved is what was really booked; nothing was ever asked for twice."""
        facts = self.facts()
        moved = self.journal.moved_minor("terminal", "charge") - self.journal.moved_minor("terminal", "reverse")
        assert moved == facts["booked_minor"], facts
        assert facts["repeated_names"] == 0
        assert not self.journal.open_entries("terminal")


@pytest.fixture(params=["nexo-terminal", "zvt-terminal"])
def till(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Till]:
    with Till(tmp_path, request.param, limit_s=1.0) as till:
        yield till


@pytest.fixture
def open_till(tmp_path: Path) -> Callable[..., Till]:
    return lambda kind, **options: Till(tmp_path, kind, **options)
