"""A network camera of the test's own, and the owner of a camera."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, TypeVar

import pytest

from hardware.camera.driver import CameraDriver, CodeSeen, FrameTaken
from hardware.camera.simulator import CameraSimulator, build
from hardware.connection import State
from hardware.device import ConnectionChanged, Device, DeviceEvent

FRAME_PERIOD_S = 1 / 10
DEADLINE_S = 20.0
Event = TypeVar("Event", bound=DeviceEvent)


class NetworkCamera:
    """Streams a simulator's pictures over HTTP as ``multipart/x-mixed-replace``; can be unplugged, or fall silent."""

    def __init__(self, simulator: CameraSimulator) -> None:
        self.simulator = simulator
        self.silent = threading.Event()
        self._lock = threading.Lock()
        self._viewers: list[socket.socket] = []
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self.plug_in()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/stream"

    def plug_in(self) -> None:
        camera = self

        class Viewer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.stream_to(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server calls it so
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Viewer)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def unplug(self) -> None:
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self._lock:
            for viewer in self._viewers:
                with contextlib.suppress(OSError):
                    viewer.shutdown(socket.SHUT_RDWR)
            self._viewers.clear()

    def stream_to(self, viewer: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self._viewers.append(viewer.connection)
        viewer.close_connection = True
        viewer.send_response(200)
        viewer.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        viewer.end_headers()
        server = self._server
        with contextlib.suppress(OSError):
            while server is not None and server is self._server:
                due = time.monotonic() + FRAME_PERIOD_S
                if not self.silent.is_set():
                    jpeg = self._jpeg()
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    viewer.wfile.write(head.encode() + jpeg + b"\r\n")
                time.sleep(max(due - time.monotonic(), 0.001))

    def _jpeg(self) -> bytes:
        with self._lock:
            return self.simulator.jpeg(time.monotonic())


class Owner:
    """Owns a camera device and collects its events."""

    def __init__(self, url: str, driver: CameraDriver | None = None) -> None:
        self.device = Device("camera", url, driver or CameraDriver(), self._collect)
        self.scans: list[CodeSeen] = []
        self.frames: list[tuple[float, FrameTaken]] = []
        self.connections: list[ConnectionChanged] = []
        self._arrived: queue.Queue[None] = queue.Queue()
        self.device.start()

    def _collect(self, event: DeviceEvent) -> None:
        if isinstance(event, CodeSeen):
            self.scans.append(event)
        elif isinstance(event, FrameTaken):
            self.frames.append((time.monotonic(), event))
        elif isinstance(event, ConnectionChanged):
            self.connections.append(event)
        self._arrived.put(None)

    def wait(self, condition: Callable[[], bool], deadline_s: float = DEADLINE_S) -> float:
        """Wait until something is so; return how long it took."""
        began = time.monotonic()
        while not condition():
            left_s = began + deadline_s - time.monotonic()
            assert left_s > 0, f"not within {deadline_s} s; {self.connections} {[scan.text for scan in self.scans]}"
            with contextlib.suppress(queue.Empty):
                self._arrived.get(timeout=min(left_s, 0.5))
        return time.monotonic() - began

    def wait_for_state(self, state: State, deadline_s: float = DEADLINE_S) -> float:
        return self.wait(lambda: bool(self.connections) and self.connections[-1].state is state, deadline_s)

    def wait_for_scans(self, count: int) -> float:
        """Wait until there are this many scans in all."""
        return self.wait(lambda: len(self.scans) >= count)

    def wait_for_frames(self, count: int) -> None:
        """Wait until this many more pictures came to the viewfinder."""
        wanted = len(self.frames) + count
        self.wait(lambda: len(self.frames) >= wanted)

    @property
    def texts(self) -> list[str]:
        return [scan.text for scan in self.scans]


class Own(Protocol):
    """Makes owners."""

    def __call__(self, url: str, driver: CameraDriver | None = None) -> Owner: ...


@pytest.fixture
def network_camera() -> Iterator[NetworkCamera]:
    camera = NetworkCamera(build({}, seed=1))
    yield camera
    camera.unplug()


@pytest.fixture
def own() -> Iterator[Own]:
    """Make an owner of the camera that a URL names."""
    owners: list[Owner] = []

    def make(url: str, driver: CameraDriver | None = None) -> Owner:
        owners.append(Owner(url, driver))
        return owners[-1]

    yield make
    for owner in owners:
        owner.device.stop()
