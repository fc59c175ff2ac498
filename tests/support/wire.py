"""A device under test on a kernel pty: a thread plays simulator and line; the test pulls plugs and garbles bytes."""

from __future__ import annotations

import contextlib
import os
import pty
import random
import threading
import time
import tty
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Self

from hardware.bench.simulator import Simulator

TICK_S = 0.002
DEADLINE_S = 10.0


class TooLateError(AssertionError):
    """What was waited for did not come in time."""


class Shape(Enum):
    """How the device's bytes arrive."""

    GOOD = "good"
    SPLIT = "split"
    """Cut at random places, pieces apart in time."""
    ONE_BYTE = "one byte at a time"
    NOISY = "noisy"
    """Three bytes in a thousand are changed, lost or joined by another."""


class Wire:
    """A pty behind a symlink with a simulator at the far end."""

    def __init__(self, folder: Path, simulator: Simulator, shape: Shape = Shape.GOOD, seed: int = 0) -> None:
        self.path = folder / "device"
        self.simulator = simulator
        self.shape = shape
        self.silent = False
        self.drop_replies = 0
        """How many of the next replies to lose."""
        self.delay_reply_s = 0.0
        """How late the next reply is."""
        self.heard = bytearray()
        """Everything the product sent."""
        self._random = random.Random(seed)
        self._late: list[tuple[float, bytes]] = []
        self._outgoing = bytearray()
        self._next_piece_s = 0.0
        self._lock = threading.Lock()
        self._master = self._slave = -1
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wire")

    @property
    def url(self) -> str:
        return str(self.path)

    @property
    def now_s(self) -> float:
        """The simulator's clock."""
        return time.monotonic()

    @property
    def busy(self) -> bool:
        """Whether bytes are still on their way to the product."""
        with self._lock:
            return bool(self._late or self._outgoing)

    def __enter__(self) -> Self:
        self.replug()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self.unplug()

    def unplug(self) -> None:
        with self._lock:
            if self._master >= 0:
                self.path.unlink()
                os.close(self._master)
                os.close(self._slave)
                self._master = self._slave = -1
            self._outgoing.clear()
            self._late.clear()

    def replug(self) -> None:
        with self._lock:
            self._master, self._slave = pty.openpty()
            tty.setraw(self._master)
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self.path.symlink_to(os.ttyname(self._slave))

    def inject(self, data: bytes) -> None:
        """Let bytes arrive that no simulator sent."""
        with self._lock:
            self._outgoing += data

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Touch the simulator without its thread in between."""
        with self._lock:
            yield

    def _run(self) -> None:
        while not self._ending.wait(TICK_S / 2):
            with self._lock:
                if self._master >= 0:
                    self._tick(time.monotonic())

    def _tick(self, now_s: float) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._master, 4096)
            self.heard += data
            if not self.silent:
                self.simulator.receive(data, now_s)
        reply = self.simulator.send(now_s)
        if reply and not self.silent:
            self._post(reply, now_s)
        while self._late and self._late[0][0] <= now_s:
            self._outgoing += self._noisy(self._late.pop(0)[1])
        if self._outgoing and now_s >= self._next_piece_s:
            self._write_piece(now_s)

    def _post(self, reply: bytes, now_s: float) -> None:
        if self.drop_replies:
            self.drop_replies -= 1
            return
        self._late.append((now_s + self.delay_reply_s, reply))
        self.delay_reply_s = 0.0

    def _noisy(self, data: bytes) -> bytes:
        if self.shape is not Shape.NOISY:
            return data
        out = bytearray()
        for byte in data:
            throw = self._random.random()
            if throw < 0.001:
                out.append(byte ^ (1 << self._random.randrange(8)))
            elif throw < 0.002:
                pass
            elif throw < 0.003:
                out += bytes([byte, self._random.randrange(256)])
            else:
                out.append(byte)
        return bytes(out)

    def _write_piece(self, now_s: float) -> None:
        size = len(self._outgoing)
        if self.shape is Shape.ONE_BYTE:
            size = 1
        elif self.shape is Shape.SPLIT:
            size = self._random.randint(1, size)
        if self.shape in {Shape.ONE_BYTE, Shape.SPLIT}:
            self._next_piece_s = now_s + TICK_S
        with contextlib.suppress(BlockingIOError):
            del self._outgoing[: os.write(self._master, self._outgoing[:size])]


def wait_for(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> float:
    """Return how long it took until the condition held; fail when it never does."""
    begun = time.monotonic()
    never = threading.Event()
    while not condition():
        if time.monotonic() - begun >= deadline_s:
            raise TooLateError(f"waited {deadline_s} s in vain for {what}")
        never.wait(0.005)
    return time.monotonic() - begun
