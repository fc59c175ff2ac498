"""The HTTP port that a CloudPRNT printer polls: bounded in bytes, connections and time, and open only under one path.

Every request has a connection of its own, which is closed after the answer; so a printer that is switched off holds none.
"""

from __future__ import annotations

import contextlib
import hmac
import io
import logging
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from hardware.errors import LinkLostError
from hardware.printer.cloudprnt_body import HEAD_BYTES_MAX, BodyRefusedError, Incoming, read_body
from hardware.printer.cloudprnt_desk import BAD_REQUEST, NOT_FOUND, Answer, Request
from hardware.printer.cloudprnt_protocol import address_of

ANSWER_WITHIN_S = 30.0
CONNECTIONS_MAX = 16
"""One more ends the oldest: a printer's own take no second, so those that hang leave it room."""
STOP_TIMEOUT_S = 2.0
LINGER_S = 1.0
LINGER_BYTES_MAX = 256 * 1024
"""What a client still sends is taken for so long, because closing before would take our answer from it."""
_HEAD_TOO_LARGE = 431

Take = Callable[[Request], Answer]

_log = logging.getLogger(__name__)


class CloudPrntServer:
    """One port, open until it is closed."""

    def __init__(self, url: str, take: Take) -> None:
        """Begin to listen.

        Args:
            url: ``cloudprnt://host:port/path``.
            take: answers a request; called on the connection's own thread.

        Raises:
            LinkLostError: the URL is wrong or the port cannot be opened.
        """
        try:
            host, port, path = address_of(url)
            self._server = _Server(host, port, path, take)
        except (OSError, ValueError, OverflowError) as error:
            raise LinkLostError(f"cannot listen for the printer: {error}") from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="cloudprnt", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the port and every connection."""
        self._server.shutdown()
        self._thread.join(STOP_TIMEOUT_S)
        self._server.server_close()
        self._server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(self, host: str, port: int, path: str, take: Take) -> None:
        self.path = path
        self.take = take
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._open: dict[socket.socket, None] = {}
        self._lock = threading.Lock()
        super().__init__((host, port), _Request)

    def server_bind(self) -> None:
        """Bind, and ask nobody for this computer's name, which takes long where there is no name server."""
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve on a thread of its own; where there are too many, the oldest must go."""
        with self._lock:
            oldest = next(iter(self._open)) if len(self._open) >= CONNECTIONS_MAX else None
            self._open.pop(oldest, None)  # type: ignore[arg-type] # nothing has nothing
            self._open[request] = None
        if oldest is not None:
            _cut(oldest)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection and close it."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Cut what is still open."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            _cut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or says what nobody understands, is no error."""
        _log.debug("request %s of %s ended early", request, client_address, exc_info=True)


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Request(BaseHTTPRequestHandler):
    """One request on one connection."""

    server: _Server
    protocol_version = default_request_version = "HTTP/1.1"
    server_version = "Scanlane"
    sys_version = ""

    def setup(self) -> None:
        """Read with bounds."""
        super().setup()
        self.rfile.close()
        self._incoming = Incoming(self.connection)
        self.rfile = io.BufferedReader(self._incoming, HEAD_BYTES_MAX)

    def finish(self) -> None:
        """Send what is unsent, and let the client end first."""
        with contextlib.suppress(OSError):
            super().finish()
            self.connection.shutdown(socket.SHUT_WR)
            until_s, left = time.monotonic() + LINGER_S, LINGER_BYTES_MAX
            while left > 0 and (left_s := until_s - time.monotonic()) > 0:
                self.connection.settimeout(left_s)
                taken = len(self.connection.recv(min(left, HEAD_BYTES_MAX)))
                left = left - taken if taken else 0

    def parse_request(self) -> bool:
        """Refuse a head that is too long; the connection ends with this request."""
        if not self._incoming.is_cut and not super().parse_request():
            return False
        self.close_connection = True
        if self._incoming.is_cut:
            self.request_version = self.protocol_version
            self.send_error(_HEAD_TOO_LARGE)
        return not self._incoming.is_cut

    def do_POST(self) -> None:
        """Hear how the printer is."""
        try:
            body = read_body(self.headers, self.rfile, self._incoming)
        except BodyRefusedError as refused:
            self.send_error(refused.status)
            return
        self._answer(body)

    def do_GET(self) -> None:
        """Give the job, or hear what became of it."""
        self._answer()

    def do_DELETE(self) -> None:
        """Hear what became of the job."""
        self._answer()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse in as few words as the protocol wants."""
        del message, explain
        self.close_connection = True
        with contextlib.suppress(OSError):
            self._send(Answer(code))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server calls it so
        """Keep paths out of the log: they hold the secret."""

    def _answer(self, body: bytes = b"") -> None:
        try:
            parts = urlsplit(self.path)
        except ValueError:
            self.send_error(BAD_REQUEST)
            return
        path = unquote(parts.path).rstrip("/")
        if not hmac.compare_digest(path.encode("utf-8", "replace"), self.server.path.encode()):
            self._send(Answer(NOT_FOUND))
            return
        request = Request(self.command, parts.query, self.headers.get("Accept") or "", body)
        self._send(self.server.take(request))

    def _send(self, answer: Answer) -> None:
        self.connection.settimeout(ANSWER_WITHIN_S)
        self.send_response_only(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        if answer.cut:
            self.send_header("X-Star-Cut", "partial; feed=true")
        self.end_headers()
        self.wfile.write(answer.body)
