"""The HTTPS port of a simulated device: whole messages in, whole answers out."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

from hardware.bench.host import ADDRESS

BODY_MAX = 256 * 1024
SOCKET_TIMEOUT_S = 300.0


class Carrier(Protocol):
    """What stands behind the port."""

    name: str

    def carry(self, body: bytes, connection: socket.socket) -> bytes | None:
        """Answer a message; None closes the connection. Runs on the connection's own thread."""

    def connected(self, connection: socket.socket) -> None:
        """Know a connection."""

    def gone(self, connection: socket.socket) -> None:
        """Forget a connection."""


def is_there(connection: socket.socket) -> bool:
    """Whether the other side is still there; looks below the encryption, takes nothing."""
    raw = socket.socket(fileno=connection.fileno())
    try:
        return raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        raw.detach()


class HttpsServer(ThreadingHTTPServer):
    """One port, a thread for each connection."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, device: Carrier, port: int, certificate: Path) -> None:
        self.device = device
        super().__init__((ADDRESS, port), _Handler)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name=f"https-{device.name}", daemon=True)
        self._thread.start()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Make the connection secret, then answer on it."""
        request.settimeout(SOCKET_TIMEOUT_S)
        self.device.connected(request)
        try:
            with contextlib.suppress(OSError):
                # The handshake is made on the connection's own thread: a client that says nothing holds up nobody.
                wrapped = self._tls.wrap_socket(request, server_side=True)
                self.device.gone(request)
                self.device.connected(wrapped)
                try:
                    _Handler(wrapped, client_address, self)
                finally:
                    self.device.gone(wrapped)
                    wrapped.close()
        finally:
            self.device.gone(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a broken connection is the product's business."""

    def stop(self) -> None:
        """Close the port; what is open stays open."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HttpsServer

    def do_POST(self) -> None:
        """Answer one message."""
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_MAX:
            self.send_error(413)
            return
        answer = self.server.device.carry(self.rfile.read(int(length)), self.connection)
        if answer is None:
            return
        self.send_response(200 if answer else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""
