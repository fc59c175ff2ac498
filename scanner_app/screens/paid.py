"""Paid: the exit pass as a code, for whoever has no receipt at hand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from scanner_app.screens.icons import icon
from scanner_app.screens.notice_bar import NoticeBar
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
        centre, right = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignRight
        self._picture = QLabel()
        self._picture.setPixmap(icon("done", ICON_PX))
        self._picture.setAlignment(centre)
        self._title = label("title", scale="large", wrap=True, align=centre)
        self._instruction = label("instruction", scale="quiet", wrap=True, align=centre)
        self._qr = QrPicture(QR_PX)
        self._qr.setObjectName("exit-qr")
        self._exit_number = label("exit-number", scale="title", align=centre)
        self._number_label = label("order-number-label", scale="small")
        self._number = label("order-number", scale="title")
        self._total_label = label("total-label", scale="small", align=right)
        self._total = label("total", scale="title", align=right)
        self._notice = NoticeBar()
        card = QFrame()
        card.setProperty("card", True)
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 10, 16, 10)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._number_label, 0, 0)
        grid.addWidget(self._number, 1, 0)
        grid.addWidget(self._total_label, 0, 1)
        grid.addWidget(self._total, 1, 1)
        for part in (self._title, self._instruction):
            self.column.addWidget(part)
        self.column.addStretch(1)
        for part in (self._picture, self._qr, self._exit_number):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.column.addWidget(card)
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
        self._number_label.setText(view.number_label)
        self._number.setText(view.number)
        self._total_label.setText(view.total_label)
        self._total.setText(view.total)
        self._notice.draw(view.notice)
