from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from program.qt.window import TouchWindow


def shown(qtbot: QtBot, screenshots: Path | None = None) -> TouchWindow:
    window = TouchWindow("Test", QSize(480, 800), screenshots)
    qtbot.addWidget(window)
    for name in ("first", "second"):
        window.add_screen(name, QLabel(name))
    window.show()
    return window


def test_screens_are_shown_by_name(qtbot: QtBot) -> None:
    window = shown(qtbot)
    window.show_screen("second")
    assert window.screen_name == "second"
    window.show_screen("first")
    assert window.screen_name == "first"
    with pytest.raises(KeyError, match="third"):
        window.show_screen("third")


def test_each_screen_that_is_shown_is_saved_once(qtbot: QtBot, tmp_path: Path) -> None:
    window = shown(qtbot, tmp_path / "pictures")
    window.show_screen("first")
    window.show_screen("first")
    qtbot.waitUntil((tmp_path / "pictures" / "001-first.png").exists)
    window.show_screen("second")
    qtbot.waitUntil((tmp_path / "pictures" / "002-second.png").exists)
    window.show_screen("first")
    qtbot.waitUntil((tmp_path / "pictures" / "003-first.png").exists)
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == [
        "001-first.png",
        "002-second.png",
        "003-first.png",
    ]
    assert QImage(str(tmp_path / "pictures" / "001-first.png")).size() == QSize(480, 800)


def test_a_large_screen_does_not_grow_the_window(qtbot: QtBot) -> None:
    window = shown(qtbot)
    large = QWidget()
    layout = QVBoxLayout(large)
    text = QLabel("x" * 200)
    text.setMinimumSize(2000, 2000)
    layout.addWidget(text)
    window.add_screen("large", large)
    window.show_screen("large")
    qtbot.waitUntil(text.isVisible)
    assert window.size() == QSize(480, 800)


def test_a_picture_that_cannot_be_written(qtbot: QtBot, tmp_path: Path) -> None:
    window = shown(qtbot)
    window.show_screen("first")
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OSError, match="taken"):
        window.save_picture(tmp_path / "taken.png")
