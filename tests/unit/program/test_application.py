from __future__ import annotations

import os
import signal

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from program.qt.application import ends_on_signal


def test_a_stop_signal_from_before_the_loop_ends_it(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    too_late = QTimer()
    too_late.setSingleShot(True)
    too_late.timeout.connect(lambda: app.exit(1))
    try:
        with ends_on_signal(app):
            os.kill(os.getpid(), signal.SIGTERM)
            too_late.start(10_000)
            assert app.exec() == 0, "the signal was lost"
    finally:
        too_late.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
