"""Charges in doubt: what staff says of them, and what that does to money, once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from store_server.contract.card_case_messages import CardCase, CardCaseState, CardVerdict, JudgeCardCase
from store_server.contract.cash_messages import CashReport
from store_server.contract.order_messages import Order, OrderLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffRole
from store_server.contract.tender_messages import RecordCard, TenderKind
from store_server.persistence import audit
from store_server.persistence.tender_tables import order_voids
from store_server.services import card_cases, lapses, orders, payments, refunds, tendering, tenders
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import KIOSK, OTHER_KIOSK, STAFF, WINE, Market
from tests.unit.store_server.services.till import Till

CHARGED, NOT_CHARGED = CardVerdict.CHARGED, CardVerdict.NOT_CHARGED
BOSS = StaffMember("lin", StaffRole.SUPERVISOR)


def doubted(market: Market, order: Order, amount: int | None = None, session: UUID | None = None) -> CardCase:
    """The kiosk gives up on a charge for what was due."""
    report = market.doubt(session or market.tender(order), order, order.due_minor if amount is None else amount)
    payments.report_cash(market.store, KIOSK, report)
    return next(one for one in card_cases.unsettled(market.store) if one.case_id == report.card_charge_id)


def say(market: Market, case: CardCase, verdict: CardVerdict, staff: StaffMember = STAFF) -> CardCase:
    request = JudgeCardCase(judgement_id=uuid4(), verdict=verdict, reason="seen on the terminal's list")
    first = card_cases.judge(market.store, staff, case.case_id, request)
    assert card_cases.judge(market.store, staff, case.case_id, request) == first
    return first


def refused(market: Market, case: CardCase, verdict: CardVerdict) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        say(market, case, verdict)
    return caught.value.refusal


def test_a_case_is_open_until_somebody_says(market: Market) -> None:
    order = market.submit()
    case = doubted(market, order)
    assert (case.state, case.amount_minor, case.order_number, case.kiosk) == ("open", 1280, order.order_number, "kiosk-1")
    assert say(market, case, NOT_CHARGED).state is CardCaseState.NOT_CHARGED
    assert card_cases.unsettled(market.store) == []
    assert refused(market, case, CHARGED) is Refusal.WRONG_STATE
    (entry,) = market.store.database.read(lambda connection: audit.entries(connection, action="card-case/not_charged"))
    assert (entry.who, entry.details["reason"]) == ("staff/mei", "seen on the terminal's list")


def test_not_charged_moves_no_money_and_frees_the_order(market: Market) -> None:
    order = market.submit()
    say(market, doubted(market, order), NOT_CHARGED)
    assert market.look(order).status is OrderStatus.SUBMITTED
    assert market.balances() == {}
    assert market.pay(order).order.status is OrderStatus.PAID
    assert market.findings() == []


def test_charged_pays_the_order_which_then_leaves(market: Market) -> None:
    order = market.submit()
    case = doubted(market, order)
    assert say(market, case, CHARGED).decided_by == "mei"
    paid = market.look(order)
    assert (paid.status, paid.due_minor) == (OrderStatus.PAID, 0)
    assert market.enter(paid.exit_pass).status is OrderStatus.LEAVING
    assert market.balances() == {"card/kiosk-1": 1280, "sales": -1280}
    (payment,) = refunds.payments_of(market.store, order.order_id)
    assert (payment.payment_id, payment.tender, payment.captured_minor) == (case.case_id, TenderKind.CARD, 1280)
    assert market.findings() == []


def test_charged_pays_an_order_that_its_kiosk_lost_meanwhile(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    case = doubted(market, order, session=session)
    tendering.release(market.store, KIOSK, session)
    say(market, case, CHARGED)
    assert market.look(order).status is OrderStatus.PAID
    assert market.findings() == []


def test_nobody_decides_while_another_kiosk_takes_money_for_the_order(market: Market) -> None:
    order = market.submit()
    case = doubted(market, order)
    market.clock.now += market.store.shop.tendering_lease_s + 1
    other = market.tender(order, OTHER_KIOSK)
    assert refused(market, case, CHARGED) is Refusal.BUSY_ELSEWHERE
    assert card_cases.unsettled(market.store) == [case]
    say(market, case, NOT_CHARGED)
    assert market.look(order).status is OrderStatus.TENDERING, "the other kiosk goes on"
    tendering.release(market.store, OTHER_KIOSK, other)
    assert market.findings() == []


def test_what_was_charged_for_an_order_that_was_paid_otherwise_is_owed(market: Market) -> None:
    order = market.submit()
    case = doubted(market, order)
    market.clock.now += market.store.shop.tendering_lease_s + 1
    market.pay(order, OTHER_KIOSK)
    say(market, case, CHARGED)
    sums = market.balances()
    assert (sums["card/kiosk-1"], sums["owed/kiosk-1"], sums["sales"]) == (1280, -1280, -1280)
    assert market.findings() == []


def test_what_was_charged_for_an_order_that_expired_is_owed(market: Market) -> None:
    order = market.submit()
    case = doubted(market, order)
    market.clock.now += 10 * market.store.shop.claim_validity_s
    lapses.lapse(market.store)
    assert market.look(order).status is OrderStatus.EXPIRED
    say(market, case, CHARGED)
    assert market.balances() == {"card/kiosk-1": 1280, "owed/kiosk-1": -1280}
    assert market.findings() == []


@pytest.mark.parametrize(("amount", "due", "owed"), [(1000, 280, 0), (1500, 0, -220)])
def test_a_charge_of_another_amount_pays_what_it_can(market: Market, amount: int, due: int, owed: int) -> None:
    order = market.submit()
    say(market, doubted(market, order, amount), CHARGED)
    left = market.look(order)
    assert (left.due_minor, market.balances().get("owed/kiosk-1", 0)) == (due, owed)
    assert left.status is (OrderStatus.SUBMITTED if due else OrderStatus.PAID)
    if due:
        assert market.pay(left).order.status is OrderStatus.PAID
    assert market.findings() == []


def test_a_charge_that_is_booked_already_is_not_booked_again(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    charge = RecordCard(payment_id=uuid4(), amount_minor=1280, reference="T1-1")
    tenders.record_card(market.store, KIOSK, session, charge)
    market.doubt(session, order, 1280, charge.payment_id)
    (case,) = card_cases.unsettled(market.store)
    assert refused(market, case, NOT_CHARGED) is Refusal.WRONG_STATE
    say(market, case, CHARGED)
    assert market.balances() == {"card/kiosk-1": 1280, "sales": -1280}
    assert market.findings() == []


def test_above_the_limit_a_second_person_agrees(market: Market) -> None:
    order = market.submit(OrderLine(code=WINE, quantity=3))
    case = doubted(market, order)
    waiting = say(market, case, CHARGED)
    assert (waiting.state, waiting.asked_by, waiting.decided_by) == (CardCaseState.WAITING, "mei", None)
    assert market.look(order).status is OrderStatus.TENDERING
    with pytest.raises(RefusedError) as caught:
        card_cases.decide(market.store, StaffMember("mei", StaffRole.MANAGER), case.case_id, agree=True)
    assert caught.value.refusal is Refusal.SECOND_PERSON
    reopened = card_cases.decide(market.store, BOSS, case.case_id, agree=False)
    assert (reopened.state, reopened.asked_by) == (CardCaseState.OPEN, None)
    say(market, case, CHARGED)
    for _ in range(2):
        done = card_cases.decide(market.store, BOSS, case.case_id, agree=True)
        assert (done.state, done.decided_by) == (CardCaseState.CHARGED, "lin")
    assert market.look(order).status is OrderStatus.PAID
    assert market.balances()["card/kiosk-1"] == order.total_minor
    assert market.findings() == []


def test_who_knows_no_order_leaves_the_money_owed(market: Market) -> None:
    report = CashReport(
        session_id=uuid4(), order_id=None, outcome="owing", taken=[], payouts=[], owed_minor=0, card_doubt_minor=500
    )
    payments.report_cash(market.store, KIOSK, report)
    (case,) = card_cases.unsettled(market.store)
    assert (case.case_id, case.order_number) == (report.session_id, None)
    say(market, case, CHARGED)
    assert market.balances() == {"card/kiosk-1": 500, "owed/kiosk-1": -500}
    with pytest.raises(RefusedError, match="no such charge"):
        card_cases.decide(market.store, BOSS, uuid4(), agree=True)
    assert market.findings() == []


def test_voiding_an_order_keeps_who_and_why(market: Market) -> None:
    order = market.submit()
    assert orders.void(market.store, STAFF, order.order_id, "shopper went home").status is OrderStatus.VOIDED
    assert orders.void(market.store, STAFF, order.order_id, "again").status is OrderStatus.VOIDED
    reasons = market.store.database.read(lambda connection: connection.execute(select(order_voids.c.reason)).scalars().all())
    assert reasons == ["shopper went home"]


def test_a_charge_with_a_coupon_whose_time_is_over_still_pays(market: Market) -> None:
    till = Till(market)
    till.set_promotions()
    session = market.tender(market.submit())
    order = till.enter(session, till.coupon()).order
    case = doubted(market, order, session=session)
    market.clock.now += market.store.shop.hold_validity_s + 1
    lapses.lapse(market.store)
    say(market, case, CHARGED)
    paid = market.look(order)
    assert (paid.status, paid.total_minor) == (OrderStatus.PAID, 1152)
    assert market.balances() == {"card/kiosk-1": 1152, "sales": -1152}
    assert market.findings() == []


def test_a_charge_with_a_coupon_that_somebody_else_used_meanwhile_pays_what_it_can(market: Market) -> None:
    till = Till(market)
    till.set_promotions()
    code, session = till.coupon(), market.tender(market.submit())
    order = till.enter(session, code).order
    case = doubted(market, order, session=session)
    market.clock.now += market.store.shop.hold_validity_s + 1
    other = market.tender(market.submit(), OTHER_KIOSK)
    till.enter(other, code, OTHER_KIOSK)
    say(market, case, CHARGED)
    left = market.look(order)
    assert (left.status, left.due_minor) == (OrderStatus.SUBMITTED, 128)
    assert market.balances() == {"card/kiosk-1": 1152, "sales": -1152}
    assert market.findings() == []
