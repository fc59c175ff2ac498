"""What all screens have: the header on top and a column with a margin below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from scanner_app.screens.header import Header

MARGIN_PX = 12
SPACING_PX = 10


class Page(QWidget):
    """One screen's frame; screens fill ``column``."""

    language_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.header = Header()
        self.header.language_chosen.connect(self.language_chosen)
        self.column = QVBoxLayout()
        self.column.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        self.column.setSpacing(SPACING_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(self.column, 1)
