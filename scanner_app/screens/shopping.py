"""Scan, see, count."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from scanner_app.screens.keypad import Keypad
from scanner_app.screens.last_article import LastArticle
from scanner_app.screens.line_list import LineList
from scanner_app.screens.notice_bar import NoticeBar
from scanner_app.screens.page import SPACING_PX, Page
from scanner_app.screens.styling import button, label
from scanner_app.screens.total_bar import TotalBar
from scanner_app.screens.viewfinder import Viewfinder
from scanner_app.views import ShoppingView

CODE_LENGTH_MAX = 24
REVIEW_WIDTH_PX = 190


class CodeField(QLineEdit):
    """A field that tells when a finger touches it."""

    touched = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell and go on."""
        super().mousePressEvent(event)
        self.touched.emit()


class ShoppingScreen(Page):
    """Draws a :class:`ShoppingView`; the keypad takes the list's place while a code is typed."""

    code_typed = Signal(str)
    quantity_changed = Signal(int, int)
    removed = Signal(int)
    undone = Signal()
    review_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.viewfinder = Viewfinder()
        self._last = LastArticle()
        self._notice = NoticeBar()
        self._lines = LineList(editable=True)
        self._lines.quantity_changed.connect(self.quantity_changed)
        self._lines.removed.connect(self.removed)
        self._keypad = Keypad()
        self._keypad.hide()
        self._field = CodeField()
        self._field.setObjectName("manual-code")
        self._field.setMaxLength(CODE_LENGTH_MAX)
        self._add = button("manual-code-add")
        self._undo = button("undo")
        self._review = button("review", kind="primary")
        self._review.setMinimumWidth(REVIEW_WIDTH_PX)
        self._total = TotalBar(self._review)
        self._nearly = label("nearly", scale="saved", wrap=True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACING_PX)
        top.addWidget(self.viewfinder, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._last, 1)
        typing = QHBoxLayout()
        typing.setSpacing(SPACING_PX)
        typing.addWidget(self._field, 1)
        typing.addWidget(self._add)
        typing.addWidget(self._undo)
        self._last.setMinimumHeight(self.viewfinder.height())
        self.column.addLayout(top)
        self.column.addWidget(self._notice)
        self.column.addWidget(self._lines, 1)
        self.column.addWidget(self._nearly)
        self.column.addLayout(typing)
        self.column.addWidget(self._keypad, 1)
        self.column.addLayout(self._total)

    def _connect(self) -> None:
        self._field.touched.connect(self._open_keypad)
        self._field.returnPressed.connect(self._type)
        self._add.clicked.connect(self._type)
        self._keypad.pressed.connect(self._field.insert)
        self._keypad.erased.connect(self._field.backspace)
        self._keypad.closed.connect(self._close_keypad)
        self._undo.clicked.connect(self.undone)
        self._review.clicked.connect(self.review_asked)

    def draw(self, view: ShoppingView) -> None:
        """Show the view."""
        self.header.draw(view.header)
        self.viewfinder.draw(view.camera_text, ready=view.camera_ready)
        self._last.draw(view.last, view.aim)
        self._notice.draw(view.notice)
        if self._keypad.isVisibleTo(self):
            self._notice.hide()
        self._lines.draw(view.lines, view.empty)
        self._field.setPlaceholderText(view.code_label)
        self._add.setText(view.code_add)
        self._keypad.draw(view.keypad_close)
        self._undo.setText(view.undo)
        self._undo.setEnabled(view.can_undo)
        self._total.draw(view.total_label, view.total, view.count, view.saved)
        self._nearly.setText(view.nearly)
        self._nearly.setVisible(bool(view.nearly) and not self._keypad.isVisibleTo(self))
        self._review.setText(view.review)
        self._review.setEnabled(view.can_review)

    def reset(self) -> None:
        """Forget what was typed and seen."""
        self._close_keypad()
        self._field.clear()
        self.viewfinder.forget()

    def _open_keypad(self) -> None:
        self._keypad.show()
        self._lines.hide()
        self._nearly.hide()
        self._notice.hide()

    def _close_keypad(self) -> None:
        self._keypad.hide()
        self._lines.show()
        self._nearly.setVisible(bool(self._nearly.text()))
        self._notice.setVisible(bool(self._notice.text()))
        self._field.clearFocus()

    def _type(self) -> None:
        text = self._field.text().strip()
        self._close_keypad()
        if text:
            self._field.clear()
            self.code_typed.emit(text)
