"""The QApplication of a touch program: platform, font with Chinese, theme."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from program.errors import ProgramError
from program.start import on_stop_signal

_log = logging.getLogger(__name__)

_LATIN_FAMILIES = ("Noto Sans", "DejaVu Sans", "Liberation Sans")
_CHINESE_FAMILIES = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei")
_SIGNAL_CHECK_MS = 200


def application(program: str, theme: Path, *, platform: str = "") -> QApplication:
    """Make the QApplication, styled by the theme's QSS file.

    Args:
        program: name shown by window managers.
        theme: the app's one theme file.
        platform: Qt platform plugin such as ``offscreen``; empty for Qt's own choice.

    Raises:
        ProgramError: no platform is given and there is no display.
    """
    if platform:
        os.environ["QT_QPA_PLATFORM"] = platform
    elif sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise ProgramError(f"{program} finds no display. Start it on one, or with --platform offscreen.")
    qInstallMessageHandler(_to_log)
    app = QApplication.instance() or QApplication([program])
    assert isinstance(app, QApplication)
    app.setApplicationName(program)
    app.setStyle("Fusion")
    app.setFont(_font())
    app.setStyleSheet(theme.read_text(encoding="utf-8"))
    return app


@contextmanager
def ends_on_signal(app: QApplication) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the event loop while the block runs, also one that comes just before the loop begins."""
    stopped = Event()
    on_stop_signal(stopped.set)
    # Python runs its signal handlers only between byte codes, and Qt forgets a quit() from before its loop: look now and then.
    timer = QTimer()
    timer.timeout.connect(lambda: app.quit() if stopped.is_set() else None)
    timer.start(_SIGNAL_CHECK_MS)
    yield
    timer.stop()


def _font() -> QFont:
    known = set(QFontDatabase.families())
    families = [name for name in (*_LATIN_FAMILIES, *_CHINESE_FAMILIES) if name in known]
    if not any(name in known for name in _CHINESE_FAMILIES):
        _log.warning("no font with Chinese characters is installed; install fonts-noto-cjk to show Chinese names")
    font = QFont()
    if families:
        font.setFamilies(families)
    return font


def _to_log(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO, QtMsgType.QtWarningMsg: logging.WARNING}
    logging.getLogger("qt").log(levels.get(kind, logging.ERROR), "%s", message)
