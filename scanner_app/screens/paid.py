"""Paid: go to the exit."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from scanner_app.screens.icons import icon
from scanner_app.screens.notice_bar import NoticeBar
from scanner_app.screens.page import Page
from scanner_app.screens.styling import label
from scanner_app.views import PaidView

ICON_PX = 140


class PaidScreen(Page):
    """Draws a :class:`PaidView`."""

    def __init__(self) -> None:
        super().__init__()
        centre = Qt.AlignmentFlag.AlignCenter
        picture = QLabel()
        picture.setPixmap(icon("done", ICON_PX))
        picture.setAlignment(centre)
        self._title = label("title", scale="large", wrap=True, align=centre)
        self._instruction = label("instruction", scale="title", wrap=True, align=centre)
        self._number_label = label("order-number-label", scale="small", align=centre)
        self._number = label("order-number", scale="large", align=centre)
        self._total_label = label("total-label", scale="small", align=centre)
        self._total = label("total", scale="large", align=centre)
        self._notice = NoticeBar()
        self.column.addStretch(2)
        for part in (picture, self._title, self._instruction):
            self.column.addWidget(part)
        self.column.addStretch(1)
        for part in (self._number_label, self._number, self._total_label, self._total):
            self.column.addWidget(part)
        self.column.addStretch(3)
        self.column.addWidget(self._notice)

    def draw(self, view: PaidView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self._title.setText(view.title)
        self._instruction.setText(view.instruction)
        self._number_label.setText(view.number_label)
        self._number.setText(view.number)
        self._total_label.setText(view.total_label)
        self._total.setText(view.total)
        self._notice.draw(view.notice)
