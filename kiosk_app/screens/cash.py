"""Insert coins and notes: what is due, what is in, what remains, and which notes can be taken now."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from kiosk_app.screens.page import AmountRow, Page, card, label, restyle
from kiosk_app.views import CashView, NoteView

_CHIP_COLUMNS = 3


class CashScreen(Page):
    """Where the money goes in."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="title")
        self._due = AmountRow("due", "sum")
        self._paid = AmountRow("paid", "sum")
        self._remaining_label = label("remaining-label", role="heading", centred=True)
        self._remaining = label("remaining", role="huge", centred=True)
        self._progress = QProgressBar()
        self._progress.setObjectName("progress")
        self._progress.setTextVisible(False)
        self._notes_title = label("notes-title", role="heading")
        self._hint = label("hint", role="text", wrap=True)
        self._chips: list[QLabel] = []
        self.body.addWidget(self._title)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        columns.addWidget(self._sums(), 1)
        columns.addWidget(self._slots(), 1)
        self.body.addLayout(columns, 1)

    def draw(self, view: CashView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._due.draw(view.due)
        self._paid.draw(view.paid)
        self._remaining_label.setText(view.remaining.label)
        self._remaining.setText(view.remaining.value)
        self._progress.setValue(view.progress_percent)
        self._notes_title.setText(view.notes_title)
        self._draw_notes((view.coins, *view.notes))
        self._hint.setText(view.hint)
        self._cancel.setText(view.cancel)

    def _sums(self) -> QWidget:
        panel = card("sums")
        column = QVBoxLayout(panel)
        column.setContentsMargins(32, 30, 32, 32)
        column.setSpacing(14)
        column.addStretch(1)
        column.addWidget(self._remaining_label)
        column.addWidget(self._remaining)
        column.addStretch(1)
        column.addWidget(self._progress)
        column.addWidget(self._paid)
        column.addWidget(self._due)
        return panel

    def _slots(self) -> QWidget:
        panel = card("slots")
        column = QVBoxLayout(panel)
        column.setContentsMargins(32, 30, 32, 32)
        column.setSpacing(16)
        column.addWidget(self._notes_title)
        self._chip_grid = QGridLayout()
        self._chip_grid.setSpacing(12)
        for place in range(_CHIP_COLUMNS):
            self._chip_grid.setColumnStretch(place, 1)
        column.addLayout(self._chip_grid)
        column.addWidget(self._hint)
        column.addStretch(1)
        self._cancel = self.button("cancel", "quiet")
        column.addWidget(self._cancel)
        return panel

    def _draw_notes(self, notes: tuple[NoteView, ...]) -> None:
        for number in range(len(self._chips), len(notes)):
            chip = label("coins" if number == 0 else f"note-{number}", role="chip", centred=True)
            self._chip_grid.addWidget(chip, number // _CHIP_COLUMNS, number % _CHIP_COLUMNS)
            self._chips.append(chip)
        for chip, note in zip(self._chips, (*notes, *[None] * (len(self._chips) - len(notes))), strict=True):
            chip.setVisible(note is not None)
            if note is not None:
                chip.setText(note.text if note.taken else f"{note.text} ✕")
                restyle(chip, taken=note.taken)
