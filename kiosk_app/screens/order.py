"""The order that was found: lines, taxes, total, and how to pay."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QScroller, QVBoxLayout, QWidget

from kiosk_app.screens.page import AmountRow, Page, card, label
from kiosk_app.views import Amount, LineView, OrderView

_SUMS_WIDTH = 500


class OrderScreen(Page):
    """What is to be paid."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="title")
        self._number = label("order-number", role="order-number")
        self._total = AmountRow("total", "sum")
        self._due = AmountRow("due", "big-sum")
        self._lines: tuple[LineView, ...] | None = None
        self._taxes: tuple[Amount, ...] | None = None
        self._list = QScrollArea()
        self._list.setObjectName("lines")
        self._list.setWidgetResizable(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QScroller.grabGesture(self._list.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self._number)
        self.body.addLayout(top)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        columns.addWidget(self._list, 3)
        columns.addWidget(self._sums(), 2)
        self.body.addLayout(columns, 1)

    def draw(self, view: OrderView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._number.setText(view.number)
        if view.lines != self._lines:
            self._lines = view.lines
            self._list.setWidget(_rows(view.lines))
        if view.taxes != self._taxes:
            self._taxes = view.taxes
            self._draw_taxes(view.taxes)
        self._total.draw(view.total)
        self._due.draw(view.due)
        self._pay.setText(view.pay)
        self._pay.setEnabled(view.pay_enabled)
        self._pay_card.setText(view.pay_card)
        self._pay_card.setVisible(bool(view.pay_card))
        self._pay_card.setEnabled(view.pay_card_enabled)
        self._cancel.setText(view.cancel)

    def _sums(self) -> QWidget:
        panel = card("sums")
        panel.setMinimumWidth(_SUMS_WIDTH)
        column = QVBoxLayout(panel)
        column.setContentsMargins(28, 26, 28, 28)
        column.setSpacing(14)
        column.addWidget(self._total)
        self._tax_rows = QVBoxLayout()
        column.addLayout(self._tax_rows)
        column.addStretch(1)
        column.addWidget(self._due)
        self._pay = self.button("pay-cash", "primary")
        self._pay_card = self.button("pay-card", "primary")
        self._cancel = self.button("cancel", "quiet")
        column.addWidget(self._pay)
        column.addWidget(self._pay_card)
        column.addWidget(self._cancel)
        return panel

    def _draw_taxes(self, taxes: tuple[Amount, ...]) -> None:
        while (item := self._tax_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, tax in enumerate(taxes, start=1):
            row = AmountRow(f"tax-{number}", "small")
            self._tax_rows.addWidget(row)  # first: a row without a parent would open a window of its own
            row.draw(tax)


def _rows(lines: tuple[LineView, ...]) -> QWidget:
    panel = card("line-rows")
    grid = QGridLayout(panel)
    grid.setContentsMargins(24, 16, 24, 16)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(12)
    grid.setColumnStretch(1, 1)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
    for number, line in enumerate(lines, start=1):
        for column, (part, text) in enumerate((("quantity", line.quantity), ("name", line.name), ("total", line.total))):
            cell: QLabel = label(f"line-{number}-{part}", role=f"line-{part}", wrap=part == "name")
            cell.setText(text)
            cell.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop if part == "name" else right)
            grid.addWidget(cell, number, column)
    grid.setRowStretch(len(lines) + 1, 1)
    return panel
