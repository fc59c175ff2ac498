"""A finger for tests and demos: presses what a person could press, reads what a person could read.

``--touch-socket PATH`` makes a program listen on a Unix socket for one JSON object per line and answer with one per line:

``{"do": "look"}``
    the screen's name and every visible named widget with its text, place and whether it can be pressed
``{"do": "press", "name": "pay"}``
    a real mouse press and release in the middle of the widget, refused when it is hidden, disabled or covered; what is out of
    view in a list is scrolled to first, as a person would
``{"do": "type", "name": "number", "text": "0482135"}``
    focus and real key presses
``{"do": "picture", "path": "build/pay.png"}``
    save what the window shows

It goes through Qt's own events, so a button that a finger cannot reach cannot be reached here either. Off unless asked for; the
socket is only for the user who runs the program.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QScrollArea, QWidget

from program.errors import ProgramError
from program.qt.window import TouchWindow

LINE_LIMIT = 10_000


class RobotError(ValueError):
    """What was asked cannot be done by a finger; the sentence says why."""


class TouchRobot(QObject):
    """Listens on a Unix socket and touches one window."""

    def __init__(self, window: TouchWindow, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(str(path))
        if not self._server.listen(str(path)):
            raise ProgramError(f"Cannot listen for touches on {path}: {self._server.errorString()}.")
        self._server.newConnection.connect(self._accept)

    def _accept(self) -> None:
        socket = self._server.nextPendingConnection()
        # Beyond the limit Qt reads no more: a line that does not end is noticed in _read and cut off.
        socket.setReadBufferSize(LINE_LIMIT)
        socket.readyRead.connect(lambda: self._read(socket))
        socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket) -> None:
        while socket.canReadLine():
            answer = self._answer(bytes(socket.readLine().data()))
            socket.write(json.dumps(answer, ensure_ascii=False).encode("utf-8") + b"\n")
            socket.flush()
        if socket.bytesAvailable() >= LINE_LIMIT:
            socket.abort()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            return self._do(request)
        except (RobotError, OSError) as error:
            return {"error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            return {"error": f"not understood: {error}"}

    def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        what = request["do"]
        if what == "look":
            return {"screen": self._window.screen_name, "widgets": [_describe(widget) for widget in self._visible()]}
        if what == "press":
            widget, centre = self._reachable(request["name"])
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, centre)
            return {"done": True}
        if what == "type":
            widget, centre = self._reachable(request["name"])
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, centre)
            QTest.keyClicks(widget, str(request["text"]))
            return {"done": True}
        if what == "picture":
            self._window.save_picture(Path(request["path"]))
            return {"done": True}
        raise RobotError(f"a finger cannot {what!r}; it can look, press, type and picture")

    def _visible(self) -> list[QWidget]:
        return [
            widget
            for widget in self._window.findChildren(QWidget)
            if widget.objectName() and not widget.objectName().startswith("qt_") and widget.isVisibleTo(self._window)
        ]

    def _reachable(self, name: str) -> tuple[QWidget, QPoint]:
        found = [widget for widget in self._visible() if widget.objectName() == name]
        if not found:
            raise RobotError(f"there is no {name!r} on the screen {self._window.screen_name!r}")
        widget = found[0]
        if not widget.isEnabled():
            raise RobotError(f"{name!r} is disabled")
        _scroll_to(widget)
        centre = widget.rect().center()
        top = self._window.childAt(widget.mapTo(self._window, centre))
        if top is None or not (top is widget or widget.isAncestorOf(top)):
            raise RobotError(f"{name!r} is covered or outside the window")
        return widget, centre


def _scroll_to(widget: QWidget) -> None:
    # Whatever was added just now has its place only after the pending layouts ran.
    QApplication.sendPostedEvents()
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()


def _describe(widget: QWidget) -> dict[str, Any]:
    window = widget.window()
    corner = widget.mapTo(window, QPoint(0, 0))
    return {
        "name": widget.objectName(),
        "text": _text(widget),
        "enabled": widget.isEnabled(),
        "pressable": isinstance(widget, QAbstractButton),
        "place": [corner.x(), corner.y(), widget.width(), widget.height()],
    }


def _text(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return widget.text()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return ""
