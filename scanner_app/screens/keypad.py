"""Digits large enough for a thumb."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QSizePolicy

from scanner_app.screens.styling import button

_ERASE = "\N{ERASE TO THE LEFT}"


class Keypad(QFrame):
    """Keys ``key-0`` to ``key-9``, ``key-erase`` and ``key-close``."""

    pressed = Signal(str)
    erased = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("keypad")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for row in range(4):
            layout.setRowStretch(row, 1)
        for place, digit in enumerate("123456789"):
            layout.addWidget(self._key(digit), place // 3, place % 3)
        erase = _growing(button("key-erase", kind="key", text=_ERASE))
        erase.clicked.connect(self.erased)
        self._close = _growing(button("key-close", kind="key"))
        self._close.clicked.connect(self.closed)
        layout.addWidget(erase, 3, 0)
        layout.addWidget(self._key("0"), 3, 1)
        layout.addWidget(self._close, 3, 2)

    def draw(self, close: str) -> None:
        """Label the key that puts the keypad away."""
        self._close.setText(close)

    def _key(self, digit: str) -> QPushButton:
        key = _growing(button(f"key-{digit}", kind="key", text=digit))
        key.clicked.connect(lambda: self.pressed.emit(digit))
        return key


def _growing(key: QPushButton) -> QPushButton:
    key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    return key
