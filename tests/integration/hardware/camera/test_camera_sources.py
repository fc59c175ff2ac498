"""Every camera that cannot be opened says so in a sentence; the newest frame is the one that is looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from hardware.camera.driver import CameraDriver
from hardware.camera.frames import STALL_S, FrameSource, Image
from hardware.camera.sources import open_source
from hardware.connection import State
from hardware.errors import LinkLostError

from .conftest import NetworkCamera, Own


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("", "no camera is set"),
        ("97", "there is no webcam /dev/video97"),
        ("/dev/video98", "there is no webcam /dev/video98"),
        ("/dev/null", "webcam /dev/null cannot be opened"),
        ("nowhere/clip.mp4", "there is no video file nowhere/clip.mp4"),
        ("nowhere/clip.mp4?speed=2", "'speed' is no option; there is loop"),
        ("folder:nowhere", "the folder of photos nowhere cannot be read: No such file"),
        ("folder:nowhere?hold_s=soon", "hold_s takes a number, not 'soon'"),
        ("folder:nowhere?hold_s=-1", "hold_s takes 0 to 3600"),
        ("folder:nowhere?hold_s=nan", "hold_s takes 0 to 3600"),
        ("http://127.0.0.1:9/stream", "camera at 127.0.0.1:9 cannot be opened"),
        ("http://user:secret@127.0.0.1:9/stream", "camera at 127.0.0.1:9 cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_said(url: str, part: str) -> None:
    began = time.monotonic()
    with pytest.raises(LinkLostError) as raised:
        open_source(url)
    assert part in str(raised.value)
    assert "secret" not in str(raised.value)
    assert time.monotonic() - began < 5


def test_a_file_that_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"this is text, not a video " * 100)
    with pytest.raises(LinkLostError, match=r"clip\.mp4 cannot be opened"):
        open_source(str(path))


def test_a_folder_without_photos(tmp_path: Path) -> None:
    with pytest.raises(LinkLostError, match="there is no photo in"):
        open_source(f"folder:{tmp_path}")


def test_a_first_photo_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"not a picture")
    with pytest.raises(LinkLostError, match=r"a\.jpg cannot be read as a photo"):
        open_source(f"folder:{tmp_path}")


def test_a_later_photo_that_cannot_be_read_is_named(tmp_path: Path, own: Own) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((100, 100, 3), 128, np.uint8))
    (tmp_path / "b.png").write_bytes(b"")
    owner = own(f"folder:{tmp_path}?hold_s=0.2&gap_s=0")
    owner.wait_for_state(State.LOST)
    assert "b.png cannot be read as a photo" in owner.connections[-1].reason


def test_a_large_photo_is_reduced(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((3000, 4000, 3), 128, np.uint8))
    source = open_source(f"folder:{tmp_path}")
    frame = source.newest(timeout_s=5)
    source.close()
    assert frame is not None
    assert frame.image.shape == (1440, 1920, 3)


@pytest.fixture
def web_page() -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>this is no camera</html>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server calls it so
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_a_web_page_is_no_camera(web_page: str) -> None:
    with pytest.raises(LinkLostError, match="cannot be opened"):
        open_source(web_page)


class Counting:
    """A feed of numbered pictures, one each time the test asks for it."""

    description = "counting feed"

    def __init__(self) -> None:
        self.allowed = threading.Semaphore(0)
        self.count = 0
        self.closed = threading.Event()
        self.failure: Exception | None = None

    def next_image(self, stopping: threading.Event) -> Image:
        while not self.allowed.acquire(timeout=0.01) and not stopping.is_set():
            pass
        if self.failure is not None:
            raise self.failure
        self.count += 1
        return np.full((10, 10, 3), self.count, np.uint8)

    def close(self) -> None:
        self.closed.set()


def test_whoever_looks_late_gets_the_newest_frame() -> None:
    feed = Counting()
    source = FrameSource(feed)
    try:
        assert source.newest() is None
        feed.allowed.release(5)
        frame = source.newest(after=4, timeout_s=5)
        assert frame is not None
        assert (frame.number, frame.image[0, 0, 0]) == (5, 5)
        assert source.newest(after=5) is None
    finally:
        source.close()
    assert feed.closed.is_set()


def test_a_source_that_brings_no_more_frames_is_lost_within_two_seconds() -> None:
    feed = Counting()
    feed.allowed.release()
    source = FrameSource(feed)
    try:
        frame = source.newest(timeout_s=5)
        assert frame is not None
        assert source.newest(after=1, timeout_s=STALL_S / 2) is None
        with pytest.raises(LinkLostError, match="counting feed sent no picture for"):
            source.newest(after=1, timeout_s=STALL_S * 0.6)
        assert time.monotonic() - frame.taken_s < 2.0
    finally:
        source.close()


def test_a_source_that_never_brings_a_frame_is_not_ready() -> None:
    source = FrameSource(Counting())
    try:
        with pytest.raises(LinkLostError, match="counting feed opened but sent no picture within"):
            CameraDriver().probe(source)
    finally:
        source.close()


def test_a_failure_of_any_kind_becomes_a_sentence() -> None:
    feed = Counting()
    feed.failure = RuntimeError("decoder broke")
    source = FrameSource(feed)
    feed.allowed.release()
    with pytest.raises(LinkLostError, match="counting feed: decoder broke"):
        source.newest(timeout_s=5)
    assert feed.closed.wait(5)


def test_frames_do_not_pile_up_while_nobody_looks(network_camera: NetworkCamera) -> None:
    source = open_source(network_camera.url)
    try:
        first = source.newest(timeout_s=5)
        assert first is not None
        seen = network_camera.simulator.facts()["frames_taken"]
        assert isinstance(seen, int)
        while int(str(network_camera.simulator.facts()["frames_taken"])) < seen + 15:
            assert source.newest(after=10**9, timeout_s=0.05) is None
        late = source.newest()
        assert late is not None
        assert late.number > first.number + 8
        assert time.monotonic() - late.taken_s < 1.0
    finally:
        source.close()
