"""What staff, tags and fire do at a whole lane: real ptys and TCP, the real controller and store, simulated devices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from gate_controller.weighing.weight_book import ArticleWeight
from gate_controller.weight_record import WeightRecord
from hardware.bench.settings import BenchSettings, DeviceSettings
from store_server.contract.check_messages import CheckOutcome, FinishCheck, ScanArticle
from store_server.contract.lane_messages import GiveCommand, StaffCommandKind
from store_server.services import goods_checks, lanes
from tests.support.gate_thread import GateThread, gate_thread
from tests.support.lane_hall import LaneHall
from tests.support.wire import wait_for
from tests.unit.store_server.market import MILK, STAFF, WINE

pytestmark = pytest.mark.timeout(300)

LANE, OTHER, IO, RFID = "lane-1", "lane-2", "lane-1-io", "lane-1-rfid"
FIRE_INPUT = 4


class StaffHall(LaneHall):
    """Two lanes: the first has an RFID gate and the fire input, the second a gate that is open without power."""

    def _on_the_bench(self, belt_m_s: float) -> BenchSettings:
        known = super()._on_the_bench(belt_m_s)
        reader = DeviceSettings(name=RFID, kind="llrp-reader", transport="tcp")
        return known.model_copy(update={"devices": (*known.devices, reader)})

    def settings(self, *arguments: Any, **others: Any) -> Path:
        path = super().settings(*arguments, **others)
        first, second = path.read_text(encoding="utf-8").split("[[lanes]]")[1:]
        io = 'io = { fire_contact = "closes", inputs = { fire = 4, staff_key = "none" } }'
        rfid = f'rfid = {{ url = "{self.url(RFID)}", reads_min = 2 }}'
        head = path.read_text(encoding="utf-8").split("[[lanes]]")[0]
        opens = 'io = { gate_without_power = "open" }'
        path.write_text(f"{head}[[lanes]]{first}{io}\n{rfid}\n[[lanes]]{second}{opens}\n", encoding="utf-8")
        return path

    def tell(self, kind: StaffCommandKind, lane: str = LANE, **values: object) -> UUID:
        request = GiveCommand.model_validate({"command_id": uuid4(), "kind": kind, "reason": "seen", **values})
        return lanes.give_command(self.market.store, STAFF, lane, request).command_id


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[StaffHall]:
    """A hall of each test's own: a shopper whom a failed test left in the lane stands in nobody's way."""
    opened = StaffHall(tmp_path, 2)
    yield opened
    opened.close()


@pytest.fixture
def gate(hall: StaffHall) -> Iterator[GateThread]:
    with gate_thread(hall.settings()) as running:
        yield running


@pytest.fixture
def lane(hall: StaffHall, gate: GateThread) -> StaffHall:
    """The hall with its first lane idle and in service."""
    assert gate is not None
    hall.wait_in_service()
    return hall


def test_a_check_that_staff_asks_for_ends_with_the_order_that_was_found(lane: StaffHall) -> None:
    order = lane.paid(MILK)
    lane.show(order)
    lane.wait_report("weighing")
    lane.tell(StaffCommandKind.CHECK_ALL)
    report = lane.wait_report("auditing", words="short check")
    assert report.check is not None
    assert "mei" in report.check.why[0]["en"]
    assert report.blind[0]["zh"]
    assert "Random checks are switched off" in report.risk[0]["en"], "the hall draws no lots"
    check_id, store = report.check.check_id, lane.market.store
    for code in (MILK, WINE):
        goods_checks.scan(store, STAFF, LANE, check_id, ScanArticle(scan_id=uuid4(), code=code))
    ended = goods_checks.finish(store, STAFF, LANE, check_id, FinishCheck(finish_id=uuid4()))
    assert (ended.outcome, ended.due_minor) == (CheckOutcome.REPLACED, 8990)
    lane.wait_report("auditing", words="¥89.90 more to pay")
    after = lane.market.look(order)
    lane.market.pay(after)
    lane.wait_report("weighing")
    lane.lay(after)
    lane.leave()
    lane.wait_exited(order)


def test_a_passed_sample_lets_the_goods_be_weighed_and_leave(lane: StaffHall) -> None:
    order = lane.paid(MILK, MILK)
    lane.show(order)
    lane.wait_report("weighing")
    lane.tell(StaffCommandKind.CHECK)
    report = lane.wait_report("auditing")
    assert report.check is not None
    assert [(one.code, one.quantity) for one in report.check.articles] == [(MILK, 2)]
    store, check_id = lane.market.store, report.check.check_id
    for _ in range(2):
        goods_checks.scan(store, STAFF, LANE, check_id, ScanArticle(scan_id=uuid4(), code=MILK))
    assert goods_checks.finish(store, STAFF, LANE, check_id, FinishCheck(finish_id=uuid4())).outcome is CheckOutcome.PASSED
    lane.wait_report("weighing")
    lane.lay(order)
    lane.leave()
    lane.wait_exited(order)


def test_a_lost_receipt_leaves_by_its_number_with_staff(lane: StaffHall) -> None:
    order = lane.paid(MILK)
    lane.lay(order)
    lane.tell(StaffCommandKind.ADMIT, order_number=order.order_number)
    lane.leave()
    lane.wait_exited(order)


def test_a_clean_exit_teaches_and_staffs_weight_is_kept_beside_it(lane: StaffHall, gate: GateThread) -> None:
    def learned(code: str) -> ArticleWeight:
        record = WeightRecord(gate.folder)
        try:
            return record.book().articles[code]
        finally:
            record.close()

    before = learned(MILK).exits
    order = lane.paid(MILK)
    lane.show(order)
    lane.lay(order)
    lane.leave()
    lane.wait_exited(order)
    wait_for(lambda: learned(MILK).exits > before, "the exit to teach")
    lane.tell(StaffCommandKind.TEACH_WEIGHT, code=WINE, grams=1312.0)
    wait_for(lambda: learned(WINE).source == "staff", "staff's weight to be kept")
    told = "1312 g says mei"
    wait_for(
        lambda: (report := lane.report()) is not None and any(told in news.text["en"] for news in report.weights),
        "staff's weight to be told",
    )


def test_a_wheelchair_without_goods_has_a_gate_that_stays_open(lane: StaffHall) -> None:
    lane.tell(StaffCommandKind.LET_OUT, seconds=60)
    lane.wait_report("passing", words="stays open")
    lane.wait_outputs(gate=True)
    lane.play(LANE, "walk_through")
    lane.tell(StaffCommandKind.SHUT)
    lane.wait_report("idle")
    lane.wait_outputs(gate=False)


def test_an_unpaid_tag_is_named_and_a_paid_one_is_not(lane: StaffHall) -> None:
    order = lane.paid(WINE)
    lane.show(order)
    lane.wait_report("weighing")
    paid = lane.play(RFID, "put_article", gtin=WINE, serial=1)
    wait_for(lambda: lane.facts(RFID)["tags"][0]["reads"] > 5, "the paid tag to be read")
    report = lane.report()
    assert report is not None
    assert not report.alarm
    other = lane.play(RFID, "put_article", gtin=WINE, serial=2)
    alarm = lane.wait_report("alarm", words="Red wine is not on your receipt")
    assert (alarm.order_id, [name["en"] for name in alarm.unpaid]) == (order.order_id, ["Red wine"])
    lane.wait_outputs(gate=False)
    for epc in (paid, other):
        lane.play(RFID, "take_tag", epc=epc)
    lane.tell(StaffCommandKind.SILENCE_ALARM)
    lane.wait_report("auditing")
    lane.tell(StaffCommandKind.REFUSE)
    lane.wait_report("idle")


def test_an_alarm_just_after_the_passage_is_of_the_order_that_left(lane: StaffHall) -> None:
    order = lane.paid(MILK)
    lane.show(order)
    lane.lay(order)
    lane.leave()
    lane.wait_exited(order)
    lane.play(LANE, "carry_tag")
    alarm = lane.wait_report("alarm")
    assert alarm.order_number == order.order_number
    lane.tell(StaffCommandKind.SILENCE_ALARM)
    lane.wait_report("idle")


def test_a_lost_reader_takes_the_lane_out_of_service(lane: StaffHall) -> None:
    lane.bench.play(RFID, "unplug", {})
    report = lane.wait_report("idle", words="out of service")
    assert "RFID" in report.fault_texts[0]["en"]
    lane.bench.play(RFID, "replug", {})
    lane.wait_in_service()


def test_a_fire_opens_all_lanes_until_staff_resets_it_also_after_a_new_start(hall: StaffHall, gate: GateThread) -> None:
    """The other lane's output holds its gate shut: off is open, as it is without power or program."""
    hall.wait_in_service()
    hall.wait_in_service(OTHER)
    hall.wait_outputs(OTHER, gate=True)
    hall.play(IO, "set_input", index=FIRE_INPUT, on=True)
    hall.wait_outputs(LANE, gate=True, belt=False, deactivator=False)
    hall.wait_outputs(OTHER, gate=False, belt=False, deactivator=False)
    for name in (LANE, OTHER):
        hall.wait_report("fire", name)
    reset = hall.tell(StaffCommandKind.RESET_FIRE, OTHER)
    wait_for(lambda: (report := hall.report(OTHER)) is not None and reset in report.done_commands, "the reset to be heard")
    hall.play(IO, "set_input", index=FIRE_INPUT, on=False)
    wait_for(lambda: (report := hall.report()) is not None and not report.fire_input, "the input to be at rest")
    assert hall.outputs()["gate"]
    gate.close()
    hall.wait_outputs(OTHER, gate=False)
    with gate_thread(hall.settings()):
        hall.wait_report("fire")
        hall.wait_outputs(LANE, gate=True)
        hall.tell(StaffCommandKind.RESET_FIRE)
        for name in (LANE, OTHER):
            hall.wait_report("idle", name)
        hall.wait_outputs(LANE, gate=False)
        hall.wait_outputs(OTHER, gate=True)
    hall.wait_outputs(OTHER, gate=False)
