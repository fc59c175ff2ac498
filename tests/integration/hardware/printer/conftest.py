from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice
from hardware.bench.host import Host, PtyHost, TcpHost
from hardware.bench.simulator import JsonValue
from hardware.connection import State
from hardware.device import ConnectionChanged, Device, DeviceEvent
from hardware.link import Link
from hardware.printer.driver import PrinterDriver, PrinterStatus, PrintJob, PrintOutcome
from hardware.printer.simulator import PrinterOptions, PrinterSimulator

DEADLINE_S = 20.0
Found = TypeVar("Found", bound=DeviceEvent)


class Stand:
    """A printer on a bench, and a driver connected to it."""

    def __init__(self, host: Host, options: PrinterOptions, cut_off: bytes = b"", *, left_half: bool = False) -> None:
        printer = PrinterSimulator(options)
        printer.receive(cut_off, 0.0)
        self.bench = Bench([WiredDevice("printer", "escpos-printer", printer, host)])
        self.bench.start()
        self.events: queue.Queue[DeviceEvent] = queue.Queue()
        self.driver = PrinterDriver(left_half_a_job=left_half)
        self.device: Device[Link] = Device("printer", host.url, self.driver, self.events.put)
        self.device.start()

    def restart(self, driver: PrinterDriver) -> None:
        self.device.stop()
        self.driver = driver
        self.device = Device("printer", str(self.bench.describe("printer")["url"]), driver, self.events.put)
        self.device.start()

    def play(self, action: str, **arguments: JsonValue) -> JsonValue:
        return self.bench.play("printer", action, arguments)

    def facts(self) -> dict[str, JsonValue]:
        facts = self.bench.describe("printer")["facts"]
        assert isinstance(facts, dict)
        return facts

    def print(self, data: bytes) -> UUID:
        job_id = uuid4()
        self.device.perform(PrintJob(job_id, data))
        return job_id

    def wait_for(self, kind: type[Found], fits: Callable[[Found], bool] = lambda _event: True) -> Found:
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            event = self.events.get(timeout=max(0.01, deadline_s - time.monotonic()))
            if isinstance(event, kind) and fits(event):
                return event

    def wait_ready(self) -> None:
        self.wait_for(ConnectionChanged, lambda event: event.is_ready)

    def wait_lost(self) -> ConnectionChanged:
        return self.wait_for(ConnectionChanged, lambda event: event.state is State.LOST)

    def wait_status(self, fits: Callable[[PrinterStatus], bool]) -> PrinterStatus:
        return self.wait_for(PrinterStatus, fits)

    def outcome_of(self, job_id: UUID) -> PrintOutcome:
        return self.wait_for(PrintOutcome, lambda event: event.job_id == job_id)

    def wait_facts(self, fits: Callable[[dict[str, JsonValue]], bool]) -> dict[str, JsonValue]:
        deadline_s = time.monotonic() + DEADLINE_S
        while not fits(facts := self.facts()):
            assert time.monotonic() < deadline_s, facts
        return facts

    def close(self) -> None:
        self.device.stop()
        self.bench.stop()


@pytest.fixture
def stand_with(tmp_path: Path) -> Iterator[Callable[..., Stand]]:
    """Make stands; ``transport`` is pty or tcp, ``cut_off`` what it heard before, the rest are the printer's options.

    ``left_half`` says that this was a job.
    """
    stands: list[Stand] = []

    def make(transport: str = "pty", cut_off: bytes = b"", *, left_half: bool = False, **options: Any) -> Stand:
        host = PtyHost(tmp_path, "printer") if transport == "pty" else TcpHost("printer", 0)
        stands.append(
            Stand(host, PrinterOptions.model_validate({"speed_mm_s": 1500.0, **options}), cut_off, left_half=left_half)
        )
        return stands[-1]

    yield make
    for stand in stands:
        stand.close()
