"""Staff looks through the goods of an order in a lane: samples, full checks, and what becomes of the order."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from store_server.contract.check_messages import (
    Check,
    CheckedArticle,
    CheckKind,
    CheckOutcome,
    CheckProgress,
    FinishCheck,
    ScanArticle,
    TakeScanBack,
    outcome_command_id,
)
from store_server.contract.lane_messages import EnterLane, GiveCommand, LaneReport, StaffCommandKind
from store_server.contract.order_messages import Order, OrderLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.persistence import audit
from store_server.services import exits, goods_checks, lanes
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, MILK, STAFF, WINE, Market
from tests.unit.store_server.services.till import Till

LANE = "lane-1"


def in_the_lane(market: Market, *lines: OrderLine) -> Order:
    return market.enter(market.pay(market.submit(*lines)).order.exit_pass)


def asked(market: Market, order: Order, *counted: str, full: bool = False, picks: int = 0) -> UUID:
    """Have the lane ask for a check."""
    paid = {line.code: line for line in order.lines}
    check = Check(
        check_id=uuid4(),
        kind=CheckKind.FULL if full else CheckKind.SAMPLE,
        why=[{"en": "Random check."}],
        articles=[CheckedArticle(code=code, name=paid[code].name, quantity=paid[code].quantity) for code in counted],
        free_picks=picks,
    )
    report(market, order, check)
    return check.check_id


def report(market: Market, order: Order, check: Check | None = None) -> list[StaffCommandKind]:
    said = LaneReport(
        lane=LANE,
        state="auditing",
        headline={"en": "A check."},
        order_id=order.order_id,
        order_number=order.order_number,
        check=check,
    )
    return [command.kind for command in lanes.report(market.store, GATE, said).commands]


def scan(market: Market, check_id: UUID, *codes: str) -> CheckProgress:
    seen = goods_checks.progress(market.store, STAFF, LANE, check_id)
    for code in codes:
        seen = goods_checks.scan(market.store, STAFF, LANE, check_id, ScanArticle(scan_id=uuid4(), code=code))
    return seen


def finish(market: Market, check_id: UUID) -> CheckProgress:
    return goods_checks.finish(market.store, STAFF, LANE, check_id, FinishCheck(finish_id=uuid4()))


def test_a_sample_that_fits_lets_the_lane_go_on(market: Market) -> None:
    order = in_the_lane(market, OrderLine(code=MILK, quantity=2), OrderLine(code=WINE))
    check_id = asked(market, order, MILK, picks=1)
    seen = scan(market, check_id, MILK, MILK, WINE)
    assert [(one.code, one.scanned, one.paid, one.wanted) for one in seen.scanned] == [(MILK, 2, 2, True), (WINE, 1, 1, False)]
    assert seen.picks == 1
    assert finish(market, check_id).outcome is CheckOutcome.PASSED
    pending = lanes.report(market.store, GATE, LaneReport(lane=LANE, state="x", headline={}, order_id=order.order_id)).commands
    assert [(one.kind, one.command_id) for one in pending] == [
        (StaffCommandKind.CHECK_PASSED, outcome_command_id(check_id, CheckOutcome.PASSED))
    ]
    assert market.look(order).revision == 1


@pytest.mark.parametrize("found", [[MILK], [MILK, MILK, MILK], [MILK, MILK, WINE]], ids=["fewer", "more", "unpaid"])
def test_a_sample_that_does_not_fit_asks_for_everything(market: Market, found: list[str]) -> None:
    order = in_the_lane(market, OrderLine(code=MILK, quantity=2))
    check_id = asked(market, order, MILK)
    scan(market, check_id, *found)
    assert finish(market, check_id).outcome is CheckOutcome.FAILED
    assert report(market, order) == [StaffCommandKind.CHECK_FAILED]


def test_a_sample_must_be_looked_at_as_far_as_it_was_asked_for(market: Market) -> None:
    order = in_the_lane(market, OrderLine(code=MILK), OrderLine(code=WINE, quantity=3))
    check_id = asked(market, order, MILK, picks=2)
    scan(market, check_id, MILK, WINE)
    with pytest.raises(RefusedError, match="2 more pieces"):
        finish(market, check_id)
    scan(market, check_id, WINE)
    assert finish(market, check_id).outcome is CheckOutcome.PASSED


def test_a_scan_is_taken_back_and_a_repeated_one_counts_once(market: Market) -> None:
    order = in_the_lane(market)
    check_id = asked(market, order, MILK)
    request = ScanArticle(scan_id=uuid4(), code=MILK)
    first = goods_checks.scan(market.store, STAFF, LANE, check_id, request)
    assert goods_checks.scan(market.store, STAFF, LANE, check_id, request) == first
    wrong = scan(market, check_id, WINE)
    assert wrong.last_scan is not None
    back = goods_checks.take_back(market.store, STAFF, LANE, check_id, TakeScanBack(scan_id=wrong.last_scan))
    assert [one.scanned for one in back.scanned] == [1]
    assert finish(market, check_id).outcome is CheckOutcome.PASSED


def test_a_full_check_makes_what_was_scanned_the_order_and_the_rest_is_paid(market: Market) -> None:
    order = in_the_lane(market, OrderLine(code=MILK, quantity=2))
    check_id = asked(market, order, full=True)
    scan(market, check_id, MILK, WINE)
    ended = finish(market, check_id)
    assert (ended.outcome, ended.due_minor, ended.overpaid_minor) == (CheckOutcome.REPLACED, 8990 - 1280, 0)
    after = market.look(order)
    assert (after.status, after.revision) == (OrderStatus.SUBMITTED, 2)
    assert [(line.code, line.quantity) for line in after.lines] == [(MILK, 1), (WINE, 1)]
    assert report(market, order) == []
    market.pay(after)
    entered = market.enter_by_number(order.order_number)
    assert (entered.status, entered.total_minor, entered.paid_minor) == (OrderStatus.LEAVING, 10270, 10270)
    assert market.findings() == []


def test_a_full_check_that_finds_less_gives_the_difference_back(till: Till) -> None:
    market = till.market
    order = in_the_lane(market, OrderLine(code=MILK, quantity=2))
    check_id = asked(market, order, full=True)
    scan(market, check_id, MILK)
    ended = finish(market, check_id)
    assert (ended.outcome, ended.due_minor, ended.overpaid_minor) == (CheckOutcome.REPLACED, 0, 1280)
    exits.report_exit(market.store, GATE, market.leaving(market.enter_by_number(order.order_number)))
    till.refund(till.payment_ids(order)["cash"], 1280)
    assert market.look(order).overpaid_minor == 0
    assert market.findings() == []


@pytest.fixture
def till(market: Market) -> Till:
    return Till(market)


def test_a_full_check_that_finds_what_was_paid_lets_the_lane_go_on(market: Market) -> None:
    order = in_the_lane(market, OrderLine(code=MILK), OrderLine(code=WINE), OrderLine(code=MILK))
    check_id = asked(market, order, full=True)
    scan(market, check_id, WINE, MILK, MILK)
    assert finish(market, check_id).outcome is CheckOutcome.PASSED
    assert report(market, order) == [StaffCommandKind.CHECK_PASSED]
    assert market.look(order).revision == 1


def test_a_check_never_lets_out_what_is_still_to_be_paid(market: Market) -> None:
    order = market.rescan(in_the_lane(market, OrderLine(code=MILK)), WINE)
    sample_id = asked(market, order, MILK)
    scan(market, sample_id, MILK)
    with pytest.raises(RefusedError, match="paid first"):
        finish(market, sample_id)
    full_id = asked(market, order, full=True)
    scan(market, full_id, MILK, WINE)
    ended = finish(market, full_id)
    assert (ended.outcome, ended.due_minor) == (CheckOutcome.REPLACED, 8990)
    assert report(market, order) == []
    assert market.look(order).revision == 2


def test_an_ended_check_takes_nothing_more_and_nobody_can_say_its_outcome_outright(market: Market) -> None:
    order = in_the_lane(market)
    check_id = asked(market, order, MILK)
    with pytest.raises(RefusedError, match="finish the check"):
        lanes.give_command(market.store, STAFF, LANE, GiveCommand(command_id=uuid4(), kind=StaffCommandKind.CHECK_PASSED))
    scan(market, check_id, MILK)
    finish(market, check_id)
    with pytest.raises(RefusedError, match="over"):
        scan(market, check_id, MILK)
    with pytest.raises(RefusedError, match="does not ask"):
        scan(market, uuid4(), MILK)


def test_who_looked_and_what_came_of_it_is_in_the_log(market: Market) -> None:
    order = in_the_lane(market)
    check_id = asked(market, order, MILK)
    scan(market, check_id, MILK)
    finish(market, check_id)
    (entry,) = market.store.database.read(lambda connection: audit.entries(connection, action="check/passed"))
    assert (entry.who, entry.subject, entry.details["order_id"]) == (STAFF.principal, LANE, str(order.order_id))


def test_a_lost_receipt_is_let_in_by_staffs_word_once_and_only_there(market: Market) -> None:
    order = market.pay(market.submit()).order
    lanes.report(market.store, GATE, LaneReport(lane=LANE, state="idle", headline={"en": "Welcome"}))
    command_id = uuid4()
    give = GiveCommand(command_id=command_id, kind=StaffCommandKind.ADMIT, order_number=order.order_number)
    lanes.give_command(market.store, STAFF, LANE, give)

    def enter(lane: str, number: str) -> Order:
        request = EnterLane(entry_id=uuid4(), lane=lane, order_number=number, vouched_by=command_id)
        return exits.enter_lane(market.store, GATE, request)

    other = market.pay(market.submit()).order
    for lane, number in (("lane-2", order.order_number), (LANE, other.order_number)):
        with pytest.raises(RefusedError) as refused:
            enter(lane, number)
        assert refused.value.refusal is Refusal.NOT_A_PASS
    assert enter(LANE, order.order_number).status is OrderStatus.LEAVING
    exits.report_exit(market.store, GATE, market.leaving(order))
    with pytest.raises(RefusedError) as refused:
        enter(LANE, order.order_number)
    assert refused.value.refusal is Refusal.ALREADY_USED


def test_alarm_and_fire_are_logged_with_their_order_when_they_begin_and_end(market: Market) -> None:
    order = in_the_lane(market)
    said = LaneReport(lane=LANE, state="alarm", headline={"en": "x"}, order_id=order.order_id, alarm=True)
    unpaid = said.model_copy(update={"unpaid": [{"en": "Red wine"}]})
    fire = said.model_copy(update={"alarm": False, "fire": True, "state": "fire"})
    calm = LaneReport(lane=LANE, state="idle", headline={"en": "x"})
    for one in (unpaid, unpaid, fire, calm, calm):
        lanes.report(market.store, GATE, one)
    found = market.store.database.read(lambda connection: audit.entries(connection, subject=LANE))
    assert [entry.action for entry in reversed(found)] == [
        "lane/alarm_begun",
        "lane/alarm_ended",
        "lane/fire_begun",
        "lane/fire_ended",
    ]
    assert found[-1].details == {"order_id": str(order.order_id), "unpaid": "Red wine"}


def test_a_gate_that_opens_for_nobodys_order_is_logged_whoever_turned_the_key(market: Market) -> None:
    order = in_the_lane(market)
    calm = LaneReport(lane=LANE, state="idle", headline={"en": "x"})
    by_key = calm.model_copy(update={"state": "passing"})
    with_order = by_key.model_copy(update={"order_id": order.order_id})
    for one in (calm, with_order, calm, by_key, by_key, calm):
        lanes.report(market.store, GATE, one)
    found = market.store.database.read(lambda connection: audit.entries(connection, subject=LANE))
    actions = [entry.action for entry in reversed(found)]
    assert actions == ["lane/open_without_order_begun", "lane/open_without_order_ended"]


def test_a_lane_is_told_what_a_command_carries(market: Market) -> None:
    lanes.report(market.store, GATE, LaneReport(lane=LANE, state="idle", headline={"en": "x"}))
    pause = GiveCommand(command_id=uuid4(), kind=StaffCommandKind.PAUSE_CHECKS, seconds=900)
    weight = GiveCommand(command_id=uuid4(), kind=StaffCommandKind.TEACH_WEIGHT, code=MILK, grams=1041.5)
    for give in (pause, weight):
        lanes.give_command(market.store, STAFF, LANE, give)
    told = lanes.report(market.store, GATE, LaneReport(lane=LANE, state="idle", headline={"en": "x"})).commands
    assert [(one.kind, one.seconds, one.code, one.grams) for one in told] == [
        (StaffCommandKind.PAUSE_CHECKS, 900, None, None),
        (StaffCommandKind.TEACH_WEIGHT, None, MILK, 1041.5),
    ]
    for kind in (StaffCommandKind.LET_OUT, StaffCommandKind.ADMIT, StaffCommandKind.PAUSE_CHECKS):
        with pytest.raises(RefusedError):
            lanes.give_command(market.store, STAFF, LANE, GiveCommand(command_id=uuid4(), kind=kind))
