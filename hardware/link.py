"""The only opener of ports: a serial line, a pty or a TCP socket, named by one URL.

``/dev/serial/by-id/...``, a pty path, or ``socket://host:port``: what ``serial.serial_for_url`` knows and the system can wait
for. Every foreign exception becomes :class:`LinkLostError`, so that no caller knows pyserial. Facts about ptys that this file
relies on: an unplugged pty makes reads fail with SerialException, writes with EIO, ``in_waiting`` with OSError and flushes with
``termios.error``, which is no OSError.
"""

from __future__ import annotations

import contextlib
import errno
import select
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import serial
from serial.urlhandler import protocol_socket

from hardware.errors import LinkLostError

READ_LIMIT = 4096
WRITE_TIMEOUT_S = 2.0
_ALL_BITS = 8
_SOCKET = "socket:"
_FOREIGN = (serial.SerialException, OSError, termios.error, TypeError, ValueError)
_HINTS = {
    errno.ENOENT: "there is no such port; is the device plugged in and its URL right?",
    errno.EACCES: "no permission; may this user open serial ports (group dialout)?",
    errno.EAGAIN: "another program has it open",
    errno.EIO: "the device was unplugged",
}


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How a serial line is clocked; a pty or a socket ignores it."""

    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    flow: Literal["none", "rts-cts", "xon-xoff"] = "none"
    """How the device holds the sender up; one that uses DTR has it wired to this end's CTS."""


class _Socket(protocol_socket.Serial):
    """A TCP socket that keeps what the device says first.

    pyserial throws away what came in between connecting and the end of opening; an RFID reader greets at once, and only once.
    """

    def reset_input_buffer(self) -> None:
        """Keep everything; :meth:`Link.discard_input` throws away where a driver wants that."""


class Link:
    """An open byte stream to one device (or one bus). Used by one thread only."""

    def __init__(self, url: str, line: LineSettings | None = None) -> None:
        """Open the port.

        Raises:
            LinkLostError: the port does not exist, is in use, or cannot be opened.
        """
        self.url = url
        settings = line or LineSettings()
        try:
            self._port = self._opened(url, settings)
        except _FOREIGN as error:
            raise LinkLostError(f"cannot open {url}: {_cause(error)}") from error

    @staticmethod
    def _opened(url: str, settings: LineSettings) -> serial.SerialBase:
        port = _Socket(None) if url.startswith(_SOCKET) else serial.serial_for_url(url, do_not_open=True)
        port.port = url
        port.baudrate = settings.baud
        port.bytesize = settings.data_bits
        port.parity = settings.parity
        port.stopbits = settings.stop_bits
        port.rtscts = settings.flow == "rts-cts"
        port.xonxoff = settings.flow == "xon-xoff"
        port.timeout = 0
        port.write_timeout = WRITE_TIMEOUT_S
        if not url.startswith(_SOCKET):
            port.exclusive = True
        try:
            port.open()
        except termios.error as error:
            if settings.data_bits == _ALL_BITS or not error.args or error.args[0] != errno.EINVAL:
                raise
            # A pty takes 7 data bits once and does nothing; asked again, it refuses. The driver masks bit 7 anyway.
            port.bytesize, port.parity = _ALL_BITS, "N"
            port.open()
        return port

    def write(self, data: bytes) -> None:
        """Send all bytes."""
        with self._translated():
            self._port.write(data)

    def read(self, timeout_s: float, limit: int = READ_LIMIT) -> bytes:
        """Wait up to ``timeout_s`` for a first byte; return what is there, at most ``limit`` bytes, or nothing."""
        with self._translated():
            if not self._port.is_open:
                raise serial.PortNotOpenError
            # Setting pyserial's own timeout would configure the line again at every read, which a pty refuses for 7 data bits.
            ready, _, _ = select.select([self._port.fileno()], [], [], timeout_s)
            received: bytes = self._port.read(limit) if ready else b""
            return received

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """Wait up to ``timeout_s`` for ``count`` bytes in all; return fewer when time is up."""
        received = b""
        for left_s in waits(timeout_s):
            received += self.read(left_s, count - len(received))
            if len(received) >= count:
                break
        return received

    def discard_input(self, quiet_s: float = 0.0) -> int:
        """Throw away what has come in, and what still comes until the line was silent for ``quiet_s``; return the count."""
        dropped = 0
        deadline = time.monotonic() + 1.0
        while data := self.read(quiet_s):
            dropped += len(data)
            if time.monotonic() > deadline:
                break
        return dropped

    def close(self) -> None:
        """Close the port; never fails."""
        # pyserial forgets a socket that the peer has already shut without closing it.
        peer = getattr(self._port, "_socket", None)
        with contextlib.suppress(*_FOREIGN):
            self._port.close()
        if peer is not None:
            with contextlib.suppress(OSError):
                peer.close()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _FOREIGN as error:
            raise LinkLostError(f"{self.url} is gone: {_cause(error)}") from error


def waits(timeout_s: float) -> Iterator[float]:
    """Yield how long to wait for more, again and again until ``timeout_s`` is over, and then 0 once.

    A busy machine may wake us when the time is up although the answer came in time: what is there is looked at before anybody
    says that nothing came.
    """
    deadline_s = time.monotonic() + timeout_s
    while (left_s := deadline_s - time.monotonic()) > 0:
        yield left_s
    yield 0.0


def _cause(error: Exception) -> str:
    """Say in a few words why a port failed, and where possible what to do."""
    number = getattr(error, "errno", None)
    hint = _HINTS.get(number) if isinstance(number, int) else None
    return hint or str(error)
