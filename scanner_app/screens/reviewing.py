"""Look at everything once more, then hand in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar

from scanner_app.screens.line_list import LineList
from scanner_app.screens.notice_bar import NoticeBar
from scanner_app.screens.page import SPACING_PX, Page
from scanner_app.screens.styling import button, label
from scanner_app.screens.total_bar import TotalBar
from scanner_app.views import ReviewingView

SUBMIT_WIDTH_PX = 190


class ReviewingScreen(Page):
    """Draws a :class:`ReviewingView`."""

    back_asked = Signal()
    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", scale="title")
        self._lines = LineList(editable=False)
        self._hints = label("hints", scale="hint", wrap=True)
        self._taxes = label("taxes", scale="small", wrap=True)
        self._notice = NoticeBar()
        self._waiting = QProgressBar()
        self._waiting.setObjectName("waiting")
        self._waiting.setRange(0, 0)
        self._waiting.setTextVisible(False)
        self._back = button("back")
        self._back.clicked.connect(self.back_asked)
        self._submit = button("submit", kind="primary")
        self._submit.setMinimumWidth(SUBMIT_WIDTH_PX)
        self._submit.clicked.connect(self.submitted)
        self._total = TotalBar(self._submit)
        top = QHBoxLayout()
        top.setSpacing(SPACING_PX)
        top.addWidget(self._back)
        top.addWidget(self._title, 1)
        self.column.addLayout(top)
        self.column.addWidget(self._lines, 1)
        for part in (self._hints, self._taxes, self._notice, self._waiting):
            self.column.addWidget(part)
        self.column.addLayout(self._total)

    def draw(self, view: ReviewingView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self._title.setText(view.title)
        self._lines.draw(view.lines)
        self._hints.setText("\n".join(view.hints))
        self._hints.setVisible(bool(view.hints))
        self._taxes.setText("\n".join(view.taxes))
        self._taxes.setVisible(bool(view.taxes))
        self._notice.draw(view.notice)
        self._waiting.setVisible(view.waiting)
        self._back.setText(view.back)
        self._submit.setText(view.waiting_text or view.submit)
        self._submit.setEnabled(view.can_submit)
        self._total.draw(view.total_label, view.total, view.count, view.saved)
