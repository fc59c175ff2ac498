from __future__ import annotations

from hardware.speaker.waiting import WAITING_MAX, Sentence, Waiting, admitted


def sentence(text: str, *, alarm: bool = False) -> Sentence:
    return Sentence(text, "en", alarm)


def after(*sentences: Sentence) -> Waiting:
    waiting: Waiting = ()
    for one in sentences:
        waiting = admitted(waiting, one)
    return waiting


def test_sentences_wait_in_their_order() -> None:
    one, two = sentence("one"), sentence("two")
    assert after(one, two) == (one, two)


def test_the_oldest_makes_room() -> None:
    many = [sentence(str(number)) for number in range(WAITING_MAX + 3)]
    assert after(*many) == tuple(many[-WAITING_MAX:])


def test_the_newest_alarm_takes_the_place_of_everything() -> None:
    old, new = sentence("old", alarm=True), sentence("new", alarm=True)
    assert after(sentence("one"), old, sentence("two"), new) == (new,)


def test_an_alarm_is_never_displaced_by_ordinary_sentences() -> None:
    alarm = sentence("stop", alarm=True)
    many = [sentence(str(number)) for number in range(20)]
    assert after(alarm, *many) == (alarm, *many[-WAITING_MAX:])
