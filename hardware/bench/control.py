"""The control API on 127.0.0.1: look at every device and play the world.

::

    GET  /devices                    {"devices": [every device and world]}
    GET  /devices/NAME               name, kind, url, plugged, facts, actions with their parameters and doc
    GET  /devices/NAME/picture.png   what a camera sees, what a printer printed
    POST /devices/NAME/ACTION        body: JSON object of arguments; answer {"result": ...}

A mistake answers ``{"error": sentence}``: 400 what was asked cannot be done, 404 there is no such thing, 413 too long.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from hardware.bench.bench import Bench
from hardware.bench.host import ADDRESS
from hardware.bench.simulator import ActionError, JsonValue
from program.errors import ProgramError

BODY_MAX = 1_000_000
CONNECTIONS_MAX = 32
IDLE_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0
_PICTURE = "picture.png"
_log = logging.getLogger(__name__)


class ControlServer:
    """The control API of one bench."""

    def __init__(self, bench: Bench, port: int) -> None:
        try:
            self._server = _Server(bench, port)
        except OSError as error:
            raise ProgramError(
                f"The bench cannot listen on port {port}: {error}. Set control_port to another, or to 0 for a free one."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="control", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{ADDRESS}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(STOP_TIMEOUT_S)
        self._server.server_close()


class _RefusedError(Exception):
    """A request that gets a sentence and no result."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, bench: Bench, port: int) -> None:
        self.bench = bench
        self._room = threading.BoundedSemaphore(CONNECTIONS_MAX)
        super().__init__((ADDRESS, port), _Request)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Serve on a thread of its own, as long as there are not too many."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Serve one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error."""
        _log.debug("request %s of %s ended early", request, client_address, exc_info=True)


class _Request(BaseHTTPRequestHandler):
    """One request."""

    server: _Server
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"
    timeout = IDLE_TIMEOUT_S
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Tell about devices."""
        self._answer(self._look)

    def do_POST(self) -> None:
        """Play the world."""
        self._answer(self._play)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no HTTP request, or an unknown method, in our own form."""
        self.close_connection = True
        self._send(HTTPStatus(code), {"error": f"The bench does not understand that: {message or explain or code}."})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server calls it so
        """Tell the log and not standard error."""
        _log.debug(format, *args)

    def _answer(self, work: object) -> None:
        assert callable(work)
        try:
            self._send(HTTPStatus.OK, work())
        except _RefusedError as refused:
            self._send(refused.status, {"error": str(refused)})
        except ActionError as error:
            self._send(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        except OSError:
            self.close_connection = True
        except Exception:  # noqa: BLE001 - one bad request must not end the bench; the log keeps the traceback
            _log.exception("the bench could not answer %s", self.path)
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "The bench made a mistake of its own; its log tells more."})

    def _look(self) -> JsonValue | bytes:
        parts = self._parts()
        bench = self.server.bench
        if len(parts) == 1:
            return {"devices": [bench.describe(name) for name in bench.names]}
        name = self._device(parts)
        if len(parts) == 2:  # noqa: PLR2004 - /devices/NAME
            return bench.describe(name)
        if parts[2:] == [_PICTURE]:
            picture = bench.picture(name)
            if picture is None:
                raise _RefusedError(HTTPStatus.NOT_FOUND, f"{name} has no picture.")
            return picture
        raise _RefusedError(HTTPStatus.NOT_FOUND, f"To play {name}, POST to {self.path}; to look at it, GET /devices/{name}.")

    def _play(self) -> JsonValue:
        arguments = self._arguments()
        parts = self._parts()
        if len(parts) != 3:  # noqa: PLR2004 - /devices/NAME/ACTION
            raise _RefusedError(HTTPStatus.NOT_FOUND, "To play the world, POST to /devices/NAME/ACTION.")
        return {"result": self.server.bench.play(self._device(parts), parts[2], arguments)}

    def _parts(self) -> list[str]:
        parts = [unquote(part) for part in urlsplit(self.path).path.split("/") if part]
        if not parts or parts[0] != "devices":
            raise _RefusedError(HTTPStatus.NOT_FOUND, "There is only /devices here.")
        return parts

    def _device(self, parts: list[str]) -> str:
        names = self.server.bench.names
        if parts[1] not in names:
            raise _RefusedError(HTTPStatus.NOT_FOUND, f"There is no {parts[1]!r} on the bench. There are: {', '.join(names)}.")
        return parts[1]

    def _arguments(self) -> dict[str, JsonValue]:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if length < 0 or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "Send the arguments with a Content-Length.")
        if length > BODY_MAX:
            self.close_connection = True
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The arguments may have {BODY_MAX} bytes at most.")
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "The arguments ended before their Content-Length.")
        try:
            arguments = json.loads(body or b"{}")
        except (ValueError, RecursionError) as error:
            raise ActionError(f"The arguments are no valid JSON: {error}.") from error
        if not isinstance(arguments, dict):
            raise ActionError('The arguments are a JSON object, like {"grams": 500}.')
        return arguments

    def _send(self, status: HTTPStatus, answer: JsonValue | bytes) -> None:
        if isinstance(answer, bytes):
            body, kind = answer, "image/png"
        else:
            body, kind = json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace"), "application/json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
