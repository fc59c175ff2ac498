"""A device that answers over HTTPS: several connections at once, a self-signed certificate made at its first start, and faults.

The certificate lies beside the ptys as ``<name>.pem``, so that a product's settings can name it or pin its fingerprint, and
stays the same at the next start. Every connection has its own thread; the simulator is asked under one lock.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hardware.bench.certificate import certificate_file
from hardware.bench.devices import BenchDevice
from hardware.bench.faults import NextReply, damage_actions, damaged, delay_s_of, garbage_of
from hardware.bench.host import ADDRESS, reserved_port
from hardware.bench.https_server import SOCKET_TIMEOUT_S, HttpsServer, is_there
from hardware.bench.simulator import Action, ActionError, JsonValue, Playable
from program.errors import ProgramError

LOOK_PERIOD_S = 0.005


class Answerer(Playable, Protocol):
    """A device that takes whole messages and gives whole answers."""

    def take(self, body: bytes, now_s: float) -> int:
        """Take a message; return a ticket. ValueError: not for it. HangUp: it closes the connection."""

    def answer(self, ticket: int, now_s: float) -> bytes | None:
        """Return the answer; None while there is none."""

    def power_cycle(self, now_s: float) -> None:
        """Lose what a real device loses without power."""


class HttpsDevice(BenchDevice):
    """One device behind one HTTPS port."""

    def __init__(
        self, name: str, kind: str, answerer: Answerer, *, port: int, folder: Path, another: Callable[[], Any]
    ) -> None:
        super().__init__(name, kind, answerer)
        self._answerer = answerer
        self._another = another
        self._wrong: Answerer | None = None
        self._lock = threading.Lock()
        self._silent = False
        self._delay_s = 0.0
        self._next = NextReply.WHOLE
        self._garbage = b""
        self._open: set[socket.socket] = set()
        self._reserved: socket.socket | None = None
        try:
            self.certificate = certificate_file(folder, name)
            self._server: HttpsServer | None = HttpsServer(self, port, self.certificate)
        except OSError as error:
            raise ProgramError(f"{name} cannot listen on port {port}: {error}. Set its port to another, or to 0.") from error
        self._port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        """The address that the product's settings hold."""
        return f"https://{ADDRESS}:{self._port}/nexo"

    @property
    def plugged(self) -> bool:
        """Whether the port answers."""
        return self._server is not None

    @property
    def fingerprint(self) -> str:
        """The certificate's SHA-256."""
        certificate = x509.load_pem_x509_certificates(self.certificate.read_bytes())[0]
        return certificate.fingerprint(hashes.SHA256()).hex()

    def close(self) -> None:
        """Stop for good."""
        with contextlib.suppress(ActionError):
            self._unplug()
        if self._reserved is not None:
            self._reserved.close()

    def facts(self) -> dict[str, JsonValue]:
        """Return the physical truth, and by what the product knows the certificate."""
        with self._lock:
            told = super().facts()
        return {**told, "certificate": str(self.certificate), "fingerprint": self.fingerprint}

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
            "wrong_device": self._act_wrong_device,
        }
        return {**played, **faults, **damage_actions(self.damage_next)}

    def carry(self, body: bytes, connection: socket.socket) -> bytes | None:
        """Let the device answer; None closes the connection. Runs on the connection's own thread."""
        if self._silent:
            self._wait_in_vain(connection)
            return None
        device = self._wrong or self._answerer
        try:
            with self._lock:
                ticket = device.take(body, time.monotonic())
            while self._is_open(connection):
                with self._lock:
                    answer = device.answer(ticket, time.monotonic())
                if answer is not None:
                    return self._sent(answer, connection)
                time.sleep(LOOK_PERIOD_S)
        except ValueError:
            return b""
        except Exception:  # noqa: BLE001 - the simulator's way to close a connection, or its defect: nobody answers either way
            return None
        return None

    def damage_next(self, damage: NextReply) -> None:
        """Damage the next reply."""
        self._next = damage

    def connected(self, connection: socket.socket) -> None:
        """Know a connection, so that unplugging cuts it."""
        with self._lock:
            self._open.add(connection)

    def gone(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(connection)

    def _sent(self, answer: bytes, connection: socket.socket) -> bytes | None:
        if self._silent:
            self._wait_in_vain(connection)
            return None
        damage, self._next = self._next, NextReply.WHOLE
        garbage, self._garbage = self._garbage, b""
        until = time.monotonic() + self._delay_s
        while time.monotonic() < until and self._is_open(connection):
            time.sleep(LOOK_PERIOD_S)
        if damage is NextReply.DROPPED:
            self._wait_in_vain(connection)
            return None
        return garbage or damaged(answer, damage)

    def _wait_in_vain(self, connection: socket.socket) -> None:
        until = time.monotonic() + SOCKET_TIMEOUT_S
        while self._is_open(connection) and time.monotonic() < until:
            time.sleep(LOOK_PERIOD_S)

    def _is_open(self, connection: socket.socket) -> bool:
        with self._lock:
            if connection not in self._open:
                return False
        with contextlib.suppress(BlockingIOError, ssl.SSLError, ValueError):
            return is_there(connection)
        return True

    def _locked(self, action: Action) -> Action:
        @functools.wraps(action)
        def locked(*args: Any, **kwargs: Any) -> JsonValue:
            with self._lock:
                return action(*args, **kwargs)

        return locked

    def _unplug(self) -> None:
        """Pull the device's network plug."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.stop()
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._reserved = reserved_port(self._port)

    def _replug(self) -> None:
        """Put the device's network plug in again."""
        if self._server is not None:
            return
        try:
            self._server = HttpsServer(self, self._port, self.certificate)
        except OSError as error:
            raise ActionError(f"Port {self._port} was taken by another program meanwhile: {error}.") from error
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None

    def _power_cycle(self, now_s: float) -> None:
        """Switch the device off and on again."""
        self._unplug()
        with self._lock:
            self._answerer.power_cycle(now_s)
        self._replug()

    def _act_silent(self, *, on: bool) -> None:
        """Let the device hear and say nothing, or end that."""
        self._silent = on

    def _act_delay_ms(self, delay_ms: int) -> None:
        """Let every reply come this much later; 0 ends it."""
        self._delay_s = delay_s_of(delay_ms)

    def _act_garbage(self, hex: str) -> None:  # noqa: A002 - the name that the control API gives it
        """Send these bytes, written in hexadecimal, in place of the next reply."""
        self._garbage = garbage_of(hex)

    def _act_wrong_device(self, *, on: bool) -> None:
        """Put a device of the same kind with another serial number in its place, or the right one back."""
        self._wrong = self._another() if on else None
