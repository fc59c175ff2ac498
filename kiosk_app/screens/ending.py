"""The last screen of a visit: paid, cancelled, or something is owed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk_app.screens.page import AmountRow, Page, card, label
from kiosk_app.screens.qr import QrCode
from kiosk_app.views import CancelledView, OwingView, PaidView

_QR_PX = 400


class _Ending(Page):
    """A text at the left, the exit pass at the right, one button."""

    title_role = "display"

    def __init__(self) -> None:
        super().__init__()
        self._title = label("title", role=self.title_role, wrap=True)
        self._text = label("text", role="text", wrap=True)
        self._receipt = label("receipt", role="heading", wrap=True)
        self._change = AmountRow("change", "big-sum")
        self._done = self.button("done", "primary")
        self._pass = QrCode("exit-pass-qr", _QR_PX)
        self._pass_text = label("exit-pass-text", role="heading", centred=True, wrap=True)
        self._pass_card = card("exit-pass")
        self._lay_out()

    def _lay_out(self) -> None:
        panel = card("panel")
        left = QVBoxLayout(panel)
        left.setContentsMargins(48, 44, 48, 44)
        left.setSpacing(20)
        left.addWidget(self._title)
        left.addWidget(self._text)
        left.addStretch(1)
        for row in self._rows():
            left.addWidget(row)
        left.addWidget(self._receipt)
        left.addStretch(1)
        left.addWidget(self._done)
        right = QVBoxLayout(self._pass_card)
        right.setContentsMargins(32, 32, 32, 32)
        right.addStretch(1)
        right.addWidget(self._pass, 0, Qt.AlignmentFlag.AlignHCenter)
        right.addWidget(self._pass_text)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        columns.addWidget(panel, 3)
        columns.addWidget(self._pass_card, 2)
        self.body.addLayout(columns, 1)

    def _rows(self) -> list[QWidget]:
        return [self._change]

    def _draw_pass(self, exit_pass: str, text: str) -> None:
        self._pass_card.setVisible(bool(exit_pass))
        self._pass.show_text(exit_pass)
        self._pass_text.setText(text)


class PaidScreen(_Ending):
    """Thank you."""

    def draw(self, view: PaidView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._text.setText(view.text)
        self._receipt.setText(view.receipt)
        self._change.draw(view.change)
        self._draw_pass(view.exit_pass, view.exit_pass_text)
        self._done.setText(view.done)


class CancelledScreen(_Ending):
    """All money went back."""

    def draw(self, view: CancelledView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._text.setText(view.text)
        self._receipt.setText("")
        self._change.draw(view.change)
        self._draw_pass("", "")
        self._done.setText(view.done)


class OwingScreen(_Ending):
    """Something could not be returned."""

    title_role = "title"

    def __init__(self) -> None:
        self._owed = [AmountRow("owed", "big-sum"), AmountRow("uncertain", "sum")]
        super().__init__()

    def _rows(self) -> list[QWidget]:
        return list(self._owed)

    def draw(self, view: OwingView) -> None:
        """Show the view."""
        self.draw_header(view.header)
        self._title.setText(view.title)
        self._text.setText(view.text)
        self._receipt.setText(view.receipt)
        for number, row in enumerate(self._owed):
            row.setVisible(number < len(view.owed))
            if number < len(view.owed):
                row.draw(view.owed[number])
        self._draw_pass(view.exit_pass, view.exit_pass_text)
        self._done.setText(view.done)
