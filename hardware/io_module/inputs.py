"""An input changes when two samples in a row say so: one sample alone may be a bouncing contact."""

from __future__ import annotations


class Debounce:
    """The settled inputs. Each channel settles for itself."""

    def __init__(self, first: tuple[bool, ...]) -> None:
        self.settled = first
        self._last = first

    def feed(self, sample: tuple[bool, ...]) -> bool:
        """Take a sample; return whether a settled input changed."""
        before = self.settled
        self.settled = tuple(new if new == last else old for old, last, new in zip(before, self._last, sample, strict=True))
        self._last = sample
        return self.settled != before
