"""Qt's speech: speaks with whatever engine Qt finds, such as Speech Dispatcher, where PySide6-Addons is installed.

Has the form of ``hardware.speaker.Voice``. The engine lives on the GUI thread; sentences come from the speaker's thread by a
queued signal, and that thread waits here until Qt says that the sentence has ended.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QLocale, QObject, Qt, Signal, Slot

SPEECH_MAX_S = 30.0
_MODULE = "PySide6.QtTextToSpeech"
_LOCALES = {
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedStates),
    "zh": QLocale(QLocale.Language.Chinese, QLocale.Country.China),
}


class QtVoice(QObject):
    """One engine; make it on the GUI thread."""

    _said = Signal(str, str, int)
    _cut = Signal()

    def __init__(self, parent: QObject | None = None, engine: str = "") -> None:
        """Find an engine; ``engine`` names one of Qt's, empty takes Qt's own choice."""
        super().__init__(parent)
        self._ended = threading.Event()
        self._works = True
        self._begun = False
        self._engine: Any = None
        self._reason = ""
        try:
            module = importlib.import_module(_MODULE)
        except ImportError:
            self._reason = "Qt cannot speak here: install PySide6-Addons, or set mode = espeak"
            return
        self._states = module.QTextToSpeech.State
        if not [name for name in module.QTextToSpeech.availableEngines() if name != "mock" or engine == "mock"]:
            self._reason = "Qt finds no engine to speak with: install speech-dispatcher, or set mode = espeak"
            return
        self._engine = module.QTextToSpeech(engine, self) if engine else module.QTextToSpeech(self)
        self._engine.stateChanged.connect(self._changed)
        self._said.connect(self._say, Qt.ConnectionType.QueuedConnection)
        self._cut.connect(self._stop, Qt.ConnectionType.QueuedConnection)

    def why_silent(self) -> str:
        """Return why it cannot speak; nothing when it can."""
        return self._reason

    def speak(self, text: str, language: str, volume_percent: int, is_cut: Callable[[], bool]) -> bool:
        """Say a sentence and wait for its end; call it on another thread than the GUI's."""
        self._ended.clear()
        self._works = True
        self._said.emit(text, language, volume_percent)
        if is_cut():
            self.cut()
        if not self._ended.wait(SPEECH_MAX_S):
            self._cut.emit()
            return False
        return self._works

    def cut(self) -> None:
        """Stop speaking; any thread may call it."""
        if self._engine is not None:
            self._cut.emit()
        self._ended.set()

    @Slot(str, str, int)
    def _say(self, text: str, language: str, volume_percent: int) -> None:
        self._engine.setLocale(_LOCALES.get(language, _LOCALES["en"]))
        self._engine.setVolume(min(1.0, volume_percent / 100))
        self._engine.say(text)
        self._begun = True

    @Slot()
    def _stop(self) -> None:
        self._begun = False  # what ends now is nobody's concern any more: the next sentence may wait already
        self._engine.stop()

    @Slot()
    def _changed(self) -> None:
        state = self._engine.state()
        if state == self._states.Error:
            self._works = False
        elif state != self._states.Ready or not self._begun:
            return
        self._begun = False
        self._ended.set()
