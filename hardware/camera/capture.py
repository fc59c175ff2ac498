"""Webcams, video files and network cameras, all through OpenCV's VideoCapture.

Time-outs are short: a camera that is gone is told within two seconds. OpenCV and FFmpeg would write every failure to stderr in
their own words; they are kept quiet, for each becomes a sentence of ours.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np

from hardware.camera.frames import Image
from hardware.camera.photos import blank
from hardware.errors import LinkLostError

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")  # seconds; a webcam that says nothing is read for 10 otherwise
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

OPEN_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 1.2
WEBCAM_SIZE = (1280, 720)
FRAME_RATE_DEFAULT = 25.0
FRAME_RATE_MAX = 120.0
BLANK_S = 0.2
"""After its end a file shows nothing, this often."""


class CaptureFeed:
    """A live camera: the next picture comes when the camera sends it."""

    def __init__(self, capture: cv2.VideoCapture, name: str) -> None:
        self._capture = capture
        self._name = name
        width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        self.description = f"{name}, {width:.0f}x{height:.0f}"

    def next_image(self, stopping: threading.Event) -> Image:  # noqa: ARG002 - the read itself has a time-out
        """Wait for the next picture, at most READ_TIMEOUT_S."""
        image = _read(self._capture, self._name)
        if image is None:
            raise LinkLostError(f"{self._name} sends no more pictures: is it switched on and plugged in?")
        return image

    def close(self) -> None:
        """Let go of the device."""
        self._capture.release()


class FileFeed:
    """A video file, played at its own speed."""

    def __init__(self, capture: cv2.VideoCapture, path: Path, *, loop: bool) -> None:
        self._capture = capture
        self._loop = loop
        self._path = path
        rate = capture.get(cv2.CAP_PROP_FPS)
        self._period_s = 1 / (rate if 0 < rate <= FRAME_RATE_MAX else FRAME_RATE_DEFAULT)
        self._due_s = time.monotonic()
        self._frames = 0
        self.description = f"video file {path.name}"

    def next_image(self, stopping: threading.Event) -> Image:
        """Wait until the next picture is due."""
        image = _read(self._capture, str(self._path))
        if image is None:
            return self._at_the_end(stopping)
        self._frames += 1
        self._due_s = max(self._due_s + self._period_s, time.monotonic())
        stopping.wait(self._due_s - time.monotonic())
        return image

    def _at_the_end(self, stopping: threading.Event) -> Image:
        if not self._frames:
            raise LinkLostError(f"{self._path} has no picture that can be read: is it a video?")
        if not self._loop:
            stopping.wait(BLANK_S)
            return blank()
        self._frames = 0
        self._capture.release()
        self._capture = _open(self._path, str(self._path), cv2.CAP_FFMPEG)
        return self.next_image(stopping)

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


def open_webcam(url: str) -> CaptureFeed:
    """Open webcam ``0`` or ``/dev/video0``.

    Raises:
        LinkLostError: it is not there, in use, or forbidden.
    """
    path = Path(f"/dev/video{url}") if url.isdecimal() else Path(url)
    if not path.exists():
        raise LinkLostError(f"there is no webcam {path}: plug it in, or set another camera")
    capture = _open(path, f"webcam {path}", cv2.CAP_V4L2)
    # MJPEG, because raw 720p does not fit through USB 2 at more than 10 frames/s; one buffer, because old frames are no use.
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, WEBCAM_SIZE[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, WEBCAM_SIZE[1])
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return CaptureFeed(capture, f"webcam {path}")


def open_network_camera(url: str) -> CaptureFeed:
    """Open an MJPEG stream over HTTP.

    Raises:
        LinkLostError: nobody answers, or what comes is no stream of pictures.
    """
    name = f"camera at {urlsplit(url).netloc.rpartition('@')[2]}"  # a password in the URL stays out of logs
    return CaptureFeed(_open(url, name, cv2.CAP_FFMPEG), name)


def open_video_file(path: Path, *, loop: bool) -> FileFeed:
    """Open a video file.

    Raises:
        LinkLostError: it is missing or no video.
    """
    if not path.is_file():
        raise LinkLostError(f"there is no video file {path}: give 0 for a webcam, a file, folder:/path or http://host/stream")
    return FileFeed(_open(path, str(path), cv2.CAP_FFMPEG), path, loop=loop)


def _open(what: Path | str, name: str, backend: int) -> cv2.VideoCapture:
    timeouts = (
        *(int(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC), round(OPEN_TIMEOUT_S * 1000)),
        *(int(cv2.CAP_PROP_READ_TIMEOUT_MSEC), round(READ_TIMEOUT_S * 1000)),
    )
    try:
        capture = cv2.VideoCapture(str(what), backend, timeouts if backend == cv2.CAP_FFMPEG else ())
    except cv2.error as error:
        raise LinkLostError(f"{name} cannot be opened: {error}") from error
    if not capture.isOpened():
        capture.release()
        raise LinkLostError(f"{name} cannot be opened: it is off, in use, or sends no pictures")
    return capture


def _read(capture: cv2.VideoCapture, name: str) -> Image | None:
    try:
        there, image = capture.read()
    except cv2.error as error:
        raise LinkLostError(f"{name} sends pictures that cannot be read: {error}") from error
    return image.astype(np.uint8, copy=False) if there and image.size else None
