"""Every row of the fault matrix for gates, at a lane with real ptys, simulated devices and a real store.

Each row does one thing to the lane while a shopper is there or not, says what must be true then, and puts it right again; after
every row an honest shopper leaves as if nothing had been.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gate_controller import record_watch, zero_watch
from gate_controller.words import Fault
from hardware.bench.lane_world import Input
from program.errors import ProgramError
from store_server.contract.lane_messages import StaffCommandKind
from store_server.contract.order_messages import Order
from tests.support.gate_thread import GateThread, gate_thread
from tests.support.lane_hall import LaneHall, lane_hall
from tests.support.wire import wait_for
from tests.unit.store_server.market import MILK, WINE

pytestmark = pytest.mark.timeout(300)
"""All tests share one hall: one worker runs them."""

LANE, SCANNER, KEYPAD, SCALE, IO = "lane-1", "lane-1-scanner", "lane-1-keypad", "lane-1-scale", "lane-1-io"
NOTICED_S = 2.0
"""So soon a lane says that a part of it is gone; a loaded machine gets a little more."""
GRACE_S = 3.0
OUT_OF_SERVICE = "out of service"
PIECE_BYTES = 1000
"""The bench takes no longer garbage at a time."""
RUBBISH = {
    "partial frame": b"HTTPS://SHOP.EXAMPLE/P/ABCDEF",
    "10 kB line": b"A" * 10_000 + b"\r\n",
    "NULs": b"\x00" * 300 + b"\r\n",
    "ESC and control characters": bytes(range(32)) + b"\x1b[2J\x1b]0;x\x07\r\n",
    "UTF-8 bombs": ("\u202e\ufeff\U0001f4a3" * 50).encode() + b"\r\n",
    "half a character": b"\xf0\x9f\x92\r\n",
    "SQL": b"'; DROP TABLE pass_used; --\r\n",
    "a scanner's own set-up code": b"]C1^#^FNC3 SETTINGS\r\n",
    "an article": b"]E09520000000028\r\n",
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaneHall]:
    with lane_hall(tmp_path_factory.mktemp("hall")) as opened:
        yield opened


@pytest.fixture(scope="module")
def gate(hall: LaneHall) -> Iterator[GateThread]:
    with gate_thread(hall.settings()) as running:
        yield running


@pytest.fixture
def lane(hall: LaneHall, gate: GateThread) -> Iterator[LaneHall]:
    """A lane in service; after the test an honest shopper leaves, unless the test ended with one."""
    assert gate.record is not None
    report = hall.report()
    if report is not None and report.state == "auditing":
        sent_back(hall)  # a test before failed, which says nothing of this one
    hall.wait_in_service()
    before = hall.facts(LANE)["walked_through"]
    yield hall
    hall.wait_in_service()
    assert not any(hall.outputs().values())
    if hall.facts(LANE)["walked_through"] == before:
        leaves(hall, hall.paid(MILK))


def leaves(hall: LaneHall, order: Order) -> None:
    """An honest passage."""
    hall.show(order)
    hall.lay(order)
    assert hall.leave()["live_tags"] == 0
    hall.wait_exited(order)
    hall.wait_in_service()
    assert hall.exits(order) == 1


def weighing(hall: LaneHall, *codes: str, more_g: float = 0.0) -> Order:
    """A shopper whose goods are on their way to the scale."""
    order = hall.paid(*codes)
    hall.show(order)
    hall.wait_report("weighing")
    hall.lay(order, more_g=more_g)
    return order


def stays_shut(hall: LaneHall, order: Order) -> None:
    """Nothing moves, and the order has not left."""
    hall.wait_outputs(belt=False, deactivator=False, gate=False, deadline_s=NOTICED_S)
    assert (hall.exits(order), hall.status(order)) == (0, "leaving")


def let_out_by_staff(hall: LaneHall, order: Order) -> None:
    """Staff decides; the order leaves once."""
    hall.command(StaffCommandKind.RELEASE)
    hall.leave()
    hall.wait_exited(order)
    assert hall.exits(order) == 1


def sent_back(hall: LaneHall) -> None:
    """Staff sends the shopper back, goods and all."""
    hall.command(StaffCommandKind.REFUSE)
    hall.walk_off()


def has_faults(hall: LaneHall) -> bool:
    """Whether the lane says that a part of it fails."""
    report = hall.report()
    return report is not None and bool(report.faults)


@dataclass(frozen=True)
class Row:
    """One row: what the matrix calls it, and what is done and seen."""

    fault: str
    play: Callable[[LaneHall], None]


def unplugged(device: str, *, closes: bool = True) -> Callable[[LaneHall], None]:
    """Pull a plug; the lane says so within two seconds and is back by itself, at another terminal number."""

    def play(hall: LaneHall) -> None:
        began = time.monotonic()
        hall.play(device, "unplug")
        try:
            wait_for(lambda: has_faults(hall), "the fault to be told", NOTICED_S + GRACE_S)
            assert time.monotonic() - began < NOTICED_S + GRACE_S
            if closes:
                hall.wait_report("idle", words=OUT_OF_SERVICE)
            if closes and device != SCANNER:
                hall.show(hall.paid(MILK))
                hall.wait_report("refused", words=OUT_OF_SERVICE)
        finally:
            hall.play(device, "replug")

    return play


def unplugged_again_while_it_comes_back(hall: LaneHall) -> None:
    for _turn in range(2):
        hall.play(IO, "unplug")
        hall.wait_report("idle", words=OUT_OF_SERVICE)
        hall.play(IO, "replug")
        wait_for(lambda: hall.outputs()["gate"] is False, "nothing to move")
    hall.wait_in_service()


def babbling(hall: LaneHall) -> None:
    for rubbish in RUBBISH.values():
        for start in range(0, len(rubbish), PIECE_BYTES):
            hall.play(SCANNER, "garbage", hex=rubbish[start : start + PIECE_BYTES].hex())
    hall.wait_in_service()
    assert hall.report() is not None


def never_stable(hall: LaneHall) -> None:
    order = weighing(hall, WINE)
    hall.play(SCALE, "disturb", on=True)
    hall.wait_report("auditing", words="could not weigh")
    stays_shut(hall, order)
    hall.play(SCALE, "disturb", on=False)
    let_out_by_staff(hall, order)


def showing_an_error(hall: LaneHall) -> None:
    order = weighing(hall, WINE)
    hall.play(SCALE, "show_error", text="10b")
    hall.wait_report("auditing")
    stays_shut(hall, order)
    hall.play(SCALE, "show_error", text="")
    wait_for(lambda: (report := hall.report()) is not None and not report.faults, "the scale to be back")
    hall.command(StaffCommandKind.WEIGH_AGAIN)
    hall.leave()
    hall.wait_exited(order)


def overloaded(hall: LaneHall) -> None:
    order = weighing(hall, WINE, more_g=40_000)
    hall.wait_report("auditing")
    stays_shut(hall, order)
    sent_back(hall)


def zero_lost(hall: LaneHall) -> None:
    hall.play(SCALE, "put", grams=30.0)
    hall.wait_report("idle", words=OUT_OF_SERVICE)
    hall.show(hall.paid(MILK))
    hall.wait_report("refused", words=OUT_OF_SERVICE)
    hall.play(SCALE, "put", grams=0.0)


def too_heavy(hall: LaneHall) -> None:
    order = weighing(hall, WINE, more_g=700)
    hall.wait_report("auditing", words="weight does not fit")
    stays_shut(hall, order)
    let_out_by_staff(hall, order)


def deactivator_silent(hall: LaneHall) -> None:
    """The I/O module falls silent while tags are disarmed: its pulses end, and nobody assumes anything."""
    order = weighing(hall, WINE)
    hall.wait_outputs(deactivator=True)
    hall.play(IO, "silent", on=True)
    hall.wait_report("auditing", words="fault")
    stays_shut(hall, order)
    hall.play(IO, "silent", on=False)
    wait_for(lambda: (report := hall.report()) is not None and not report.faults, "the module to be back")
    let_out_by_staff(hall, order)


def pedestal_stays_on(hall: LaneHall) -> None:
    """Its contact is stuck, or its wire broken: it could tell of no other tag, so nobody is let in until it is at rest."""
    hall.play(IO, "set_input", index=Input.EAS_ALARM.value, on=True)
    try:
        hall.wait_report("alarm")
        hall.command(StaffCommandKind.SILENCE_ALARM)
        hall.wait_report("idle", words=OUT_OF_SERVICE)
        hall.show(hall.paid(MILK))
        hall.wait_report("refused", words=OUT_OF_SERVICE)
    finally:
        hall.play(IO, "set_input", index=Input.EAS_ALARM.value, on=False)


def power_lost_while_open(hall: LaneHall) -> None:
    """The gate falls into the position that its wiring gives it; the order has left, and leaves no second time."""
    order = weighing(hall, WINE)
    hall.wait_outputs(gate=True)
    hall.play(IO, "power_cycle")
    hall.wait_exited(order)
    hall.walk_off()
    hall.wait_in_service()
    hall.show(order)
    hall.wait_report("refused", words="already used")


def server_lost(hall: LaneHall) -> None:
    """Paid passes leave on their signature; each exit is in the books once when the server is back."""
    first, second = hall.paid(WINE), hall.paid(MILK)
    unpaid = hall.market.submit()
    hall.store.stop()
    for order in (first, second):
        hall.show(order)
        hall.lay(order)
        hall.leave()
        wait_for(lambda: not hall.facts(IO)["inputs"][6] and not hall.outputs()["gate"], "the gate to be shut")
    assert unpaid.claim is not None
    for nothing in (first.exit_pass, unpaid.claim, "0482135660258"):
        hall.scan(str(nothing))
        hall.wait_outputs(gate=False, belt=False)
    hall.store.start()
    for order in (first, second):
        hall.wait_exited(order)
        assert hall.exits(order) == 1


def emergency_stop(hall: LaneHall) -> None:
    order = weighing(hall, WINE)
    hall.wait_outputs(belt=True)
    hall.play(LANE, "emergency_stop", pressed=True)
    hall.wait_report("auditing", words="fault")
    stays_shut(hall, order)
    hall.play(LANE, "emergency_stop", pressed=False)
    wait_for(lambda: (report := hall.report()) is not None and not report.faults, "the stop to be released")
    hall.command(StaffCommandKind.WEIGH_AGAIN)
    hall.leave()
    hall.wait_exited(order)


def other_master(hall: LaneHall) -> None:
    """Somebody else switches belt, deactivator and gate on: they are put right."""
    hall.play(IO, "write_outputs", outputs=[True, True, False, False, False, False, True])
    hall.wait_outputs(belt=False, deactivator=False, gate=False, deadline_s=NOTICED_S)


def typed(hall: LaneHall) -> None:
    """The scanner is broken for good: the number on the receipt is typed instead."""
    order = hall.paid(WINE)
    number = hall.exit_number(order)
    for wrong in (number[:-1] + str(9 - int(number[-1])), order.order_number, "9520000000028"):
        hall.play(KEYPAD, "scan", text=wrong)
        hall.wait_report("refused")
        hall.wait_in_service()
    hall.play(KEYPAD, "scan", text=number)
    hall.wait_report("weighing")
    hall.lay(order)
    hall.leave()
    hall.wait_exited(order)


ROWS = [
    Row("serial garbage, partial frame, 10 kB line, NULs, ESC, UTF-8 bombs", babbling),
    Row("scanner unplug/replug, other tty number", unplugged(SCANNER)),
    Row("keypad unplug/replug", unplugged(KEYPAD, closes=False)),
    Row("scale unplug/replug", unplugged(SCALE)),
    Row("I/O module unplug/replug", unplugged(IO)),
    Row("fault during recovery", unplugged_again_while_it_comes_back),
    Row("scale unstable", never_stable),
    Row("scale shows an error", showing_an_error),
    Row("scale overloaded", overloaded),
    Row("scale drifted: zero lost", zero_lost),
    Row("weight outside tolerance", too_heavy),
    Row("EAS device silent", deactivator_silent),
    Row("EAS pedestal stays on", pedestal_stays_on),
    Row("power cut while open", power_lost_while_open),
    Row("server lost", server_lost),
    Row("emergency stop", emergency_stop),
    Row("a second master on the I/O module's line", other_master),
    Row("number typed in place of the code", typed),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_row(lane: LaneHall, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zero_watch, "LASTING_S", 0.5)
    row.play(lane)


def test_a_second_controller_refuses_to_start(lane: LaneHall, gate: GateThread) -> None:
    with pytest.raises(ProgramError, match="already running with the folder"):
        GateThread(lane.settings())
    with pytest.raises(ProgramError, match="runs the lanes of this shop; it was heard"):
        GateThread(lane.settings("another-folder"))
    assert gate.record.identity(0).controller_id is not None


def test_what_the_disk_does_not_take_does_not_open(lane: LaneHall, gate: GateThread) -> None:
    order = weighing(lane, WINE)
    lane.wait_outputs(belt=True)
    gate.record._read("PRAGMA query_only = 1")
    try:
        lane.wait_report("refused", words="cannot open by ourselves")
        lane.wait_outputs(belt=False, deactivator=False, gate=False)
    finally:
        gate.record._read("PRAGMA query_only = 0")
    assert lane.exits(order) == 0
    lane.walk_off()


def test_a_disk_that_keeps_nothing_closes_the_lane_but_not_in_a_fire(
    lane: LaneHall, gate: GateThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_watch, "TRY_S", 0.2)
    lane.wait_in_service()
    gate.record._read("PRAGMA query_only = 1")
    try:
        lane.show(lane.paid(WINE))
        assert lane.wait_report("idle", words="out of service").faults == [Fault.RECORD.value]
        lane.command(StaffCommandKind.OPEN_FOR_FIRE)
        lane.wait_outputs(gate=True)
    finally:
        gate.record._read("PRAGMA query_only = 0")
    lane.wait_report("fire")
    lane.command(StaffCommandKind.RESET_FIRE)
    lane.wait_in_service()


def test_a_controller_that_hangs_moves_nothing(lane: LaneHall, gate: GateThread) -> None:
    order = weighing(lane, WINE)
    lane.wait_outputs(belt=True, deactivator=True)
    with gate.record._lock:  # the loop waits here before it writes the exit; the devices' threads go on
        lane.wait_outputs(belt=False, deactivator=False)
        assert not lane.outputs()["gate"]
    lane.leave()
    lane.wait_exited(order)


def test_deactivator_is_off_before_anything_else(tmp_path: Path) -> None:
    """A module that another program left switched on: all is off before the lane reads a first code."""
    with lane_hall(tmp_path) as hall:
        hall.play(IO, "write_outputs", outputs=[True] * 8)
        with gate_thread(hall.settings()):
            hall.wait_in_service()
            assert not any(hall.outputs().values())
