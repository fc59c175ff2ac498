"""The keys for digits, as on a telephone: the shopper types an order's number, staff a code or a sum."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from kiosk_app.screens.page import Page


class Keypad(QGridLayout):
    """Ten digits, one key that takes the last one back, and ``ok``."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.setSpacing(12)
        for place in range(9):
            self.addWidget(page.button(f"key-{place + 1}", "key", str(place + 1)), place // 3, place % 3)
        self.ok = page.button("key-ok", "primary-key")
        self.addWidget(page.button("key-back", "key", "⌫"), 3, 0)
        self.addWidget(page.button("key-0", "key", "0"), 3, 1)
        self.addWidget(self.ok, 3, 2)
