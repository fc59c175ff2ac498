"""What every lane said last; memory only, because a lane repeats itself every second."""

from __future__ import annotations

import threading

from store_server.contract.messages import LaneReport, LaneView

LANES_MAX = 64


class LaneBoard:
    """The newest report of each lane; use it from any thread."""

    def __init__(self) -> None:
        self._views: dict[str, LaneView] = {}
        self._lock = threading.Lock()

    def put(self, report: LaneReport, heard_at: int) -> bool:
        """Keep a report; False when there are too many lanes for one shop."""
        with self._lock:
            if report.lane not in self._views and len(self._views) >= LANES_MAX:
                return False
            self._views[report.lane] = LaneView(report=report, heard_at=heard_at)
            return True

    def get(self, lane: str) -> LaneView | None:
        """Return what a lane said last."""
        with self._lock:
            return self._views.get(lane)

    def all(self) -> list[LaneView]:
        """Return every lane, by name."""
        with self._lock:
            return [self._views[lane] for lane in sorted(self._views)]
