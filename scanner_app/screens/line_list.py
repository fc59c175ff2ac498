"""All lines of the basket in the order of scanning, scrolled to the one that was touched last."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from scanner_app.screens.line_row import LineRow
from scanner_app.screens.styling import label
from scanner_app.views import LineView


class LineList(QScrollArea):
    """Draws :class:`LineView` rows; rows are kept and redrawn, so that a press is never lost to a rebuilt widget."""

    quantity_changed = Signal(int, int)
    removed = Signal(int)

    def __init__(self, *, editable: bool) -> None:
        super().__init__()
        self._editable = editable
        self._rows: list[LineRow] = []
        self._views: tuple[LineView, ...] = ()
        self._empty = label("empty", scale="quiet", align=Qt.AlignmentFlag.AlignCenter)
        self._empty.setMinimumHeight(80)
        inside = QWidget()
        inside.setObjectName("lines")
        self._layout = QVBoxLayout(inside)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._empty)
        self._layout.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # A row that was added has its place only when the layout ran and the range to scroll over grew.
        self.verticalScrollBar().rangeChanged.connect(self._show_last)

    def draw(self, views: tuple[LineView, ...], empty: str = "") -> None:
        """Show these lines, or ``empty`` when there is none."""
        while len(self._rows) < len(views):
            self._add_row()
        while len(self._rows) > len(views):
            row = self._rows.pop()
            row.hide()
            row.setParent(None)
            row.deleteLater()
        for row, view in zip(self._rows, views, strict=True):
            row.draw(view)
        self._empty.setText(empty)
        self._empty.setVisible(not views)
        if views != self._views:
            self._views = views
            QTimer.singleShot(0, self, self._show_last)

    def _add_row(self) -> None:
        row = LineRow(len(self._rows) + 1, editable=self._editable)
        row.quantity_changed.connect(self.quantity_changed)
        row.removed.connect(self.removed)
        self._rows.append(row)
        self._layout.insertWidget(len(self._rows), row)

    def _show_last(self) -> None:
        for row, view in zip(self._rows, self._views, strict=False):
            if view.is_last and self._editable:
                self.ensureWidgetVisible(row)
