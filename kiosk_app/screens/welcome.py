"""Scan the code of your handheld, or type the order number."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk_app.screens.keypad import Keypad
from kiosk_app.screens.page import Page, card, label, restyle
from kiosk_app.views import WelcomeView

_STEPS = 3


class ScanPicture(QWidget):
    """A handheld with a code under a beam of light."""

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the picture."""
        return QSize(240, 190)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the theme's colours."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, brand = QColor("#16324F"), QColor("#0B6B4F")
        body = QRectF(20, 10, 110, 170)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(body, 16, 16)
        screen = body.adjusted(8, 16, -8, -20)
        painter.setBrush(QColor("white"))
        painter.drawRoundedRect(screen, 6, 6)
        side = 12.0
        left, top = screen.center().x() - 3 * side, screen.center().y() - 3 * side
        for row, cells in enumerate(("111011", "101010", "110101", "001110", "101001", "110111")):
            for column, cell in enumerate(cells):
                if cell == "1":
                    painter.fillRect(QRectF(left + column * side, top + row * side, side, side), ink)
        painter.setPen(QPen(brand, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for y in (50, 95, 140):
            painter.drawLine(228, 95, 146, y)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brand)
        painter.drawRoundedRect(QRectF(214, 72, 26, 46), 8, 8)


class WelcomeScreen(Page):
    """Where every visit begins."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="display")
        self._steps = [label(f"step-{number}", role="step", wrap=True) for number in range(1, _STEPS + 1)]
        self._keypad_title = label("keypad-title", role="heading", centred=True)
        self._number = label("number", role="number", centred=True)
        columns = QHBoxLayout()
        columns.setSpacing(40)
        columns.addLayout(self._left(), 5)
        columns.addWidget(self._right(), 4)
        self.body.addLayout(columns, 1)

    def draw(self, view: WelcomeView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        for step, text in zip(self._steps, view.steps, strict=True):
            step.setText(text)
        self._keypad_title.setText(view.keypad_title)
        self._number.setText(view.number or view.placeholder)
        restyle(self._number, empty=not view.number)
        self._ok.setText(view.ok)
        self._ok.setEnabled(view.ok_enabled)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(18)
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(ScanPicture(), 0, Qt.AlignmentFlag.AlignLeft)
        for number, step in enumerate(self._steps, start=1):
            row = QHBoxLayout()
            row.setSpacing(16)
            circle = label(f"step-{number}-number", role="circle", centred=True)
            circle.setText(str(number))
            row.addWidget(circle, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(step, 1)
            column.addLayout(row)
        column.addStretch(1)
        return column

    def _right(self) -> QWidget:
        panel = card("keypad")
        column = QVBoxLayout(panel)
        column.setContentsMargins(32, 28, 32, 32)
        column.setSpacing(16)
        column.addWidget(self._keypad_title)
        column.addWidget(self._number)
        keys = Keypad(self)
        self._ok = keys.ok
        column.addLayout(keys, 1)
        return panel
