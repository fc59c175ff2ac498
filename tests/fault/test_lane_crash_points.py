"""kill -9 at every named point of a passage: deactivator off and belt stopped, the order neither lost nor let out twice.

The gate controller is a process that is killed at one point; devices and store are this process's and go on: they know the
physical truth. Then it starts again, the shopper and staff do what people would do, and the order must be out once, in the
lane's record, in the store's books and through the gate. Points are found by reading the source, so a new ``crash_point(...)``
line is killed at from the day it is written.
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

import gate_controller
from store_server.contract.lane_messages import StaffCommandKind
from store_server.contract.order_messages import Order
from tests.support.gate_forker import GateForker, gate_forker
from tests.support.lane_hall import LaneHall, lane_hall
from tests.support.wire import wait_for

pytestmark = pytest.mark.timeout(300)

T = TypeVar("T")

LANE = "lane-1"
ENDS_WITHIN_S = 40.0
"""A passage takes three seconds; the lane gives up each of its steps after four at most."""
LOOKS_EVERY_S = 0.02
POINT = re.compile(r'^ +crash_point\("([a-z._]+)"\)', re.MULTILINE)
STANDS_STILL_S = 1.5
"""The pulses that hold belt, deactivator and gate last a second at most."""


def points() -> list[str]:
    """Every crash point of the gate controller."""
    sources = [path.read_text(encoding="utf-8") for path in Path(gate_controller.__file__).parent.rglob("*.py")]
    return sorted({name for source in sources for name in POINT.findall(source)})


@dataclass
class Passage:
    """One order at one lane, and what happened to it physically."""

    hall: LaneHall
    forker: GateForker
    settings: Path
    order: Order
    is_out: bool = False
    times_out: int = 0

    def crash(self, point: str, act: Callable[[], None]) -> None:
        """Go through the lane until the controller is killed; whatever it did, nothing moves any more."""
        pid = self.start(point)
        self.hall.wait_in_service()
        act()
        assert self.watch(lambda: self.forker.ended(pid), f"{point} to be passed") == signal.SIGKILL
        took_s = self.hall.wait_outputs(belt=False, deactivator=False, gate=False, deadline_s=STANDS_STILL_S)
        assert took_s < STANDS_STILL_S

    def watch(self, ask: Callable[[], T | None], what: str) -> T:
        """Ask again and again for what comes, and walk out meanwhile when the gate is open; return the first answer."""
        until, never = time.monotonic() + ENDS_WITHIN_S, threading.Event()
        while (answer := ask()) is None:
            assert time.monotonic() < until, f"waited in vain for {what}; the lane says {self.hall.report()}"
            never.wait(LOOKS_EVERY_S)
            self.walk_if_open()
        return answer

    def start(self, point: str = "") -> int:
        """Start the controller; what is heard from now on, it says."""
        self.hall.forget_reports()
        return self.forker.start(self.settings, point)

    def walk_if_open(self) -> None:
        """Walk out when the gate is open, once; goods come along."""
        if not self.is_out and self.hall.outputs()["gate"]:
            gone = self.hall.play(LANE, "walk_through")
            self.is_out = True
            self.times_out += gone["grams"] > 0
            assert gone["live_tags"] == 0, "tags of a paid order must be dead"

    def recover(self) -> None:
        """Start again; do what shopper and staff do until the order is out and in the books."""
        hall = self.hall
        hall.play(LANE, "emergency_stop", pressed=False)
        self.start()
        wait_for(self._is_up, "the lane to be back", 15)
        if self._is_held():
            hall.command(StaffCommandKind.RELEASE)
        elif self._was_opened():
            self._let_out_by_staff()
        else:
            hall.wait_in_service()
            carries = hall.take_back()
            hall.show(self.order)
            if carries:
                hall.play(LANE, "put_back")
            else:
                hall.lay(self.order)
        self.watch(lambda: self._is_over() or None, "the order to be out and in the books")

    def _is_over(self) -> bool:
        return self.is_out and self.hall.status(self.order) == "exited"

    def _is_up(self) -> bool:
        report = self.hall.report()
        return report is not None and not report.faults and report.state in {"idle", "auditing"}

    def _is_held(self) -> bool:
        report = self.hall.report()
        return report is not None and report.state == "auditing" and report.order_id == self.order.order_id

    def _was_opened(self) -> bool:
        """The gate was opened before the crash; whether anybody walked out only people know."""
        wait_for(lambda: self.hall.status(self.order) in {"exited", "paid"}, "the store to know how the order stands")
        return self.hall.status(self.order) == "exited"

    def _let_out_by_staff(self) -> None:
        """Who stands there with everything paid and a shut gate is let out by staff; the lane does not open by itself."""
        if not self.is_out:
            self.hall.wait_in_service()
            assert not self.hall.outputs()["gate"]
            self.hall.command(StaffCommandKind.LET_OUT)


@pytest.fixture(scope="module")
def forker() -> Iterator[GateForker]:
    with gate_forker() as opened:
        yield opened


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[LaneHall]:
    """A hall of each test's own: a shopper whom a failed test left in the lane stands in nobody's way."""
    with lane_hall(tmp_path) as opened:
        yield opened


@pytest.fixture
def passage(hall: LaneHall, forker: GateForker) -> Iterator[Passage]:
    yield Passage(hall, forker, hall.settings(), hall.paid())
    for pid in list(forker.running):
        forker.stop(pid)


def through(passage: Passage) -> Callable[[], None]:
    """Show the receipt and lay the goods."""

    def act() -> None:
        passage.hall.show(passage.order)
        passage.hall.lay(passage.order)

    return act


def turning_back(passage: Passage) -> Callable[[], None]:
    """Show the receipt and lay nothing."""
    return lambda: passage.hall.show(passage.order)


def stopped_halfway(passage: Passage) -> Callable[[], None]:
    """Somebody presses the emergency stop while tags are disarmed; staff sends the shopper back."""

    def act() -> None:
        through(passage)()
        passage.hall.wait_outputs(deactivator=True)
        passage.hall.play(LANE, "emergency_stop", pressed=True)
        passage.hall.wait_report("auditing")
        passage.hall.command(StaffCommandKind.REFUSE)

    return act


WAYS = {"entry.left": turning_back, "goods.stayed": stopped_halfway}
"""How to come by the points that an ordinary passage does not pass."""


@pytest.mark.parametrize("point", points())
def test_killed_at(passage: Passage, point: str) -> None:
    passage.crash(point, WAYS.get(point, through)(passage))
    passage.recover()
    assert passage.hall.exits(passage.order) == 1
    assert passage.times_out <= 1
    passage.hall.wait_in_service()
    passage.hall.show(passage.order)
    said = passage.hall.wait_report("refused")
    assert "already used" in said.headline["en"], "never a second time"
    assert not passage.hall.outputs()["gate"]


def test_every_point_is_known() -> None:
    assert len(points()) >= 14, points()
