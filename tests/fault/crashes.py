"""kill -9 at every named point of the store server, then recovery, on SQLite and PostgreSQL: nothing lost, doubled or stuck.

A child process lives through a fixed day of requests (:mod:`tests.fault.day`) and is killed at one point. The next child starts
as the server does (``init``, open), repeats the request that was not answered, and repeats every request that was answered.
Then the books must be those of an undisturbed shop, row for row, and each repeated request got its first answer. Every point
of the day is killed at within one request of it (:mod:`tests.fault.requests_killed`), and some days are lived to their end,
after which ``verify`` must find what it finds after an undisturbed day. In half of the kills the recovery is killed too.

Points are found by reading the source, so a new ``crash_point(...)`` line is killed at from the day it is written; one that no
scenario passes fails a test. ``SCANLANE_CRASHES`` sets the rounds (1), ``SCANLANE_SEED`` replays random choices.
"""

from __future__ import annotations

import ast
import gc
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from store_server.persistence import crash_points
from tests.fault import keeping, trading
from tests.fault.books import DATABASES, Bookshelf, bookshelf, quick_passwords
from tests.fault.lives import Run, Scenario
from tests.fault.requests_killed import Kill, PeacefulDay, differences, kill_in_request, kills_for, passes

ROUNDS = int(os.environ.get("SCANLANE_CRASHES", "1"))
SEED = int(os.environ.get("SCANLANE_SEED", "0")) or random.SystemRandom().getrandbits(32)
SOURCE = Path(crash_points.__file__).parents[1]
WANTED_AT_LEAST = 40
WHOLE_DAYS = 2 + 10 * (ROUNDS - 1)
SCENARIOS = [scenario.name for scenario in (*trading.scenarios(), *keeping.scenarios()) if scenario.name != "day"]
"""Those that are killed as a whole, each at many points."""


@cache
def points() -> tuple[str, ...]:
    """Find every named point in the source."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "crash_point":
                (name,) = node.args
                assert isinstance(name, ast.Constant), f"{path}: a point has a name of its own"
                found.append(str(name.value))
    return tuple(sorted(set(found)))


@dataclass
class Kills:
    """One database with its undisturbed scenarios."""

    shelf: Bookshelf
    scenarios: dict[str, Scenario]
    peace: PeacefulDay
    started: Counter[str]
    """Points that a start of the server on books of its own passes."""
    passed: list[Counter[str]]
    """Points that each request of the day passes."""

    def run(self, scenario: Scenario, *kills: Kill, surely: bool = False) -> Any:
        """Run a scenario in a new shop, killed at the given points one after the other; ``surely`` at the first of them."""
        settings = self.shelf.empty() if scenario.from_nothing else self.shelf.copy()
        run = Run(self.shelf, settings, list(kills))
        try:
            result = scenario.live(run)
            assert not (surely and len(run.kills) == len(kills)), f"{kills[0]} was never reached"
            return result
        finally:
            self.shelf.drop(run.settings)

    def learn(self) -> None:
        """Run every scenario undisturbed, to see its result and to count its points."""
        for scenario in self.scenarios.values():
            folder = self.shelf.folder / f"passed-{scenario.name}"
            folder.mkdir()
            crash_points.watch(lambda name, folder=folder: _note(folder, name))  # type: ignore[misc]  # the default binds it
            try:
                scenario.result = self.run(scenario)
            finally:
                crash_points.watch(None)
            scenario.passed = {path.name: path.stat().st_size for path in folder.iterdir()}


def _note(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as passed:
        passed.write(b".")


@contextmanager
def undisturbed(database: str) -> Iterator[Kills]:
    """Live every scenario once without a kill, to know what a killed one must end like."""
    # Children are forked from here: what they would look through for garbage, and so copy, is none.
    gc.freeze()
    try:
        with quick_passwords(), bookshelf(database, "crashes") as shelf:
            scenarios = {scenario.name: scenario for scenario in (*trading.scenarios(), *keeping.scenarios())}
            made = Kills(shelf, scenarios, PeacefulDay(shelf), *passes(shelf))
            made.learn()
            yield made
            made.peace.end()
    finally:
        gc.unfreeze()


def kill_request(kills: Kills, index: int) -> None:
    """Kill one request of the day at some of its points, and the recovery of every second one too."""
    wanted = kills_for(kills.passed, SEED, ROUNDS)[index]
    chance = random.Random(f"{SEED} recovery {index}")
    # The recovery starts the server and does the request again, so it may pass what either passes.
    later = sorted(kills.started + kills.passed[index])
    odd = index + DATABASES.index(kills.shelf.database)
    chosen = [
        [first, (chance.choice(later), chance.randint(1, 2))] if (odd + number) % 2 else [first]
        for number, first in enumerate(wanted)
    ]
    print(f"SCANLANE_SEED={SEED}: {chosen}")
    kill_in_request(kills.peace, index, chosen)


def kill_a_day(kills: Kills, number: int) -> None:
    """Kill the server anywhere in the day, and again later, and live the day to its end."""
    scenario, chance = kills.scenarios["day"], random.Random(f"{SEED} day {number}")
    first = chance.choice(sorted(scenario.passed))
    second = (chance.choice(sorted(scenario.passed)), chance.randint(1, 3))
    chosen = ((first, chance.randint(1, scenario.passed[first])), second)
    found = kills.run(scenario, *chosen, surely=True)
    told = f"killed at {chosen}, seed {SEED}: {differences(found['books'], scenario.result['books'])}"
    assert found == scenario.result, told


OF_KEEPING = ("backup.", "restore.", "file.", "ca.", "tls.", "migrate.", "init.", "database.")
"""Points of copies, certificates and upgrades; the others are killed at in the day."""


def killed_at(kills: Kills, scenario: Scenario) -> list[str]:
    """Return the points at which a scenario other than the day is killed: those that it alone passes, or its own."""
    of_the_day, of_init = kills.scenarios["day"].passed, kills.scenarios["init"].passed
    own: dict[str, Callable[[str], bool]] = {
        "init": lambda point: point.startswith(OF_KEEPING) or point not in of_the_day,
        "people": lambda point: point not in of_the_day and point not in of_init,
        "crowd": lambda point: point.startswith("database."),
        # The way of all upgrades; only what belongs to its one step is not passed by the longest.
        keeping.SHORTEST: lambda point: point.startswith("migrate."),
    }
    return sorted(filter(own.get(scenario.name, lambda point: point.startswith(OF_KEEPING)), scenario.passed))


def kill_everywhere(kills: Kills, name: str) -> None:
    """Kill one scenario at the first and the last pass of every point on its way, and in further rounds at others."""
    scenario = kills.scenarios[name]
    for number, point in enumerate(killed_at(kills, scenario)):
        passed = scenario.passed[point]
        chance = random.Random(f"{SEED} {name} {point}")
        nths = {chance.randint(1, passed) for _ in range(ROUNDS - 1)}
        # A first day has nothing new at a later pass; of a crowd nobody knows which pass is the last.
        nths |= {1} if name in {"init", "people", "crowd"} else {1, passed}
        for nth in sorted(nths):
            chosen: list[Kill] = [(point, nth)]
            if (number + nth + DATABASES.index(kills.shelf.database)) % 2:
                chosen.append((chance.choice(sorted(scenario.passed)), chance.randint(1, 3)))
            found = kills.run(scenario, *chosen, surely=name != "crowd")
            assert found == scenario.result, f"{name} killed at {chosen}, seed {SEED}"


ONLY_ON = {
    **dict.fromkeys(("backup.before_seal", "restore.part_copied"), "sqlite"),
    **dict.fromkeys(("backup.tables_made", "backup.filled", "restore.emptied", "restore.filled"), "postgresql"),
}
"""Points that only one database has."""


def every_point_is_killed_at(kills: Kills) -> None:
    """Hold the points in the source against those at which the tests above kill."""
    of_requests = {point for chosen in kills_for(kills.passed, SEED, ROUNDS) for point, _nth in chosen}
    others = [kills.scenarios[name] for name in SCENARIOS]
    killed = of_requests.union(*(killed_at(kills, scenario) for scenario in others))
    there = {point for point in points() if ONLY_ON.get(point, kills.shelf.database) == kills.shelf.database}
    assert not there - killed, f"add a step to a scenario that passes {sorted(there - killed)}"
    assert len(killed) >= WANTED_AT_LEAST
