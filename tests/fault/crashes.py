"""kill -9 at every named point of the store server, then recovery, on SQLite and PostgreSQL: nothing lost, doubled or stuck.

A child process lives through a fixed day of requests (:mod:`tests.fault.day`) and is killed at one point. The next child starts
as the server does (``init``, open), repeats the request that was not answered, goes on with the day, and repeats every request
that was answered. Then the books must be those of an undisturbed day, row for row; each repeated request got its first answer;
``verify`` finds what it finds after an undisturbed day. In further rounds the recovering child is killed as well.

Points are found by reading the source, so a new ``crash_point(...)`` line is killed at from the day it is written; one that no
scenario passes fails a test. ``SCANLANE_CRASHES`` sets the rounds per point (1), ``SCANLANE_SEED`` replays random choices.
"""

from __future__ import annotations

import ast
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from store_server.contract.device_messages import DeviceRole
from store_server.contract.member_messages import DeleteMember, IssueCoupons, MemberLogin, RegisterMember
from store_server.contract.order_messages import OrderLine, SubmitOrder
from store_server.contract.staff_messages import StaffLogin
from store_server.persistence import crash_points
from store_server.services import books_check, catalogue, coupons, devices, members, orders, staff
from store_server.services.store import Store
from tests.fault import child, keeping
from tests.fault.books import (
    BEGINNING_S,
    DATABASES,
    MILK,
    PRODUCTS,
    TEN_PERCENT_OFF,
    Auditor,
    Bookshelf,
    Clock,
    bookshelf,
    quick_passwords,
)
from tests.fault.day import HANDHELD, KIOSK, STAFF, Known, Step, an_id, the_day
from tests.fault.lives import Run, Scenario, comparable

ROUNDS = int(os.environ.get("SCANLANE_CRASHES", "1"))
SEED = int(os.environ.get("SCANLANE_SEED", "0")) or random.SystemRandom().getrandbits(32)
SOURCE = Path(crash_points.__file__).parents[1]
WANTED_AT_LEAST = 40


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


# The scenarios: each lives through its work, however often it is killed, and leaves facts to compare. --------------------


def live_a_day(run: Run) -> Any:
    """Live through the day; return the books."""
    steps, answers, known = the_day(), dict[str, Any](), Known(run.shelf.secrets)
    for lives in range(4):
        assert lives < 3, "killed more often than armed"

        def day(store: Store, clock: Clock, tell: child.Tell) -> None:
            for step in steps:
                if step.name not in answers:
                    tell([step.name, step.run(store, clock, known)])
            for step in steps:
                if step.once:
                    tell([step.name, step.run(store, clock, known)])
            tell(["findings", books_check.findings(store)])

        # The power is back in the second in which it went.
        now_s = next((step.at_s for step in steps if step.name not in answers), BEGINNING_S)
        ended = run.go(day, recover=lives > 0, now_s=now_s)
        _remember(steps, ended.told, answers, known)
        if not ended.killed:
            break
        run.died()
    with_auditor = Auditor(run.settings)
    try:
        refused = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
        assert refused == {}, "the day is meant to go well"
        return {"answers": answers, "books": comparable(with_auditor)}
    finally:
        with_auditor.close()


def _remember(steps: list[Step], told: list[Any], answers: dict[str, Any], known: Known) -> None:
    by_name = {step.name: step for step in steps}
    for name, answer in told:
        if name in answers:
            assert answer == answers[name], f"{name}: another answer than the first time"
            continue
        answers[name] = answer
        if name in by_name:
            by_name[name].learn(known, answer)


def make_the_books(run: Run) -> Any:
    """Make a shop from nothing, with devices and staff; each must work in the end."""
    for lives in range(4):
        assert lives < 3, "killed more often than armed"

        def first_day(store: Store, _clock: Clock, tell: child.Tell) -> None:
            catalogue.import_products(store, PRODUCTS)
            token = devices.enrol(store, "kiosk-1", DeviceRole.KIOSK)
            assert staff.find_principal(store, token) is not None
            staff.add_staff(store, "mei", "a long password")
            session = staff.login(store, StaffLogin(name="mei", password="a long password"))
            assert staff.find_principal(store, session.token) is not None
            member = RegisterMember(member_id=uuid4(), login=f"{uuid4()}@example.org", password="a long password")
            members.register(store, KIOSK, member)
            member_session = members.login(store, MemberLogin(login=member.login, password=member.password))
            catalogue.set_promotions(store, [TEN_PERCENT_OFF])
            batch = IssueCoupons(
                batch_id=uuid4(), promotion_id="ten-off", valid_from=BEGINNING_S, valid_until=BEGINNING_S + 10**6
            )
            assert len(coupons.issue(store, STAFF, batch).codes) == 1
            members.delete(store, KIOSK, DeleteMember(member_token=member_session.token, password=member.password))
            version = catalogue.newest_price_book(store).version
            lines = [OrderLine(code=MILK)]
            order = orders.submit(
                store, HANDHELD, SubmitOrder(order_id=an_id("first"), price_book_version=version, lines=lines)
            )
            tell([order.status.value, order.total_minor, order.claim is not None, books_check.findings(store)])

        ended = run.go(first_day, recover=True)
        if not ended.killed:
            return ended.told
        run.died()
    return None


CROWD = 6


def crowd(run: Run) -> Any:
    """Let many writers wait for the same commit; what was answered is in the books, the rest can be asked again."""
    answered: dict[str, Any] = {}
    for lives in range(4):
        assert lives < 3, "killed more often than armed"

        def rush(store: Store, _clock: Clock, tell: child.Tell) -> None:
            version = catalogue.newest_price_book(store).version
            lock, together = threading.Lock(), threading.Barrier(CROWD)

            def shop(number: int) -> None:
                together.wait()
                for trip in range(3):
                    name = f"crowd {number} {trip}"
                    request = SubmitOrder(order_id=an_id(name), price_book_version=version, lines=[OrderLine(code=MILK)])
                    answer = orders.submit(store, HANDHELD, request)
                    with lock:
                        tell([name, answer.order_number])

            threads = [threading.Thread(target=shop, args=(number,)) for number in range(CROWD)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with lock:
                tell(["findings", books_check.findings(store)])

        ended = run.go(rush, recover=lives > 0)
        _remember([], ended.told, answered, {})
        if not ended.killed:
            break
        run.died()
    numbers = [number for name, number in answered.items() if name != "findings"]
    assert len(numbers) == len(set(numbers)) == CROWD * 3
    auditor = Auditor(run.settings)
    try:
        assert auditor.one("SELECT count(*) FROM orders") == CROWD * 3
        assert auditor.one("SELECT count(*) FROM order_events") == CROWD * 3
    finally:
        auditor.close()
    return answered["findings"]


@dataclass
class Kills:
    """One database with its undisturbed scenarios."""

    shelf: Bookshelf
    scenarios: list[Scenario]

    def run(self, scenario: Scenario, *kills: tuple[str, int], surely: bool = False) -> Any:
        """Run a scenario in a new shop, killed at the given points one after the other; ``surely`` at all of them."""
        settings = self.shelf.empty() if scenario.from_nothing else self.shelf.copy()
        run = Run(self.shelf, settings, list(kills))
        try:
            result = scenario.live(run)
            assert not (surely and run.kills), f"{run.kills} was never reached"
            return result
        finally:
            self.shelf.drop(settings)

    def learn(self) -> None:
        """Run every scenario undisturbed, to see its result and to count its points."""
        for scenario in self.scenarios:
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
    with quick_passwords(), bookshelf(database, "crashes") as shelf:
        made = Kills(
            shelf,
            [
                Scenario("init", make_the_books, from_nothing=True),
                Scenario("day", live_a_day, from_nothing=False),
                Scenario("crowd", crowd, from_nothing=False),
                *keeping.scenarios(),
            ],
        )
        made.learn()
        yield made


def kill_at(kills: Kills, point: str) -> None:
    """Kill at one point, recover, and hold the books against those of an undisturbed run."""
    chance = random.Random(f"{SEED} {point}")
    scenarios = [scenario for scenario in kills.scenarios if scenario.passed.get(point)]
    if not scenarios:
        pytest.skip(f"never passed on {kills.shelf.database}; the test below holds that some database passes it")
    # In one round, half of the points are killed at once and half also during recovery, the other half on the other database.
    odd = points().index(point) + DATABASES.index(kills.shelf.database)
    for number in range(ROUNDS):
        scenario = scenarios[number % len(scenarios)]
        first = (point, 1 if number == 0 else chance.randint(1, scenario.passed[point]))
        # The recovery does the rest of the work again, so it may pass any of the scenario's points.
        second = (chance.choice(sorted(scenario.passed)), chance.randint(1, 3))
        chosen = (first, second) if (number + odd) % 2 else (first,)
        found = kills.run(scenario, *chosen)
        told = f"{scenario.name} killed at {chosen}, seed {SEED}: {_differences(found, scenario.result)}"
        assert found == scenario.result, told


def _differences(found: Any, wanted: Any) -> list[str]:
    if not isinstance(found, dict):
        return [f"{found} instead of {wanted}"]
    books, right = found["books"], wanted["books"]
    return [
        f"{table}: {[row for row in books[table] if row not in right[table]]} instead of"
        f" {[row for row in right[table] if row not in books[table]]}"
        for table in right
        if books[table] != right[table]
    ]


ONLY_ON = {
    **dict.fromkeys(("backup.before_seal", "restore.part_copied"), "sqlite"),
    **dict.fromkeys(("backup.tables_made", "backup.filled", "restore.emptied", "restore.filled"), "postgresql"),
}
"""Points that only one database has."""


OF_KEEPING = ("backup.", "restore.", "file.", "ca.", "tls.", "migrate.", "init.", "database.")
"""Points of copies, certificates and upgrades; the others are killed at in the day."""


def kill_everywhere(kills: Kills, name: str) -> None:
    """Kill one scenario at the first and the last pass of every point on its way, and in further rounds at others."""
    (scenario,) = [scenario for scenario in kills.scenarios if scenario.name == name]
    for point, passed in sorted(scenario.passed.items()):
        if not point.startswith(OF_KEEPING):
            continue
        chance = random.Random(f"{SEED} {name} {point}")
        for nth in sorted({1, passed, *(chance.randint(1, passed) for _ in range(ROUNDS - 1))}):
            found = kills.run(scenario, (point, nth), surely=True)
            assert found == scenario.result, f"{name} killed at pass {nth} of {point}, seed {SEED}"


def every_point_is_reached(kills: Kills) -> None:
    """Hold the points in the source against those that the scenarios pass."""
    reached = {point for scenario in kills.scenarios for point in scenario.passed}
    there = {point for point in points() if ONLY_ON.get(point, kills.shelf.database) == kills.shelf.database}
    missing = there - reached
    assert not missing, f"add a step to a scenario that passes {sorted(missing)}"
    assert len(reached) >= WANTED_AT_LEAST
