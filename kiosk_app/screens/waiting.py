"""Screens on which the shopper waits: the payment is confirmed, coins come out, the kiosk is out of service."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from kiosk_app.screens.page import AmountRow, Page, card, label
from kiosk_app.views import ConfirmingView, OutOfServiceView, ReturningView


def _panel(page: Page, width: int = 760) -> QVBoxLayout:
    panel: QWidget = card("panel")
    panel.setFixedWidth(width)
    column = QVBoxLayout(panel)
    column.setContentsMargins(56, 52, 56, 52)
    column.setSpacing(24)
    # No alignment flag here: with one, Qt forgets that a wrapped text needs more height.
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(panel)
    row.addStretch(1)
    page.body.addStretch(1)
    page.body.addLayout(row)
    page.body.addStretch(1)
    return column


class ConfirmingScreen(Page):
    """One moment."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="title", centred=True, wrap=True)
        self._text = label("text", role="text", centred=True, wrap=True)
        busy = QProgressBar()
        busy.setObjectName("busy")
        busy.setTextVisible(False)
        busy.setRange(0, 0)
        column = _panel(self)
        for widget in (self._title, busy, self._text):
            column.addWidget(widget)

    def draw(self, view: ConfirmingView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._text.setText(view.text)


class ReturningScreen(Page):
    """Coins are coming."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="title", centred=True)
        self._change = label("change", role="huge", centred=True)
        self._given = AmountRow("given", "sum")
        self._text = label("text", role="text", centred=True, wrap=True)
        column = _panel(self)
        for widget in (self._title, self._change, self._given, self._text):
            column.addWidget(widget)

    def draw(self, view: ReturningView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._change.setText(view.change.value)
        self._given.draw(view.given)
        self._text.setText(view.text)


class OutOfServiceScreen(Page):
    """Not now, and why."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="title", centred=True, wrap=True)
        self._reasons = label("reasons", role="text", centred=True, wrap=True)
        self._text = label("text", role="small", centred=True, wrap=True)
        column = _panel(self)
        for widget in (self._title, self._reasons, self._text):
            column.addWidget(widget)

    def draw(self, view: OutOfServiceView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._reasons.setText("\n".join(view.reasons))
        self._text.setText(view.text)
