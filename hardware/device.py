"""One worker thread owns each port; a driver says what to ask; events go to the owner.

A :class:`Driver` is the device's knowledge: how to open its port, identify and initialise it, what to poll, how to carry out a
command. A :class:`Device` is the thread that runs it under the connection machine. Nobody else touches the port. Events are
handed to ``publish`` on the worker's thread: pass ``queue.put`` or a Qt signal's ``emit``, never a function that touches a
session.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from hardware import connection as machine
from hardware.connection import Command, Connection, Identity, State
from hardware.errors import DeviceError, LinkLostError, WrongDeviceError
from hardware.link import LineSettings, Link

_log = logging.getLogger(__name__)

COMMANDS_MAX = 1000
"""More waiting commands than this are a mistake of the owner."""
JITTER = 0.2
STOP_TIMEOUT_S = 10.0

Port = TypeVar("Port")


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """Something a device did."""

    device: str
    """The device's name in the settings."""


@dataclass(frozen=True, slots=True)
class ConnectionChanged(DeviceEvent):
    """The device came or went."""

    state: State
    reason: str
    identity: Identity

    @property
    def is_ready(self) -> bool:
        """Whether the device can be used."""
        return self.state is State.READY


@dataclass(frozen=True, slots=True)
class DeviceCommand:
    """Something the owner wants a device to do; each driver has its own."""


Publish = Callable[[DeviceEvent], None]


class Driver(ABC, Generic[Port]):
    """What one kind of device needs. All methods run on the device's own thread.

    A method may raise any :class:`DeviceError`: :class:`LinkLostError` loses the connection at once, every other counts as a
    failed exchange.
    """

    poll_period_s: float = 0.2
    """How often :meth:`poll` runs while READY and no command waits."""

    name: str
    """The device's name in the settings; events carry it."""
    publish: Publish
    """Set by :class:`Device` before anything else."""

    @abstractmethod
    def open(self, url: str) -> Port:
        """Open the port or raise LinkLostError."""

    @abstractmethod
    def close(self, port: Port) -> None:
        """Close the port; never fails."""

    @abstractmethod
    def probe(self, port: Port) -> Identity:
        """Identify the device and initialise it, everything off; raise DeviceError if it is not the one or is silent."""

    @abstractmethod
    def poll(self, port: Port) -> None:
        """Ask what has happened and publish it; at most about a tenth of a second."""

    def perform(self, port: Port, command: DeviceCommand) -> None:
        """Carry out one command of the owner and publish its outcome."""
        raise NotImplementedError(f"{self.name} knows no {type(command).__name__} on {port!r}")

    def abandon(self, command: DeviceCommand) -> None:
        """Answer a command that came while the device was not READY; the default drops it."""

    def leave_safe(self, port: Port) -> None:
        """Leave a READY device as it should stand when this program ends: outputs off, nothing accepted.

        The default does nothing. Runs only at a regular :meth:`Device.stop`; safety must not depend on it.
        """

    def end(self) -> None:
        """Give back what outlives a lost connection, such as a port that the device connects to; the last call of all."""


class SerialDriver(Driver[Link]):
    """A driver over a serial line or a TCP socket."""

    line: LineSettings = LineSettings()

    def open(self, url: str) -> Link:
        """Open the line."""
        return Link(url, self.line)

    def close(self, port: Link) -> None:
        """Close the line."""
        port.close()


class Device(Generic[Port]):
    """A driver running on its own thread."""

    def __init__(self, name: str, url: str, driver: Driver[Port], publish: Publish, pinned: Identity | None = None) -> None:
        """Make a device that is not yet connected.

        Args:
            name: its name in the settings.
            url: where it is plugged in; a symlink is followed anew at every opening.
            driver: what it is.
            publish: takes its events, on this device's thread.
            pinned: the only device to accept: whichever of model, serial number and firmware is not empty must be the same.
        """
        self.name = name
        self._url = url
        self._pinned = pinned or Identity()
        self._driver = driver
        self._publish = publish
        driver.name = name
        driver.publish = publish
        self._commands: queue.Queue[DeviceCommand] = queue.Queue(COMMANDS_MAX)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"device-{name}", daemon=True)
        self._connection = Connection()
        self._port: Port | None = None
        self._retry_at = 0.0
        self._poll_at = 0.0

    @property
    def connection(self) -> Connection:
        """The present state; for display only, it may change at any time."""
        return self._connection

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def perform(self, command: DeviceCommand) -> None:
        """Queue a command; its outcome comes as an event."""
        self._commands.put_nowait(command)
        self._wake.set()

    def poll_by(self, due_s: float) -> None:
        """Let the next poll come at this time (monotonic seconds) at the latest: the owner waits for what it tells."""
        if due_s < self._poll_at:
            self._poll_at = due_s
            self._wake.set()

    def stop(self) -> None:
        """Leave the device safe, close the port and end the thread. Commands still waiting are abandoned."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        self._feed(machine.OpenRequested())
        while not self._stopping.is_set():
            self._step()
        self._abandon_waiting()
        self._leave_safe()
        self._feed(machine.CloseRequested())
        self._driver.end()

    def _step(self) -> None:
        state = self._connection.state
        now = time.monotonic()
        if state is State.READY:
            self._work(now)
        elif state is State.LOST and now >= self._retry_at:
            self._feed(machine.RetryDue())
        else:
            self._abandon_waiting()
            self._sleep_until(self._retry_at)

    def _work(self, now: float) -> None:
        try:
            command = self._commands.get_nowait()
        except queue.Empty:
            command = None
        if command is None and now < self._poll_at:
            self._sleep_until(self._poll_at)
            return
        assert self._port is not None
        try:
            if command is not None:
                self._driver.perform(self._port, command)
            else:
                self._poll_at = now + self._driver.poll_period_s
                self._driver.poll(self._port)
        except LinkLostError as error:
            self._feed(machine.LinkFailed(str(error)))
        except DeviceError as error:
            _log.debug("%s: %s", self.name, error)
            self._feed(machine.ExchangeFailed(str(error)))
        except Exception as error:  # noqa: BLE001 - see _mistake
            self._feed(self._mistake(error))
        else:
            self._feed(machine.ExchangeSucceeded())

    def _mistake(self, error: Exception) -> machine.LinkFailed:
        """A mistake in a driver must not end its thread: nobody would ever hear that the device is gone."""
        _log.error("%s: mistake in the driver", self.name, exc_info=error)
        return machine.LinkFailed(f"mistake in the driver, see the log: {error!r}")

    def _leave_safe(self) -> None:
        if self._connection.state is State.READY and self._port is not None:
            try:
                self._driver.leave_safe(self._port)
            except DeviceError as error:
                _log.warning("%s could not be left safe: %s", self.name, error)

    def _abandon_waiting(self) -> None:
        while not self._commands.empty():
            self._driver.abandon(self._commands.get_nowait())

    def _sleep_until(self, due: float) -> None:
        wait_s = due - time.monotonic()
        if wait_s > 0 and self._wake.wait(wait_s):
            self._wake.clear()

    def _feed(self, event: machine.Event) -> None:
        self._connection, commands = machine.advance(self._connection, event)
        for command in commands:
            self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        if command is Command.OPEN_LINK:
            self._open()
        elif command is Command.PROBE:
            self._probe()
        elif command is Command.CLOSE_LINK:
            if self._port is not None:
                self._driver.close(self._port)
                self._port = None
        elif command is Command.WAIT:
            jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads retries, guards nothing
            self._retry_at = time.monotonic() + self._connection.back_off_s * jitter
        else:
            self._announce()

    def _open(self) -> None:
        try:
            self._port = self._driver.open(self._url)
        except DeviceError as error:
            self._feed(machine.LinkFailed(str(error)))
            return
        self._feed(machine.LinkOpened())

    def _probe(self) -> None:
        assert self._port is not None
        try:
            identity = self._driver.probe(self._port)
            machine.check_pinned(identity, self._pinned)
        except WrongDeviceError as error:
            self._feed(machine.LinkFailed(str(error), wrong_device=True))
            return
        except DeviceError as error:
            self._feed(machine.LinkFailed(str(error)))
            return
        except Exception as error:  # noqa: BLE001 - see _mistake
            self._feed(self._mistake(error))
            return
        self._poll_at = 0.0
        self._feed(machine.Identified(identity))

    def _announce(self) -> None:
        now = self._connection
        if now.state is State.READY:
            _log.info("%s is back: %s", self.name, now.identity)
        elif now.state is State.LOST:
            _log.warning("%s is lost: %s", self.name, now.reason)
        self._publish(ConnectionChanged(self.name, now.state, now.reason, now.identity))
