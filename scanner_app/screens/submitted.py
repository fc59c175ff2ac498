"""The order's code, for the kiosk."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from scanner_app.screens.notice_bar import NoticeBar
from scanner_app.screens.page import Page
from scanner_app.screens.qr_picture import QrPicture
from scanner_app.screens.styling import label
from scanner_app.views import SubmittedView

QR_PX = 400


class SubmittedScreen(Page):
    """Draws a :class:`SubmittedView`."""

    def __init__(self) -> None:
        super().__init__()
        centre, right = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignRight
        self._title = label("title", scale="title", align=centre)
        self._instruction = label("instruction", scale="quiet", wrap=True, align=centre)
        self._qr = QrPicture(QR_PX)
        self._number_label = label("order-number-label", scale="small")
        self._number = label("order-number", scale="figure")
        self._due_label = label("due-label", scale="small", align=right)
        self._due = label("due", scale="figure", align=right)
        self._notice = NoticeBar()
        card = QFrame()
        card.setProperty("card", True)
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 10, 16, 10)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._number_label, 0, 0)
        grid.addWidget(self._number, 1, 0)
        grid.addWidget(self._due_label, 0, 1)
        grid.addWidget(self._due, 1, 1)
        self.column.addWidget(self._title)
        self.column.addWidget(self._instruction)
        self.column.addStretch(1)
        self.column.addWidget(self._qr)
        self.column.addWidget(card)
        self.column.addStretch(1)
        self.column.addWidget(self._notice)

    def draw(self, view: SubmittedView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self._title.setText(view.title)
        self._instruction.setText(view.instruction)
        self._qr.draw(view.qr_text)
        self._number_label.setText(view.number_label)
        self._number.setText(view.number)
        self._due_label.setText(view.due_label)
        self._due.setText(view.due)
        self._notice.draw(view.notice)
