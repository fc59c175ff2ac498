from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from store_server.contract.order_messages import OrderLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.promotions import BasketOff
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import EnterCoupon, HoldBalance, RecordCard, TenderKind
from store_server.persistence import audit
from store_server.services import catalogue, exits, lapses, orders, refunds, tendering, tenders
from store_server.services.principals import StaffMember
from tests.unit.store_server.market import GATE, KIOSK, MILK, OTHER_KIOSK, STAFF, WINE, Market
from tests.unit.store_server.services.till import Shopper, Till, refused


@pytest.fixture
def till(market: Market) -> Till:
    opened = Till(market)
    opened.set_promotions()
    return opened


def test_card_balance_and_cash_pay_one_order(till: Till) -> None:
    market, shopper = till.market, till.member(balance=1000)
    order = market.submit(OrderLine(code=MILK, quantity=3))
    session = market.tender(order)
    assert till.card(session, 1500).rest_minor == 2340
    shown = till.hold(session, shopper, 333)
    assert (shown.held_minor, shown.rest_minor, shown.cash_due_minor) == (333, 2007, 2010)
    assert till.wallet(shopper) == (667, 333)
    assert refused(lambda: till.settle(session, shown.order)) is Refusal.AMOUNT_MISMATCH
    settled = till.settle_in_cash(session, shown)
    assert (settled.order.status, settled.order.paid_minor) == (OrderStatus.PAID, 3840)
    assert till.wallet(shopper) == (667, 0)
    taken = {one.tender: (one.covered_minor, one.captured_minor) for one in refunds.payments_of(market.store, order.order_id)}
    assert taken == {
        TenderKind.CARD: (1500, 1500),
        TenderKind.BALANCE: (333, 333),
        TenderKind.CASH: (2007, 2010),
    }
    assert market.balances()["escrow/kiosk-1"] == 0
    assert market.balances()[f"wallet/{shopper.member_id}"] == -667
    assert market.findings() == []


def test_the_balance_alone_pays_an_order_once(till: Till) -> None:
    market, shopper = till.market, till.member(balance=1000)
    order = market.submit()
    session = market.tender(order)
    shown = till.hold(session, shopper)
    assert (shown.order.total_minor, shown.order.revision, shown.rest_minor) == (640, 2, 0)
    assert [one.promotion_id for one in shown.order.discounts] == ["member-milk"]
    settled = till.settle(session, shown.order)
    assert settled.order.exit_pass is not None
    assert refused(lambda: till.settle(session, shown.order)) is Refusal.ALREADY_PAID
    assert (till.wallet(shopper), till.points(shopper)) == ((360, 0), 6)
    assert market.findings() == []


def test_a_hold_is_answered_once_and_never_exceeds_what_is_there(till: Till) -> None:
    market, shopper = till.market, till.member(balance=500)
    order = market.submit(OrderLine(code=MILK, quantity=2))
    session = market.tender(order)
    assert refused(lambda: till.hold(session, shopper, 501)) is Refusal.BALANCE_TOO_LOW
    assert refused(lambda: till.hold(session, shopper, 2561)) is Refusal.AMOUNT_MISMATCH
    request = HoldBalance(hold_id=uuid4(), member_token=shopper.token, amount_minor=300)
    first = tenders.hold_balance(market.store, KIOSK, session, request)
    assert tenders.hold_balance(market.store, KIOSK, session, request) == first
    assert till.wallet(shopper) == (200, 300)
    stranger = Shopper(shopper.member_id, "x" * 43)
    assert refused(lambda: till.hold(session, stranger, 1)) is Refusal.NOT_A_MEMBER


def test_whoever_walks_away_gets_balance_and_coupon_back(till: Till) -> None:
    market, shopper, code = till.market, till.member(balance=5000), till.coupon()
    order = market.submit()
    session = market.tender(order)
    assert till.enter(session, code).order.total_minor == 1152
    till.hold(session, shopper, 1000)
    released = tendering.release(market.store, KIOSK, session)
    assert (released.status, released.total_minor, released.discounts) == (OrderStatus.SUBMITTED, 1280, [])
    assert till.wallet(shopper) == (5000, 0)
    other = market.submit()
    assert till.enter(market.tender(other, OTHER_KIOSK), code, OTHER_KIOSK).order.total_minor == 1152
    assert market.findings() == []


def test_another_kiosk_that_takes_over_frees_what_the_first_one_set_aside(till: Till) -> None:
    market, shopper = till.market, till.member(balance=5000)
    order = market.submit()
    till.hold(market.tender(order), shopper, 1000)
    market.clock.now += market.store.shop.tendering_lease_s
    market.tender(order, OTHER_KIOSK)
    assert till.wallet(shopper) == (5000, 0)


def test_a_coupon_is_used_once_and_every_no_sounds_alike(till: Till) -> None:
    market, code = till.market, till.coupon()
    order = market.submit()
    session = market.tender(order)
    shown = till.enter(session, code.lower())
    assert shown.order.discounts[0].amount_minor == 128
    other = market.tender(market.submit(), OTHER_KIOSK)
    assert refused(lambda: till.enter(other, code, OTHER_KIOSK)) is Refusal.COUPON_REFUSED
    assert refused(lambda: till.enter(other, "NEVER-ISSUED", OTHER_KIOSK)) is Refusal.COUPON_REFUSED
    till.settle_in_cash(session, shown)
    assert refused(lambda: till.enter(other, code, OTHER_KIOSK)) is Refusal.COUPON_REFUSED
    market.clock.now += 10**6
    assert lapses.lapse(market.store) == 1
    assert market.findings() == []


def test_a_coupon_for_several_uses_counts_once_in_each_order_and_ends_at_its_limit(till: Till) -> None:
    market, code = till.market, till.coupon(uses=2)
    for _ in range(2):
        session = market.tender(market.submit())
        shown = till.enter(session, code)
        assert refused(partial(till.enter, session, code)) is Refusal.COUPON_REFUSED
        till.settle_in_cash(session, shown)
    session = market.tender(market.submit())
    assert refused(lambda: till.enter(session, code)) is Refusal.COUPON_REFUSED
    assert market.findings() == []


def test_a_reservation_that_lapsed_is_free_for_others_and_lost_for_its_order(till: Till) -> None:
    market, code = till.market, till.coupon()
    session = market.tender(market.submit())
    shown = till.enter(session, code)
    market.clock.now += market.store.shop.hold_validity_s + 1
    lapses.lapse(market.store)
    other = market.tender(market.submit(), OTHER_KIOSK)
    assert till.enter(other, code, OTHER_KIOSK).order.total_minor == 1152
    assert refused(lambda: till.settle_in_cash(session, shown)) is Refusal.COUPON_REFUSED
    assert tendering.release(market.store, KIOSK, session).total_minor == 1280


def test_the_same_coupon_entry_again_gets_the_same_answer(till: Till) -> None:
    market = till.market
    session, request = market.tender(market.submit()), EnterCoupon(entry_id=uuid4(), code=till.coupon())
    first = tenders.enter_coupon(market.store, KIOSK, session, request)
    assert tenders.enter_coupon(market.store, KIOSK, session, request) == first


def test_promotions_of_the_price_book_lower_an_order_and_say_why(till: Till) -> None:
    order = till.market.submit(OrderLine(code=WINE))
    assert (order.total_minor, order.lines[0].discount_minor) == (7192, 1798)
    assert [(one.promotion_id, one.texts["en"]) for one in order.discounts] == [("wine-week", "Wine week")]
    assert till.market.look(order) == order


def test_a_rescanned_article_has_its_promotion(till: Till) -> None:
    market = till.market
    paid = market.pay(market.submit(OrderLine(code=WINE))).order
    amended = market.rescan(market.enter(paid.exit_pass), "9520000000028")
    assert (amended.total_minor, amended.due_minor) == (14384, 7192)
    assert [[take.line for take in one.takes] for one in amended.discounts] == [[0, 1]]


def test_member_prices_only_from_the_balance_where_the_shop_says_so(till: Till) -> None:
    till = till.with_shop(discounts_from_balance_only=True)
    market, shopper = till.market, till.member(balance=1000)
    order = market.submit()
    session = market.tender(order)
    assert till.identify(session, shopper).order.total_minor == 1280
    assert till.hold(session, shopper).order.total_minor == 640
    assert tendering.release(market.store, KIOSK, session).total_minor == 1280
    again = market.tender(market.look(order))
    shown = till.hold(again, shopper)
    till.settle(again, shown.order)
    assert till.wallet(shopper) == (360, 0)
    assert market.findings() == []


def test_member_prices_for_any_tender_elsewhere(till: Till) -> None:
    market, shopper = till.market, till.member()
    session = market.tender(market.submit())
    shown = till.identify(session, shopper)
    assert shown.cash_due_minor == 640
    till.settle_in_cash(session, shown)
    assert till.points(shopper) == 6


def test_holds_lapse_and_a_late_settlement_is_refused(till: Till) -> None:
    market, shopper = till.market, till.member(balance=2000)
    order = market.submit()
    session = market.tender(order)
    shown = till.hold(session, shopper, 1280)
    market.clock.now += market.store.shop.hold_validity_s + 1
    lapses.lapse(market.store)
    assert till.wallet(shopper) == (2000, 0)
    assert refused(lambda: till.settle(session, shown.order)) is Refusal.AMOUNT_MISMATCH
    market.clock.now += market.store.shop.claim_validity_s + market.store.shop.tendering_lease_s
    assert lapses.lapse(market.store) == 1
    assert market.look(order).status is OrderStatus.EXPIRED
    assert market.findings() == []


def test_a_void_keeps_its_reason(till: Till) -> None:
    order = till.market.submit()
    assert orders.void(till.market.store, STAFF, order.order_id, "left at the shelf").status is OrderStatus.VOIDED


def test_refunds_go_back_where_the_money_came_from_and_end_the_order(till: Till) -> None:
    market, shopper = till.market, till.member(balance=1000)
    order = market.submit(OrderLine(code=MILK, quantity=3))
    session = market.tender(order)
    till.identify(session, shopper)
    till.card(session, 500)
    till.settle_in_cash(session, till.hold(session, shopper, 420))
    assert till.points(shopper) == 19
    ids = till.payment_ids(order)
    assert refused(lambda: till.refund(ids["balance"], 421)) is Refusal.REFUND_TOO_MUCH
    assert till.refund(ids["balance"], 20).destination.value == "balance"
    assert (till.wallet(shopper), till.points(shopper)) == ((600, 0), 19)
    till.refund(ids["balance"], 400)
    till.refund(ids["card"], 500)
    assert market.look(order).status is OrderStatus.PAID
    claim = till.refund(ids["cash"], 1000)
    assert market.look(order).status is OrderStatus.REFUNDED
    assert (till.wallet(shopper), till.points(shopper)) == ((1000, 0), 0)
    assert market.balances()["claims"] == -1000
    refunds.pay_out(market.store, STAFF, claim.refund_id)
    assert refused(lambda: refunds.pay_out(market.store, STAFF, claim.refund_id)) is Refusal.WRONG_STATE
    assert (market.balances()["claims"], market.balances()["card/kiosk-1"]) == (0, 0)
    assert refused(lambda: till.refund(ids["cash"], 1)) is Refusal.REFUND_TOO_MUCH
    assert market.findings() == []


def test_above_the_limit_a_second_person_decides(till: Till) -> None:
    till = till.with_shop(refund_alone_max_minor=1000)
    market, second = till.market, StaffMember("li")
    order = market.submit(OrderLine(code=MILK, quantity=2))
    payment_id = market.pay(order).payment_id
    assert till.refund(payment_id, 900).state.value == "done"
    waiting = till.refund(payment_id, 200)
    assert waiting.state.value == "waiting"
    store = market.store
    assert refused(lambda: refunds.decide(store, STAFF, waiting.refund_id, agree=True)) is Refusal.SECOND_PERSON
    declined = refunds.decide(store, second, waiting.refund_id, agree=False)
    assert (declined.state.value, declined.decided_by) == ("declined", "li")
    assert refunds.decide(store, second, waiting.refund_id, agree=False) == declined
    rest = till.refund(payment_id, 1660)
    assert refunds.decide(store, second, rest.refund_id, agree=True).state.value == "done"
    assert market.look(order).status is OrderStatus.REFUNDED
    assert market.findings() == []


def test_goods_that_came_back_are_refunded_without_undoing_the_exit(till: Till) -> None:
    market = till.market
    settled = market.pay(market.submit())
    entered = market.enter(settled.order.exit_pass)
    assert refused(lambda: till.refund(settled.payment_id, 1280)) is Refusal.WRONG_STATE
    exits.report_exit(market.store, GATE, market.leaving(entered))
    till.refund(settled.payment_id, 1280)
    assert market.look(settled.order).status is OrderStatus.EXITED
    assert market.findings() == []


def test_a_coupon_that_pays_for_everything_gives_an_exit_pass_too(till: Till) -> None:
    market = till.market
    offer = BasketOff(promotion_id="ten-off", texts={"en": "All yours"}, by_coupon=True, basis_points=10_000)
    catalogue.set_promotions(market.store, [offer])
    session = market.tender(market.submit())
    shown = till.enter(session, till.coupon())
    assert (shown.order.total_minor, shown.cash_due_minor) == (0, 0)
    settled = till.settle(session, shown.order)
    assert (settled.order.status, settled.order.exit_pass is not None) == (OrderStatus.PAID, True)
    assert refunds.payments_of(market.store, settled.order.order_id) == []
    assert market.findings() == []


def test_part_payments_stay_with_an_order_that_nobody_ends_and_can_be_refunded(till: Till) -> None:
    market = till.market
    session = market.tender(market.submit(OrderLine(code=MILK, quantity=2)))
    shown = till.card(session, 1000)
    left = tendering.release(market.store, KIOSK, session)
    assert (left.status, left.due_minor) == (OrderStatus.SUBMITTED, 1560)
    assert refused(lambda: orders.void(market.store, STAFF, left.order_id, "wrong")) is Refusal.WRONG_STATE
    market.clock.now += market.store.shop.claim_validity_s * 2
    assert lapses.lapse(market.store) == 0
    till.refund(till.payment_ids(shown.order)["card"], 1000)
    assert market.look(shown.order).status is OrderStatus.REFUNDED
    assert market.findings() == []


def test_a_coupon_stays_used_when_the_order_is_refunded(till: Till) -> None:
    market, code = till.market, till.coupon()
    session = market.tender(market.submit())
    settled = till.settle_in_cash(session, till.enter(session, code))
    till.refund(settled.payment_id, 1150)
    assert market.look(settled.order).status is OrderStatus.REFUNDED
    other = market.tender(market.submit())
    assert refused(lambda: till.enter(other, code)) is Refusal.COUPON_REFUSED


def test_a_card_payment_that_is_refused_is_in_the_audit_log(till: Till) -> None:
    """The terminal has the money: staff must find it, once for each reason, however often the kiosk repeats itself."""
    market = till.market
    order = market.submit()
    session = market.tender(order)
    too_much = RecordCard(payment_id=uuid4(), amount_minor=1281, reference="T1/42")
    for _ in range(3):
        assert refused(lambda: tenders.record_card(market.store, KIOSK, session, too_much)) is Refusal.AMOUNT_MISMATCH
    tendering.release(market.store, KIOSK, session)
    assert refused(lambda: tenders.record_card(market.store, KIOSK, session, too_much)) is Refusal.BUSY_ELSEWHERE
    assert refused(lambda: till.card(uuid4(), 5)) is Refusal.UNKNOWN_ORDER
    later, first = market.store.database.read(partial(audit.entries, subject=str(too_much.payment_id)))
    assert (first.who, first.action) == ("device/kiosk-1", "card/refused")
    assert first.details == {
        "amount_minor": 1281,
        "reference": "T1/42",
        "refusal": "amount_mismatch",
        "session": str(session),
    }
    assert later.details == {**first.details, "refusal": "busy_elsewhere"}
    assert len(market.store.database.read(partial(audit.entries, action="card/refused"))) == 3
    assert market.findings() == []
