"""A QR symbol drawn sharp at any size."""

from __future__ import annotations

import qrcode
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

QUIET_ZONE = 4
"""Modules of white on each side (ISO/IEC 18004, 9.1)."""


class QrCode(QWidget):
    """Shows one text as a QR symbol, dark on white with its quiet zone."""

    def __init__(self, name: str, size_px: int) -> None:
        super().__init__()
        self.setObjectName(name)
        self._size_px = size_px
        self._text = ""
        self._rows: list[list[bool]] = []
        self.setFixedSize(size_px, size_px)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Stay square."""
        return QSize(self._size_px, self._size_px)

    def show_text(self, text: str) -> None:
        """Show another text; an empty one hides the symbol."""
        self.setVisible(bool(text))
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(text)
        if text:
            symbol = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET_ZONE)
            symbol.add_data(text)
            symbol.make(fit=True)
            self._rows = symbol.get_matrix()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the modules at whole pixels."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        if not self._rows:
            return
        module = max(1, self.width() // len(self._rows))
        offset = (self.width() - module * len(self._rows)) / 2
        for row, cells in enumerate(self._rows):
            for column, dark in enumerate(cells):
                if dark:
                    painter.fillRect(QRectF(offset + column * module, offset + row * module, module, module), QColor("black"))
