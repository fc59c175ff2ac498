"""The card that names an order: its number on the left, an amount of money on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from scanner_app.screens.styling import label


class OrderCard(QFrame):
    """Drawn by :meth:`draw`; ``amount`` is what the amount's labels are found by, ``scale`` how large both are."""

    def __init__(self, amount: str, scale: str) -> None:
        super().__init__()
        self.setProperty("card", True)
        right = Qt.AlignmentFlag.AlignRight
        self._number_label = label("order-number-label", scale="small")
        self._number = label("order-number", scale=scale)
        self._amount_label = label(f"{amount}-label", scale="small", align=right)
        self._amount = label(amount, scale=scale, align=right)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 10, 16, 10)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._number_label, 0, 0)
        grid.addWidget(self._number, 1, 0)
        grid.addWidget(self._amount_label, 0, 1)
        grid.addWidget(self._amount, 1, 1)

    def draw(self, number_label: str, number: str, amount_label: str, amount: str) -> None:
        """Show the order."""
        self._number_label.setText(number_label)
        self._number.setText(number)
        self._amount_label.setText(amount_label)
        self._amount.setText(amount)
