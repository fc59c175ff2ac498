"""A device that connects to the product by itself and asks over HTTP, such as a CloudPRNT printer; and the faults of its line.

It has a thread of its own; the simulator is asked under one lock. What other devices send are replies, what this one sends are
requests: ``drop_next_reply`` and its like happen to the next one.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from hardware.bench.devices import BenchDevice
from hardware.bench.faults import NextReply, damage_actions, damaged, delay_s_of, garbage_of
from hardware.bench.simulator import Action, JsonValue, Playable
from program.errors import ProgramError

LOOK_PERIOD_S = 0.01
EXCHANGE_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 4_000_000
STOP_TIMEOUT_S = 7.0


class Wish(Protocol):
    """A request that a device wants to make."""

    @property
    def method(self) -> str:
        """GET, POST or DELETE."""

    @property
    def query(self) -> str:
        """What stands behind the question mark."""

    @property
    def body(self) -> bytes:
        """What is sent with it."""

    @property
    def file(self) -> str:
        """A file beside the URL, in place of the URL itself."""


class Asker(Playable, Protocol):
    """A device that asks."""

    @property
    def options(self) -> Any:
        """What it is; its ``url`` is where it asks."""

    def wish(self, now_s: float) -> Wish | None:
        """Return what it asks now."""

    def answered(self, status: int, body: bytes, now_s: float) -> None:
        """Hear the answer."""

    def unanswered(self, now_s: float) -> None:
        """Hear that there is none."""

    def power_cycle(self, now_s: float) -> None:
        """Lose what a real device loses without power."""


class PollingDevice(BenchDevice):
    """One device that asks at a URL of the product's."""

    def __init__(
        self, name: str, kind: str, asker: Asker, *, another: Callable[[], Asker] | None = None, url: str = ""
    ) -> None:
        """Plug it in.

        Args:
            name: its name on the bench.
            kind: its kind.
            asker: the device.
            another: makes one of its kind with another identity.
            url: where it asks, in place of its options' ``url``.
        """
        super().__init__(name, kind, asker)
        self._asker = asker
        self._another = another
        self._wrong: Asker | None = None
        self._asks_at = urlsplit(url or str(asker.options.url))
        if not self._asks_at.hostname or not self._asks_at.port:
            raise ProgramError(f"{name} needs an option url with host and port, such as http://127.0.0.1:8777/secret.")
        self._lock = threading.Lock()
        self._plugged, self._silent, self._stopping = True, False, False
        self._delay_s = 0.0
        self._next = NextReply.WHOLE
        self._garbage = b""
        self._epoch = 0
        """Counts power cycles and plugs: an answer to a question from before is nobody's."""
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name=f"polling-{name}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What the product's settings hold, on this computer."""
        return self._asks_at._replace(scheme="cloudprnt").geturl()

    @property
    def plugged(self) -> bool:
        """Whether it is in the network."""
        return self._plugged

    def close(self) -> None:
        """Take it away for good."""
        self._stopping = True
        self._unplug()
        self._thread.join(STOP_TIMEOUT_S)

    def facts(self) -> dict[str, JsonValue]:
        """Return the physical truth."""
        with self._lock:
            return super().facts()

    def picture(self, now_s: float) -> bytes | None:
        """Return its paper."""
        with self._lock:
            return super().picture(now_s)

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do, faults included."""
        played = {name: self._locked(action) for name, action in self._playable.actions().items()}
        faults: dict[str, Action] = {
            "unplug": self._unplug,
            "replug": self._replug,
            "power_cycle": self._power_cycle,
            "reset": self._power_cycle,
            "silent": self._act_silent,
            "delay_ms": self._act_delay_ms,
            "garbage": self._act_garbage,
        }
        if self._another is not None:
            faults["wrong_device"] = self._act_wrong_device
        return {**played, **faults, **damage_actions(self.damage_next, "request")}

    def damage_next(self, damage: NextReply) -> None:
        """Damage the next request."""
        self._next = damage

    def _run(self) -> None:
        while not self._stopping:
            if not self._ask():
                time.sleep(LOOK_PERIOD_S)

    def _ask(self) -> bool:
        """Let the device ask once; return whether it wanted to."""
        with self._lock:
            device, epoch = self._wrong or self._asker, self._epoch
            wish = device.wish(time.monotonic()) if self._plugged and not self._silent else None
            garbage, self._garbage = self._garbage, b""
        if garbage and self._plugged:
            self._exchange(garbage, hangs_up=True)
        if wish is None:
            return bool(garbage)
        damage, self._next = self._next, NextReply.WHOLE
        self._wait(epoch)
        answer = None
        if damage is not NextReply.DROPPED and epoch == self._epoch:
            answer = self._exchange(damaged(self._written(wish), damage), hangs_up=damage is NextReply.TRUNCATED)
        with self._lock:
            if epoch != self._epoch:
                return True
            if answer is None:
                device.unanswered(time.monotonic())
            else:
                device.answered(*answer, time.monotonic())
        return True

    def _written(self, wish: Wish) -> bytes:
        path = self._asks_at.path
        if wish.file:
            path = f"{path.rpartition('/')[0]}/{wish.file}"
        target = f"{path}?{wish.query}" if wish.query else path
        head = [
            f"{wish.method} {target} HTTP/1.1",
            f"Host: {self._asks_at.netloc}",
            "User-Agent: Scanlane bench",
            "Content-Type: application/json",
            f"Content-Length: {len(wish.body)}",
        ]
        return "\r\n".join([*head, "", ""]).encode("ascii") + wish.body

    def _exchange(self, request: bytes, *, hangs_up: bool) -> tuple[int, bytes] | None:
        """Send a request on a connection of its own; nothing when no good answer came, or none was waited for."""
        try:
            connection = socket.create_connection((self._asks_at.hostname, self._asks_at.port), EXCHANGE_TIMEOUT_S)
        except OSError:
            return None
        try:
            self._connection = connection
            if not self._plugged:
                return None
            connection.sendall(request)
            if hangs_up:
                return None
            response = http.client.HTTPResponse(connection)
            response.begin()
            return response.status, response.read(ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            self._connection = None
            connection.close()

    def _wait(self, epoch: int) -> None:
        until_s = time.monotonic() + self._delay_s
        while time.monotonic() < until_s and epoch == self._epoch:
            time.sleep(LOOK_PERIOD_S)

    def _locked(self, action: Action) -> Action:
        @functools.wraps(action)
        def locked(*args: Any, **kwargs: Any) -> JsonValue:
            with self._lock:
                return action(*args, **kwargs)

        return locked

    def _unplug(self) -> None:
        """Pull the device's network plug."""
        self._plugged = False
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _replug(self) -> None:
        """Put the device's network plug in again."""
        self._plugged = True

    def _power_cycle(self, now_s: float) -> None:
        """Switch the device off and on again."""
        with self._lock:
            self._epoch += 1
            self._asker.power_cycle(now_s)

    def _act_silent(self, *, on: bool) -> None:
        """Let the device ask nothing, or end that."""
        self._silent = on

    def _act_delay_ms(self, delay_ms: int) -> None:
        """Let every request come this much later; 0 ends it."""
        self._delay_s = delay_s_of(delay_ms)

    def _act_garbage(self, hex: str) -> None:  # noqa: A002 - the name that the control API gives it
        """Send these bytes, written in hexadecimal, on a connection of their own."""
        self._garbage = garbage_of(hex)

    def _act_wrong_device(self, *, on: bool) -> None:
        """Put a device of the same kind with another identity in its place, or the right one back."""
        with self._lock:
            self._epoch += 1
            self._wrong = self._another() if on and self._another is not None else None
