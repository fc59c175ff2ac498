"""Where a simulated device is plugged in: a pty with a stable name, or a TCP port. Called by the bench's thread only.

A pty's slave end stays open here, because otherwise the master fails as soon as the product closes its end; both ends are raw.
The product opens the symlink ``<device_dir>/<name>``. Unplugging closes both ends; replugging makes a new pty and points the
symlink at it, as a new USB serial port would get its stable name from udev.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import socket
import tty
from pathlib import Path
from typing import Protocol

from hardware.bench.place import Place
from hardware.bench.simulator import ActionError
from program.errors import ProgramError

READ_LIMIT = 4096
UNSENT_MAX = 65_536
"""Bytes the product does not fetch are kept up to this many; then the oldest are lost, as on a wire."""
ADDRESS = "127.0.0.1"


class Host(Place, Protocol):
    """The place where one device is plugged in, and its line."""

    @property
    def connections(self) -> int:
        """How many clients have connected so far; a line that nobody connects to has none."""

    def sources(self) -> list[int]:
        """Return the file descriptors that become readable when something comes in."""

    def read(self) -> bytes:
        """Return what came in, without waiting."""

    def write(self, data: bytes) -> None:
        """Send, without waiting; also sends what could not be sent before."""


class PtyHost:
    """A pseudo-terminal whose slave end is known as ``folder/name``."""

    def __init__(self, folder: Path, name: str) -> None:
        self._symlink = folder / name
        self._master = -1
        self._slave = -1
        self._unsent = bytearray()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._plug_in()
        except OSError as error:
            raise ProgramError(
                f"{name} cannot be plugged in at {self._symlink}: {error}. Set device_dir to another."
            ) from error

    @property
    def url(self) -> str:
        """The symlink's path."""
        return str(self._symlink)

    @property
    def plugged(self) -> bool:
        """Whether there is a pty."""
        return self._master >= 0

    @property
    def connections(self) -> int:
        """A wire does not show who holds its other end."""
        return 0

    def sources(self) -> list[int]:
        """Return the master end."""
        return [self._master] if self.plugged else []

    def read(self) -> bytes:
        """Return what the product wrote."""
        if not self.plugged:
            return b""
        try:
            return os.read(self._master, READ_LIMIT)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Send to the product."""
        if not self.plugged or not (data or self._unsent):
            return
        self._unsent += data
        del self._unsent[: max(0, len(self._unsent) - UNSENT_MAX)]
        if self._unsent:
            with contextlib.suppress(BlockingIOError):
                del self._unsent[: os.write(self._master, self._unsent)]

    def unplug(self) -> None:
        """Close both ends and take the name away."""
        if not self.plugged:
            return
        self._symlink.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        self._unsent.clear()

    def replug(self) -> None:
        """Make a new pty under the old name."""
        if not self.plugged:
            self._plug_in()

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def _plug_in(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        fresh = self._symlink.with_name(f".{self._symlink.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self._symlink)


class TcpHost:
    """A TCP port on this machine, for one product at a time; a second one is hung up on."""

    def __init__(self, name: str, port: int) -> None:
        try:
            self._listener = socket.create_server((ADDRESS, port))
        except OSError as error:
            raise ProgramError(f"{name} cannot listen on port {port}: {error}. Set its port to another, or to 0.") from error
        self._port: int = self._listener.getsockname()[1]
        self._listener.setblocking(False)
        self._client: socket.socket | None = None
        self._unsent = bytearray()
        self._plugged = True
        self._connections = 0

    @property
    def url(self) -> str:
        """The port as a pyserial URL."""
        return f"socket://{ADDRESS}:{self._port}"

    @property
    def plugged(self) -> bool:
        """Whether the port answers."""
        return self._plugged

    @property
    def connections(self) -> int:
        """How many clients were taken."""
        return self._connections

    def sources(self) -> list[int]:
        """Return the listening and the connected socket."""
        found = [self._listener.fileno()] if self._plugged else []
        return found + ([self._client.fileno()] if self._client is not None else [])

    def read(self) -> bytes:
        """Return what the product sent; take a new product's connection."""
        data = self._receive()
        if self._plugged:
            self._accept()
        return data

    def write(self, data: bytes) -> None:
        """Send to the product; without one, bytes are lost as on an open wire."""
        if self._client is None:
            return
        self._unsent += data
        del self._unsent[: max(0, len(self._unsent) - UNSENT_MAX)]
        if not self._unsent:
            return
        try:
            del self._unsent[: self._client.send(self._unsent)]
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()

    def unplug(self) -> None:
        """Hang up and refuse connections, but keep the port number."""
        if not self._plugged:
            return
        self._plugged = False
        self._hang_up()
        self._listener.close()
        self._listener = reserved_port(self._port)

    def replug(self) -> None:
        """Answer on the same port again."""
        if self._plugged:
            return
        try:
            self._listener.listen()
        except OSError as error:
            raise ActionError(f"Port {self._port} was taken by another program meanwhile: {error}.") from error
        self._plugged = True

    def close(self) -> None:
        """Give the port back."""
        self._hang_up()
        self._listener.close()
        self._plugged = False

    def _receive(self) -> bytes:
        if self._client is None:
            return b""
        try:
            data = self._client.recv(READ_LIMIT)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def _accept(self) -> None:
        try:
            client, _address = self._listener.accept()
        except OSError:
            return
        if self._client is not None:
            client.close()
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client
        self._connections += 1

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        self._unsent.clear()


def reserved_port(port: int) -> socket.socket:
    """Return a socket that holds ``port`` without listening: connections are refused, and no other program takes it."""
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind((ADDRESS, port))
    except OSError as error:
        reserved.close()
        raise ActionError(f"Port {port} was taken by another program meanwhile: {error}.") from error
    reserved.setblocking(False)
    return reserved


def wait_for_input(hosts: list[Host], extra: int, timeout_s: float) -> set[Host]:
    """Wait until a host or ``extra`` can be read and return the hosts that can. Descriptors may change each time."""
    poller = select.poll()
    behind = {source: host for host in hosts for source in host.sources()}
    for source in (*behind, extra):
        poller.register(source, select.POLLIN)
    return {behind[source] for source, _event in poller.poll(timeout_s * 1000) if source != extra}
