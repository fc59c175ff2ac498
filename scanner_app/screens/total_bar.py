"""The foot of a basket: how much there is and what it costs, beside the button that goes on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from scanner_app.screens.styling import label


class TotalBar(QHBoxLayout):
    """``count``, ``total`` and the button."""

    def __init__(self, go_on: QPushButton) -> None:
        super().__init__()
        self._count = label("count", scale="small")
        self._label = label("total-label", scale="small")
        self._total = label("total", scale="figure")
        self._saved = label("saved", scale="saved")
        words = QVBoxLayout()
        words.setSpacing(0)
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self._label)
        above.addWidget(self._count, 1, Qt.AlignmentFlag.AlignLeft)
        words.addLayout(above)
        words.addWidget(self._total)
        words.addWidget(self._saved)
        self.addLayout(words, 1)
        self.addWidget(go_on, 0, Qt.AlignmentFlag.AlignBottom)

    def draw(self, total_label: str, total: str, count: str, saved: str) -> None:
        """Show the texts."""
        self._label.setText(total_label)
        self._total.setText(total)
        self._count.setText(count)
        self._saved.setText(saved)
        self._saved.setVisible(bool(saved))
