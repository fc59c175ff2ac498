from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest

from store_server.contract.device_messages import DeviceRole
from store_server.contract.lane_messages import EnterLane, LeaveLane
from store_server.contract.order_messages import Order
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.services import exits, orders
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, MILK, STAFF, WEIGHED, Market


def refused(action: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        action()
    return caught.value


def paid(market: Market) -> Order:
    return market.pay(market.submit()).order


def test_a_paid_order_leaves_once(market: Market) -> None:
    order = paid(market)
    entered = market.enter(order.exit_pass)
    assert (entered.status, entered.lines[0].mean_g) == (OrderStatus.LEAVING, 1042.5)
    report = market.leaving(order)
    recorded = exits.report_exit(market.store, GATE, report)
    assert recorded.status is OrderStatus.EXITED
    assert exits.report_exit(market.store, GATE, report) == recorded
    assert market.look(order).exited_at == market.clock.now
    again = refused(lambda: market.enter(order.exit_pass))
    assert again.refusal is Refusal.ALREADY_USED
    assert "at 16:00 at lane-1" in again.sentence, "the shop's clock, not the server's"
    assert "lane-1" in again.sentence
    assert market.findings() == []


def test_the_same_entry_again_gets_the_same_answer(market: Market) -> None:
    order, entry_id = paid(market), uuid4()
    first = market.enter(order.exit_pass, entry_id=entry_id)
    assert market.enter(order.exit_pass, entry_id=entry_id) == first


def test_an_entry_names_its_order_in_one_way(market: Market) -> None:
    order = paid(market)
    for request in (
        EnterLane(entry_id=uuid4(), lane="lane-1"),
        EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass=order.exit_pass, order_number=order.order_number),
    ):
        assert refused(partial(exits.enter_lane, market.store, GATE, request)).refusal is Refusal.BAD_REQUEST


def test_a_claim_is_no_exit_pass(market: Market) -> None:
    order = market.submit()
    assert refused(lambda: market.enter(order.claim)).refusal is Refusal.WRONG_KIND


def test_a_pass_with_one_changed_character_is_refused(market: Market) -> None:
    text = paid(market).exit_pass or ""
    changed = text[:-20] + ("A" if text[-20] != "A" else "B") + text[-19:]
    assert refused(lambda: market.enter(changed)).refusal is Refusal.FORGED


def test_an_old_pass_is_refused(market: Market) -> None:
    order = paid(market)
    market.clock.now += market.store.shop.pass_validity_s + 60
    assert refused(lambda: market.enter(order.exit_pass)).refusal is Refusal.EXPIRED


def test_a_shopper_who_turns_back_may_enter_any_lane(market: Market) -> None:
    order, entry_id = paid(market), uuid4()
    market.enter(order.exit_pass, entry_id=entry_id)
    assert refused(lambda: market.enter(order.exit_pass, "lane-2")).refusal is Refusal.BUSY_ELSEWHERE
    request = LeaveLane(entry_id=entry_id)
    assert exits.leave_lane(market.store, GATE, request).status is OrderStatus.PAID
    assert market.enter(order.exit_pass, "lane-2").status is OrderStatus.LEAVING
    assert exits.leave_lane(market.store, GATE, request).status is OrderStatus.LEAVING
    assert refused(lambda: exits.leave_lane(market.store, GATE, LeaveLane(entry_id=uuid4()))).refusal is Refusal.UNKNOWN_ORDER


def test_a_number_enters_only_the_lane_that_holds_the_shopper(market: Market) -> None:
    order = paid(market)
    assert refused(lambda: market.enter_by_number(order.order_number)).refusal is Refusal.NOT_A_PASS
    assert refused(lambda: market.enter_by_number("0005724")).refusal is Refusal.UNKNOWN_ORDER
    assert refused(lambda: market.enter_by_number("0005725")).refusal is Refusal.UNKNOWN_ORDER
    market.enter(order.exit_pass)
    assert market.enter_by_number(order.order_number).status is OrderStatus.LEAVING


def test_a_forgotten_article_is_rescanned_paid_and_let_out(market: Market) -> None:
    order = paid(market)
    market.enter(order.exit_pass)
    amended = market.rescan(order, "9520000000028")
    assert (amended.status, amended.revision, amended.due_minor) == (OrderStatus.SUBMITTED, 2, 8990)
    assert [line.name["en"] for line in amended.lines] == ["Milk 1 l", "Red wine"]
    assert refused(lambda: market.enter(order.exit_pass)).refusal is Refusal.UNPAID
    assert refused(lambda: market.enter_by_number(order.order_number)).refusal is Refusal.UNPAID
    settled = market.pay(amended)
    assert (settled.order.revision, settled.order.paid_minor) == (2, 1280 + 8990)
    entered = market.enter_by_number(order.order_number)
    assert (entered.status, len(entered.lines)) == (OrderStatus.LEAVING, 2)
    assert refused(lambda: market.enter(order.exit_pass)).refusal is Refusal.SUPERSEDED
    exits.report_exit(market.store, GATE, market.leaving(entered))
    assert market.look(order).status is OrderStatus.EXITED
    assert market.balances()["sales"] == -(1280 + 8990)
    assert market.findings() == []


def test_two_forgotten_articles_are_rescanned_one_after_the_other(market: Market) -> None:
    order = paid(market)
    market.enter(order.exit_pass)
    market.rescan(order, "9520000000028")
    amended = market.rescan(order, WEIGHED.label("02112345000008", 850))
    assert (amended.revision, amended.due_minor) == (3, 8990 + 1097)
    market.tender(amended)
    assert refused(lambda: market.rescan(order, MILK)).refusal is Refusal.BUSY_ELSEWHERE


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("rubbish", Refusal.UNKNOWN_ARTICLE),
        ("9520000000035", Refusal.UNKNOWN_ARTICLE),
        ("9520000000012", Refusal.UNKNOWN_ARTICLE),
        ("2112345000008", Refusal.BAD_REQUEST),
        ("2200017000002", Refusal.BAD_REQUEST),
    ],
)
def test_a_code_that_is_no_article_changes_nothing(market: Market, code: str, expected: Refusal) -> None:
    order = paid(market)
    entered = market.enter(order.exit_pass)
    assert refused(lambda: market.rescan(order, code)).refusal is expected
    assert market.look(order) == entered.model_copy(update={"history": None})


def test_an_article_is_added_only_while_a_lane_holds_the_order(market: Market) -> None:
    unpaid, order = market.submit(), paid(market)
    for outside in (unpaid, order):
        assert refused(partial(market.rescan, outside, MILK)).refusal is Refusal.WRONG_STATE


def test_a_rescan_worth_less_than_a_coin_is_written_off(market: Market) -> None:
    order = paid(market)
    market.enter(order.exit_pass)
    amended = market.rescan(order, WEIGHED.label("02112345000008", 2))
    assert (amended.status, amended.revision, amended.due_minor, amended.paid_minor) == (OrderStatus.PAID, 2, 0, 1283)
    assert market.balances()["rounding"] == 3
    assert market.enter_by_number(order.order_number).status is OrderStatus.LEAVING
    assert market.findings() == []


def test_a_shopper_who_turns_back_with_a_difference_due_still_owes_it(market: Market) -> None:
    order, entry_id = paid(market), uuid4()
    market.enter(order.exit_pass, entry_id=entry_id)
    market.rescan(order, MILK)
    left = exits.leave_lane(market.store, GATE, LeaveLane(entry_id=entry_id))
    assert (left.status, left.due_minor) == (OrderStatus.SUBMITTED, 1280)
    assert refused(lambda: market.rescan(order, MILK)).refusal is Refusal.WRONG_STATE
    settled = market.pay(left)
    assert market.enter(settled.order.exit_pass, "lane-2").status is OrderStatus.LEAVING


def test_an_exit_without_the_server_is_a_fact_and_is_taken_in_later(market: Market) -> None:
    order = paid(market)
    market.clock.now += 600
    report = market.leaving(order).model_copy(
        update={"decided_by": "signature", "exit_pass": order.exit_pass, "opened_at": int(market.clock.now) - 300}
    )
    assert exits.report_exit(market.store, GATE, report).status is OrderStatus.EXITED
    assert market.look(order).exited_at == market.clock.now - 300
    assert market.findings() == []


def test_a_lane_whose_clock_is_ahead_opens_no_later_than_now(market: Market) -> None:
    order = paid(market)
    report = market.leaving(order).model_copy(update={"opened_at": 2**53})
    exits.report_exit(market.store, GATE, report)
    assert market.look(order).exited_at == market.clock.now


def test_goods_that_left_unpaid_are_found(market: Market) -> None:
    order = market.submit()
    market.tender(order)
    report = market.leaving(order).model_copy(update={"decided_by": "staff"})
    assert exits.report_exit(market.store, GATE, report).status is OrderStatus.EXITED
    (finding,) = market.findings()
    assert "1280 minor units unpaid" in finding
    assert market.look(order).due_minor == 1280


def test_an_exit_is_recorded_once_whoever_reports_it(market: Market) -> None:
    order = paid(market)
    first = market.leaving(order)
    exits.report_exit(market.store, GATE, first)
    other = market.leaving(order, "lane-2")
    assert refused(lambda: exits.report_exit(market.store, GATE, other)).refusal is Refusal.ALREADY_USED
    reused = market.leaving(paid(market)).model_copy(update={"exit_id": first.exit_id})
    other_gate = Device("gate-2", DeviceRole.GATE)
    assert refused(lambda: exits.report_exit(market.store, other_gate, reused)).refusal is Refusal.KEY_REUSED
    unknown = market.leaving(order).model_copy(update={"order_id": uuid4()})
    assert refused(lambda: exits.report_exit(market.store, GATE, unknown)).refusal is Refusal.UNKNOWN_ORDER


def test_an_exit_of_a_voided_order_is_recorded_and_found(market: Market) -> None:
    order = market.submit()
    orders.void(market.store, STAFF, order.order_id)
    assert exits.report_exit(market.store, GATE, market.leaving(order)).status is OrderStatus.VOIDED
    assert "1 exits are recorded, but 0 orders have left." in market.findings()


def test_eight_lanes_at_once_one_exit(market: Market) -> None:
    order = paid(market)
    reports = [market.leaving(order, f"lane-{number}") for number in range(8)]
    barrier, results = threading.Barrier(8), []

    def leave(number: int) -> None:
        barrier.wait()
        try:
            results.append(exits.report_exit(market.store, GATE, reports[number]).status.value)
        except RefusedError as error:
            results.append(error.refusal.value)

    threads = [threading.Thread(target=leave, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["already_used"] * 7 + ["exited"]
