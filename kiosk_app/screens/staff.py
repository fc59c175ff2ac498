"""For staff: how the devices are, and what a person must tell them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk_app.screens.keypad import Keypad
from kiosk_app.screens.page import AmountRow, Page, card, label
from kiosk_app.views import BoxView, StaffView

_KEYPAD_WIDTH = 520
_DESK_WIDTH = 840
_ROWS = 4
_BOXES = 3
_PILES = 9


class StaffScreen(Page):
    """A keypad for the code; behind it, the devices."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role="title")
        self._told = label("told", role="text", wrap=True)
        self._told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._leave = self.button("leave-staff", "quiet")
        self._locked, self._open = self._keypad(), self._desk()
        side = QVBoxLayout()
        side.setSpacing(24)
        side.addWidget(self._title)
        side.addWidget(self._box_panel())
        side.addWidget(self._told, 1)
        side.addWidget(self._box_emptied)
        side.addWidget(self._leave)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        columns.addLayout(side, 1)
        columns.addWidget(self._locked)
        columns.addWidget(self._open)
        self.body.addLayout(columns, 1)

    def draw(self, view: StaffView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._told.setText(view.told)
        self._locked.setVisible(not view.is_open or view.box is not None)
        self._open.setVisible(view.is_open and view.box is None)
        self._prompt.setText(view.prompt)
        self._number.setText(view.number)
        self._ok.setText(view.ok)
        self._ok.setEnabled(bool(view.ok))
        self._draw_box(view.box)
        self._draw_boxes(view)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(view.rows))
            if number < len(view.rows):
                row.draw(view.rows[number])
        self._recover.setText(view.recover)
        self._empty.setText(view.empty)
        self._empty.setVisible(bool(view.empty))
        self._empty.setEnabled(view.empty_enabled)
        self._voice.draw(view.voice)
        self._quieter.setText(view.quieter)
        self._louder.setText(view.louder)
        self._leave.setText(view.leave)

    def _draw_boxes(self, view: StaffView) -> None:
        self._take_out.setText(view.take_out)
        self._take_out.setVisible(bool(view.take_out))
        for number, button in enumerate(self._boxes):
            button.setVisible(number < len(view.boxes))
            button.setText(view.boxes[number] if number < len(view.boxes) else "")
        self._slip_again.setText(view.slip_again)
        self._slip_again.setVisible(bool(view.slip_again))

    def _draw_box(self, box: BoxView | None) -> None:
        self._box.setVisible(box is not None)
        self._box_emptied.setVisible(box is not None)
        if box is None:
            return
        for number, row in enumerate(self._piles):
            row.setVisible(number < len(box.piles))
            if number < len(box.piles):
                row.draw(box.piles[number])
        self._expected.draw(box.expected)
        self._hint.setText(box.hint)
        self._box_emptied.setText(box.done)

    def _box_panel(self) -> QWidget:
        self._box = card("box")
        column = QVBoxLayout(self._box)
        column.setContentsMargins(28, 20, 28, 20)
        column.setSpacing(6)
        self._piles = [AmountRow(f"pile-{number}", "line-total") for number in range(1, _PILES + 1)]
        for row in self._piles:
            column.addWidget(row)
        self._expected = AmountRow("expected", "sum")
        self._hint = label("hint", role="text", wrap=True)
        column.addWidget(self._expected)
        column.addWidget(self._hint)
        self._box_emptied = self.button("box-emptied", "primary")
        return self._box

    def _keypad(self) -> QWidget:
        panel = card("keypad")
        panel.setFixedWidth(_KEYPAD_WIDTH)
        column = QVBoxLayout(panel)
        column.setContentsMargins(32, 24, 32, 28)
        column.setSpacing(14)
        self._prompt = label("prompt", role="heading", centred=True, wrap=True)
        self._number = label("number", role="number", centred=True)
        column.addWidget(self._prompt)
        column.addWidget(self._number)
        keys = Keypad(self)
        self._ok = keys.ok
        column.addLayout(keys, 1)
        return panel

    def _desk(self) -> QWidget:
        panel = card("devices")
        panel.setFixedWidth(_DESK_WIDTH)
        column = QVBoxLayout(panel)
        column.setContentsMargins(40, 20, 40, 20)
        column.setSpacing(12)
        self._rows = [AmountRow(f"device-{number}", "line-total") for number in range(1, _ROWS + 1)]
        for row in self._rows:
            column.addWidget(row)
        column.addStretch(1)
        self._take_out = label("take-out", role="text")
        self._slip_again = self.button("slip-again", "language")
        heading = QHBoxLayout()
        heading.addWidget(self._take_out, 1)
        heading.addWidget(self._slip_again)
        column.addLayout(heading)
        boxes = QHBoxLayout()
        boxes.setSpacing(18)
        self._boxes = [self.button(f"box-{number}", "box") for number in range(1, _BOXES + 1)]
        for button in self._boxes:
            boxes.addWidget(button, 1)
        column.addLayout(boxes)
        self._empty = self.button("empty-recycler", "quiet")
        column.addWidget(self._empty)
        self._recover = self.button("recover-printer", "quiet")
        column.addWidget(self._recover)
        voice = QHBoxLayout()
        voice.setSpacing(18)
        self._voice = AmountRow("voice", "line-total")
        self._quieter = self.button("voice-quieter", "quiet")
        self._louder = self.button("voice-louder", "quiet")
        voice.addWidget(self._voice, 1)
        voice.addWidget(self._quieter)
        voice.addWidget(self._louder)
        column.addLayout(voice)
        return panel
