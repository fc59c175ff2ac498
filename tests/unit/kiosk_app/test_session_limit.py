"""The screen asks once whether more time is needed, then time is up; whoever stirs begins anew."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from kiosk_app.session_limit import SessionLimit


class Shopper:
    """Notes what the clock says, and stirs at the first ``stirs`` questions."""

    def __init__(self, stirs: int = 0) -> None:
        self._parent = QObject()
        self._stirs = stirs
        self.told: list[str] = []
        self.clock = SessionLimit(self._parent, self._asked, lambda: self.told.append("over"))

    def _asked(self) -> None:
        self.told.append("hurry")
        if self._stirs:
            self._stirs -= 1
            self.clock.restart(0.01)


def test_it_asks_and_then_ends_once(qtbot: QtBot) -> None:
    shopper = Shopper()
    shopper.clock.restart(0.01)
    qtbot.waitUntil(lambda: shopper.told == ["hurry", "over"])
    shopper.clock.restart(0.01)
    qtbot.waitUntil(lambda: shopper.told == ["hurry", "over"] * 2)


def test_who_stirs_is_asked_again(qtbot: QtBot) -> None:
    shopper = Shopper(stirs=2)
    shopper.clock.restart(0.01)
    qtbot.waitUntil(lambda: shopper.told == ["hurry", "hurry", "hurry", "over"])


def test_without_a_limit_nothing_runs(qtbot: QtBot) -> None:
    stopped, other = Shopper(), Shopper()
    stopped.clock.restart(0.01)
    stopped.clock.restart(None)
    other.clock.restart(0.04)
    qtbot.waitUntil(lambda: other.told == ["hurry", "over"])
    assert stopped.told == []
