"""Engines that a program brings along, and what waits before others."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from hardware.speaker import Speaker
from tests.support.wire import wait_for


class Engine:
    """Says nothing aloud; a sentence lasts until it is cut off or let go."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        self.heard: list[tuple[str, str, int]] = []
        self.let_go = threading.Event()

    def why_silent(self) -> str:
        return self.reason

    def speak(self, text: str, language: str, volume_percent: int, is_cut: Callable[[], bool]) -> bool:
        self.heard.append((text, language, volume_percent))
        if not is_cut():
            self.let_go.wait(5.0)
        self.let_go.clear()
        return True

    def cut(self) -> None:
        self.let_go.set()


def test_an_urgent_sentence_is_said_next_and_cuts_nothing_off() -> None:
    engine = Engine()
    speaker = Speaker("qt", voice=engine, volume_percent=40)
    speaker.say("first")
    wait_for(lambda: len(engine.heard) == 1, "the first sentence")
    speaker.say("later")
    speaker.say("请付款", "zh", urgent=True)
    for count in (2, 3):
        engine.let_go.set()
        wait_for(lambda count=count: len(engine.heard) == count, "the next sentence")  # type: ignore[misc]
    assert engine.heard == [("first", "en", 40), ("请付款", "zh", 40), ("later", "en", 40)]
    speaker.close()


def test_an_alarm_cuts_off_any_engine() -> None:
    engine = Engine()
    speaker = Speaker("qt", voice=engine)
    speaker.say("a long story")
    wait_for(lambda: len(engine.heard) == 1, "the story")
    speaker.say("Stop!", alarm=True)
    wait_for(lambda: [text for text, _language, _volume in engine.heard] == ["a long story", "Stop!"], "the alarm")
    speaker.close()


def test_an_engine_that_cannot_speak_is_told(caplog: pytest.LogCaptureFixture) -> None:
    speaker = Speaker("qt", voice=Engine("no engine is here; install one"))
    speaker.say("Hello")
    assert speaker.is_silent
    assert speaker.said[0].text == "Hello"
    assert "no engine is here; install one" in caplog.text
    assert Speaker("qt").is_silent
    assert "mode = espeak" in caplog.text
    speaker.close()


@pytest.mark.parametrize("volume", [-1, 201])
def test_a_volume_that_cannot_be_is_refused(volume: int) -> None:
    with pytest.raises(ValueError, match="0 to 200"):
        Speaker(volume_percent=volume)
