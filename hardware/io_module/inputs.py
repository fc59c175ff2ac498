"""What the samples of the inputs mean: debounced levels, and pulses that only a counter saw."""

from __future__ import annotations

from collections.abc import Mapping

DEBOUNCE_S = 0.01
"""Samples nearer to each other than this may both be of one bouncing contact."""
_NEAR_WRAP = (1 << 32) - (1 << 16)
"""A counter that falls from here on has run over; any other that falls was set back."""


class Debounce:
    """The settled inputs. Each channel settles for itself: it changes when two samples in a row say so."""

    def __init__(self, first: tuple[bool, ...]) -> None:
        self.settled = first
        self._last = first

    @property
    def unsettled(self) -> bool:
        """Whether the last sample differs from what is settled."""
        return self._last != self.settled

    def changing(self, channel: int) -> bool:
        """Whether the last sample of a channel differs from what is settled."""
        return self._last[channel] != self.settled[channel]

    def feed(self, sample: tuple[bool, ...]) -> bool:
        """Take a sample; return whether a settled input changed."""
        before = self.settled
        self.settled = tuple(new if new == last else old for old, last, new in zip(before, self._last, sample, strict=True))
        self._last = sample
        return self.settled != before


class Counts:
    """Tells pulses that no sample showed from those that the levels show anyway."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        self._level: dict[int, bool] = {}
        self._just_changed: set[int] = set()
        self._unseen: set[int] = set()

    def feed(self, counts: Mapping[int, int], debounce: Debounce) -> set[int]:
        """Take the counters by channel, read before the samples that ``debounce`` took; return who pulsed unseen.

        A contact bounces, so that one rise may count several times, and a rise may be counted just after it was sampled: counts
        around a change that the levels show mean nothing.
        """
        pulsed = set()
        for channel, count in counts.items():
            if count != self._since(channel, count):
                self._unseen.add(channel)
            level = debounce.settled[channel]
            changed = level != self._level.get(channel, level)
            if changed or channel in self._just_changed:
                self._unseen.discard(channel)
            elif channel in self._unseen and not debounce.changing(channel):
                self._unseen.discard(channel)
                pulsed.add(channel)
            self._last[channel], self._level[channel] = count, level
            (self._just_changed.add if changed else self._just_changed.discard)(channel)
        return pulsed

    def _since(self, channel: int, count: int) -> int:
        """Return the count to compare with: the last one, or 0 when the counter began anew."""
        last = self._last.get(channel, count)
        return 0 if count < last < _NEAR_WRAP else last
