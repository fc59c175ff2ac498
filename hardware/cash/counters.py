"""Which events in a device's buffer are new, each exactly once, over wraps, lost replies, resets and restarts.

The counter runs 1 ... 255, 1 ...; 0 means that the device was reset. The buffer holds five events, so a sixth between two polls
pushes one out for good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hardware.cash.events import CounterMemory
from hardware.cash.protocol_counters import BUFFER_EVENTS, COUNTER_MAX, NO_EVENT, EventBuffer, Pair


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One event, and the device's counter after it."""

    pair: Pair
    counter: int


@dataclass(frozen=True, slots=True)
class News:
    """What a buffer says that was not known."""

    events: tuple[NewEvent, ...]
    """Oldest first."""
    lost: int = 0
    """Events that fell out of the buffer unread."""
    was_reset: bool = False

    @property
    def is_suspicious(self) -> bool:
        """Whether to read again before believing it: a reset or a gap is rarer than a damaged byte."""
        return self.was_reset or self.lost > 0


def count_new(last: int, counter: int) -> int:
    """Return how many events lie between two readings of the counter; ``counter`` is not 0."""
    if last == 0:
        return counter
    return (counter - last) % COUNTER_MAX


def read_news(memory: CounterMemory, buffer: EventBuffer) -> News:
    """Compare a buffer with what was read before. After a reset the events count from the new epoch's beginning."""
    if _began_anew(memory, buffer):
        return News(_newest(buffer, buffer.counter), was_reset=True)
    if buffer.counter == 0:
        return News(())
    fresh = count_new(memory.counter, buffer.counter)
    return News(_newest(buffer, fresh), lost=max(0, fresh - BUFFER_EVENTS))


def _began_anew(memory: CounterMemory, buffer: EventBuffer) -> bool:
    """Tell a reset: the counter is smaller than before, and the buffer is empty beyond it, which no wrap explains."""
    if buffer.counter == 0:
        return memory.counter != 0
    beyond = buffer.pairs[buffer.counter :]
    return buffer.counter < min(memory.counter, BUFFER_EVENTS) and all(pair == NO_EVENT for pair in beyond)


def _newest(buffer: EventBuffer, count: int) -> tuple[NewEvent, ...]:
    events: list[NewEvent] = []
    counter = buffer.counter
    for pair in buffer.pairs[:count]:
        events.append(NewEvent(pair, counter))
        counter = previous_counter(counter)
    return tuple(reversed(events))


def previous_counter(counter: int) -> int:
    """Return the counter before one event, among counters that never are 0."""
    return COUNTER_MAX if counter <= 1 else counter - 1


def recall(memory: CounterMemory | None, serial: str, buffer: EventBuffer) -> CounterMemory:
    """Return where reading starts when a device is met: after a start, a return, or a swap.

    What is in the buffer of an unknown device, or of another one than before, is not credited: nobody knows when it happened.
    """
    if memory is None:
        return CounterMemory(serial, epoch=1, seq=0, counter=buffer.counter)
    if memory.serial != serial:
        return CounterMemory(serial, memory.epoch + 1, 0, buffer.counter)
    return memory


def after_reset(memory: CounterMemory) -> CounterMemory:
    """Return the memory of a device that lost its counter: a new epoch."""
    return CounterMemory(memory.serial, memory.epoch + 1, 0, 0)


def after_event(memory: CounterMemory, event: NewEvent, *, credited: bool) -> CounterMemory:
    """Return the memory after one event."""
    return replace(memory, counter=event.counter, seq=memory.seq + credited)
