"""Where frames come from, named by one URL: a webcam, a video file, a folder of photos, or a camera on the network.

=================================  ==================================================================================
``0``, ``1`` or ``/dev/video0``    a webcam
``http://host:port/stream``        a camera that sends MJPEG
``clip.mp4``, ``clip.mp4?loop=1``  a video file, played at its own speed, once or again and again
``folder:/path``                   its photos in name order, each held before the camera for a while; ``?loop=1`` starts
                                   over, ``?hold_s=2&gap_s=2`` sets the times
=================================  ==================================================================================
"""

from __future__ import annotations

from pathlib import Path

from hardware.camera.capture import open_network_camera, open_video_file, open_webcam
from hardware.camera.frames import Feed, FrameSource
from hardware.camera.photos import HOLD_S, PhotoFeed
from hardware.errors import LinkLostError

_DEVICES = "/dev/"
_FILES_IN_MEMORY = "/dev/shm/"  # noqa: S108 - nothing is made there, a file's name is told from a webcam's
_FOLDER = "folder:"
_NETWORK = ("http://", "https://", "rtsp://")
_GAP_S = 2.0
_TIME_MAX_S = 3600.0


def open_source(url: str) -> FrameSource:
    """Open what the URL names and begin to read it.

    Raises:
        LinkLostError: nothing is there, it cannot be read, or it is in use; the sentence says which.
    """
    return FrameSource(_open_feed(url.strip()))


def _open_feed(url: str) -> Feed:
    if url.isdecimal() or (url.startswith(_DEVICES) and not url.startswith(_FILES_IN_MEMORY)):
        return open_webcam(url)
    if url.startswith(_NETWORK):
        return open_network_camera(url)
    if url.startswith(_FOLDER):
        path, options = _split(url.removeprefix(_FOLDER), {"loop": 0.0, "hold_s": HOLD_S, "gap_s": _GAP_S})
        return PhotoFeed(path, hold_s=options["hold_s"], gap_s=options["gap_s"], loop=options["loop"] > 0)
    if not url:
        raise LinkLostError("no camera is set: give 0 for the first webcam, a video file, folder:/path or http://host/stream")
    path, options = _split(url, {"loop": 0.0})
    return open_video_file(path, loop=options["loop"] > 0)


def _split(text: str, defaults: dict[str, float]) -> tuple[Path, dict[str, float]]:
    """Part ``path?name=number&...``; a file that has the question mark in its name is taken as it is."""
    name, mark, query = text.partition("?")
    if not mark or Path(text).exists():
        return Path(text), defaults
    options = dict(defaults)
    for item in query.split("&"):
        option, _, value = item.partition("=")
        if option not in defaults:
            raise LinkLostError(f"{text}: {option!r} is no option; there is {', '.join(defaults)}")
        try:
            options[option] = float(value)
        except ValueError:
            raise LinkLostError(f"{text}: {option} takes a number, not {value!r}") from None
        if not 0 <= options[option] <= _TIME_MAX_S:
            raise LinkLostError(f"{text}: {option} takes 0 to {_TIME_MAX_S:.0f}, not {value}")
    return Path(name), options
