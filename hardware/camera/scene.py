"""A hand holds a package before a camera: where it is, how the light falls, what the sensor makes of it.

Everything is a function of the time and a seed. The package sways slowly about a pose of its own; how far it is turned and
tilted, how small, blurred, noisy and badly lit it is, grows with the difficulty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.camera.package import Image, Package

WIDTH_PX = 1280
HEIGHT_PX = 720
LENS_PX = 1400.0
"""Distance from camera to package, in frame pixels: smaller makes perspective stronger."""
SWAY_S = (2.3, 3.1, 4.3, 5.9, 3.7)
"""Periods of the hand's motions: across, up, turn, two tilts."""
NOISE_TILE_EXTRA_PX = 64
JPEG_QUALITY = 85
STILLS = 8
"""So many pictures are drawn of a shelf with nothing before it; they follow each other with the noise of each."""
STILL_PERIOD_S = 0.04
SHELF_BOXES = 40
SHELF_BLUR_PX = 9.0
GLARE_PX = 90.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one difficulty means."""

    module_px: float
    """Width of one module in the frame."""
    turn_degrees: float
    """The pose is turned up to this far from level, either way."""
    tilt_degrees: float
    sway_px: float
    sway_degrees: float
    blur_modules: float
    """Standard deviation of the defocus."""
    motion_modules: float
    """Length of the motion blur while the hand moves fastest."""
    noise: float
    """Standard deviation of a pixel, of 255."""
    shade: float
    """How much darker the dark end of the frame is."""
    glare: int
    """Brightness that a moving reflection adds."""


class Difficulty(Enum):
    """How hard the symbol is to read."""

    EASY = "easy"
    MODERATE = "moderate"
    HARD = "hard"


CONDITIONS = {
    Difficulty.EASY: Conditions(3.2, 8, 8, 20, 1.5, 0.15, 0.0, 3.0, 0.15, 0),
    Difficulty.MODERATE: Conditions(2.5, 25, 22, 35, 3.0, 0.30, 0.4, 7.0, 0.40, 40),
    Difficulty.HARD: Conditions(2.0, 180, 30, 50, 5.0, 0.42, 0.9, 11.0, 0.55, 120),
}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the symbol's centre is in the frame, and how the package is turned (radians)."""

    x: float
    y: float
    turn: float
    tilt_x: float
    tilt_y: float
    speed: float
    """0 to 1: how fast the hand moves just now."""


class Scene:
    """One package (or none) in one light."""

    def __init__(self, seed: tuple[int, ...], difficulty: Difficulty, package: Package | None) -> None:
        rng = np.random.default_rng(seed)
        self._conditions = CONDITIONS[difficulty]
        self._package = package
        self._seed = seed
        self._phases = rng.uniform(0, 2 * math.pi, len(SWAY_S))
        self._turn = math.radians(rng.uniform(-1, 1) * self._conditions.turn_degrees)
        self._tilts = np.radians(rng.uniform(-1, 1, 2) * self._conditions.tilt_degrees)
        self._shelf = _shade(_draw_shelf(seed[0]), self._conditions.shade, float(rng.uniform(0, 2 * math.pi)))
        self._light = _shade(np.full((HEIGHT_PX, WIDTH_PX, 3), 255, np.uint8), self._conditions.shade, float(self._phases[0]))
        self._noise = _noise_tile(rng, self._conditions.noise)
        self._glare = _glare(self._conditions.glare)
        self._stills: dict[int, bytes] = {}

    def jpeg(self, now_s: float) -> bytes:
        """Return the frame at ``now_s`` as a JPEG file."""
        if self._package is not None:
            return _jpeg(self.frame(now_s))
        number = int(now_s / STILL_PERIOD_S) % STILLS
        if number not in self._stills:
            self._stills[number] = _jpeg(self.frame(number * STILL_PERIOD_S))
        return self._stills[number]

    def frame(self, now_s: float) -> Image:
        """Return the frame at ``now_s``: rows x columns x BGR."""
        frame = self._shelf.copy()
        if self._package is not None:
            pose = self.pose(now_s)
            self._put_package(frame, self._package, pose)
            frame = self._blurred(frame, pose)
        return self._sensed(frame, now_s)

    def pose(self, now_s: float) -> Pose:
        """Return where the hand holds the package at ``now_s``."""
        angles = [2 * math.pi * now_s / period + phase for period, phase in zip(SWAY_S, self._phases, strict=True)]
        sway = [math.sin(angle) for angle in angles]
        small = math.radians(self._conditions.sway_degrees)
        return Pose(
            x=WIDTH_PX / 2 + self._conditions.sway_px * sway[0],
            y=HEIGHT_PX / 2 + self._conditions.sway_px * sway[1],
            turn=self._turn + small * sway[2],
            tilt_x=float(self._tilts[0]) + small * sway[3],
            tilt_y=float(self._tilts[1]) + small * sway[4],
            speed=abs(math.cos(angles[0])),
        )

    def _put_package(self, frame: Image, package: Package, pose: Pose) -> None:
        place = _homography(package, pose, self._conditions.module_px / package.module_px)
        lit = cv2.warpPerspective(package.image, place, (WIDTH_PX, HEIGHT_PX), dst=frame, borderMode=cv2.BORDER_TRANSPARENT)
        cv2.multiply(lit, self._light, dst=frame, scale=1 / 255)

    def _blurred(self, frame: Image, pose: Pose) -> Image:
        if self._glare is not None:
            left = round(WIDTH_PX - pose.x + 2 * self._conditions.sway_px * math.sin(pose.turn + pose.x / 40))
            top = round(HEIGHT_PX - pose.y)
            frame = _u8(cv2.add(frame, self._glare[top : top + HEIGHT_PX, left : left + WIDTH_PX]))
        trail = round(self._conditions.motion_modules * self._conditions.module_px * pose.speed)
        if trail > 1:
            frame = _u8(cv2.blur(frame, (trail, 1)))
        sigma = self._conditions.blur_modules * self._conditions.module_px
        return _u8(cv2.GaussianBlur(frame, (0, 0), sigma)) if sigma > 0 else frame

    def _sensed(self, frame: Image, now_s: float) -> Image:
        left, top = np.random.default_rng((*self._seed, abs(round(now_s * 1000)))).integers(0, NOISE_TILE_EXTRA_PX, 2)
        noise = self._noise[top : top + HEIGHT_PX, left : left + WIDTH_PX]
        return _u8(cv2.addWeighted(frame, 1, noise, 1, -128))


def black_jpeg() -> bytes:
    """Return what a camera sends while it starts up."""
    return _jpeg(_u8(np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)))


def _jpeg(image: Image) -> bytes:
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return jpeg.tobytes()


def _u8(image: cv2.typing.MatLike) -> Image:
    return image.astype(np.uint8, copy=False)


def _homography(package: Package, pose: Pose, scale: float) -> NDArray[np.float64]:
    """Return the map from the package's pixels to the frame's, for a pinhole camera before the symbol's centre."""
    cos_x, sin_x = math.cos(pose.tilt_x), math.sin(pose.tilt_x)
    cos_y, sin_y = math.cos(pose.tilt_y), math.sin(pose.tilt_y)
    cos_z, sin_z = math.cos(pose.turn), math.sin(pose.turn)
    about_x = np.array([[1, 0, 0], [0, cos_x, -sin_x], [0, sin_x, cos_x]])
    about_y = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    about_z = np.array([[cos_z, -sin_z, 0], [sin_z, cos_z, 0], [0, 0, 1]])
    plane = (about_z @ about_x @ about_y)[:, :2] * scale
    placed = np.column_stack([plane, (0.0, 0.0, LENS_PX)])
    lens = np.array([[LENS_PX, 0, pose.x], [0, LENS_PX, pose.y], [0, 0, 1]])
    centre_x, centre_y = package.symbol_centre
    to_centre = np.array([[1, 0, -centre_x], [0, 1, -centre_y], [0, 0, 1]])
    map_to_frame: NDArray[np.float64] = lens @ placed @ to_centre
    return map_to_frame


def _draw_shelf(seed: int) -> Image:
    """Draw what is behind: goods out of focus."""
    rng = np.random.default_rng(seed)
    image = np.full((HEIGHT_PX, WIDTH_PX, 3), (150, 160, 165), np.uint8)
    for _ in range(SHELF_BOXES):
        left, top = int(rng.integers(-100, WIDTH_PX)), int(rng.integers(-100, HEIGHT_PX))
        width, height = int(rng.integers(60, 260)), int(rng.integers(80, 300))
        paint = tuple(int(channel) for channel in rng.integers(60, 220, 3))
        cv2.rectangle(image, (left, top), (left + width, top + height), paint, thickness=cv2.FILLED)
    return _u8(cv2.GaussianBlur(image, (0, 0), SHELF_BLUR_PX))


def _shade(image: Image, depth: float, direction: float) -> Image:
    """Darken an image towards one side, by ``depth`` at its far end."""
    across = np.linspace(-1, 1, WIDTH_PX)[None, :] * math.cos(direction)
    down = np.linspace(-1, 1, HEIGHT_PX)[:, None] * math.sin(direction)
    light = 1 - depth * (1 + (across + down) / math.sqrt(2)) / 2
    shaded: NDArray[np.float64] = image * light[:, :, None]
    return shaded.astype(np.uint8)


def _noise_tile(rng: np.random.Generator, deviation: float) -> Image:
    """Return noise about 128, larger than a frame, to be cut out at a different place for each frame."""
    size = (HEIGHT_PX + NOISE_TILE_EXTRA_PX, WIDTH_PX + NOISE_TILE_EXTRA_PX, 3)
    noise: NDArray[np.float32] = rng.standard_normal(size, dtype=np.float32) * np.float32(deviation) + np.float32(128)
    return noise.clip(0, 255).astype(np.uint8)


def _glare(brightness: int) -> Image | None:
    """Return a soft bright spot in the middle of an image twice as large as a frame."""
    if not brightness:
        return None
    across = np.exp(-(((np.arange(2 * WIDTH_PX) - WIDTH_PX) / GLARE_PX) ** 2))
    down = np.exp(-(((np.arange(2 * HEIGHT_PX) - HEIGHT_PX) / GLARE_PX) ** 2))
    spot = (brightness * down[:, None] * across[None, :]).astype(np.uint8)
    return np.repeat(spot[:, :, None], 3, axis=2)
