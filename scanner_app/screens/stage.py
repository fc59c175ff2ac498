"""All screens in the handheld's window: shows the one that a view belongs to, and hands touches on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from program.qt.window import TouchWindow
from scanner_app.screens.left import LeftScreen
from scanner_app.screens.paid import PaidScreen
from scanner_app.screens.reviewing import ReviewingScreen
from scanner_app.screens.shopping import ShoppingScreen
from scanner_app.screens.submitted import SubmittedScreen
from scanner_app.screens.welcome import WelcomeScreen
from scanner_app.views import LeftView, PaidView, ReviewingView, ShoppingView, SubmittedView, View, WelcomeView


class Stage(QObject):
    """The six screens by the names of the trip's states."""

    language_chosen = Signal(str)
    started = Signal()
    code_typed = Signal(str)
    quantity_changed = Signal(int, int)
    removed = Signal(int)
    undone = Signal()
    review_asked = Signal()
    back_asked = Signal()
    submitted = Signal()

    def __init__(self, window: TouchWindow) -> None:
        super().__init__(window)
        self._window = window
        self._welcome = WelcomeScreen()
        self._shopping = ShoppingScreen()
        self._reviewing = ReviewingScreen()
        self._submitted = SubmittedScreen()
        self._paid = PaidScreen()
        self._left = LeftScreen()
        screens = {
            "welcome": self._welcome,
            "shopping": self._shopping,
            "reviewing": self._reviewing,
            "submitted": self._submitted,
            "paid": self._paid,
            "left": self._left,
        }
        for name, screen in screens.items():
            screen.language_chosen.connect(self.language_chosen)
            window.add_screen(name, screen)
        self._welcome.started.connect(self.started)
        self._shopping.code_typed.connect(self.code_typed)
        self._shopping.quantity_changed.connect(self.quantity_changed)
        self._shopping.removed.connect(self.removed)
        self._shopping.undone.connect(self.undone)
        self._shopping.review_asked.connect(self.review_asked)
        self._reviewing.back_asked.connect(self.back_asked)
        self._reviewing.submitted.connect(self.submitted)

    def draw(self, view: View) -> None:
        """Draw the view on its screen and show that."""
        if isinstance(view, WelcomeView):
            self._welcome.draw(view)
            self._window.show_screen("welcome")
        elif isinstance(view, ShoppingView):
            self._shopping.draw(view)
            self._window.show_screen("shopping")
        elif isinstance(view, ReviewingView):
            self._reviewing.draw(view)
            self._window.show_screen("reviewing")
        elif isinstance(view, SubmittedView):
            self._submitted.draw(view)
            self._window.show_screen("submitted")
        elif isinstance(view, PaidView):
            self._paid.draw(view)
            self._window.show_screen("paid")
        else:
            assert isinstance(view, LeftView)
            self._left.draw(view)
            self._window.show_screen("left")

    def show_picture(self, jpeg: bytes) -> None:
        """Show a picture of the camera, where there is a viewfinder to see."""
        if self._window.screen_name == "shopping":
            self._shopping.viewfinder.show_jpeg(jpeg)

    def wipe(self) -> None:
        """Forget what a shopper typed and held before the camera."""
        self._shopping.reset()
