"""An article's package, drawn flat: a coloured box with its name and a white label that carries the symbol."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import qrcode
from numpy.typing import NDArray
from qrcode.exceptions import DataOverflowError

from hardware.camera.symbol import Symbol, SymbolError, encode

Image = NDArray[np.uint8]

SYMBOLOGIES = ("EAN13", "EAN8", "UPCA", "QR")
MODULE_PX = 4
BAR_HEIGHT_MODULES = 70
"""The nominal EAN-13 is 69.3 modules high (GS1 General Specifications, section 5.2.3)."""
GUARD_MODULES = 5
DIGITS_MODULES = 12
QR_QUIET_MODULES = 4
QR_MODULE_PX = 6
"""Half as large again as a bar, as on most packages."""
QR_TEXT_MAX = 600
NAME_MAX = 60
PACKAGE_PX = (900, 760)
"""Width and height."""
BORDER_PX = 16
NAME_PLACE_PX = (60, 120)
NAME_SIZE_PX = 56
NAME_WIDTH_PX = 780
LABEL_FLOOR_PX = 60
"""How far above the package's lower edge the label ends."""
LIGHT = 250
DARK = 25
FONT = "sans"
FONT_WEIGHT = 500


@dataclass(frozen=True, slots=True)
class Package:
    """A drawn package and where its symbol is."""

    image: Image
    symbol_centre: tuple[float, float]
    """Pixels of the image."""
    module_px: int
    """Width of one module of a bar code on it."""


def draw_package(text: str, symbology: str, name: str, paint: tuple[int, int, int]) -> Package:
    """Draw the package of an article.

    Args:
        text: What the symbol says: 13, 8 or 12 digits with a right check digit, or any short text for QR.
        symbology: One of :data:`SYMBOLOGIES`.
        name: Printed on the package; any script that OpenCV's font has.
        paint: The package's blue, green and red.

    Raises:
        SymbolError: there is no such symbol.
    """
    label = _draw_qr(text) if symbology == "QR" else _draw_bars(encode(text, symbology), text)
    width, height = PACKAGE_PX
    image = np.empty((height, width, 3), np.uint8)
    image[:] = tuple(channel // 2 for channel in paint)
    image[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX] = paint
    _write(image, name[:NAME_MAX], NAME_PLACE_PX, NAME_SIZE_PX, NAME_WIDTH_PX)
    label_height, label_width = label.shape
    top, left = max(height - LABEL_FLOOR_PX - label_height, 0), (width - label_width) // 2
    image[top : top + label_height, left : left + label_width] = label[: height - top, :, None]
    return Package(image, (left + label_width / 2, top + label_height / 2), MODULE_PX)


def _draw_bars(symbol: Symbol, digits: str) -> Image:
    """Draw the label of an EAN or UPC: bars with longer guards, the digits beneath."""
    rows = BAR_HEIGHT_MODULES + DIGITS_MODULES
    label = np.full((rows, symbol.width), LIGHT, np.uint8)
    for index, module in enumerate(symbol.modules):
        if module == "1":
            reach = BAR_HEIGHT_MODULES + (GUARD_MODULES if index in symbol.guards else 0)
            label[2:reach, symbol.quiet_left + index] = DARK
    large = np.repeat(np.repeat(label, MODULE_PX, axis=0), MODULE_PX, axis=1)
    place = (symbol.quiet_left * MODULE_PX, (rows - 1) * MODULE_PX)
    _write(large, "  ".join(digits), place, (DIGITS_MODULES - GUARD_MODULES) * MODULE_PX, len(symbol.modules) * MODULE_PX)
    return large


def _draw_qr(text: str) -> Image:
    if not 0 < len(text) <= QR_TEXT_MAX:
        raise SymbolError(f"a QR code here takes 1 to {QR_TEXT_MAX} characters, not {len(text)}")
    code = qrcode.QRCode(border=QR_QUIET_MODULES, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    try:
        dark = np.array(code.get_matrix(), dtype=bool)
    except DataOverflowError as error:
        raise SymbolError(f"this text is too long for a QR code: {len(text)} characters") from error
    label = np.where(dark, DARK, LIGHT).astype(np.uint8)
    return np.repeat(np.repeat(label, QR_MODULE_PX, axis=0), QR_MODULE_PX, axis=1)


def _write(image: Image, text: str, place: tuple[int, int], size_px: int, width_px: int) -> None:
    """Write a line, smaller if it would be wider than ``width_px``."""
    face = cv2.FontFace(FONT)
    _, _, wide, _ = cv2.getTextSize((1, 1), text, (0, 0), face, size_px, FONT_WEIGHT)
    size_px = min(size_px, size_px * width_px // max(wide, 1))
    cv2.putText(image, text, place, (DARK, DARK, DARK), face, max(size_px, 1), FONT_WEIGHT)
