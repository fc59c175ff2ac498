"""The bench itself: one thread that carries bytes between hosts and simulators, moves the worlds on, and plays the operator.

Everything but cameras belongs to that thread: the control API hands it calls and waits for the answer. So a simulator and a
world need no locks. A camera is drawn on its own thread, under its own lock.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import TypeVar

from hardware.bench import actions
from hardware.bench.devices import BenchDevice, CameraDevice, WiredDevice, WorldDevice
from hardware.bench.host import Host, wait_for_input
from hardware.bench.simulator import ActionError, JsonValue

TICK_BUSY_S = 0.003
TICK_IDLE_S = 0.010
BUSY_FOR_S = 0.05
"""After the last byte the bench ticks fast for this long, because a device may answer a little later."""
CALLS_MAX = 100
CALL_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0

_log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Bench:
    """Devices and worlds, hosted and played."""

    def __init__(self, devices: Iterable[BenchDevice]) -> None:
        self._devices = {device.name: device for device in devices}
        self._wired = [device for device in self._devices.values() if isinstance(device, WiredDevice)]
        self._worlds = [device for device in self._devices.values() if isinstance(device, WorldDevice)]
        self._calls: queue.Queue[Callable[[float], None]] = queue.Queue(CALLS_MAX)
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._stopping = False
        self._busy_until_s = 0.0
        self._thread = threading.Thread(target=self._run, name="bench", daemon=True)

    @property
    def names(self) -> list[str]:
        """Every device and world, in the order of the settings."""
        return list(self._devices)

    def start(self) -> None:
        """Begin to carry bytes."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and take every device away."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)
        for device in self._devices.values():
            device.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def describe(self, name: str) -> dict[str, JsonValue]:
        """Return name, kind, url, plugged, facts and actions of one device.

        Raises:
            KeyError: there is no such device.
        """
        device = self._devices[name]
        return self._call(device, lambda _now_s: device.describe())

    def play(self, name: str, action: str, arguments: Mapping[str, JsonValue]) -> JsonValue:
        """Let the operator do something.

        Raises:
            KeyError: there is no such device.
            ActionError: it has no such action, or it cannot be done.
        """
        device = self._devices[name]
        found = device.actions().get(action)
        if found is None:
            raise ActionError(f"{name} has no action {action!r}. It has: {', '.join(sorted(device.actions()))}.")
        _log.info("%s: %s(%s)", name, action, ", ".join(f"{key}={value!r}" for key, value in arguments.items()))
        return self._call(device, lambda now_s: actions.call(action, found, arguments, now_s))

    def picture(self, name: str) -> bytes | None:
        """Return a PNG of the device, or nothing when it has no picture.

        Raises:
            KeyError: there is no such device.
        """
        return self._devices[name].picture(time.monotonic())

    def _call(self, device: BenchDevice, function: Callable[[float], Answer]) -> Answer:
        if isinstance(device, CameraDevice):
            with device.lock:
                return function(time.monotonic())
        answer: Future[Answer] = Future()

        def carry_out(now_s: float) -> None:
            try:
                answer.set_result(function(now_s))
            except Exception as error:  # noqa: BLE001 - it is raised again where the call was made
                answer.set_exception(error)

        try:
            self._calls.put_nowait(carry_out)
            self._wake()
            return answer.result(CALL_TIMEOUT_S)
        except (queue.Full, TimeoutError) as error:
            raise ActionError("The bench is too busy to do that now; try again.") from error

    def _wake(self) -> None:
        # A full pipe wakes just as well.
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")

    def _run(self) -> None:
        hosts = [device.host for device in self._wired]
        while not self._stopping:
            busy = time.monotonic() < self._busy_until_s
            self._tick(wait_for_input(hosts, self._wake_read, TICK_BUSY_S if busy else TICK_IDLE_S))

    def _tick(self, spoken_to: set[Host]) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, CALLS_MAX)
        active = False
        for _call in range(self._calls.qsize()):
            self._calls.get_nowait()(time.monotonic())
            active = True
        now_s = time.monotonic()
        for world in self._worlds:
            active = world.step(now_s) or active
        for device in self._wired:
            active = device.step(now_s, hears=device.host in spoken_to) or active
        if active:
            self._busy_until_s = now_s + BUSY_FOR_S
