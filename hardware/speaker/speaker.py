"""A speaker: says sentences on its own thread, or records them in silence.

``say`` never waits. An alarm cuts off what is being said. Where no engine is installed, or it cannot speak, the program goes on
in silence: every sentence is in the log and in :attr:`Speaker.said`.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Literal, TypeAlias

from hardware.speaker.voices import PROGRAM, VOLUME_MAX_PERCENT, EspeakVoice, Voice
from hardware.speaker.waiting import TEXT_MAX, Sentence, Waiting, admitted

Mode: TypeAlias = Literal["espeak", "silent", "qt"]

SAID_MAX = 100
FAILURES_MAX = 3
"""After so many failures in a row it stays silent."""
STOP_TIMEOUT_S = 3.0
CUT_AGAIN_S = 0.05
_log = logging.getLogger(__name__)


class Speaker:
    """Says sentences, or records that it would have said them."""

    def __init__(
        self,
        mode: Mode = "silent",
        program: Sequence[str] = (PROGRAM,),
        *,
        voice: Voice | None = None,
        volume_percent: int = 100,
    ) -> None:
        """Begin to speak.

        Args:
            mode: ``espeak`` speaks with espeak-ng, ``qt`` with ``voice``, both where they can; ``silent`` only records.
            program: the command of espeak-ng.
            voice: the engine of the mode ``qt``; only programs with a screen have one.
            volume_percent: 0 to 200; 100 is the engine's own loudness.
        """
        if not 0 <= volume_percent <= VOLUME_MAX_PERCENT:
            raise ValueError(f"a volume is 0 to {VOLUME_MAX_PERCENT} percent")
        self._voice: Voice | None = EspeakVoice(program) if mode == "espeak" else voice if mode == "qt" else None
        self._volume_percent = volume_percent
        self._said: deque[Sentence] = deque(maxlen=SAID_MAX)
        self._waiting: Waiting = ()
        self._changed = threading.Condition()
        self._closing = False
        self._speaking = False
        self._thread: threading.Thread | None = None
        if mode == "silent":
            return
        reason = self._voice.why_silent() if self._voice is not None else "this program has no voice of Qt; set mode = espeak"
        if self._voice is None or reason:
            _log.warning("%s; until then sentences are only written to the log", reason)
            return
        self._thread = threading.Thread(target=self._run, args=(self._voice,), name="speaker", daemon=True)
        self._thread.start()

    @property
    def said(self) -> tuple[Sentence, ...]:
        """The last sentences that were to be said, oldest first."""
        with self._changed:
            return tuple(self._said)

    @property
    def volume_percent(self) -> int:
        """How loud it speaks: 0 to 200."""
        return self._volume_percent

    @volume_percent.setter
    def volume_percent(self, percent: int) -> None:
        """Speak as loudly from the next sentence on; what is out of range is the nearest that is in it."""
        self._volume_percent = min(VOLUME_MAX_PERCENT, max(0, percent))

    @property
    def is_silent(self) -> bool:
        """Whether sentences are only recorded."""
        return self._thread is None

    def say(self, text: str, language: str = "en", *, alarm: bool = False, urgent: bool = False) -> None:
        """Say a sentence soon; an ``urgent`` one before those that wait; an ``alarm`` at once, in place of all others."""
        sentence = Sentence(" ".join(text.split())[:TEXT_MAX], language, alarm, urgent)
        _log.log(logging.WARNING if alarm else logging.INFO, "says (%s): %s", language, sentence.text)
        with self._changed:
            self._said.append(sentence)
            if self._thread is None or self._closing:
                return
            self._waiting = admitted(self._waiting, sentence)
            self._changed.notify_all()
            is_speaking = self._speaking
        if alarm and is_speaking and self._voice is not None:
            self._voice.cut()

    def close(self) -> None:
        """Fall silent and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        thread = self._thread
        if thread is None or self._voice is None:
            return
        for _try in range(round(STOP_TIMEOUT_S / CUT_AGAIN_S)):
            # A sentence may begin just now: what is not yet said cannot be cut off.
            self._voice.cut()
            thread.join(CUT_AGAIN_S)
            if not thread.is_alive():
                return

    def _is_cut(self) -> bool:
        with self._changed:
            return self._closing or any(sentence.alarm for sentence in self._waiting)

    def _run(self, voice: Voice) -> None:
        failures = 0
        while failures < FAILURES_MAX:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closing)
                if self._closing:
                    return
                sentence, self._waiting = self._waiting[0], self._waiting[1:]
                self._speaking = True
            works = voice.speak(sentence.text, sentence.language, self._volume_percent, self._is_cut)
            with self._changed:
                self._speaking = False
            failures = 0 if works else failures + 1
        _log.error("the voice failed %d times in a row; sentences are only written to the log", FAILURES_MAX)
        with self._changed:
            self._thread = None
            self._waiting = ()
