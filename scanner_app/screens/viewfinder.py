"""What the camera sees, small, so that the shopper can aim."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QVBoxLayout

from scanner_app.screens.styling import label

SIZE_PX = QSize(212, 159)
CORNER_PX = 14
AIM_SHARE = 0.72
"""The aiming frame's share of the picture."""


class Viewfinder(QFrame):
    """Shows pictures as they come, or a sentence while none come."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("viewfinder")
        self.setFixedSize(SIZE_PX)
        self._picture = QPixmap()
        self._text = label("camera-text", wrap=True, align=Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addWidget(self._text)

    def draw(self, text: str, *, ready: bool) -> None:
        """Show ``text`` while the camera is not ready."""
        self._text.setText(text)
        self._text.setVisible(bool(text))
        if not ready:
            self.forget()

    def show_jpeg(self, jpeg: bytes) -> None:
        """Show one picture of the camera."""
        picture = QPixmap()
        if picture.loadFromData(jpeg, "JPEG"):
            self._picture = picture
            self.update()

    def forget(self) -> None:
        """Show no picture until the next one comes."""
        self._picture = QPixmap()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Fill the frame with the middle of the picture."""
        super().paintEvent(event)
        if self._picture.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), CORNER_PX, CORNER_PX)
        painter.setClipPath(outline)
        scaled = self._picture.scaled(
            self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawPixmap((self.width() - scaled.width()) // 2, (self.height() - scaled.height()) // 2, scaled)
        painter.setPen(QPen(QColor(255, 255, 255, 170), 2))
        wide, high = self.width() * AIM_SHARE, self.height() * AIM_SHARE
        painter.drawRoundedRect(QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high), 10, 10)
        painter.end()
