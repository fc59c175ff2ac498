"""A network camera: an HTTP port that streams JPEG pictures to whoever looks (``multipart/x-mixed-replace``).

Pictures are drawn on a thread of their own, and only while somebody looks. Every other address than the stream's answers with
the stream too, as most network cameras do.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hardware.bench.host import ADDRESS, reserved_port
from hardware.bench.simulator import ActionError
from program.errors import ProgramError

FRAME_PERIOD_S = 0.05
VIEWERS_MAX = 8
SEND_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = 5.0
_BOUNDARY = "picture"
_log = logging.getLogger(__name__)


class MjpegHost:
    """One camera's port."""

    def __init__(self, name: str, port: int, jpeg: Callable[[float], bytes]) -> None:
        self._name = name
        self._jpeg = jpeg
        self._frame = b""
        self._frame_number = 0
        self._viewers: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._closing = False
        self._reserved: socket.socket | None = None
        try:
            self._server: _Server | None = _Server(self, port)
        except OSError as error:
            raise ProgramError(f"{name} cannot listen on port {port}: {error}. Set its port to another, or to 0.") from error
        self._port: int = self._server.server_address[1]
        self._artist = threading.Thread(target=self._draw, name=f"camera-{name}", daemon=True)
        self._artist.start()

    @property
    def url(self) -> str:
        """The stream's address."""
        return f"http://{ADDRESS}:{self._port}/video.mjpg"

    @property
    def plugged(self) -> bool:
        """Whether the port answers."""
        return self._server is not None

    def unplug(self) -> None:
        """Cut every stream and refuse new ones."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.stop()
        with self._changed:
            for viewer in self._viewers:
                with contextlib.suppress(OSError):
                    viewer.shutdown(socket.SHUT_RDWR)
            self._viewers.clear()
            self._changed.notify_all()
        self._reserved = reserved_port(self._port)

    def replug(self) -> None:
        """Answer on the same port again."""
        if self._server is not None:
            return
        try:
            self._server = _Server(self, self._port)
        except OSError as error:
            raise ActionError(f"Port {self._port} was taken by another program meanwhile: {error}.") from error
        self._give_back_reserved()

    def close(self) -> None:
        """Stop for good."""
        with contextlib.suppress(ActionError):
            self.unplug()
        self._give_back_reserved()
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._artist.join(STOP_TIMEOUT_S)

    def stream_to(self, viewer: socket.socket) -> None:
        """Send pictures until the viewer or the camera goes away; runs on the viewer's own thread."""
        with self._changed:
            if self._server is None or len(self._viewers) >= VIEWERS_MAX:
                return
            self._viewers.add(viewer)
            self._changed.notify_all()
            seen = self._frame_number
        try:
            while (found := self._next_frame(viewer, seen)) is not None:
                seen, frame = found
                head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(frame)}\r\n\r\n"
                viewer.sendall(head.encode("ascii") + frame + b"\r\n")
        except OSError:
            _log.debug("%s: a viewer went away", self._name)
        finally:
            with self._changed:
                self._viewers.discard(viewer)

    def _next_frame(self, viewer: socket.socket, seen: int) -> tuple[int, bytes] | None:
        with self._changed:
            self._changed.wait_for(lambda: viewer not in self._viewers or self._frame_number > seen)
            return (self._frame_number, self._frame) if viewer in self._viewers else None

    def _draw(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or bool(self._viewers))
                if self._closing:
                    return
            began = time.monotonic()
            try:
                frame = self._jpeg(began)
            except Exception:  # noqa: BLE001 - one picture that cannot be drawn must not end the stream for good
                _log.exception("%s cannot draw its picture", self._name)
                frame = b""
            with self._changed:
                if frame:
                    self._frame = frame
                    self._frame_number += 1
                    self._changed.notify_all()
                self._changed.wait_for(lambda: self._closing, max(0.0, began + FRAME_PERIOD_S - time.monotonic()))

    def _give_back_reserved(self) -> None:
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None


class _Server(ThreadingHTTPServer):
    """The listening port and its thread."""

    daemon_threads = True

    def __init__(self, host: MjpegHost, port: int) -> None:
        self.host = host
        super().__init__((ADDRESS, port), _Viewer)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="camera-port", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self.shutdown()
        self._thread.join(STOP_TIMEOUT_S)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Viewers come and go; that is no error."""
        _log.debug("viewer %s ended: %s", client_address, request, exc_info=True)


class _Viewer(BaseHTTPRequestHandler):
    """One viewer's connection."""

    server: _Server
    timeout = SEND_TIMEOUT_S

    def do_GET(self) -> None:
        """Stream."""
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.server.host.stream_to(self.connection)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server calls it so
        """Tell the log and not standard error."""
        _log.debug(format, *args)
