"""A camera as a device: frames in, scanned codes and a small picture for the viewfinder out."""

from __future__ import annotations

import time
from dataclasses import dataclass

import cv2
import numpy as np

from hardware.camera.decoding import Decoder, Search
from hardware.camera.frames import Frame, FrameSource, Image
from hardware.camera.sources import open_source
from hardware.camera.witness import Look, Memory, Sighting, consider
from hardware.connection import Identity
from hardware.device import DeviceCommand, DeviceEvent, Driver
from hardware.errors import LinkLostError

PREVIEW_PERIOD_S = 0.125
PREVIEW_WIDTH_PX = 480
PREVIEW_QUALITY = 75
THOROUGH_PERIOD_S = 0.4
"""How often a frame is searched thoroughly; it costs more than all else together."""
OUTLINE_BGR = (80, 220, 80)
OUTLINE_PX = 2
FRAME_WAIT_S = 0.08
PROBE_TIMEOUT_S = 4.0


@dataclass(frozen=True, slots=True)
class CodeSeen(DeviceEvent):
    """A code was scanned: seen by enough witnesses, once while it stays in view."""

    text: str
    """What it says; EAN-13 and UPC-A as 13 digits, DataBar as element string ``01`` + GTIN-14."""
    symbology: str
    """``EAN13 UPCA EAN8 UPCE CODE128 DATABAR DATABAR_EXPANDED QR DATAMATRIX``."""


@dataclass(frozen=True, slots=True)
class FrameTaken(DeviceEvent):
    """A small picture for the viewfinder, codes outlined; at most about eight a second."""

    jpeg: bytes
    """At most 480 pixels wide."""


@dataclass(frozen=True, slots=True)
class Watch(DeviceCommand):
    """Read what is before the camera, or rest: stay connected, notice a loss, search nothing and show nothing.

    After a rest everything is new: an article that was in view before it is scanned again.
    """

    on: bool


class CameraDriver(Driver[FrameSource]):
    """Looks at the newest frame and tells what was scanned; it does so from the start, until told to rest.

    A camera that rests costs a tenth of the processor, which is most of what a handheld's battery gives while nobody scans.
    What was scanned is remembered over a loss of the camera, so that an article that stays in view is not scanned again when
    the camera comes back. ``symbologies`` limits what is read, for packages carry other codes too; without it everything is.
    """

    poll_period_s = 0.07

    def __init__(self, *, symbologies: frozenset[str] | None = None, upc_e: bool = False, preview: bool = True) -> None:
        self._symbologies = symbologies
        self._decoder = Decoder(upc_e=upc_e)
        self._preview = preview
        self._memory = Memory()
        self._is_watching = True
        self._frame_number = 0
        self._preview_due_s = 0.0
        self._thorough_due_s = 0.0

    def open(self, url: str) -> FrameSource:
        """Open the source that the URL names."""
        return open_source(url)

    def close(self, port: FrameSource) -> None:
        """Let go of the camera."""
        port.close()

    def probe(self, port: FrameSource) -> Identity:
        """Wait for the first frame."""
        self._frame_number = 0
        frame = port.newest(timeout_s=PROBE_TIMEOUT_S)
        if frame is None:
            raise LinkLostError(f"{port.description} opened but sent no picture within {PROBE_TIMEOUT_S:.0f} s")
        return Identity(model=port.description)

    def poll(self, port: FrameSource) -> None:
        """Look at the newest frame, if there is a new one."""
        frame = port.newest(after=self._frame_number, timeout_s=FRAME_WAIT_S)
        if frame is None:
            return
        self._frame_number = frame.number
        if not self._is_watching:
            return
        sightings = self._look(frame)
        if self._preview and frame.taken_s >= self._preview_due_s:
            self._preview_due_s = max(self._preview_due_s, frame.taken_s - PREVIEW_PERIOD_S) + PREVIEW_PERIOD_S
            self.publish(FrameTaken(self.name, preview_jpeg(frame.image, sightings)))

    def perform(self, port: FrameSource, command: DeviceCommand) -> None:
        """Begin to read, or rest."""
        if isinstance(command, Watch):
            self._watch(command)
        else:
            super().perform(port, command)

    def abandon(self, command: DeviceCommand) -> None:
        """Remember for when the camera is back."""
        if isinstance(command, Watch):
            self._watch(command)

    def _watch(self, command: Watch) -> None:
        # Whatever was in view before the rest may have gone and come meanwhile: nobody looked.
        if command.on and not self._is_watching:
            self._memory = Memory()
        self._is_watching = command.on

    def _look(self, frame: Frame) -> tuple[Sighting, ...]:
        now_s = time.monotonic()
        search = Search.THOROUGH if now_s >= self._thorough_due_s else Search.QUICK
        grey = cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
        reading = self._decoder.read(grey, search)
        sightings = tuple(sighting for sighting in reading.sightings if self._wants(sighting))
        if search is Search.THOROUGH:
            self._thorough_due_s = now_s + THOROUGH_PERIOD_S
        height, width = grey.shape
        self._memory, scan = consider(self._memory, Look(frame.taken_s, width, height, sightings, reading.unread))
        if scan is not None:
            self.publish(CodeSeen(self.name, scan.text, scan.symbology))
        return sightings

    def _wants(self, sighting: Sighting) -> bool:
        return self._symbologies is None or sighting.symbology in self._symbologies


def preview_jpeg(image: Image, sightings: tuple[Sighting, ...]) -> bytes:
    """Return a small JPEG of a frame with what was read in it outlined."""
    height, width = image.shape[:2]
    shrink = min(PREVIEW_WIDTH_PX / width, 1.0)
    small = cv2.resize(image, (round(width * shrink), max(round(height * shrink), 1)), interpolation=cv2.INTER_AREA)
    for sighting in sightings:
        outline = np.array([[(x * shrink, y * shrink) for x, y in sighting.position]]).round().astype(np.int32)
        small = cv2.polylines(small, [outline], isClosed=True, color=OUTLINE_BGR, thickness=OUTLINE_PX)
    _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, PREVIEW_QUALITY])
    return jpeg.tobytes()
