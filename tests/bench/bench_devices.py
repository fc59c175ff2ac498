"""Devices: from the last byte of an answer to its event in the owner's thread; CPU of each device that is polled."""

from __future__ import annotations

import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.bench import kinds
from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice
from hardware.bench.host import Host, PtyHost
from hardware.bench.simulator import JsonValue
from hardware.cash.commands import AcceptCash
from hardware.cash.driver import CashBusDriver
from hardware.cash.events import CoinTaken
from hardware.connection import State
from hardware.device import ConnectionChanged, Device, DeviceEvent, Driver
from hardware.io_module.driver import IoModuleDriver
from hardware.io_module.events import InputsChanged
from hardware.printer.driver import PrinterDriver
from hardware.scale.driver import ScaleDriver
from hardware.scale.events import WeightRead
from hardware.scanner import driver as scanners
from hardware.scanner.events import CodeScanned
from tests.bench.rows import Row, below

READY_S = 20.0
EVENTS = 40
CPU_FOR_S = 5.0
GAP_S = 0.12
CPU_AIM_PERCENT = 10


@dataclass(frozen=True)
class Subject:
    """One device and how it is made to tell something."""

    name: str
    kind: str
    options: dict[str, JsonValue]
    driver: Callable[[], Driver[Any]]
    event: type[DeviceEvent] | None = None
    """What is timed; None: only its CPU."""
    stir: Callable[[Bench, int], object] = lambda _bench, _turn: None
    """Makes the event come; nothing where every poll has one."""
    first: Callable[[Device[Any]], object] = lambda _device: None


LANE = (
    Subject("scale MT-SICS", "mt-sics-scale", {}, ScaleDriver, WeightRead),
    Subject(
        "scanner Datalogic",
        "ascii-scanner",
        {"dialect": "datalogic_std"},
        lambda: scanners.ScannerDriver(dialect=scanners.Dialect.DATALOGIC_STD),
        CodeScanned,
        lambda bench, turn: bench.play("device", "scan", {"text": f"CODE {turn}"}),
    ),
    Subject(
        "I/O module Modbus RTU",
        "modbus-io",
        {},
        IoModuleDriver,
        InputsChanged,
        lambda bench, turn: bench.play("device", "set_input", {"index": 0, "on": turn % 2 == 0}),
    ),
)
KIOSK = (
    Subject(
        "cash ccTalk",
        "cctalk-cash",
        {},
        CashBusDriver,
        CoinTaken,
        lambda bench, _turn: bench.play("device", "insert_coin", {"value_minor": 100}),
        lambda device: device.perform(AcceptCash(coins=True, notes=frozenset())),
    ),
    Subject("printer ESC/POS", "escpos-printer", {}, PrinterDriver),
)


class TimedHost:
    """A host that knows when it sent last."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.sent_s: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def write(self, data: bytes) -> None:
        """Send and look at the clock."""
        self._host.write(data)
        if data:
            self.sent_s.append(time.monotonic())


class Running:
    """One subject, its bench, its owner's thread."""

    def __init__(self, subject: Subject, folder: Path) -> None:
        self.host = TimedHost(PtyHost(folder, subject.kind))
        simulator = kinds.build_simulator(subject.kind, subject.options, 1)
        line: Any = self.host
        self.bench = Bench([WiredDevice("device", subject.kind, simulator, line)])
        self._events: queue.Queue[DeviceEvent | None] = queue.Queue()
        self.heard: list[tuple[float, DeviceEvent]] = []
        self.device = Device("device", self.host.url, subject.driver(), self._events.put)
        self._owner = threading.Thread(target=self._own, name="owner", daemon=True)

    def _own(self) -> None:
        while (event := self._events.get()) is not None:
            self.heard.append((time.monotonic(), event))

    def start(self) -> None:
        """Connect and wait until it is ready."""
        self.bench.start()
        self._owner.start()
        self.device.start()
        until_s = time.monotonic() + READY_S
        while not any(isinstance(event, ConnectionChanged) and event.state is State.READY for _, event in self.heard):
            if time.monotonic() > until_s:
                raise RuntimeError("a simulated device did not become ready")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it."""
        self.device.stop()
        self.bench.stop()
        self._events.put(None)
        self._owner.join()

    def cpu_s(self) -> float:
        """CPU time of the device's own thread."""
        ident = self.device._thread.ident
        assert ident is not None
        return time.clock_gettime(time.pthread_getcpuclockid(ident))


@contextmanager
def running(subjects: tuple[Subject, ...]) -> Iterator[list[Running]]:
    """Connect devices at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        found = [Running(subject, Path(folder)) for subject in subjects]
        for one in found:
            one.start()
        yield found
        for one in found:
            one.stop()


def measure() -> Iterator[Row]:
    """Yield the rows."""
    for subject in (*LANE, *KIOSK):
        if subject.event is not None:
            yield from _delays(subject)
    for name, subjects in (("a lane", LANE), ("a kiosk", KIOSK)):
        yield from _cpu(name, subjects)


def _delays(subject: Subject) -> Iterator[Row]:
    """Time events against the last byte that came before each."""
    assert subject.event is not None
    with running((subject,)) as (one,):
        subject.first(one.device)
        time.sleep(1.0)
        begun_s = time.monotonic()
        for turn in range(EVENTS):
            subject.stir(one.bench, turn)
            time.sleep(GAP_S)
        time.sleep(1.0)
        heard = [at_s for at_s, event in one.heard if isinstance(event, subject.event) and at_s > begun_s]
        sent = list(one.host.sent_s)
    delays_ms = sorted(1000 * (at_s - max(s for s in sent if s <= at_s)) for at_s in heard)
    name = f"{subject.name}, last byte of an answer to the event in the owner's thread"
    yield Row(name, "p50", round(statistics.median(delays_ms), 3), "ms")
    yield Row(name, "p95", round(delays_ms[int(0.95 * (len(delays_ms) - 1))], 3), "ms")
    yield Row(name, "events", len(heard), "")


def _cpu(name: str, subjects: tuple[Subject, ...]) -> Iterator[Row]:
    """Poll all devices of a place at their full rate, and see what their threads use."""
    with running(subjects) as found:
        before_s = [one.cpu_s() for one in found]
        time.sleep(CPU_FOR_S)
        shares = [100 * (one.cpu_s() - spent_s) / CPU_FOR_S for one, spent_s in zip(found, before_s, strict=True)]
    for subject, share in zip(subjects, shares, strict=True):
        yield Row(f"{subject.name}, polled at its full rate", "CPU", round(share, 3), "% of a core")
    yield below(
        Row(f"all devices of {name}, polled at their full rate", "CPU", round(sum(shares), 3), "% of a core"), CPU_AIM_PERCENT
    )
