"""The last scanned article, large: what it is and what it costs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from scanner_app.screens.icons import icon
from scanner_app.screens.styling import label, strike
from scanner_app.views import LastArticleView

ICON_PX = 40


class LastArticle(QFrame):
    """Draws a :class:`LastArticleView`, or what to do while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self._icon = QLabel()
        self._name = label("last-article", scale="strong", wrap=True)
        self._price = label("last-price", scale="large")
        self._detail = label("last-detail", scale="small", wrap=True)
        self._hint = label("last-hint", scale="hint", wrap=True)
        self._aim = label("aim", scale="quiet", wrap=True, align=Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(2)
        layout.addStretch(1)
        for part in (self._icon, self._name, self._price, self._detail, self._hint, self._aim):
            layout.addWidget(part)
        layout.addStretch(1)

    def draw(self, view: LastArticleView | None, aim: str) -> None:
        """Show the view."""
        self._aim.setText(aim)
        self._aim.setVisible(view is None)
        for part in (self._icon, self._name, self._price, self._detail):
            part.setVisible(view is not None)
        self._hint.setVisible(view is not None and bool(view.hint))
        self._icon.setVisible(view is not None and not view.hint)
        if view is not None:
            self._icon.setPixmap(icon(view.icon, ICON_PX))
            self._name.setText(view.name)
            self._price.setText(view.price)
            self._detail.setText(view.detail)
            self._hint.setText(view.hint)
            for part in (self._name, self._price):
                strike(part, out=view.is_struck)
