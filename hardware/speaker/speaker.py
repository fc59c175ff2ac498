"""A speaker: says sentences with espeak-ng on its own thread, or records them in silence.

``say`` never waits. An alarm cuts off what is being said. Where espeak-ng is not installed, or cannot speak, the program goes
on in silence: every sentence is in the log and in :attr:`Speaker.said`.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from typing import Literal, TypeAlias

from hardware.speaker.waiting import TEXT_MAX, Sentence, Waiting, admitted

Mode: TypeAlias = Literal["espeak", "silent"]

SAID_MAX = 100
SPEECH_MAX_S = 30.0
FAILURES_MAX = 3
"""After so many failures in a row it stays silent."""
STOP_TIMEOUT_S = 3.0
PROGRAM = "espeak-ng"
_VOICES = {"en": "en", "zh": "cmn"}
_log = logging.getLogger(__name__)


class Speaker:
    """Says sentences, or records that it would have said them."""

    def __init__(self, mode: Mode = "silent", program: Sequence[str] = (PROGRAM,)) -> None:
        """Begin to speak.

        Args:
            mode: ``espeak`` speaks where it can, ``silent`` only records.
            program: the command that speaks; gets ``-v VOICE --stdin``.
        """
        self._program = tuple(program)
        self._said: deque[Sentence] = deque(maxlen=SAID_MAX)
        self._waiting: Waiting = ()
        self._changed = threading.Condition()
        self._closing = False
        self._speech: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        if mode == "espeak" and shutil.which(self._program[0]) is None:
            _log.warning("%s is not installed; sentences are only written to the log", self._program[0])
        elif mode == "espeak":
            self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)
            self._thread.start()

    @property
    def said(self) -> tuple[Sentence, ...]:
        """The last sentences that were to be said, oldest first."""
        with self._changed:
            return tuple(self._said)

    @property
    def is_silent(self) -> bool:
        """Whether sentences are only recorded."""
        return self._thread is None

    def say(self, text: str, language: str = "en", *, alarm: bool = False) -> None:
        """Say a sentence soon; an ``alarm`` at once, in place of what is being said and what waits."""
        sentence = Sentence(" ".join(text.split())[:TEXT_MAX], language, alarm)
        _log.log(logging.WARNING if alarm else logging.INFO, "says (%s): %s", language, sentence.text)
        with self._changed:
            self._said.append(sentence)
            if self._thread is None or self._closing:
                return
            self._waiting = admitted(self._waiting, sentence)
            if alarm and self._speech is not None:
                self._speech.kill()
            self._changed.notify()

    def close(self) -> None:
        """Fall silent and end the thread."""
        with self._changed:
            self._closing = True
            if self._speech is not None:
                self._speech.kill()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        failures = 0
        while failures < FAILURES_MAX:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closing)
                if self._closing:
                    return
                sentence, self._waiting = self._waiting[0], self._waiting[1:]
            failures = 0 if self._speak(sentence) else failures + 1
        _log.error("%s failed %d times in a row; sentences are only written to the log", self._program[0], FAILURES_MAX)
        with self._changed:
            self._thread = None
            self._waiting = ()

    def _speak(self, sentence: Sentence) -> bool:
        voice = _VOICES.get(sentence.language, _VOICES["en"])
        try:
            speech = subprocess.Popen(  # noqa: S603 - the settings name the program; the text goes in by standard input
                [*self._program, "-v", voice, "--stdin"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            _log.warning("cannot speak: %s", error)
            return False
        with self._changed:
            self._speech = speech
            if self._closing or any(waiting.alarm for waiting in self._waiting):
                speech.kill()
        return self._finish(speech, sentence)

    def _finish(self, speech: subprocess.Popen[bytes], sentence: Sentence) -> bool:
        try:
            speech.communicate(sentence.text.encode(), SPEECH_MAX_S)
        except subprocess.TimeoutExpired:
            speech.kill()
            speech.communicate()
        finally:
            with self._changed:
                self._speech = None
        # A negative code is a signal: an alarm or the end cut it off.
        if speech.returncode > 0:
            _log.warning("%s ended with code %d at %r", self._program[0], speech.returncode, sentence.text)
        return speech.returncode <= 0
