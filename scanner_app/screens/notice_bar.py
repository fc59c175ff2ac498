"""One message across the screen; takes no room while there is none."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from scanner_app.screens.styling import restyle
from scanner_app.views import NoticeView


class NoticeBar(QLabel):
    """Draws a :class:`NoticeView`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setWordWrap(True)
        self.hide()

    def draw(self, view: NoticeView) -> None:
        """Show the view."""
        self.setText(view.text)
        restyle(self, "tone", view.tone.value)
        self.setVisible(bool(view.text))
