"""How long a session waits for its shopper: first the screen asks whether more time is needed, then time is up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

HURRY_S = 20.0
"""So long before time is up the screen asks; of a short time the last half."""


class SessionLimit(QObject):
    """One clock; it runs down once for each :meth:`restart`."""

    def __init__(self, parent: QObject, hurry: Callable[[], None], over: Callable[[], None]) -> None:
        super().__init__(parent)
        self._hurry = hurry
        self._over = over
        self._hurry_s: float | None = None
        """What is left when the screen has asked; None when it has."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._ran_down)

    def restart(self, limit_s: float | None) -> None:
        """Begin anew; None: wait for as long as it takes."""
        self.stop()
        if limit_s is not None:
            self._hurry_s = min(HURRY_S, limit_s / 2)
            self._timer.start(int(1000 * (limit_s - self._hurry_s)))

    def stop(self) -> None:
        """Let no time run."""
        self._timer.stop()

    def _ran_down(self) -> None:
        if self._hurry_s is None:
            self._over()
            return
        self._timer.start(int(1000 * self._hurry_s))
        self._hurry_s = None
        self._hurry()
