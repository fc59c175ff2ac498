"""The one window of a touch program: shows named screens, saves a picture of each, answers the touch robot."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

SMALLEST = QSize(320, 480)
_SETTLE_MS = 60
"""A screen is pictured a moment after it was shown, when its layout has settled, and again when it is left."""


class TouchWindow(QStackedWidget):
    """Screens by name; a screen's ``objectName`` is its name."""

    def __init__(self, title: str, size: QSize, screenshots: Path | None = None) -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.setObjectName("window")
        # A fixed lower bound, so that no screen's contents ever make the window grow beyond the display.
        self.setMinimumSize(size.boundedTo(SMALLEST))
        self.resize(size)
        self._screenshots = screenshots
        self._pictures = 0

    def add_screen(self, name: str, screen: QWidget) -> None:
        """Add a screen under its name."""
        screen.setObjectName(name)
        self.addWidget(screen)

    @property
    def screen_name(self) -> str:
        """The name of the screen that is shown."""
        current = self.currentWidget()
        return current.objectName() if current is not None else ""

    def show_screen(self, name: str) -> None:
        """Show a screen; nothing happens when it is shown already."""
        if name == self.screen_name and self._pictures:
            return
        for index in range(self.count()):
            widget = self.widget(index)
            if widget is not None and widget.objectName() == name:
                self._save(self.screen_name)
                self.setCurrentIndex(index)
                self._pictures += 1
                QTimer.singleShot(_SETTLE_MS, self, lambda: self._save(name))
                return
        raise KeyError(f"there is no screen {name!r}")

    def save_picture(self, path: Path) -> None:
        """Save what the window shows as a PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self.grab().save(str(path), "PNG"):
            raise OSError(f"cannot write the picture {path}")

    def _save(self, name: str) -> None:
        if self._screenshots is not None and self._pictures and name == self.screen_name:
            self.save_picture(self._screenshots / f"{self._pictures:03d}-{name}.png")
