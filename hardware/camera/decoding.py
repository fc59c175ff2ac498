"""One grey frame in, everything that can be read in it out.

The engines complement each other (measured on 605 real photos: zbar 425, zxing-cpp 412, both with a crop turned level 499), so
they are asked in the order of their price, and the search ends with the first stage that reads something:

1. zxing-cpp on the whole frame, without Data Matrix. It stands curvature, noise and steep angles, but reads no bars turned by
   40 to 50 degrees.
2. OpenCV's locator finds bars at any angle; each place is cut out, turned level, small ones enlarged, and given to zxing-cpp
   and zbar, at last sharpened.
3. Only in a thorough search, for it costs several times as much as all before: zxing-cpp with Data Matrix and light symbols on
   dark, then zbar on the whole frame.

What one engine read is then shown to the other as a level crop of that place: two engines that agree in one frame are two
witnesses (:mod:`hardware.camera.witness`), and two that differ are a warning.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.camera.engines import Grey, read_zbar, read_zxing, zbar_available
from hardware.camera.witness import Corners, Engine, Sighting

__all__ = ["Decoder", "Grey", "Reading", "Search", "Sighting", "decode", "zbar_available"]

PLACES_MAX = 3
CROP_MARGIN = 0.15
"""Quiet zone left and right of a crop, as a share of the bars' length."""
CROP_MARGIN_UP = 0.05
CROP_HEIGHT_MIN = 0.25
"""An engine often tells only the part that it crossed; a crop is at least this share of its length high."""
CROP_LENGTH_MIN_PX = 360
CROP_LENGTH_MAX_PX = 900
CROP_SCALE_MAX = 3.0
SHARPEN = 1.5
_DOUBLE = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]])


class Search(Enum):
    """How long to look."""

    QUICK = "zxing-cpp and the locator"
    THOROUGH = "also Data Matrix, light on dark, and zbar on the whole frame"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one frame gave."""

    sightings: tuple[Sighting, ...]
    unread: tuple[Corners, ...] = ()
    """Places where bars are that no engine could read, in a frame in which nothing could be read."""


@dataclass(frozen=True, slots=True)
class _Crop:
    """A place cut out and turned level."""

    grey: Grey
    to_frame: NDArray[np.float64]
    """Affine map from the crop's pixels to the frame's."""

    def in_frame(self, found: Iterable[Sighting]) -> tuple[Sighting, ...]:
        """Move sightings from the crop into the frame."""
        return tuple(replace(sighting, position=_mapped(self.to_frame, sighting.position)) for sighting in found)


class Decoder:
    """Reads frames, one at a time; each thread has its own."""

    def __init__(self, *, upc_e: bool = False) -> None:
        self._upc_e = upc_e
        self._locator = cv2.barcode.BarcodeDetector()

    def read(self, grey: Grey, search: Search = Search.THOROUGH) -> Reading:
        """Return what can be read in ``grey`` (rows x columns, 8 bits)."""
        places: tuple[Corners, ...] = ()
        found = self._zxing(grey)
        if not found:
            places = self._located(grey)
            found = self._read_at(grey, places)
        if not found and search is Search.THOROUGH:
            found = self._zxing(grey, slowly=True) or self._zbar(grey)
        return Reading(found + self._second_opinions(grey, found), () if found else places)

    def _zxing(self, grey: Grey, *, slowly: bool = False) -> tuple[Sighting, ...]:
        return read_zxing(grey, upc_e=self._upc_e, slowly=slowly)

    def _zbar(self, grey: Grey) -> tuple[Sighting, ...]:
        return read_zbar(grey, upc_e=self._upc_e)

    def _located(self, grey: Grey) -> tuple[Corners, ...]:
        """Find bars; in a frame reduced to half, which takes the noise out, where there are none at full size."""
        if places := self._detected(grey):
            return places
        half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if min(grey.shape) > 1 else grey
        return tuple(_mapped(_DOUBLE, place) for place in self._detected(half.astype(np.uint8, copy=False)))

    def _detected(self, grey: Grey) -> tuple[Corners, ...]:
        try:
            there, places = self._locator.detect(grey)
        except cv2.error:
            return ()  # the locator fails on some frames smaller than its filters
        return tuple(_corners(place) for place in places[:PLACES_MAX]) if there else ()

    def _read_at(self, grey: Grey, places: tuple[Corners, ...]) -> tuple[Sighting, ...]:
        for place in places:
            crop = _level_crop(grey, place)
            if crop is None:
                continue
            for picture in (crop.grey, _sharpened(crop.grey)):
                if found := self._zxing(picture) or self._zbar(picture):
                    return crop.in_frame(found)
        return ()

    def _second_opinions(self, grey: Grey, found: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        """Show what one engine read to the other; error-corrected kinds need none."""
        opinions: list[Sighting] = []
        for sighting in found[:PLACES_MAX]:
            if sighting.symbology in {"QR", "DATAMATRIX"}:
                continue
            crop = _level_crop(grey, sighting.position)
            if crop is None:
                continue
            second = self._zbar(crop.grey) if sighting.engine is Engine.ZXING else self._zxing(crop.grey)
            opinions.extend(crop.in_frame(second))
        return tuple(opinions)


def decode(grey: Grey, search: Search = Search.THOROUGH) -> tuple[Sighting, ...]:
    """Read one frame with a decoder of its own."""
    return Decoder().read(grey, search).sightings


def _corners(place: NDArray[np.float32]) -> Corners:
    first, second, third, fourth = ((float(x), float(y)) for x, y in place)
    return first, second, third, fourth


def _level_crop(grey: Grey, corners: Corners) -> _Crop | None:
    """Cut out a place so that its longer side runs from left to right, with quiet zones."""
    first, second, third, _fourth = corners
    ends = (first, second) if math.dist(first, second) >= math.dist(second, third) else (second, third)
    length = math.dist(*ends)
    height = max(min(math.dist(first, second), math.dist(second, third)), CROP_HEIGHT_MIN * length)
    if length < 1.0:
        return None
    scale = min(max(CROP_LENGTH_MIN_PX / length, 1.0), CROP_SCALE_MAX, CROP_LENGTH_MAX_PX / length)
    angle = math.atan2(ends[1][1] - ends[0][1], ends[1][0] - ends[0][0])
    size = (round(length * (1 + 2 * CROP_MARGIN) * scale), round(height * (1 + 2 * CROP_MARGIN_UP) * scale))
    centre = (sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4)
    along, across = math.cos(angle) / scale, math.sin(angle) / scale
    to_frame = np.array(
        [
            [along, -across, centre[0] - along * size[0] / 2 + across * size[1] / 2],
            [across, along, centre[1] - across * size[0] / 2 - along * size[1] / 2],
        ]
    )
    flags = (cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    level = cv2.warpAffine(grey, to_frame, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return _Crop(level.astype(np.uint8, copy=False), to_frame)


def _mapped(affine: NDArray[np.float64], corners: Corners) -> Corners:
    homogeneous = np.array([(x, y, 1.0) for x, y in corners])
    return _corners((homogeneous @ affine.T).astype(np.float32))


def _sharpened(grey: Grey) -> Grey:
    soft = cv2.GaussianBlur(grey, (0, 0), 2.0)
    return cv2.addWeighted(grey, 1 + SHARPEN, soft, -SHARPEN, 0).astype(np.uint8, copy=False)
