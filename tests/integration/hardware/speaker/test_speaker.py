"""The speaker with real processes in espeak-ng's place, and with espeak-ng itself where it is installed."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.speaker import Sentence, Speaker
from hardware.speaker.speaker import FAILURES_MAX, SAID_MAX
from hardware.speaker.voices import PROGRAM, VOLUME_MAX_PERCENT, EspeakVoice
from hardware.speaker.waiting import TEXT_MAX
from tests.support.wire import wait_for

VOICE = """
import pathlib, sys, time
text, heard = sys.stdin.read(), pathlib.Path(sys.argv[1])
with heard.open("a", encoding="utf-8") as log:
    log.write(f"{sys.argv[3]}:{text}\\n")
if "long" in text:
    time.sleep(60)
if "fail" in text:
    sys.exit(3)
with heard.open("a", encoding="utf-8") as log:
    log.write("done\\n")
"""


class Mouth:
    """A speaker whose words end in a file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "heard"
        self._file.touch()
        self.speaker = Speaker("espeak", (sys.executable, "-c", VOICE, str(self._file)))

    def heard(self) -> list[str]:
        return self._file.read_text(encoding="utf-8").splitlines()

    def wait_heard(self, line: str) -> None:
        wait_for(lambda: line in self.heard(), f"{line!r} to be said")


@pytest.fixture
def mouth(tmp_path: Path) -> Iterator[Mouth]:
    mouth = Mouth(tmp_path)
    yield mouth
    mouth.speaker.close()


def test_silence_records_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    speaker = Speaker("silent")
    speaker.say("Put your goods\non the belt", "en")
    speaker.say("请稍候", "zh", alarm=True)
    assert speaker.is_silent
    assert speaker.said == (Sentence("Put your goods on the belt", "en"), Sentence("请稍候", "zh", alarm=True))
    assert "Put your goods on the belt" in caplog.text
    assert "请稍候" in caplog.text
    speaker.close()


def test_only_the_last_sentences_are_kept() -> None:
    speaker = Speaker()
    for number in range(SAID_MAX + 5):
        speaker.say(f"{number} " + "x" * 2 * TEXT_MAX)
    assert len(speaker.said) == SAID_MAX
    assert speaker.said[0].text.startswith("5 ")
    assert len(speaker.said[0].text) == TEXT_MAX


def test_a_missing_program_is_told_and_recorded_for(caplog: pytest.LogCaptureFixture) -> None:
    speaker = Speaker("espeak", ("no-such-speech-program",))
    speaker.say("Hello")
    speaker.say("Stop!", alarm=True)
    assert speaker.is_silent
    assert speaker.said == (Sentence("Hello", "en"), Sentence("Stop!", "en", alarm=True))
    [line] = [record.getMessage() for record in caplog.records if "says (" not in record.getMessage()]
    assert "no-such-speech-program is not installed; install the package no-such-speech-program" in line
    assert "sentences are only written to the log" in line


def test_sentences_are_said_in_their_languages(mouth: Mouth) -> None:
    mouth.speaker.say("--help", "en")
    mouth.wait_heard("en:--help")
    mouth.speaker.say("谢谢", "zh")
    mouth.wait_heard("cmn:谢谢")
    mouth.speaker.say("Merci", "-q")
    mouth.wait_heard("en:Merci")


def test_saying_never_waits(mouth: Mouth) -> None:
    begun_s = time.monotonic()
    for number in range(50):
        mouth.speaker.say(f"a long sentence, number {number}")
    assert time.monotonic() - begun_s < 1.0


def test_an_alarm_cuts_off_what_is_being_said(mouth: Mouth) -> None:
    mouth.speaker.say("a long story")
    mouth.wait_heard("en:a long story")
    mouth.speaker.say("and more of it")
    mouth.speaker.say("Stop!", alarm=True)
    mouth.wait_heard("en:Stop!")
    mouth.wait_heard("done")
    assert mouth.heard() == ["en:a long story", "en:Stop!", "done"]


def test_close_ends_a_long_sentence(mouth: Mouth) -> None:
    mouth.speaker.say("a long story")
    mouth.wait_heard("en:a long story")
    begun_s = time.monotonic()
    mouth.speaker.close()
    assert time.monotonic() - begun_s < 3.0
    mouth.speaker.say("too late")
    assert mouth.speaker.said[-1].text == "too late"


def test_a_program_that_fails_again_and_again_is_left_alone(mouth: Mouth, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(FAILURES_MAX):
        mouth.speaker.say(f"fail {number}")
        mouth.wait_heard(f"en:fail {number}")
    wait_for(lambda: mouth.speaker.is_silent, "silence")
    mouth.speaker.say("nobody hears this")
    assert "failed 3 times in a row" in caplog.text
    assert mouth.speaker.said[-1].text == "nobody hears this"


def test_a_program_that_hangs_is_ended_and_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heard = tmp_path / "heard"
    heard.touch()
    voice = EspeakVoice((sys.executable, "-c", VOICE, str(heard)), speech_max_s=0.2)
    speaker = Speaker("qt", voice=voice)
    for number in range(FAILURES_MAX):
        speaker.say(f"a long story {number}")
    wait_for(lambda: speaker.is_silent, "silence")
    assert caplog.text.count("did not end within 0.2 s") == FAILURES_MAX
    assert caplog.text.count("failed 3 times in a row") == 1
    speaker.close()


def test_one_failure_is_no_end(mouth: Mouth) -> None:
    for text in ("fail 1", "fail 2", "fine", "fail 3", "fail 4", "fine again"):
        mouth.speaker.say(text)
        mouth.wait_heard(f"en:{text}")


@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="espeak-ng is not installed; the other tests speak with a stand-in")
def test_espeak_ng_itself_understands_us() -> None:
    speaker = Speaker("espeak")
    speaker.say("Hello", "en", alarm=True)
    speaker.say("谢谢", "zh")
    assert not speaker.is_silent
    speaker.close()


def test_the_volume_stays_within_its_limits() -> None:
    speaker = Speaker(volume_percent=150)
    speaker.volume_percent += 500
    assert speaker.volume_percent == VOLUME_MAX_PERCENT
    speaker.volume_percent -= 500
    assert speaker.volume_percent == 0
    speaker.close()
