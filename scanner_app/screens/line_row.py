"""One line of the basket, with or without the buttons that change it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from scanner_app.screens.icons import icon
from scanner_app.screens.styling import button, label, restyle, strike
from scanner_app.views import LineView

ICON_PX = 44
QUANTITY_WIDTH_PX = 34
_MINUS = "\N{MINUS SIGN}"
_CROSS = "\N{MULTIPLICATION X}"
_TIMES = "\N{MULTIPLICATION SIGN}"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LineRow(QFrame):
    """Draws a :class:`LineView`; its widgets are named ``line-<place>-...``, places counting from 1."""

    quantity_changed = Signal(int, int)
    """Line number, wanted quantity."""
    removed = Signal(int)

    def __init__(self, place: int, *, editable: bool) -> None:
        super().__init__()
        self.setProperty("row", True)
        self._view: LineView | None = None
        self._editable = editable
        self._icon = QLabel()
        self._icon.setFixedSize(ICON_PX, ICON_PX)
        self._name = label(f"line-{place}-name", scale="strong", wrap=True)
        self._detail = label(f"line-{place}-detail", scale="small", wrap=True)
        self._hint = label(f"line-{place}-hint", scale="hint", wrap=True)
        self._total = label(f"line-{place}-total", scale="strong", align=_RIGHT)
        self._quantity = label(f"line-{place}-quantity", scale="strong", align=Qt.AlignmentFlag.AlignCenter)
        self._minus = button(f"line-{place}-minus", kind="step", text=_MINUS)
        self._plus = button(f"line-{place}-plus", kind="step", text="+")
        self._remove = button(f"line-{place}-remove", kind="remove", text=_CROSS)
        self._minus.clicked.connect(lambda: self._count(-1))
        self._plus.clicked.connect(lambda: self._count(+1))
        self._remove.clicked.connect(self._put_back)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        for part in (self._name, self._detail, self._hint):
            words.addWidget(part)
        words.addStretch(1)
        steps = QHBoxLayout()
        steps.setSpacing(4)
        steps.addStretch(1)
        if self._editable:
            for step in (self._minus, self._quantity, self._plus, self._remove):
                steps.addWidget(step)
            self._quantity.setFixedWidth(QUANTITY_WIDTH_PX)
        else:
            steps.addWidget(self._quantity)
        figures = QVBoxLayout()
        figures.setSpacing(2)
        figures.addWidget(self._total)
        figures.addLayout(steps)
        figures.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        layout.addLayout(figures)

    def draw(self, view: LineView) -> None:
        """Show the view."""
        if view == self._view:
            return
        self._view = view
        self._icon.setPixmap(icon(view.icon, ICON_PX))
        self._name.setText(view.name)
        self._detail.setText(view.detail)
        self._hint.setText(view.hint)
        self._hint.setVisible(bool(view.hint))
        self._total.setText(view.total)
        for part in (self._name, self._detail, self._total):
            strike(part, out=view.is_struck)
        self._quantity.setText(view.quantity_text if self._editable else f"{_TIMES} {view.quantity_text}")
        self._quantity.setVisible(not view.is_label and (self._editable or view.quantity > 1))
        if self._editable:
            self._minus.setVisible(not view.is_label)
            self._plus.setVisible(not view.is_label)
            self._minus.setEnabled(view.can_decrease)
            self._plus.setEnabled(view.can_increase)
            restyle(self, "last", view.is_last)

    def _count(self, step: int) -> None:
        if self._view is not None:
            self.quantity_changed.emit(self._view.number, self._view.quantity + step)

    def _put_back(self) -> None:
        if self._view is not None:
            self.removed.emit(self._view.number)
