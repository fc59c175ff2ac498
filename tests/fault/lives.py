"""One shop that is killed and started again, and what a scenario of the crash tests is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from store_server.persistence import crash_points
from store_server.services.store import Store, make_store
from store_server.settings import ServerSettings
from tests.fault import child
from tests.fault.books import BEGINNING_S, Auditor, Bookshelf, Clock, opened

LIVES_MAX = 4

NUMBERED = {"transfers", "lane_commands"}
"""Tables whose first column is a number that the database gives; a transaction that was taken back may leave a gap in it."""


@dataclass
class Run:
    """One shop, killed and recovered."""

    shelf: Bookshelf
    settings: ServerSettings
    kills: list[tuple[str, int]]
    """Points and passes at which the next children die, one each."""

    def begin_with(self, name: str, make: Callable[[ServerSettings], None]) -> None:
        """Begin in a copy of a shop that a child makes the first time that its name is asked for."""
        if name not in self.shelf.kept:

            def make_in_peace(_tell: child.Tell) -> None:
                crash_points.watch(None)
                make(template)

            template = self.shelf.empty()
            child.run(make_in_peace)
            self.shelf.kept[name] = template
        self.shelf.drop(self.settings)
        self.settings = self.shelf.copy(self.shelf.kept[name])

    def go(self, work: Callable[[Store, Clock, child.Tell], None], *, recover: bool, now_s: float = BEGINNING_S) -> child.Ended:
        """Let a child start the server, at ``now_s``, and do ``work``; it dies where that is its lot."""

        def live(tell: child.Tell) -> None:
            clock = Clock(now_s)
            if recover:
                make_store(self.settings, clock)
            store = opened(self.settings, clock)
            work(store, clock, tell)

        return self.alone(live)

    def alone(self, work: Callable[[child.Tell], None]) -> child.Ended:
        """Let a child do ``work`` without a server; it dies where that is its lot."""

        def live(tell: child.Tell) -> None:
            if self.kills:
                crash_points.arm(*self.kills[0])
            work(tell)

        return child.run(live)

    def in_peace(self, work: Callable[[Store, Clock, child.Tell], None]) -> list[Any]:
        """Let a child do ``work`` on the open books that nobody kills and whose points nobody counts; return what it told."""

        def live(tell: child.Tell) -> None:
            crash_points.watch(None)
            clock = Clock(BEGINNING_S)
            work(opened(self.settings, clock), clock, tell)

        return child.run(live).told

    def died(self) -> None:
        """Note that the child was killed, as it was meant to."""
        assert self.kills, "a child died that nobody killed"
        del self.kills[0]

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of the books."""
        with contextlib.closing(Auditor(self.settings)) as auditor:
            return auditor.dump()


@dataclass
class Scenario:
    """A scenario, the shop it starts from, and what it gives when nobody disturbs it."""

    name: str
    live: Callable[[Run], Any]
    from_nothing: bool
    passed: dict[str, int] = field(default_factory=dict)
    """Point to how often an undisturbed run passes it."""
    result: Any = None


def books_of(settings: ServerSettings) -> dict[str, Any]:
    """Return the rows that two shops have in common when the same happened in both."""
    with contextlib.closing(Auditor(settings)) as auditor:
        dump = auditor.dump(but=["alembic_version"])
    # Writers of the catalogue hold this row by raising it; an import that is asked for again raises it again.
    dump["counters"] = [row for row in dump["counters"] if row[0] != "catalogue"]
    return {table: sorted(row[1:] if table in NUMBERED else row for row in rows) for table, rows in dump.items()}
