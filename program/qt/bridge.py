"""From any thread to the GUI thread: hand :meth:`Bridge.carry` to a device or worker, connect a slot to ``arrived``."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal


class Bridge(QObject):
    """Carries events across threads by a queued signal."""

    arrived = Signal(object)
    _sent = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sent.connect(self.arrived, Qt.ConnectionType.QueuedConnection)

    def carry(self, event: object) -> None:
        """Send one event; may be called from any thread."""
        self._sent.emit(event)
