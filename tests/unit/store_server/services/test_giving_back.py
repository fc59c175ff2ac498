"""What a check found to be paid too much goes back with one touch."""

from __future__ import annotations

from functools import partial

import pytest

from store_server.contract.check_messages import CheckOutcome
from store_server.contract.order_messages import Order, OrderLine
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffRole
from store_server.contract.tender_messages import RefundState
from store_server.services import exits, giving_back, orders, refunds
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, MILK, STAFF, WINE, Market
from tests.unit.store_server.services.test_goods_checks import asked, finish, in_the_lane, scan
from tests.unit.store_server.services.test_money_races import AT_ONCE, raced
from tests.unit.store_server.services.till import Till

CHIEF = StaffMember("wang", StaffRole.SUPERVISOR)


def overpaid(market: Market, order: Order, *found: str) -> Order:
    """Let a full check find less than was paid, and the shopper leave."""
    check_id = asked(market, order, full=True)
    scan(market, check_id, *found)
    assert finish(market, check_id).outcome is CheckOutcome.REPLACED
    exits.report_exit(market.store, GATE, market.leaving(market.enter_by_number(order.order_number)))
    return market.look(order)


def test_the_difference_goes_back_once_and_only_after_the_lane(market: Market) -> None:
    order = in_the_lane(market, OrderLine(code=MILK, quantity=2))
    check_id = asked(market, order, full=True)
    scan(market, check_id, MILK)
    finish(market, check_id)
    with pytest.raises(RefusedError, match="lane"):
        giving_back.give_back(market.store, STAFF, order.order_id)
    exits.report_exit(market.store, GATE, market.leaving(market.enter_by_number(order.order_number)))
    (given,) = giving_back.give_back(market.store, STAFF, order.order_id)
    assert (given.amount_minor, given.state, given.requested_by) == (1280, RefundState.DONE, STAFF.name)
    with pytest.raises(RefusedError, match="nothing to give back"):
        giving_back.give_back(market.store, STAFF, order.order_id)
    assert market.findings() == []


def test_what_was_declined_may_be_asked_for_again(market: Market) -> None:
    till = Till(market).with_shop(refund_alone_max_minor=1000)
    order = overpaid(till.market, in_the_lane(till.market, OrderLine(code=MILK, quantity=2)), MILK)
    (waiting,) = giving_back.give_back(till.market.store, STAFF, order.order_id)
    assert giving_back.give_back(till.market.store, STAFF, order.order_id) == [waiting], "one on its way is enough"
    refunds.decide(till.market.store, CHIEF, waiting.refund_id, agree=False)
    assert refunds.waiting(till.market.store) == []
    (anew,) = giving_back.give_back(till.market.store, STAFF, order.order_id)
    assert refunds.waiting(till.market.store) == [anew]
    assert (anew.state, anew.amount_minor) == (RefundState.WAITING, 1280)
    assert refunds.decide(till.market.store, CHIEF, anew.refund_id, agree=True).state is RefundState.DONE
    assert market.findings() == []


def test_the_rest_goes_back_from_payments_of_which_something_is_left(market: Market) -> None:
    till = Till(market)
    order = market.submit(OrderLine(code=MILK), OrderLine(code=WINE))
    session = market.tender(order)
    market.clock.now += 1
    paid = till.card(session, 9000)
    market.clock.now += 1
    settled = till.settle_in_cash(session, paid)
    entered = market.enter(settled.order.exit_pass)
    order = overpaid(market, entered, MILK)
    assert order.overpaid_minor == 8990
    till.refund(till.payment_ids(order)["cash"], 1000)
    given = giving_back.give_back(market.store, STAFF, order.order_id)
    assert [one.amount_minor for one in given] == [270, 7720]
    assert market.look(order).overpaid_minor == 0
    assert market.findings() == []


def test_who_is_owed_money_stays_on_the_list_however_many_come_after(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "RECENT_MAX", 1)
    order = overpaid(market, in_the_lane(market, OrderLine(code=MILK, quantity=2)), MILK)
    market.submit()
    assert [owed.order_id for owed in orders.overpaid(market.store)] == [order.order_id]
    giving_back.give_back(market.store, STAFF, order.order_id)
    assert orders.overpaid(market.store) == []


def test_what_went_back_before_the_check_is_not_promised_twice(market: Market) -> None:
    paid = market.pay(market.submit(OrderLine(code=MILK, quantity=2))).order
    till = Till(market)
    till.refund(till.payment_ids(paid)["cash"], 1280)
    order = market.enter(paid.exit_pass)
    check_id = asked(market, order, full=True)
    scan(market, check_id, MILK)
    assert finish(market, check_id).overpaid_minor == 0, "the desk has taken one piece back already"


def test_what_went_back_before_the_check_pays_for_nothing_else(market: Market) -> None:
    paid = market.pay(market.submit(OrderLine(code=MILK, quantity=2))).order
    till = Till(market)
    till.refund(till.payment_ids(paid)["cash"], 1280)
    order = market.enter(paid.exit_pass)
    check_id = asked(market, order, full=True)
    scan(market, check_id, MILK, WINE)
    with pytest.raises(RefusedError, match="order of its own"):
        finish(market, check_id)


def test_the_difference_goes_back_once_however_many_touch_at_once(market: Market) -> None:
    order = overpaid(market, in_the_lane(market, OrderLine(code=WINE), OrderLine(code=MILK)), WINE)
    people = [StaffMember(f"staff-{number}") for number in range(AT_ONCE)]
    answers = raced([partial(giving_back.give_back, market.store, one, order.order_id) for one in people])
    assert (answers.count(None), answers.count(Refusal.WRONG_STATE)) == (1, AT_ONCE - 1)
    assert [given.amount_minor for given in refunds.of_order(market.store, order.order_id)] == [1280]
    assert market.look(order).overpaid_minor == 0
    assert market.findings() == []


def test_money_that_waits_to_go_back_pays_for_nothing_else(market: Market) -> None:
    till = Till(market).with_shop(refund_alone_max_minor=1000)
    paid = market.pay(market.submit(OrderLine(code=MILK, quantity=2))).order
    waiting = till.refund(till.payment_ids(paid)["cash"], 1280)
    assert waiting.state is RefundState.WAITING
    order = market.enter(paid.exit_pass)
    check_id = asked(market, order, full=True)
    scan(market, check_id, MILK, WINE)
    with pytest.raises(RefusedError, match="order of its own"):
        finish(market, check_id)
