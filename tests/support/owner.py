"""Whoever owns a device in a test: hears its events and waits for them."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import TypeVar

import pytest

from hardware.connection import State
from hardware.device import ConnectionChanged, DeviceEvent
from tests.support.wire import DEADLINE_S, wait_for

AnyEvent = TypeVar("AnyEvent", bound=DeviceEvent)


class Owner:
    """Collects what is published."""

    def __init__(self) -> None:
        self._queue: queue.Queue[DeviceEvent] = queue.Queue()
        self._events: list[DeviceEvent] = []
        self.publish = self._queue.put

    def seen(self) -> list[DeviceEvent]:
        """Everything so far, oldest first."""
        while not self._queue.empty():
            self._events.append(self._queue.get())
        return self._events

    def heard(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        """All events of one kind so far."""
        return [event for event in self.seen() if isinstance(event, kind)]

    def states(self) -> list[State]:
        """The connection's states so far."""
        return [event.state for event in self.heard(ConnectionChanged)]

    def wait_for_state(self, state: State, times: int = 1) -> float:
        """Return how long it took."""
        return wait_for(lambda: self.states().count(state) >= times, f"{state} the {times}. time")

    def next(
        self, kind: type[AnyEvent], that: Callable[[AnyEvent], bool] = lambda _: True, deadline_s: float = DEADLINE_S
    ) -> AnyEvent:
        """Forget what was heard; wait for an event of a kind."""
        self.forget()
        return self.first(kind, that, deadline_s)

    def first(
        self, kind: type[AnyEvent], that: Callable[[AnyEvent], bool] = lambda _: True, deadline_s: float = DEADLINE_S
    ) -> AnyEvent:
        """Wait for an event of a kind, counting those already heard."""
        wait_for(lambda: any(that(event) for event in self.heard(kind)), f"a {kind.__name__}", deadline_s)
        return next(event for event in self.heard(kind) if that(event))

    def forget(self) -> None:
        """Forget all but the connection's states."""
        self._events = [event for event in self.seen() if isinstance(event, ConnectionChanged)]


def lines_about(device: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says about a device to a person."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelname in {"INFO", "WARNING", "ERROR"} and record.getMessage().startswith(f"{device} ")
    ]
