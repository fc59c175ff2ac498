"""Each event of a device is new exactly once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cash.counters import after_event, after_reset, count_new, read_news, recall
from hardware.cash.events import CounterMemory
from hardware.cash.protocol_counters import BUFFER_EVENTS, NO_EVENT, EventBuffer, Pair, next_counter

KNOWN = CounterMemory("12345678", epoch=3, seq=40, counter=0)


class Device:
    """A device's event buffer, and everything it ever reported."""

    def __init__(self) -> None:
        self.counter = 0
        self.pairs: list[Pair] = [NO_EVENT] * BUFFER_EVENTS
        self.reported: list[Pair] = []

    def report(self, pair: Pair) -> None:
        self.counter = next_counter(self.counter)
        self.pairs = [pair, *self.pairs[:-1]]
        self.reported.append(pair)

    @property
    def buffer(self) -> EventBuffer:
        return EventBuffer(self.counter, tuple(self.pairs))


def read(memory: CounterMemory, device: Device) -> tuple[CounterMemory, list[Pair], int, bool]:
    news = read_news(memory, device.buffer)
    if news.was_reset:
        memory = after_reset(memory)
    for event in news.events:
        memory = after_event(memory, event, credited=event.pair[0] > 0)
    return memory, [event.pair for event in news.events], news.lost, news.was_reset


@given(st.lists(st.integers(0, BUFFER_EVENTS), max_size=200))
def test_polled_in_time_every_event_is_new_once_and_in_order(bursts: list[int]) -> None:
    device, memory, seen = Device(), KNOWN, []
    number = 0
    for burst in bursts:
        for _ in range(burst):
            number += 1
            device.report((1 + number % 16, number % 7))
        memory, events, lost, was_reset = read(memory, device)
        seen += events
        assert lost == 0
        assert not was_reset
        assert memory.counter == device.counter
    assert seen == device.reported
    assert memory.seq == KNOWN.seq + len(seen)


@given(st.integers(1, 255), st.integers(0, 254))
def test_the_counter_skips_zero(last: int, steps: int) -> None:
    counter = last
    for _ in range(steps):
        counter = next_counter(counter)
    assert count_new(last, counter) == steps
    assert counter != 0


def test_a_wrap_from_255_to_1_is_one_event() -> None:
    memory = CounterMemory("1", 1, 0, 255)
    news = read_news(memory, EventBuffer(1, ((2, 1), (1, 1), (1, 1), (1, 1), (1, 1))))
    assert [event.pair for event in news.events] == [(2, 1)]
    assert news.events[0].counter == 1
    assert not news.is_suspicious


@given(st.integers(6, 60))
def test_more_than_five_events_are_told_as_lost(burst: int) -> None:
    device, memory = Device(), KNOWN
    device.report((1, 1))
    memory, *_ = read(memory, device)
    for number in range(burst):
        device.report((1 + number % 3, 1))
    after, events, lost, was_reset = read(memory, device)
    assert events == device.reported[-BUFFER_EVENTS:]
    assert lost == burst - BUFFER_EVENTS
    assert not was_reset
    assert after.counter == device.counter


@given(st.integers(6, 255), st.integers(0, 4))
def test_a_reset_is_told_even_when_events_followed_it(before: int, events_after: int) -> None:
    device = Device()
    for _ in range(events_after):
        device.report((0, 2))
    memory = CounterMemory("1", 5, 9, before)
    after, events, lost, was_reset = read(memory, device)
    assert was_reset
    assert lost == 0
    assert len(events) == events_after
    assert (after.epoch, after.seq, after.counter) == (6, 0, events_after)


def test_a_device_that_was_never_touched_is_not_reset() -> None:
    assert not read_news(KNOWN, Device().buffer).was_reset


def test_an_unknown_device_is_not_credited() -> None:
    device = Device()
    device.report((3, 1))
    met = recall(None, "7", device.buffer)
    assert met == CounterMemory("7", 1, 0, 1)
    assert read_news(met, device.buffer).events == ()


def test_another_device_starts_a_new_epoch_and_is_not_credited() -> None:
    device = Device()
    device.report((3, 1))
    met = recall(KNOWN, "7", device.buffer)
    assert met == CounterMemory("7", KNOWN.epoch + 1, 0, 1)
    assert read_news(met, device.buffer).events == ()


def test_the_same_device_is_credited_from_where_it_was_journalled() -> None:
    device, memory = Device(), KNOWN
    device.report((1, 1))
    memory, *_ = read(memory, device)
    device.report((2, 1))
    met = recall(memory, memory.serial, device.buffer)
    assert [event.pair for event in read_news(met, device.buffer).events] == [(2, 1)]


@pytest.mark.parametrize("counter", [0, 1, 200])
def test_reading_twice_brings_nothing_new(counter: int) -> None:
    memory = CounterMemory("1", 1, 0, counter)
    news = read_news(memory, EventBuffer(counter, ((1, 1),) * 5))
    assert news.events == ()
    assert not news.is_suspicious
