"""Read rates and wrong texts on real photos; nothing is tuned to them.

The photos lie outside the project: in ``SCANLANE_SHARED_DATA``, or in ``../shared/data`` beside it. ``-s`` prints the figures.
"""

from __future__ import annotations

import csv
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hardware.camera.decoding import Decoder, Search, zbar_available
from hardware.camera.engines import read_zbar, read_zxing
from hardware.camera.frames import Image
from hardware.camera.photos import held, read_photo
from hardware.camera.witness import Look, Memory, Sighting, consider

PROJECT = Path(__file__).parents[4]
PHOTOS = Path(os.environ.get("SCANLANE_SHARED_DATA", PROJECT.parent / "shared" / "data")) / "barcode-photos"
LOOKS = 6
LOOK_S = 0.1
THOROUGH_EVERY = 4
NOT_READ_BY_DEFAULT = {"UPC-E"}
CASCADE_FLOOR = 0.85
SCANNED_FLOOR = 0.85
RETAIL = {"EAN-13", "EAN-8", "UPC-A", "UPC-E", "DataBar", "DataBarExpanded", "Code128"}
WRONG_SCANS_MAX = 4
GAIN_OVER_BEST_ENGINE = 1.05

pytestmark = pytest.mark.skipif(not PHOTOS.is_dir(), reason=f"the real photos are not here: {PHOTOS} is no folder")

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Truth:
    file: str
    symbology: str
    text: str
    photo: Image

    @property
    def grey(self) -> Grey:
        return to_grey(self.photo)


def to_grey(photo: Image) -> Grey:
    return cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY).astype(np.uint8)


def plain(text: str) -> str:
    """The truth was written with Unix line ends, some QR codes were not."""
    return text.replace("\r\n", "\n")


@pytest.fixture(scope="module")
def truths() -> list[Truth]:
    with (PHOTOS / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Truth(row["file"], row["symbology"], plain(row["text"]), read_photo(PHOTOS / row["file"])) for row in rows]


def rates(name: str, truths: list[Truth], read: Callable[[Truth], set[str]]) -> tuple[int, int]:
    """Return how many photos were read, and how many wrong retail texts there were; print both."""
    right, wrong, kinds, times_ms = Counter[str](), list[str](), Counter[str](), list[float]()
    for truth in truths:
        greatest = max(truth.photo.shape)
        assert greatest <= 1920
        began = time.perf_counter()
        texts = {plain(text) for text in read(truth)}
        times_ms.append(1000 * (time.perf_counter() - began))
        kinds[truth.symbology] += 1
        right[truth.symbology] += truth.text in texts
        if truth.symbology in RETAIL:
            wrong.extend(f"{truth.file}: {text}" for text in sorted(texts - {truth.text}))
    by_kind = ", ".join(f"{kind} {right[kind]}/{kinds[kind]}" for kind in sorted(kinds))
    sys.stdout.write(f"\n{name}: {right.total()} of {len(truths)} read, {len(wrong)} wrong retail texts,")
    sys.stdout.write(f" median {statistics.median(times_ms):.1f} ms\n    {by_kind}\n    wrong: {wrong}\n")
    return right.total(), len(wrong)


def texts_of(sightings: tuple[Sighting, ...]) -> set[str]:
    return {sighting.text for sighting in sightings}


def test_the_cascade_reads_more_than_either_engine(truths: list[Truth]) -> None:
    decoder = Decoder()
    readable = [truth for truth in truths if truth.symbology not in NOT_READ_BY_DEFAULT]
    zxing, _ = rates("zxing-cpp alone", readable, lambda truth: texts_of(read_zxing(truth.grey)))
    zbar, _ = rates("zbar alone", readable, lambda truth: texts_of(read_zbar(truth.grey)))
    rates("quick search", readable, lambda truth: texts_of(decoder.read(truth.grey, Search.QUICK).sightings))
    cascade, _ = rates("thorough search", readable, lambda truth: texts_of(decoder.read(truth.grey).sightings))
    assert cascade / len(readable) > CASCADE_FLOOR
    if zbar_available():
        assert cascade > GAIN_OVER_BEST_ENGINE * max(zxing, zbar)


def scans(decoder: Decoder, truth: Truth) -> set[str]:
    """What becomes a scan while the photo is held before the camera for a second."""
    memory, found = Memory(), set[str]()
    for look in range(LOOKS):
        grey = to_grey(held(truth.photo, look))
        search = Search.QUICK if look % THOROUGH_EVERY else Search.THOROUGH
        height, width = grey.shape
        reading = decoder.read(grey, search)
        memory, scan = consider(memory, Look(look * LOOK_S, width, height, reading.sightings, reading.unread))
        if scan is not None:
            found.add(scan.text)
    return found


def test_witnesses_keep_wrong_texts_rare(truths: list[Truth]) -> None:
    decoder = Decoder()
    right, wrong = rates(f"scanned within {LOOKS} looks", truths, lambda truth: scans(decoder, truth))
    readable = sum(truth.symbology not in NOT_READ_BY_DEFAULT for truth in truths)
    assert right / readable > SCANNED_FLOOR
    assert wrong <= WRONG_SCANS_MAX
