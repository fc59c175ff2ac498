"""A QR symbol, drawn with whole pixels per module so that scanners read it off the screen (ISO/IEC 18004)."""

from __future__ import annotations

import qrcode
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QLabel
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE_MODULES = 4
"""ISO/IEC 18004, 9.1."""
MODULE_MIN_PX = 4


class QrPicture(QLabel):
    """Draws a text as a QR symbol as large as ``size_px`` allows."""

    def __init__(self, size_px: int) -> None:
        super().__init__()
        self.setObjectName("order-qr")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._size_px = size_px
        self._text = ""

    def draw(self, text: str) -> None:
        """Show the symbol of ``text``; nothing for an empty one."""
        self.setVisible(bool(text))
        if text and text != self._text:
            self.setPixmap(qr_pixmap(text, self._size_px))
        self._text = text


def qr_pixmap(text: str, size_px: int) -> QPixmap:
    """Return the symbol with its quiet zone: at most ``size_px`` wide, but never fewer than 4 pixels per module."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE_MODULES)
    code.add_data(text)
    code.make(fit=True)
    modules = code.get_matrix()
    scale = max(size_px // len(modules), MODULE_MIN_PX)
    picture = QImage(len(modules) * scale, len(modules) * scale, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                painter.fillRect(x * scale, y * scale, scale, scale, QColor("black"))
    painter.end()
    return QPixmap.fromImage(picture)
