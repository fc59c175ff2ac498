"""A driver in virtual time: its line moves the clock, its owner may die, its journal survives. Nothing waits.

The line can lose, damage or delay chunks, and can be cut; all of it by chance, and all chance from one seed.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from hardware.bench.simulator import Simulator
from hardware.cash.events import CashTrouble
from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.device import DeviceCommand, DeviceEvent, Driver
from hardware.errors import DeviceError, LinkLostError
from hardware.journal import JournalError, MemoryJournal
from hardware.journal_entry import Record
from hardware.link import Link

LOOKS = 2
"""So often in a row what is waited for must be so."""
STEPS_FINE = 5
"""After so many steps without an answer the clock goes in steps as much longer: what comes late may be told a little later."""
AnyDriver = TypeVar("AnyDriver", bound=Driver[Link])


class Clock:
    """Virtual monotonic seconds."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class BreakableJournal(MemoryJournal):
    """A journal that can fail, and that forgets nothing."""

    is_broken = False

    def _write(self, record: Record) -> None:
        if self.is_broken:
            raise JournalError("no space left on device")
        super()._write(record)

    def _tidy(self) -> None:
        """Forget nothing."""


class VirtualLine(Link):
    """The line in virtual time."""

    step_s = 0.003
    """The clock's step while the driver waits."""

    def __init__(self, simulator: Simulator, clock: Clock, seed: int) -> None:
        self.url = "virtual"
        self.is_cut = False
        self.is_silent = False
        self.loss = 0.0
        """Chance that a chunk, in either direction, is lost or damaged."""
        self.fragility = 0.0
        """Chance that the line is cut right after something was sent."""
        self.delay_s = 0.0
        """How late a chunk comes; with the same chance as a loss."""
        self.cut_after: int | None = None
        """Cut the line when this was sent, whatever a line means by it."""
        self._simulator = simulator
        self._clock = clock
        self._random = random.Random(seed)
        self._coming: list[tuple[float, bytes]] = []
        self._arrived = b""

    def write(self, data: bytes) -> None:
        self.check()
        self._simulator.receive(self._worn(data), self._clock())
        self.is_cut = self._is_last(data) or self._random.random() < self.fragility

    def read(self, timeout_s: float, limit: int = 4096) -> bytes:
        begun_s = self._clock()
        while True:
            self.check()
            self._move()
            if self._arrived:
                data, self._arrived = self._arrived[:limit], self._arrived[limit:]
                return data
            waited_s = self._clock() - begun_s
            if waited_s >= timeout_s:
                return b""
            self._clock.now_s += self.step_s if waited_s < STEPS_FINE * self.step_s else STEPS_FINE * self.step_s

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

    def _is_last(self, data: bytes) -> bool:
        """Whether this is what the line is to be cut after."""
        del data
        return False

    def check(self) -> None:
        """Raise LinkLostError when the line is cut."""
        if self.is_cut:
            raise LinkLostError("the line is cut")

    def _move(self) -> None:
        now_s = self._clock()
        if chunk := self._simulator.send(now_s):
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


class VirtualOwner(ABC, Generic[AnyDriver]):
    """Owner, journal, driver and line. What an owner wrote down survives :meth:`crash`; events it did not digest do not."""

    poll_s = 0.1

    def __init__(self, simulator: Simulator, make_line: Callable[[Clock], VirtualLine]) -> None:
        self.clock = Clock()
        self.link = make_line(self.clock)
        self.journal = BreakableJournal()
        self.troubles: list[CashTrouble] = []
        # What dies in a crash:
        self.events: list[DeviceEvent] = []
        self.inbox: list[DeviceEvent] = []
        self.commands: list[DeviceCommand] = []
        self.is_connected = False
        self.failures = 0
        self.losses = 0
        self._device = simulator

    @abstractmethod
    def new_driver(self) -> AnyDriver:
        """Return a driver as a start of the program makes it."""

    @abstractmethod
    def digest(self) -> None:
        """Let the owner write down what it was told."""

    def start_driver(self) -> None:
        """Start the program."""
        self.driver = self.new_driver()
        self.driver.publish = self._publish

    def _publish(self, event: DeviceEvent) -> None:
        self.events.append(event)
        self.inbox.append(event)
        if isinstance(event, CashTrouble):
            self.troubles.append(event)

    def opened(self, *_: object) -> Link:
        """Open the line; what a test puts in the place of :class:`~hardware.link.Link` where the driver opens its port."""
        self.link.check()
        return self.link

    def give(self, command: DeviceCommand) -> None:
        """Queue a command of the owner."""
        self.commands.append(command)

    def tick(self) -> None:
        """Do what the device's thread does in one round."""
        begun_s = self.clock()
        try:
            self._work()
            self.failures = 0
        except LinkLostError:
            self._lose()
        except DeviceError:
            self.failures += 1
            if not self.is_connected or self.failures >= FAILED_EXCHANGES_MAX:
                self._lose()
        self.clock.now_s = max(self.clock.now_s, begun_s + self.poll_s)
        if not self.is_connected:
            self._device.send(self.clock.now_s)

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
        self.losses += 1
        self.driver.close(self.link)
        self.clock.now_s += 0.5

    def run(self, seconds: float) -> None:
        """Let time pass, the owner awake."""
        end_s = self.clock() + seconds
        while self.clock() < end_s:
            self.tick()
            self.digest()

    def run_until(self, is_so: Callable[[], bool], limit_s: float, step_s: float = 1.0) -> None:
        """Let time pass until something is so at two looks in a row, or the limit is reached."""
        end_s = self.clock() + limit_s
        times = 0
        while times < LOOKS and self.clock() < end_s:
            self.run(step_s)
            times = times + 1 if is_so() else 0

    def crash(self) -> None:
        """Kill the program and start it again."""
        self.inbox.clear()
        self.commands.clear()
        self.is_connected = False
        self.failures = 0
        self.driver.close(self.link)
        self.start_driver()
        self.clock.now_s += 2.0
        self.link.close()
