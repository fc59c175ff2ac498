"""The faults of every wire, played on a camera's pictures."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest

from hardware.bench import actions
from hardware.bench.devices import CameraDevice
from hardware.bench.simulator import Action, JsonValue

PICTURE = b"\xff\xd8 a picture \xff\xd9"
SILENCE_S = 0.3


class Still:
    """A camera that sees one thing."""

    def jpeg(self, now_s: float) -> bytes:
        del now_s
        return PICTURE

    def facts(self) -> dict[str, JsonValue]:
        return {}

    def actions(self) -> Mapping[str, Action]:
        return {}


@pytest.fixture
def camera() -> Iterator[CameraDevice]:
    camera = CameraDevice("camera", "still", Still(), 0)
    yield camera
    camera.close()


def play(camera: CameraDevice, name: str, **arguments: JsonValue) -> None:
    with camera.lock:
        actions.call(name, camera.actions()[name], arguments, 0.0)


class Stream:
    """What a viewer reads."""

    def __init__(self, camera: CameraDevice) -> None:
        parts = urlsplit(camera.url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=SILENCE_S)
        self._connection.request("GET", parts.path)
        self._answer = self._connection.getresponse()

    def picture(self) -> bytes:
        line = self._answer.readline()
        while not line.startswith(b"Content-Length:"):
            line = self._answer.readline()
        self._answer.readline()
        return self._answer.read(int(line.split(b":")[1]))

    def pictures(self, count: int) -> list[bytes]:
        return [self.picture() for _ in range(count)]

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def test_a_silent_camera_sends_no_picture_not_even_an_old_one(camera: CameraDevice) -> None:
    stream = Stream(camera)
    assert stream.picture() == PICTURE
    play(camera, "silent", on=True)
    with pytest.raises(TimeoutError):
        stream.pictures(3)
    stream.close()
    late = Stream(camera)
    with pytest.raises(TimeoutError):
        late.picture()
    late.close()
    play(camera, "silent", on=False)
    again = Stream(camera)
    assert again.picture() == PICTURE
    again.close()


@pytest.mark.parametrize(
    ("fault", "arguments", "sent"),
    [
        ("truncate_next_reply", {}, PICTURE[: len(PICTURE) // 2]),
        ("dup_next_reply", {}, 2 * PICTURE),
        ("garbage", {"hex": "00 FF"}, b"\x00\xff" + PICTURE),
    ],
)
def test_one_picture_is_broken(camera: CameraDevice, fault: str, arguments: dict[str, JsonValue], sent: bytes) -> None:
    stream = Stream(camera)
    assert stream.picture() == PICTURE
    play(camera, fault, **arguments)
    seen = stream.pictures(4)
    assert seen.count(sent) == 1
    assert seen.count(PICTURE) == 3
    stream.close()


def test_a_camera_has_no_fault_that_makes_no_sense(camera: CameraDevice) -> None:
    assert not {"echo", "wrong_device"} & camera.actions().keys()
    assert {"unplug", "replug", "power_cycle", "reset", "silent", "delay_ms", "garbage"} <= camera.actions().keys()
