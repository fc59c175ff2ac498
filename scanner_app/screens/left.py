"""Good-bye."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from scanner_app.screens.icons import icon
from scanner_app.screens.page import Page
from scanner_app.screens.styling import label
from scanner_app.views import LeftView

ICON_PX = 140


class LeftScreen(Page):
    """Draws a :class:`LeftView`."""

    def __init__(self) -> None:
        super().__init__()
        centre = Qt.AlignmentFlag.AlignCenter
        picture = QLabel()
        picture.setPixmap(icon("heart", ICON_PX))
        picture.setAlignment(centre)
        self._title = label("title", scale="display", wrap=True, align=centre)
        self._farewell = label("farewell", scale="title", wrap=True, align=centre)
        self.column.addStretch(2)
        for part in (picture, self._title, self._farewell):
            self.column.addWidget(part)
        self.column.addStretch(3)

    def draw(self, view: LeftView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self._title.setText(view.title)
        self._farewell.setText(view.farewell)
