"""Use the card terminal: how much, what the terminal asks for, and a way out."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from kiosk_app.screens.page import Page, card, label
from kiosk_app.views import CardView

_WIDTH = 760


class CardScreen(Page):
    """Where the shopper looks while the terminal works."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="title", centred=True, wrap=True)
        self._amount_label = label("amount-label", role="heading", centred=True)
        self._amount = label("amount", role="huge", centred=True)
        self._text = label("text", role="heading", centred=True, wrap=True)
        self._hint = label("hint", role="text", centred=True, wrap=True)
        self._cancel = self.button("cancel", "quiet")
        busy = QProgressBar()
        busy.setObjectName("busy")
        busy.setTextVisible(False)
        busy.setRange(0, 0)
        column = self._panel()
        for widget in (self._title, self._amount_label, self._amount, busy, self._text, self._hint, self._cancel):
            column.addWidget(widget)

    def draw(self, view: CardView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._amount_label.setText(view.amount.label)
        self._amount.setText(view.amount.value)
        self._text.setText(view.text)
        self._hint.setText(view.hint)
        self._cancel.setText(view.cancel)
        self._cancel.setEnabled(view.cancel_enabled)

    def _panel(self) -> QVBoxLayout:
        panel: QWidget = card("panel")
        panel.setFixedWidth(_WIDTH)
        column = QVBoxLayout(panel)
        column.setContentsMargins(56, 44, 56, 44)
        column.setSpacing(20)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(panel)
        row.addStretch(1)
        self.body.addStretch(1)
        self.body.addLayout(row)
        self.body.addStretch(1)
        return column
