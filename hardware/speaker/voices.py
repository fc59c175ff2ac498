"""What can speak: espeak-ng by its program, or any other engine that a program brings along, such as Qt's."""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

_log = logging.getLogger(__name__)

PROGRAM = "espeak-ng"
SPEECH_MAX_S = 30.0
VOLUME_MAX_PERCENT = 200
_VOICES = {"en": "en", "zh": "cmn"}


class Voice(Protocol):
    """An engine that says one sentence at a time."""

    def why_silent(self) -> str:
        """Return a sentence why it cannot speak here, and what to do; nothing when it can."""

    def speak(self, text: str, language: str, volume_percent: int, is_cut: Callable[[], bool]) -> bool:
        """Say a sentence and wait until it is said, cut off or failed; return whether the engine works.

        Called on the speaker's own thread. 100 percent is the engine's own loudness. ``is_cut`` tells whether ``cut`` was
        called before the engine had begun.
        """

    def cut(self) -> None:
        """Stop speaking at once; may be called from any thread, and while nothing is said."""


class EspeakVoice:
    """Speaks with espeak-ng, a process for each sentence."""

    def __init__(self, program: Sequence[str] = (PROGRAM,), speech_max_s: float = SPEECH_MAX_S) -> None:
        """Name the command; it gets ``-v VOICE -a LOUDNESS --stdin``, and is ended when a sentence takes longer than that."""
        self._program = tuple(program)
        self._speech_max_s = speech_max_s
        self._lock = threading.Lock()
        self._speech: subprocess.Popen[bytes] | None = None

    def why_silent(self) -> str:
        """Whether the program is there."""
        name = self._program[0]
        return "" if shutil.which(name) else f"{name} is not installed; install the package {name}"

    def speak(self, text: str, language: str, volume_percent: int, is_cut: Callable[[], bool]) -> bool:
        """Say a sentence; an unknown language is read as English."""
        voice = _VOICES.get(language, _VOICES["en"])
        try:
            speech = subprocess.Popen(  # noqa: S603 - the settings name the program; the text goes in by standard input
                [*self._program, "-v", voice, "-a", str(volume_percent), "--stdin"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            _log.warning("cannot speak: %s", error)
            return False
        with self._lock:
            self._speech = speech
        if is_cut():
            self.cut()
        try:
            speech.communicate(text.encode(), self._speech_max_s)
        except subprocess.TimeoutExpired:
            # As where the sound card is gone: to wait for each sentence would keep all others back.
            speech.kill()
            speech.communicate()
            _log.warning("%s did not end within %g s at %r", self._program[0], self._speech_max_s, text)
            return False
        finally:
            with self._lock:
                self._speech = None
        # A negative code is a signal: an alarm or the end cut it off.
        if speech.returncode > 0:
            _log.warning("%s ended with code %d at %r", self._program[0], speech.returncode, text)
        return speech.returncode <= 0

    def cut(self) -> None:
        """End the process that speaks."""
        with self._lock:
            if self._speech is not None:
                self._speech.kill()
