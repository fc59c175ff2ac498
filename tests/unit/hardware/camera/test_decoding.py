"""The cascade over drawn pictures, and without zbar."""

from __future__ import annotations

import math
import subprocess
import sys

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from hardware.camera.decoding import Decoder, Search, decode, zbar_available
from hardware.camera.engines import read_zbar, read_zxing
from hardware.camera.package import draw_package
from hardware.camera.photos import TURN_DEGREES, held
from hardware.camera.witness import Engine, middle

MILK = "6901234567892"
Grey = NDArray[np.uint8]

needs_zbar = pytest.mark.skipif(not zbar_available(), reason="libzbar0 is not installed: apt-get install libzbar0")


def picture(text: str = MILK, symbology: str = "EAN13", turn_degrees: float = 0.0, size: float = 0.75) -> Grey:
    package = draw_package(text, symbology, "", (200, 210, 220))
    move = cv2.getRotationMatrix2D(package.symbol_centre, turn_degrees, size)
    to_middle = np.array([[0, 0, 640 - package.symbol_centre[0]], [0, 0, 360 - package.symbol_centre[1]]])
    frame = cv2.warpAffine(package.image, move + to_middle, (1280, 720), borderValue=(120, 120, 120))
    return cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.uint8)


@pytest.mark.parametrize("turn", range(0, 360, 15))
def test_bars_are_read_at_every_angle_and_placed(turn: int) -> None:
    found = Decoder().read(picture(turn_degrees=turn), Search.QUICK).sightings
    assert {sighting.text for sighting in found} == {MILK}
    for sighting in found:
        assert sighting.symbology == "EAN13"
        assert math.dist(sighting.centre, (640, 360)) < 60


@needs_zbar
def test_one_frame_can_have_two_witnesses() -> None:
    found = decode(picture())
    assert {sighting.engine for sighting in found} == {Engine.ZXING, Engine.ZBAR}


def test_the_locator_reads_what_zxing_alone_does_not() -> None:
    turned = picture(turn_degrees=45)
    assert read_zxing(turned) == ()
    assert decode(turned, Search.QUICK)


def test_bars_that_cannot_be_read_are_still_placed() -> None:
    sharp = picture(turn_degrees=10)
    smeared = cv2.blur(sharp, (9, 1)).astype(np.uint8)
    reading = Decoder().read(smeared)
    assert reading.sightings == ()
    assert any(math.dist(middle(place), (640, 360)) < 60 for place in reading.unread)
    assert Decoder().read(sharp).unread == ()


@pytest.mark.parametrize(
    ("text", "code_format", "symbology", "wanted"),
    [
        ("ABC-1234", zxingcpp.BarcodeFormat.Code128, "CODE128", "ABC-1234"),
        ("(01)04412345678909", zxingcpp.BarcodeFormat.DataBarOmni, "DATABAR", "0104412345678909"),
        ("(01)90012345678908(3103)001750", zxingcpp.BarcodeFormat.DataBarExp, "DATABAR_EXPANDED", "01900123456789083103001750"),
        ("4006381333931", zxingcpp.BarcodeFormat.EAN13, "EAN13", "4006381333931"),
        ("96385074", zxingcpp.BarcodeFormat.EAN8, "EAN8", "96385074"),
        ("036000291452", zxingcpp.BarcodeFormat.UPCA, "UPCA", "0036000291452"),
        ("鲜牛奶 milk", zxingcpp.BarcodeFormat.QRCode, "QR", "鲜牛奶 milk"),
        ("LOT 7", zxingcpp.BarcodeFormat.DataMatrix, "DATAMATRIX", "LOT 7"),
    ],
)
def test_names_and_texts_of_the_symbologies(
    text: str, code_format: zxingcpp.BarcodeFormat, symbology: str, wanted: str
) -> None:
    symbol = np.array(zxingcpp.create_barcode(text, code_format).to_image(scale=4), np.uint8)
    grey = cv2.copyMakeBorder(symbol, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(255,)).astype(np.uint8)
    found = decode(grey)
    assert {(sighting.symbology, sighting.text) for sighting in found} == {(symbology, wanted)}


def test_upc_e_is_off_unless_asked_for() -> None:
    symbol = np.array(zxingcpp.create_barcode("01234565", zxingcpp.BarcodeFormat.UPCE).to_image(scale=4), np.uint8)
    grey = cv2.copyMakeBorder(symbol, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(255,)).astype(np.uint8)
    assert decode(grey) == ()
    found = Decoder(upc_e=True).read(grey).sightings
    assert {(sighting.symbology, sighting.text) for sighting in found} == {("UPCE", "0012345000065")}


@needs_zbar
def test_zbar_tells_its_quality_and_place() -> None:
    (found,) = read_zbar(picture())
    assert (found.text, found.engine) == (MILK, Engine.ZBAR)
    assert 0 < found.quality <= 1
    assert math.dist(found.centre, (640, 360)) < 60


def test_pictures_of_any_size_are_taken(rng: np.random.Generator) -> None:
    sides = [0, 1, 2, 3, 7, 8, 9, 16, 33, 100]
    for height in sides:
        for width in sides:
            noise = rng.integers(0, 256, (height, width)).astype(np.uint8)
            assert decode(noise) == (), (height, width)


def test_a_view_into_a_larger_picture_is_taken() -> None:
    assert decode(picture()[100:650, 200:1100])


def test_a_held_photo_moves_but_a_little() -> None:
    photo = np.zeros((200, 300, 3), np.uint8)
    photo[90:110, 240:260] = 255
    assert held(photo, 0) is photo
    places = []
    for look in range(1, 30):
        moved = held(photo, look)
        assert moved.shape == photo.shape
        rows, columns = np.nonzero(moved[:, :, 0] > 128)
        places.append((round(float(rows.mean()), 2), round(float(columns.mean()), 2)))
    assert len(set(places)) > 20
    reach = 100 * math.sin(math.radians(TURN_DEGREES)) + 5
    assert all(abs(row - 99.5) < reach and abs(column - 249.5) < reach for row, column in places)


WITHOUT_ZBAR = """
import ctypes.util, logging, sys
find = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if name == "zbar" else find(name)
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
import cv2, numpy as np
from hardware.camera.decoding import Search, decode, zbar_available
from hardware.camera.package import draw_package
grey = cv2.cvtColor(draw_package("6901234567892", "EAN13", "", (200, 210, 220)).image, cv2.COLOR_BGR2GRAY)
print(zbar_available(), zbar_available(), [(s.text, s.engine.name) for s in decode(grey)], decode(np.zeros_like(grey)))
"""


def test_without_libzbar_all_goes_on_and_it_is_said_once() -> None:
    ended = subprocess.run([sys.executable, "-c", WITHOUT_ZBAR], capture_output=True, text=True, timeout=60, check=True)
    warning, result = ended.stdout.splitlines()
    assert warning.startswith("WARNING zbar is missing")
    assert "apt-get install libzbar0" in warning
    assert result == f"False False [('{MILK}', 'ZXING')] ()"
    assert ended.stderr == ""
