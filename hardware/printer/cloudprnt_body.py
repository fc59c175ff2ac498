"""What comes in on the port that a CloudPRNT printer polls, bounded in bytes and time: head and body, whole or in chunks."""

from __future__ import annotations

import io
import re
import socket
import time
from email.message import Message
from typing import Any, BinaryIO

from hardware.printer.cloudprnt_protocol import POLL_BYTES_MAX

HEAD_BYTES_MAX = 16 * 1024
REQUEST_WITHIN_S = 10.0
"""From connecting to the last byte of a request, however slowly it drips."""
CHUNK_LINE_MAX = 100
_BAD_REQUEST, _LENGTH_REQUIRED, _TOO_LARGE = 400, 411, 413
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,6})[ \t]*(?:;.*)?\r\n")


class BodyRefusedError(Exception):
    """A body that is not taken; with the status that says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Incoming(io.RawIOBase):
    """What a client sends: so many bytes, until then."""

    is_cut = False
    """Whether more was wanted than may come."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = HEAD_BYTES_MAX
        self._until_s = time.monotonic() + REQUEST_WITHIN_S

    def allow(self, body_bytes: int) -> None:
        """Let a body follow the head."""
        self._left += body_bytes

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for the next bytes; TimeoutError when the time for the whole request is over."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the request took too long")
        if self._left <= 0:
            self.is_cut = True
            return 0
        self._connection.settimeout(left_s)
        received = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= received
        return received


def read_body(headers: Message, source: BinaryIO | io.BufferedIOBase, incoming: Incoming) -> bytes:
    """Read the body that follows a head.

    Args:
        headers: what the head says of it.
        source: reads from ``incoming``, buffered.
        incoming: is told how much more may come.

    Raises:
        BodyRefusedError: its length is not told, or too large, or it ends early.
    """
    coding = (headers.get("Transfer-Encoding") or "").strip().lower()
    told = headers.get("Content-Length") or ""
    if coding == "chunked" and not told:
        incoming.allow(2 * POLL_BYTES_MAX)
        return _chunks(source)
    if coding or not told.isdecimal():
        raise BodyRefusedError(_LENGTH_REQUIRED)
    length = int(told[:10])
    if length > POLL_BYTES_MAX:
        raise BodyRefusedError(_TOO_LARGE)
    incoming.allow(length)
    return _exactly(source, length)


def _chunks(source: BinaryIO | io.BufferedIOBase) -> bytes:
    """Read a body in chunks: its length in hexadecimal, CR LF, so many bytes, CR LF; the last has none."""
    body = b""
    while True:
        size = _CHUNK_SIZE.fullmatch(source.readline(CHUNK_LINE_MAX))
        if size is None:
            raise BodyRefusedError(_BAD_REQUEST)
        length = int(size[1], 16)
        if not length:
            return body
        if len(body) + length > POLL_BYTES_MAX:
            raise BodyRefusedError(_TOO_LARGE)
        body += _exactly(source, length)
        if _exactly(source, 2) != b"\r\n":
            raise BodyRefusedError(_BAD_REQUEST)


def _exactly(source: BinaryIO | io.BufferedIOBase, length: int) -> bytes:
    data = source.read(length)
    if len(data) < length:
        raise BodyRefusedError(_BAD_REQUEST)
    return data
