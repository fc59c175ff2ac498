"""The strip on top of every screen: the shop, whether the store is away, and the choice of language."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton

from scanner_app.screens.styling import button, label
from scanner_app.views import HeaderView

LANGUAGES = {"en": "EN", "zh": "中文"}
HEIGHT_PX = 60


class Header(QFrame):
    """Draws a :class:`HeaderView`."""

    language_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setFixedHeight(HEIGHT_PX)
        self._shop_name = label("shop-name")
        self._badge = label("offline")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 8, 4)
        layout.addWidget(self._shop_name, 1)
        layout.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignVCenter)
        self._languages: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for language, name in LANGUAGES.items():
            switch = button(f"language-{language}", text=name)
            switch.setCheckable(True)
            switch.clicked.connect(lambda _checked, chosen=language: self.language_chosen.emit(chosen))
            group.addButton(switch)
            layout.addWidget(switch)
            self._languages[language] = switch

    def draw(self, view: HeaderView) -> None:
        """Show the view."""
        self._shop_name.setText(view.shop_name)
        self._badge.setText(view.badge)
        self._badge.setVisible(bool(view.badge))
        for language, switch in self._languages.items():
            switch.setChecked(language == view.language)
