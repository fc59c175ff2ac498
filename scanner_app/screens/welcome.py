"""The first screen: one large Start."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel

from scanner_app.screens.icons import icon
from scanner_app.screens.notice_bar import NoticeBar
from scanner_app.screens.page import Page
from scanner_app.screens.styling import button, label
from scanner_app.views import WelcomeView

ICON_PX = 168


class WelcomeScreen(Page):
    """Draws a :class:`WelcomeView`."""

    started = Signal()

    def __init__(self) -> None:
        super().__init__()
        centre = Qt.AlignmentFlag.AlignCenter
        self._picture = QLabel()
        self._picture.setPixmap(icon("basket", ICON_PX))
        self._picture.setAlignment(centre)
        self._greeting = label("greeting", scale="display", align=centre)
        self._shop = label("greeting-shop", scale="title", wrap=True, align=centre)
        self._invitation = label("invitation", scale="quiet", wrap=True, align=centre)
        self._notice = NoticeBar()
        self._start = button("start", kind="primary")
        self._start.clicked.connect(self.started)
        self.column.addStretch(2)
        for part in (self._picture, self._greeting, self._shop, self._invitation):
            self.column.addWidget(part)
        self.column.addStretch(3)
        self.column.addWidget(self._notice)
        self.column.addWidget(self._start)
        self.column.addStretch(1)

    def draw(self, view: WelcomeView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self._greeting.setText(view.greeting)
        self._shop.setText(view.header.shop_name)
        self._invitation.setText(view.invitation)
        self._notice.draw(view.notice)
        self._start.setText(view.start)
        self._start.setEnabled(view.can_start)
