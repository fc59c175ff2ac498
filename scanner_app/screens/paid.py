"""Paid: the exit pass as a code, for whoever has no receipt at hand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from scanner_app.screens.icons import icon
from scanner_app.screens.notice_bar import NoticeBar
from scanner_app.screens.order_card import OrderCard
from scanner_app.screens.page import Page
from scanner_app.screens.qr_picture import QrPicture
from scanner_app.screens.styling import label
from scanner_app.views import PaidView

ICON_PX = 140
QR_PX = 380


class PaidScreen(Page):
    """Draws a :class:`PaidView`."""

    def __init__(self) -> None:
        super().__init__()
        centre = Qt.AlignmentFlag.AlignCenter
        self._picture = QLabel()
        self._picture.setPixmap(icon("done", ICON_PX))
        self._picture.setAlignment(centre)
        self._title = label("title", scale="large", wrap=True, align=centre)
        self._instruction = label("instruction", scale="quiet", wrap=True, align=centre)
        self._qr = QrPicture(QR_PX)
        self._qr.setObjectName("exit-qr")
        self._exit_number = label("exit-number", scale="title", align=centre)
        self._order = OrderCard("total", "title")
        self._notice = NoticeBar()
        for part in (self._title, self._instruction):
            self.column.addWidget(part)
        self.column.addStretch(1)
        for part in (self._picture, self._qr, self._exit_number):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.column.addWidget(self._order)
        self.column.addWidget(self._notice)

    def draw(self, view: PaidView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self._title.setText(view.title)
        self._instruction.setText(view.instruction)
        self._picture.setVisible(not view.qr_text)
        self._qr.draw(view.qr_text)
        self._exit_number.setText(view.exit_number)
        self._exit_number.setVisible(bool(view.exit_number))
        self._order.draw(view.number_label, view.number, view.total_label, view.total)
        self._notice.draw(view.notice)
