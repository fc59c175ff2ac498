"""The kiosk's window: all screens, one door for views, one for touches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtWidgets import QApplication

from kiosk_app.screens.card import CardScreen
from kiosk_app.screens.cash import CashScreen
from kiosk_app.screens.ending import CancelledScreen, OwingScreen, PaidScreen
from kiosk_app.screens.order import OrderScreen
from kiosk_app.screens.page import Page
from kiosk_app.screens.staff import StaffScreen
from kiosk_app.screens.waiting import ConfirmingScreen, OutOfServiceScreen, ReturningScreen
from kiosk_app.screens.welcome import WelcomeScreen
from kiosk_app.views import View
from program.qt.window import TouchWindow

SIZE = QSize(1280, 800)
THEME = Path(__file__).parent / "theme.qss"
_SCREENS: dict[str, type[Any]] = {
    "welcome": WelcomeScreen,
    "order": OrderScreen,
    "cash": CashScreen,
    "card": CardScreen,
    "confirming": ConfirmingScreen,
    "returning": ReturningScreen,
    "paid": PaidScreen,
    "cancelled": CancelledScreen,
    "owing": OwingScreen,
    "out-of-service": OutOfServiceScreen,
    "staff": StaffScreen,
}


class KioskWindow(TouchWindow):
    """Shows views."""

    touched = Signal(str)
    """The objectName of the button that was touched."""
    stirred = Signal()
    """Somebody is there: a touch or a key, anywhere."""

    def __init__(self, screenshots: Path | None = None) -> None:
        super().__init__("Scanlane kiosk", SIZE, screenshots)
        self._pages: dict[str, Any] = {}
        self._view: View | None = None
        for name, make in _SCREENS.items():
            page: Page = make()
            page.touched.connect(self.touched)
            self.add_screen(name, page)
            self._pages[name] = page
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def draw(self, view: View) -> None:
        """Show a view on its screen."""
        if view == self._view:
            return
        changed = self._view is None or self._view.screen != view.screen
        self._view = view
        self._pages[view.screen].draw(view)
        self.show_screen(view.screen)
        if changed:
            self._pages[view.screen].setFocus()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Notice every touch and key; stop none."""
        if event.type() in {QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.KeyPress}:
            self.stirred.emit()
        return False
