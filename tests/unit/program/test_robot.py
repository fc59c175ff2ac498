from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from program.errors import ProgramError
from program.qt.robot import LINE_LIMIT, TouchRobot
from program.qt.window import TouchWindow

Ask = Callable[..., dict[str, Any]]


class Counter(QWidget):
    """A screen with everything a finger meets."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        self.pressed: list[str] = []
        self.field = QLineEdit()
        self.field.setObjectName("field")
        self.off = self._button("off", layout)
        self.off.setEnabled(False)
        self._button("free", layout)
        self.hidden = self._button("hidden", layout)
        self.hidden.hide()
        layout.addWidget(self.field)
        area = QScrollArea()
        area.setFixedHeight(100)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        for number in range(30):
            self._button(f"row-{number}", inner)
        area.setWidget(inside)
        layout.addWidget(area)
        self.covered = self._button("covered", layout)
        self.cover = QLabel("cover", self)

    def _button(self, name: str, layout: QVBoxLayout) -> QPushButton:
        made = QPushButton(name.upper())
        made.setObjectName(name)
        made.clicked.connect(lambda: self.pressed.append(name))
        layout.addWidget(made)
        return made


@pytest.fixture
def socket_path() -> Iterator[Path]:
    # A Unix socket's path has room for 107 bytes, less than pytest's folders may need.
    with tempfile.TemporaryDirectory(prefix="robot-") as folder:
        yield Path(folder) / "touch"


@pytest.fixture
def screen(qtbot: QtBot) -> Counter:
    return Counter()


@pytest.fixture
def window(qtbot: QtBot, screen: Counter, socket_path: Path) -> TouchWindow:
    window = TouchWindow("Test", QSize(400, 600))
    qtbot.addWidget(window)
    window.add_screen("counter", screen)
    other = QWidget()
    QPushButton("elsewhere", other).setObjectName("elsewhere")
    window.add_screen("other", other)
    window.show_screen("counter")
    window.show()
    screen.cover.setGeometry(screen.covered.geometry())
    screen.cover.raise_()
    TouchRobot(window, socket_path)
    return window


@pytest.fixture
def line(qtbot: QtBot, window: TouchWindow, socket_path: Path) -> Iterator[QLocalSocket]:
    socket = QLocalSocket()
    socket.connectToServer(str(socket_path))
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.ConnectedState)
    yield socket
    socket.abort()


@pytest.fixture
def ask(qtbot: QtBot, line: QLocalSocket) -> Ask:
    def question(raw: str = "", /, **request: object) -> dict[str, Any]:
        line.write((raw or json.dumps(request)).encode() + b"\n")
        qtbot.waitUntil(line.canReadLine)
        return dict(json.loads(bytes(line.readLine().data())))

    return question


def test_look_tells_the_screen_and_what_is_visible_on_it(ask: Ask) -> None:
    seen = ask(do="look")
    widgets = {widget["name"]: widget for widget in seen["widgets"]}
    assert seen["screen"] == "counter"
    assert widgets["free"]["text"] == "FREE"
    assert widgets["free"]["enabled"]
    assert widgets["free"]["pressable"]
    assert not widgets["off"]["enabled"]
    assert "hidden" not in widgets
    assert "elsewhere" not in widgets


def test_press_presses(ask: Ask, screen: Counter) -> None:
    assert ask(do="press", name="free") == {"done": True}
    assert screen.pressed == ["free"]


def test_what_is_out_of_view_is_scrolled_to(ask: Ask, screen: Counter) -> None:
    assert ask(do="press", name="row-29") == {"done": True}
    assert ask(do="press", name="row-0") == {"done": True}
    assert screen.pressed == ["row-29", "row-0"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("off", "'off' is disabled"),
        ("hidden", "there is no 'hidden' on the screen 'counter'"),
        ("elsewhere", "there is no 'elsewhere' on the screen 'counter'"),
        ("covered", "'covered' is covered or outside the window"),
    ],
)
def test_what_no_finger_can_press_is_refused(ask: Ask, screen: Counter, name: str, reason: str) -> None:
    screen.cover.setGeometry(screen.covered.geometry())
    assert ask(do="press", name=name) == {"error": reason}
    assert screen.pressed == []


def test_typing_goes_into_the_field(ask: Ask, screen: Counter) -> None:
    assert ask(do="type", name="field", text="048-2132") == {"done": True}
    assert screen.field.text() == "048-2132"


def test_a_picture_is_saved(ask: Ask, tmp_path: Path) -> None:
    assert ask(do="picture", path=str(tmp_path / "seen.png")) == {"done": True}
    assert QImage(str(tmp_path / "seen.png")).size() == QSize(400, 600)


@pytest.mark.parametrize(
    "text", ["nonsense", "[]", "{}", '{"do": "press"}', '{"do": "jump"}', '{"do": "picture", "path": "/proc/no/such.png"}', "7"]
)
def test_nonsense_is_answered_and_nothing_breaks(ask: Ask, text: str) -> None:
    assert list(ask(text)) == ["error"]
    assert ask(do="press", name="free") == {"done": True}


def test_a_line_without_end_is_cut_off(qtbot: QtBot, line: QLocalSocket) -> None:
    line.write(b"x" * (LINE_LIMIT * 20))
    qtbot.waitUntil(lambda: line.state() == QLocalSocket.LocalSocketState.UnconnectedState)


def test_a_socket_that_cannot_be_made_is_told(qtbot: QtBot, window: TouchWindow, tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="Cannot listen for touches"):
        TouchRobot(window, tmp_path / "no" / "such" / "folder" / "touch")
