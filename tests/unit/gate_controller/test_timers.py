"""When a lane's waits are over."""

from __future__ import annotations

from gate_controller import words
from gate_controller.timers import Timers
from gate_controller.words import StartTimer


def test_they_ring_once_when_they_are_due() -> None:
    timers = Timers()
    timers.start(StartTimer(words.GoodsOverdue(), 10.0), 100.0)
    timers.start(StartTimer(words.BeltOverdue(), 5.0), 100.0)
    assert timers.next_due_s == 105.0
    assert list(timers.ring(104.9)) == []
    assert list(timers.ring(110.0)) == [words.GoodsOverdue(), words.BeltOverdue()]
    assert list(timers.ring(200.0)) == []
    assert timers.next_due_s == float("inf")


def test_one_for_each_kind() -> None:
    timers = Timers()
    timers.start(StartTimer(words.GoodsOverdue(), 10.0), 100.0)
    timers.start(StartTimer(words.GoodsOverdue(), 10.0), 150.0)
    assert list(timers.ring(155.0)) == []
    assert list(timers.ring(160.0)) == [words.GoodsOverdue()]


def test_what_the_first_one_stops_or_starts_anew_does_not_ring() -> None:
    timers = Timers()
    timers.start(StartTimer(words.GoodsOverdue(), 1.0), 0.0)
    timers.start(StartTimer(words.BeltOverdue(), 1.0), 0.0)
    timers.start(StartTimer(words.LeftLongAgo(), 1.0), 0.0)
    rung = []
    for event in timers.ring(2.0):
        rung.append(event)
        timers.stop()
        timers.start(StartTimer(words.BeltOverdue(), 1.0), 2.0)
    assert rung == [words.GoodsOverdue(), words.LeftLongAgo()], "the last of them outlives what the lane was doing"
    assert timers.next_due_s == 3.0
