"""The two decoding engines behind one shape: a grey picture in, sightings in that picture's pixels out.

zxing-cpp is always there. zbar needs the system's libzbar, which may be missing: then :func:`read_zbar` reads nothing, and the
log says so once. Foreign exceptions end here; a picture that an engine cannot take is a picture in which it reads nothing.

UPC-E is off unless asked for: most of zxing-cpp's wrong texts are UPC-E phantoms. DataBar is left to zxing-cpp: zbar reads less
of it and prints warnings of its own to stderr.
"""

from __future__ import annotations

import functools
import importlib
import logging
import math
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from zxingcpp import BarcodeFormat as Format

from hardware.camera.symbol import SymbolError, expand_upc_e
from hardware.camera.witness import Corners, Engine, Sighting

_log = logging.getLogger(__name__)

Grey = NDArray[np.uint8]

TALL = 0.2
"""A reading this tall (height over width) has quality 1."""
ZBAR_LINES_FULL = 40
"""This many agreeing scan lines have quality 1."""
SIDE_MIN_PX = 8
"""Nothing can be read in a smaller picture, and engines differ in how they fail on it."""

_FORMATS = (
    *(Format.EAN13, Format.EAN8, Format.Code128, Format.QRCode),
    *(Format.DataBarOmni, Format.DataBarStk, Format.DataBarLtd, Format.DataBarExp, Format.DataBarExpStk),
)
_SLOW_FORMATS = (Format.DataMatrix,)
"""Searching a noisy frame for a Data Matrix takes three times as long as for all others together."""
_ZXING_NAMES = {
    Format.EAN13: "EAN13",
    Format.UPCA: "UPCA",
    Format.EAN8: "EAN8",
    Format.UPCE: "UPCE",
    Format.DataBarExp: "DATABAR_EXPANDED",
    Format.DataBarExpStk: "DATABAR_EXPANDED",
}
_ZXING_FAMILY_NAMES = {
    Format.Code128: "CODE128",
    Format.DataBar: "DATABAR",
    Format.QRCode: "QR",
    Format.DataMatrix: "DATAMATRIX",
}
_ZBAR_NAMES = {"EAN13": "EAN13", "EAN8": "EAN8", "UPCE": "UPCE", "CODE128": "CODE128", "QRCODE": "QR"}
"""UPC-E is always asked for: otherwise zbar passes it off as an EAN-13."""


@functools.cache
def _formats(*, upc_e: bool, slowly: bool) -> zxingcpp.BarcodeFormats:
    return zxingcpp.BarcodeFormats((*_FORMATS, *((Format.UPCE,) if upc_e else ()), *(_SLOW_FORMATS if slowly else ())))


def read_zxing(grey: Grey, *, upc_e: bool = False, slowly: bool = False) -> tuple[Sighting, ...]:
    """Read a grey picture with zxing-cpp; ``slowly`` searches also for Data Matrix and for light symbols on dark."""
    if min(grey.shape) < SIDE_MIN_PX:
        return ()
    formats = _formats(upc_e=upc_e, slowly=slowly)
    barcodes = zxingcpp.read_barcodes(grey, formats=formats, try_invert=slowly, text_mode=zxingcpp.TextMode.Plain)
    return tuple(sighting for barcode in barcodes if (sighting := _from_zxing(barcode)) is not None)


def _from_zxing(barcode: zxingcpp.Barcode) -> Sighting | None:
    name = _ZXING_NAMES.get(barcode.format) or _ZXING_FAMILY_NAMES.get(barcode.format.symbology)
    if name is None:
        return None
    place = barcode.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    top_left, top_right, bottom_right, bottom_left = ((float(corner.x), float(corner.y)) for corner in corners)
    width = max(math.dist(top_left, top_right), 1.0)
    quality = min(math.dist(top_left, bottom_left) / width / TALL, 1.0)
    return _sighting(barcode.text, name, Engine.ZXING, quality, (top_left, top_right, bottom_right, bottom_left))


@functools.cache
def _zbar() -> Any | None:
    try:
        return importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError) as error:
        _log.warning(
            "zbar is missing (%s): symbols are read with zxing-cpp alone. 'apt-get install libzbar0' brings it, and with it"
            " more reads of poor codes",
            error,
        )
        return None


def zbar_available() -> bool:
    """Whether libzbar could be loaded; the first call that finds it missing writes a warning."""
    return _zbar() is not None


def read_zbar(grey: Grey, *, upc_e: bool = False) -> tuple[Sighting, ...]:
    """Read a grey picture with zbar; nothing where libzbar is missing."""
    zbar = _zbar()
    if zbar is None or min(grey.shape) < SIDE_MIN_PX:
        return ()
    try:
        found = zbar.decode(grey, symbols=[zbar.ZBarSymbol[name] for name in _ZBAR_NAMES])
    except (zbar.PyZbarError, ValueError):
        # pyzbar raises ValueError for orientations and symbol kinds that a newer libzbar knows and it does not.
        return ()
    sightings = (_from_zbar(decoded) for decoded in found if upc_e or decoded.type != "UPCE")
    return tuple(sighting for sighting in sightings if sighting is not None)


def _from_zbar(decoded: Any) -> Sighting | None:
    name = _ZBAR_NAMES.get(decoded.type)
    if name is None or not decoded.polygon:
        return None
    try:
        text = decoded.data.decode()
        if name == "UPCE":
            text = expand_upc_e(text)
    except (UnicodeDecodeError, SymbolError):
        return None
    if not text.isascii():
        return None  # zbar guesses the encoding of a text, and guesses wrong; zxing-cpp tells it right
    hull = np.array([(point.x, point.y) for point in decoded.polygon], np.float32)
    first, second, third, fourth = ((float(x), float(y)) for x, y in cv2.boxPoints(cv2.minAreaRect(hull)))
    corners = (first, second, third, fourth)
    return _sighting(text, name, Engine.ZBAR, min(decoded.quality / ZBAR_LINES_FULL, 1.0), corners)


def _sighting(text: str, name: str, engine: Engine, quality: float, position: Corners) -> Sighting:
    """Call an EAN-13 with a 0 in front what it is, a UPC-A; its text stays the 13 digits."""
    if name == "EAN13" and text.startswith("0"):
        name = "UPCA"
    return Sighting(text, name, engine, 1.0 if name in {"QR", "DATAMATRIX"} else quality, position)
