"""Coupons and balances at their edges: seen in long histories, kept here short."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from store_server.contract.lane_messages import LeaveLane
from store_server.contract.member_messages import DeleteMember
from store_server.contract.order_messages import AddArticle
from store_server.contract.promotions import BasketOff
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import RefundDestination
from store_server.services import amendments, catalogue, exits, members, refunds, tendering
from store_server.services.principals import StaffMember
from tests.unit.store_server.market import GATE, KIOSK, OTHER_KIOSK, STAFF, WINE, Market
from tests.unit.store_server.services.till import PASSWORD, Till, refused


@pytest.fixture
def till(market: Market) -> Till:
    made = Till(market)
    made.set_promotions()
    return made


def test_the_same_coupon_again_is_refused_when_another_order_gave_a_use_back(till: Till) -> None:
    market, code = till.market, till.coupon(uses=2)
    given_back = market.tender(market.submit())
    till.enter(given_back, code)
    session = market.tender(market.submit(), OTHER_KIOSK)
    till.enter(session, code, OTHER_KIOSK)
    tendering.release(market.store, KIOSK, given_back)
    assert refused(lambda: till.enter(session, code, OTHER_KIOSK)) is Refusal.COUPON_REFUSED
    assert market.findings() == []


def test_a_reservation_that_is_over_is_renewed_in_its_own_place(till: Till) -> None:
    market, code = till.market, till.coupon(uses=2)
    given_back = market.tender(market.submit())
    till.enter(given_back, code)
    session = market.tender(market.submit(), OTHER_KIOSK)
    till.enter(session, code, OTHER_KIOSK)
    tendering.release(market.store, KIOSK, given_back)
    market.clock.now += market.store.shop.hold_validity_s + 1
    assert till.enter(session, code, OTHER_KIOSK).order.total_minor == 1152
    assert market.findings() == []


def _paid_by_a_coupon_and_amended(till: Till) -> tuple[UUID, UUID]:
    """Return an order that a coupon paid for, with a dear article more, and the session in which that is paid."""
    market = till.market
    five = BasketOff(promotion_id="ten-off", texts={"en": "13.00 off"}, by_coupon=True, amount_minor=1300)
    catalogue.set_promotions(market.store, [five])
    session = market.tender(market.submit())
    settled = till.settle(session, till.enter(session, till.coupon()).order)
    entry = uuid4()
    entered = market.enter(settled.order.exit_pass, entry_id=entry)
    request = AddArticle(amendment_id=uuid4(), code=WINE[1:])
    amended = amendments.add_article(market.store, STAFF, entered.order_id, request)
    assert amended.due_minor == 1280 + 8990 - 1300
    exits.leave_lane(market.store, GATE, LeaveLane(entry_id=entry))
    return entered.order_id, market.tender(amended)


def test_a_coupon_that_paid_for_everything_still_counts_when_staff_adds_an_article(till: Till) -> None:
    market = till.market
    order_id, session = _paid_by_a_coupon_and_amended(till)
    released = tendering.release(market.store, KIOSK, session)
    assert released.due_minor == 1280 + 8990 - 1300
    assert market.look(released).order_id == order_id
    assert market.findings() == []


def test_a_balance_pays_the_rest_of_it_at_the_price_that_was_told(till: Till) -> None:
    market, shopper = till.market, till.member(balance=20_000)
    _order_id, session = _paid_by_a_coupon_and_amended(till)
    held = till.hold(session, shopper)
    assert (held.held_minor, held.rest_minor) == (1280 + 8990 - 1300, 0)
    assert market.findings() == []


def test_a_refund_that_waits_goes_to_a_claim_when_the_member_is_forgotten_meanwhile(till: Till) -> None:
    till = till.with_shop(refund_alone_max_minor=0)
    market, shopper = till.market, till.member(balance=2000)
    session = market.tender(market.submit())
    held = till.hold(session, shopper)
    till.settle(session, held.order)
    payment = till.payment_ids(held.order)["balance"]
    waiting = till.refund(payment, held.held_minor)
    assert waiting.destination is RefundDestination.BALANCE
    gone = DeleteMember(member_token=shopper.token, password=PASSWORD, give_up_balance=True)
    members.delete(market.store, KIOSK, gone)
    given = refunds.decide(market.store, StaffMember("bo"), waiting.refund_id, agree=True)
    assert given.destination is RefundDestination.CLAIM
    refunds.pay_out(market.store, STAFF, waiting.refund_id)
    assert market.findings() == []
