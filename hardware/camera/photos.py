"""A folder of photos as a camera: each photo is held before it for a while, then taken away.

A held photo moves as in a hand: every look at it is turned and sized a little differently, so that the second look is a second
witness and not the first one repeated. The first look is the photo as it is.
"""

from __future__ import annotations

import math
import threading
from pathlib import Path

import cv2
import numpy as np

from hardware.camera.frames import Image
from hardware.errors import LinkLostError

HOLD_S = 2.0
LOOK_S = 0.1
SIDE_MAX_PX = 1920
"""Larger photos are reduced: no camera of a handheld sends more."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
TURN_DEGREES = 2.0
SIZE_SHARE = 0.03
_BLANK_SIZE = (720, 1280, 3)
_BLANK_GREY = 128
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def blank() -> Image:
    """Return a picture in which nothing is."""
    return np.full(_BLANK_SIZE, _BLANK_GREY, np.uint8)


def read_photo(path: Path) -> Image:
    """Read a photo, reduced to :data:`SIDE_MAX_PX`.

    Raises:
        LinkLostError: no picture, or a damaged one.
    """
    try:
        photo = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error) as error:
        raise LinkLostError(f"{path} cannot be read as a photo: {error}") from error
    if photo is None:
        raise LinkLostError(f"{path} cannot be read as a photo: it is damaged or no picture; take it out of the folder")
    shrink = SIDE_MAX_PX / max(photo.shape[:2])
    if shrink < 1:
        photo = cv2.resize(photo, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return photo.astype(np.uint8, copy=False)


def held(photo: Image, look: int) -> Image:
    """Return the photo as a hand holds it at look 0, 1, 2 ...: turned and sized a little, differently each time."""
    if look == 0:
        return photo
    height, width = photo.shape[:2]
    phase = look * _GOLDEN_ANGLE
    turn = TURN_DEGREES * math.sin(phase)
    size = 1 + SIZE_SHARE * math.cos(phase)
    move = cv2.getRotationMatrix2D((width / 2, height / 2), turn, size)
    moved = cv2.warpAffine(photo, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.uint8, copy=False)


class PhotoFeed:
    """Shows the photos of a folder in name order; after the last one nothing, or the first again."""

    def __init__(self, folder: Path, *, hold_s: float, gap_s: float, loop: bool) -> None:
        """List the folder.

        Raises:
            LinkLostError: no such folder, no photo in it, or a first photo that cannot be read.
        """
        self.description = f"photos in {folder}"
        self._photos = _list_photos(folder)
        self._looks = max(round(hold_s / LOOK_S), 1)
        self._gaps = round(gap_s / LOOK_S)
        self._loop = loop
        self._step = 0
        self._photo = read_photo(self._photos[0])

    def next_image(self, stopping: threading.Event) -> Image:
        """Wait a tenth of a second and return the next look."""
        if self._step:
            stopping.wait(LOOK_S)
        turn, look = divmod(self._step, self._looks + self._gaps)
        self._step += 1
        if look >= self._looks or (turn >= len(self._photos) and not self._loop):
            return blank()
        if look == 0:
            self._photo = read_photo(self._photos[turn % len(self._photos)])
        return held(self._photo, look)

    def close(self) -> None:
        """Nothing is held open."""


def _list_photos(folder: Path) -> tuple[Path, ...]:
    try:
        photos = tuple(sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()))
    except OSError as error:
        raise LinkLostError(f"the folder of photos {folder} cannot be read: {error.strerror}") from error
    if not photos:
        raise LinkLostError(f"there is no photo in {folder}: put {', '.join(sorted(SUFFIXES))} files there")
    return photos
