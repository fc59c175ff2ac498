"""Watches whether the controller's disk keeps what is written, and tries it again now and then while it does not."""

from __future__ import annotations

from gate_controller import words
from gate_controller.lane_state import Lane
from gate_controller.passes_used import PassesUsed
from gate_controller.words import Event, Fault

TRY_S = 5.0
"""A disk that keeps nothing is tried so often."""


class RecordWatch:
    """What a lane is told of the disk: it closes while nothing is kept, because no exit could be written."""

    def __init__(self, record: PassesUsed) -> None:
        self._record = record
        self._try_at_s = 0.0

    def look(self, lane: Lane, now_s: float) -> Event | None:
        """Return what has changed since the lane was told."""
        failing = self._record.is_failing
        if failing and now_s >= self._try_at_s:
            self._try_at_s = now_s + TRY_S
            failing = not self._record.try_to_write()
        if failing is (Fault.RECORD in lane.faults):
            return None
        return words.FaultRaised(Fault.RECORD) if failing else words.FaultCleared(Fault.RECORD)
