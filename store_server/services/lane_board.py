"""What every lane said last. A lane repeats itself every second, so nothing is lost with it.

One process keeps it in memory; several processes share it as rows, because a lane speaks to any of them.
"""

from __future__ import annotations

import threading
from typing import Protocol

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from store_server.contract.lane_messages import LaneReport, LaneView
from store_server.persistence.database import Database
from store_server.persistence.tables import lane_reports

LANES_MAX = 64


class LaneBoard(Protocol):
    """The newest report of each lane; use it from any thread."""

    def put(self, report: LaneReport, heard_at: int) -> bool:
        """Keep a report; False when there are too many lanes for one shop."""

    def get(self, lane: str) -> LaneView | None:
        """Return what a lane said last."""

    def all(self) -> list[LaneView]:
        """Return every lane, by name."""


def lane_board(database: Database) -> LaneBoard:
    """Make the board that fits the books."""
    return SharedLaneBoard(database) if database.is_shared else OwnLaneBoard()


class OwnLaneBoard:
    """The board of a process that serves alone."""

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


class SharedLaneBoard:
    """The board of all processes that serve the same books."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, report: LaneReport, heard_at: int) -> bool:
        """Keep a report; False when there are too many lanes for one shop."""
        row = {"report": report.model_dump_json(), "heard_at": heard_at}

        def work(connection: Connection) -> bool:
            here = lane_reports.c.lane == report.lane
            if connection.execute(lane_reports.update().where(here).values(**row)).rowcount == 1:
                return True
            if connection.execute(select(func.count()).select_from(lane_reports)).scalar_one() >= LANES_MAX:
                return False
            added = insert(lane_reports).values(lane=report.lane, **row)
            connection.execute(added.on_conflict_do_update(index_elements=[lane_reports.c.lane], set_=row))
            return True

        return self._database.write(work)

    def get(self, lane: str) -> LaneView | None:
        """Return what a lane said last."""
        return next((view for view in self.all() if view.report.lane == lane), None)

    def all(self) -> list[LaneView]:
        """Return every lane, by name."""
        rows = self._database.read(
            lambda connection: connection.execute(select(lane_reports).order_by(lane_reports.c.lane)).all()
        )
        return [LaneView(report=LaneReport.model_validate_json(row.report), heard_at=row.heard_at) for row in rows]
