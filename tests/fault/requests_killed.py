"""Kills in the middle of one request of the day, from the shop as it stood before it.

One shop goes through the day in peace; before each request it is copied, once for each kill, and in the copy the request is
killed, the server started again and the request repeated. Then answer and books must be those of the shop that nobody killed,
row for row: so what comes after it would be as in that shop too, and need not be lived again after every kill.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from store_server.persistence import crash_points
from store_server.services.store import make_store
from store_server.settings import ServerSettings
from tests.fault.books import Bookshelf, Clock, opened
from tests.fault.day import Known, Step, the_day
from tests.fault.lives import Run, books_of
from tests.fault.trading import live_through

Kill = tuple[str, int]
"""A point, and the pass of it that kills."""


@dataclass
class PeacefulDay:
    """A shop that nobody kills, on its way through the day."""

    shelf: Bookshelf
    steps: list[Step] = field(default_factory=the_day)
    index: int = 0
    """Of the request that comes next."""
    known: Known = field(default_factory=dict)
    settings: ServerSettings | None = None

    def before(self, index: int) -> ServerSettings:
        """Go on, or begin again, until this request comes next; nobody has the books open then."""
        if self.settings is None or self.index > index:
            self.end()
            self.settings, self.index, self.known = self.shelf.copy(), 0, Known(self.shelf.secrets)
        if self.index < index:
            self._ask_until(index)
        return self.settings

    def ask(self) -> Any:
        """Let the next request be answered."""
        return self._ask_until(self.index + 1)

    def _ask_until(self, index: int) -> Any:
        assert self.settings is not None
        clock, answer = Clock(), None
        store = opened(self.settings, clock)
        try:
            while self.index < index:
                answer = self.steps[self.index].run(store, clock, self.known)
                self.index += 1
        finally:
            store.database.close()
        return json.loads(json.dumps(answer))

    def books(self) -> dict[str, Any]:
        """Return its rows."""
        assert self.settings is not None
        return books_of(self.settings)

    def end(self) -> None:
        """Throw the shop away."""
        if self.settings is not None:
            self.shelf.drop(self.settings)
            self.settings = None


def passes(shelf: Bookshelf) -> tuple[Counter[str], list[Counter[str]]]:
    """Return how often a start, and each request of the day, passes which points."""
    started: Counter[str] = Counter()
    found = [Counter[str]() for _step in the_day()]
    settings, known, clock = shelf.copy(), Known(shelf.secrets), Clock()
    try:
        crash_points.watch(lambda name: started.update([name]))
        make_store(settings, clock)
        store = opened(settings, clock)
        for step, passed in zip(the_day(), found, strict=True):
            crash_points.watch(lambda name, passed=passed: passed.update([name]))  # type: ignore[misc]  # the default binds it
            step.run(store, clock, known)
        store.database.close()
    finally:
        crash_points.watch(None)
        shelf.drop(settings)
    return started, found


def kills_for(passed: list[Counter[str]], seed: object, rounds: int) -> list[list[Kill]]:
    """Choose the kills in each request: at least one, each point at one of its passes at least, by chance which."""
    chosen: list[list[Kill]] = [[] for _request in passed]
    for number in range(rounds):
        for point in sorted(set().union(*passed)):
            chance = random.Random(f"{seed} {number} {point}")
            index = chance.choice([index for index, there in enumerate(passed) for _pass in range(there[point])])
            chosen[index].append((point, chance.randint(1, passed[index][point])))
    for index, there in enumerate(passed):
        chance = random.Random(f"{seed} request {index}")
        if there and not chosen[index]:
            point = chance.choice(sorted(there))
            chosen[index].append((point, chance.randint(1, there[point])))
    return chosen


def kill_in_request(peace: PeacefulDay, index: int, kills: list[list[Kill]]) -> None:
    """Kill one request in copies of the shop as it stands before it.

    Args:
        peace: the day without kills.
        index: of the request.
        kills: where to kill it, and where to kill its recovery; the latter may not be reached.
    """
    former, known, shelf = peace.before(index), Known(peace.known), peace.shelf
    copies = [shelf.copy(former) for _kill in kills]
    step = peace.steps[index]
    answer = peace.ask()
    books = peace.books()
    for chosen, settings in zip(kills, copies, strict=True):
        run = Run(shelf, settings, list(chosen))
        found = live_through(run, [step], Known(known))
        told = f"{step.name} killed at {chosen}"
        assert len(run.kills) < len(chosen), f"{told}: the point was not reached"
        assert found[step.name] == answer or step.told_once, f"{told}: another answer"
        assert differences(books_of(settings), books) == [], f"{told}: other books"
        shelf.drop(settings)


def differences(books: dict[str, Any], right: dict[str, Any]) -> list[str]:
    """Tell which rows of which tables are others than they should be."""
    return [
        f"{table}: {[row for row in books[table] if row not in right[table]]} instead of"
        f" {[row for row in right[table] if row not in books[table]]}"
        for table in right
        if books[table] != right[table]
    ]
