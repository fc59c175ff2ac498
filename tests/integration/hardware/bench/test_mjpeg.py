"""The camera's port, looked at over real HTTP by OpenCV and by hand."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import cv2
import pytest
from PIL import Image

from hardware.bench.bench import Bench
from hardware.bench.devices import CameraDevice
from hardware.bench.mjpeg import VIEWERS_MAX, MjpegHost
from hardware.bench.simulator import Action, JsonValue
from program.errors import ProgramError
from tests.support.wire import wait_for


class Lamp:
    """A camera that sees one colour."""

    def __init__(self) -> None:
        self.red = 200
        self.drawn = 0
        self.fails = False

    def jpeg(self, now_s: float) -> bytes:
        assert now_s > 0
        self.drawn += 1
        if self.fails:
            raise RuntimeError("no light")
        file = io.BytesIO()
        Image.new("RGB", (64, 48), (self.red, 0, 0)).save(file, "JPEG")
        return file.getvalue()

    def facts(self) -> dict[str, JsonValue]:
        return {"red": self.red}

    def actions(self) -> Mapping[str, Action]:
        return {"shine": self.shine}

    def shine(self, red: int) -> JsonValue:
        """Change the colour."""
        self.red = red
        return None


@pytest.fixture
def lamp() -> Lamp:
    return Lamp()


@pytest.fixture
def bench(lamp: Lamp) -> Iterator[Bench]:
    bench = Bench([CameraDevice("camera", "lamp", lamp, 0)])
    bench.start()
    yield bench
    bench.stop()


def url_of(bench: Bench) -> str:
    return str(bench.describe("camera")["url"])


class Viewer:
    """Reads the stream as a camera driver does."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=5.0)
        self._connection.request("GET", parts.path)
        self._answer = self._connection.getresponse()
        assert self._answer.getheader("Content-Type") == "multipart/x-mixed-replace; boundary=picture"

    def frame(self) -> bytes:
        line = self._answer.readline()
        while not line.lower().startswith(b"content-length:"):
            assert line, "the stream ended"
            line = self._answer.readline()
        length = int(line.split(b":")[1])
        while self._answer.readline().strip():
            pass
        return self._answer.read(length)

    def frames(self, count: int) -> list[bytes]:
        return [self.frame() for _number in range(count)]

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def test_the_stream_shows_what_the_camera_sees(bench: Bench) -> None:
    viewer = Viewer(url_of(bench))
    for red in (200, 100):
        bench.play("camera", "shine", {"red": red})
        frames = viewer.frames(5)
        with Image.open(io.BytesIO(frames[-1])) as seen:
            pixel = seen.convert("RGB").getpixel((10, 10))
        assert isinstance(pixel, tuple)
        assert abs(pixel[0] - red) < 10
    viewer.close()


def test_opencv_can_watch_it(bench: Bench) -> None:
    capture = cv2.VideoCapture(url_of(bench))
    found, frame = capture.read()
    assert found
    assert frame.shape == (48, 64, 3)
    capture.release()


def test_about_twenty_pictures_a_second(bench: Bench) -> None:
    viewer = Viewer(url_of(bench))
    viewer.frame()
    begun_s = time.monotonic()
    for _number in range(20):
        viewer.frame()
    assert 0.9 < time.monotonic() - begun_s < 2.5
    viewer.close()


def test_nothing_is_drawn_while_nobody_looks(bench: Bench, lamp: Lamp) -> None:
    viewer = Viewer(url_of(bench))
    viewer.frame()
    viewer.close()
    drawn = -1

    def resting() -> bool:
        nonlocal drawn
        before, drawn = drawn, lamp.drawn
        begun_s = time.monotonic()
        wait_for(lambda: time.monotonic() - begun_s > 0.2, "a moment to pass")
        return before == lamp.drawn == drawn

    wait_for(resting, "the camera to rest")


def test_unplug_cuts_the_stream_and_refuses_and_replug_has_the_same_port(bench: Bench) -> None:
    url = url_of(bench)
    viewer = Viewer(url)
    viewer.frame()
    bench.play("camera", "unplug", {})
    with pytest.raises((AssertionError, OSError, http.client.HTTPException)):
        viewer.frames(100)
    viewer.close()
    assert bench.describe("camera")["plugged"] is False
    with pytest.raises(ConnectionRefusedError):
        Viewer(url)
    bench.play("camera", "replug", {})
    assert url_of(bench) == url
    again = Viewer(url)
    assert again.frame()
    again.close()


def test_picture(bench: Bench) -> None:
    picture = bench.picture("camera")
    assert picture is not None
    assert picture.startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_drawn_does_not_end_the_stream(bench: Bench, lamp: Lamp) -> None:
    viewer = Viewer(url_of(bench))
    viewer.frame()
    lamp.fails = True
    drawn = lamp.drawn
    wait_for(lambda: lamp.drawn > drawn + 1, "two failed pictures")
    lamp.fails = False
    assert viewer.frame()
    viewer.close()


def test_garbage_harms_nobody(bench: Bench) -> None:
    parts = urlsplit(url_of(bench))
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=5.0) as noise:
        noise.sendall(b"\x00\xff garbage\r\n\r\n")
        assert b"400" in noise.recv(1000)
    viewer = Viewer(url_of(bench))
    assert viewer.frame()
    viewer.close()


def test_too_many_viewers_are_sent_away(bench: Bench) -> None:
    viewers = [Viewer(url_of(bench)) for _number in range(VIEWERS_MAX)]
    for viewer in viewers:
        viewer.frame()
    late = Viewer(url_of(bench))
    with pytest.raises((AssertionError, OSError, http.client.HTTPException)):
        late.frame()
    late.close()
    for viewer in viewers:
        viewer.close()


def test_a_port_in_use_gets_a_sentence() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(ProgramError, match="Set its port to another, or to 0"):
        MjpegHost("camera", taken.getsockname()[1], lambda _now_s: b"")
