"""The order's code, for the kiosk."""

from __future__ import annotations

from PySide6.QtCore import Qt

from scanner_app.screens.notice_bar import NoticeBar
from scanner_app.screens.order_card import OrderCard
from scanner_app.screens.page import Page
from scanner_app.screens.qr_picture import QrPicture
from scanner_app.screens.styling import label
from scanner_app.views import SubmittedView

QR_PX = 400


class SubmittedScreen(Page):
    """Draws a :class:`SubmittedView`."""

    def __init__(self) -> None:
        super().__init__()
        centre = Qt.AlignmentFlag.AlignCenter
        self._title = label("title", scale="title", align=centre)
        self._instruction = label("instruction", scale="quiet", wrap=True, align=centre)
        self._qr = QrPicture(QR_PX)
        self._order = OrderCard("due", "figure")
        self._notice = NoticeBar()
        self.column.addWidget(self._title)
        self.column.addWidget(self._instruction)
        self.column.addStretch(1)
        self.column.addWidget(self._qr)
        self.column.addWidget(self._order)
        self.column.addStretch(1)
        self.column.addWidget(self._notice)

    def draw(self, view: SubmittedView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self._title.setText(view.title)
        self._instruction.setText(view.instruction)
        self._qr.draw(view.qr_text)
        self._order.draw(view.number_label, view.number, view.due_label, view.due)
        self._notice.draw(view.notice)
