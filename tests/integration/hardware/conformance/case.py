"""What conformance suite and fault table need to know about a driver (:class:`Case`), and where it runs (:class:`Stand`).

A new device adds ``<device>_cases.py`` with a tuple ``CASES`` and ``test_<device>.py`` with four lines; see the scale's.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from hardware.bench import kinds
from hardware.bench.bench import Bench
from hardware.bench.devices import BenchDevice, CameraDevice, WiredDevice
from hardware.bench.host import PtyHost, TcpHost
from hardware.bench.https import HttpsDevice
from hardware.bench.polling import PollingDevice
from hardware.bench.simulator import JsonValue
from hardware.connection import Identity, State
from hardware.device import Device, Driver
from tests.integration.hardware.conformance.faults import USUAL, Fault, Moment, Must
from tests.support.owner import Owner
from tests.support.relay import Relay
from tests.support.shaped import Shape, ShapedHost
from tests.support.wire import wait_for

Transport: TypeAlias = Literal["pty", "tcp", "https", "mjpeg", "polling"]
READY_DEADLINE_S = 40.0
"""On a line that loses much, a long probe needs several openings."""


@dataclass(frozen=True)
class Case:
    """A driver, its simulator, and its main operation."""

    name: str
    """As a person calls it: "scale, MT-SICS"."""
    kind: str
    """The bench's kind."""
    driver: Callable[[Stand], Driver[Any]]
    """Makes the driver; may keep a journal in ``stand.memory``."""
    begin: Callable[[Stand, int], None]
    """Begins the main operation; the number says which attempt it is, so that texts and amounts can differ."""
    finish: Callable[[Stand, int], bool]
    """Waits until the owner has heard how it ended, at most some 20 s; asserts that this is what physically happened.

    Returns whether it was done. Not done is allowed only on bad lines and after faults; never hearing of it is not.
    """
    silence_s: float
    """After how long a silent device is lost at the latest: what the driver's own times add up to."""
    operation: str
    """What the main operation is, in a few words: "a weight is put on and read"."""
    silence_middle_s: float = 0.0
    """The same when it falls silent in the middle of its operation, where that takes longer."""
    middle: Callable[[Stand], bool] = lambda _stand: True
    """Whether the operation has begun and not ended: the moment for faults."""
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    """The simulator's."""
    build: Callable[[], Any] | None = None
    """Makes a simulator in place of the kind's, where that one costs too much."""
    transports: tuple[Transport, ...] = ("pty", "tcp")
    shapes: tuple[Shape, ...] = tuple(Shape)
    """Lines that the protocol can stand at all."""
    attempts_max: int = 12
    """On noisy and lossy lines."""
    faults: tuple[Fault, ...] = tuple(Fault)
    """Those that can happen to it."""
    must: Mapping[tuple[Fault, Moment], Must] = field(default_factory=dict)
    """Where the device differs from :data:`tests.integration.hardware.conformance.faults.USUAL`."""

    def musts(self, fault: Fault, moment: Moment) -> Must:
        """Return what must happen."""
        return self.must.get((fault, moment), USUAL[fault, moment])

    def prepare(self) -> None:
        """Import what the simulator needs: pydantic imports parts of itself late, and breaks when threads do it at once."""
        kinds.build_simulator(self.kind, self.options, 1)


class Stand:
    """A case on a real bench, with its driver connected over a real pty or socket."""

    def __init__(
        self,
        folder: Path,
        case: Case,
        transport: Transport = "pty",
        shape: Shape = Shape.GOOD,
        seed: int = 1,
        *,
        name: str = "device",
    ) -> None:
        self.case = case
        self.name = name
        self.shape = shape
        self.simulator: Any = case.build() if case.build else kinds.build_simulator(case.kind, case.options, seed)
        self._relay: Relay | None = None
        """The bad network before a device that listens by itself, or before the driver where the device asks."""
        self._listens_at = ""
        """Where the driver listens for a device that asks."""
        self._made = self._plugged_in(folder, transport, seed)
        self._bench = Bench([self._made])
        self.memory: dict[str, Any] = {}
        """The case's own notes: a journal, facts from before the operation."""
        self.owner = Owner()
        self.device = self._new_device(None)

    def __enter__(self) -> Self:
        self._bench.start()
        if self._relay is not None:
            self._relay.__enter__()
        self.device.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.device.stop()
        if self._relay is not None:
            self._relay.__exit__()
        self._bench.stop()

    def play(self, action: str, **arguments: JsonValue) -> JsonValue:
        """Let the operator do something to the device, faults included."""
        return self._bench.play(self.name, action, arguments)

    def facts(self) -> dict[str, Any]:
        """The physical truth."""
        facts = self._bench.describe(self.name)["facts"]
        assert isinstance(facts, dict)
        return facts

    def wait_ready(self, times: int = 1) -> None:
        """Wait until the device has been READY so often."""
        wait_for(lambda: self.owner.states().count(State.READY) >= times, f"READY the {times}. time", READY_DEADLINE_S)

    @property
    def is_ready(self) -> bool:
        """Whether it can be used now."""
        return self.device.connection.state is State.READY

    def restart(self, pinned: Identity | None = None) -> None:
        """End the program that owns the device and start it again; its journal in ``memory`` stays."""
        self.device.stop()
        self.owner = Owner()
        self.device = self._new_device(pinned)
        self.device.start()
        self.wait_ready()

    def certificate(self) -> str:
        """The fingerprint of the certificate that a device on HTTPS shows."""
        assert isinstance(self._made, HttpsDevice)
        return self._made.fingerprint

    def _plugged_in(self, folder: Path, transport: Transport, seed: int) -> BenchDevice:
        case = self.case

        def another() -> Any:
            return kinds.build_another(case.kind, case.options, seed)

        if transport == "mjpeg":
            return CameraDevice(self.name, case.kind, self.simulator, port=0)
        if transport == "https":
            device = HttpsDevice(self.name, case.kind, self.simulator, port=0, folder=folder, another=another)
            if self.shape is not Shape.GOOD:
                parts = urlsplit(device.url)
                assert parts.port is not None
                self._relay = Relay(parts.port, self.shape, seed)
            return device
        if transport == "polling":
            return self._asking(another, seed)
        host = PtyHost(folder / "dev", self.name) if transport == "pty" else TcpHost(self.name, 0)
        return WiredDevice(self.name, case.kind, self.simulator, ShapedHost(host, self.shape, seed), another)

    def _asking(self, another: Callable[[], Any], seed: int) -> BenchDevice:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = asked = int(free.getsockname()[1])
        self._listens_at = f"cloudprnt://127.0.0.1:{port}/secret"
        if self.shape is not Shape.GOOD:
            self._relay = Relay(port, self.shape, seed)
            asked = self._relay.port
        url = f"http://127.0.0.1:{asked}/secret"
        return PollingDevice(self.name, self.case.kind, self.simulator, another=another, url=url)

    def _new_device(self, pinned: Identity | None) -> Device[Any]:
        url = self._listens_at or self._made.url
        if self._relay is not None and not self._listens_at:
            parts = urlsplit(url)
            url = parts._replace(netloc=f"{parts.hostname}:{self._relay.port}").geturl()
        return Device(self.name, url, self.case.driver(self), self.owner.publish, pinned)


def all_cases() -> tuple[Case, ...]:
    """Return the cases of every ``*_cases.py`` here."""
    found: list[Case] = []
    for path in sorted(Path(__file__).parent.glob("*_cases.py")):
        found += importlib.import_module(f"tests.integration.hardware.conformance.{path.stem}").CASES
    return tuple(found)
