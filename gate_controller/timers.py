"""The timers of one lane: the events that it feeds itself when a wait is over."""

from __future__ import annotations

from collections.abc import Iterator

from gate_controller import words
from gate_controller.words import Event


class Timers:
    """At most one for each kind of event; times are monotonic seconds."""

    def __init__(self) -> None:
        self._running: dict[type[Event], tuple[float, Event]] = {}

    @property
    def next_due_s(self) -> float:
        """When the next one rings; infinity when none runs."""
        return min((due_s for due_s, _ in self._running.values()), default=float("inf"))

    def start(self, command: words.StartTimer, since_s: float) -> None:
        """Start one, counted from this moment, in place of one for the same kind of event."""
        self._running[type(command.event)] = (since_s + command.after_s, command.event)

    def stop(self) -> None:
        """Stop those that end with what the lane was doing."""
        self._running = {kind: timer for kind, timer in self._running.items() if kind in words.LASTING}

    def ring(self, now_s: float) -> Iterator[Event]:
        """Yield the events that are due, each stopped before it is yielded; what one of them stops does not ring."""
        for kind, timer in list(self._running.items()):
            if now_s >= timer[0] and self._running.get(kind) is timer:
                del self._running[kind]
                yield timer[1]
