from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from store_server.contract.device_messages import DeviceRole
from store_server.contract.order_messages import OrderLine
from store_server.contract.order_number import OrderNumber
from store_server.contract.order_pass import OrderPass, PassKind, verify
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.services import orders, tendering
from store_server.services.answered import KEPT_S
from store_server.services.keys import verifying
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import APPLES, CHEESE, HANDHELD, KIOSK, MILK, STAFF, WINE, Market


def refusal(caught: pytest.ExceptionInfo[RefusedError]) -> Refusal:
    return caught.value.refusal


def test_the_server_prices_a_basket_and_signs_a_claim_for_it(market: Market) -> None:
    order = market.submit(
        OrderLine(code=MILK, quantity=2), OrderLine(code=APPLES, weight_g=850), OrderLine(code=CHEESE, price_minor=1960)
    )
    assert (order.status, order.revision, order.article_count) == (OrderStatus.SUBMITTED, 1, 4)
    assert order.total_minor == order.due_minor == 2560 + 1097 + 1960
    assert order.exit_pass is None
    keys = market.store.database.read(verifying)
    claim = verify(order.claim or "", kind=PassKind.CLAIM, shop_id=1, keys=keys, now_s=market.clock.now)
    assert isinstance(claim, OrderPass)
    assert (claim.order_id, claim.total_minor, claim.article_count) == (order.order_id, order.total_minor, 4)
    assert OrderNumber.of(claim.order_serial).digits == order.order_number
    assert claim.expected_g == round(2 * 1042.5 + 850 + 200)


def test_the_same_basket_again_gets_the_same_answer_and_one_order(market: Market) -> None:
    request = market.basket()
    first = orders.submit(market.store, HANDHELD, request)
    market.clock.now += 50
    assert orders.submit(market.store, HANDHELD, request) == first
    assert len(orders.recent(market.store)) == 1


def test_the_same_id_with_another_basket_is_refused_and_changes_nothing(market: Market) -> None:
    order_id = uuid4()
    first = market.submit(order_id=order_id)
    with pytest.raises(RefusedError) as caught:
        market.submit(OrderLine(code=WINE), order_id=order_id)
    assert refusal(caught) is Refusal.KEY_REUSED
    assert market.look(first) == first


def test_another_handhelds_id_is_refused(market: Market) -> None:
    request = market.basket()
    orders.submit(market.store, HANDHELD, request)
    with pytest.raises(RefusedError) as caught:
        orders.submit(market.store, Device("handheld-2", DeviceRole.HANDHELD), request)
    assert refusal(caught) is Refusal.KEY_REUSED


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (OrderLine(code="09520000000035"), Refusal.UNKNOWN_ARTICLE),
        (OrderLine(code=MILK, price_minor=1), Refusal.BAD_REQUEST),
        (OrderLine(code=APPLES), Refusal.BAD_REQUEST),
        (OrderLine(code=APPLES, weight_g=500, price_minor=1), Refusal.BAD_REQUEST),
        (OrderLine(code=CHEESE, price_minor=0), Refusal.BAD_REQUEST),
    ],
)
def test_a_basket_that_cannot_be_is_refused_and_leaves_no_trace(market: Market, line: OrderLine, expected: Refusal) -> None:
    with pytest.raises(RefusedError) as caught:
        market.submit(OrderLine(code=MILK), line)
    assert refusal(caught) is expected
    assert orders.recent(market.store) == []
    assert market.submit().order_number == OrderNumber.of(1).digits


def test_a_basket_for_which_nothing_can_be_paid_is_refused(market: Market) -> None:
    with pytest.raises(RefusedError) as caught:
        market.submit(OrderLine(code=APPLES, weight_g=1))
    assert refusal(caught) is Refusal.EMPTY_ORDER


def test_a_handheld_sees_only_its_own_orders(market: Market) -> None:
    order = market.submit()
    assert orders.get(market.store, HANDHELD, order.order_id) == order
    assert orders.get(market.store, KIOSK, order.order_id) == order
    with pytest.raises(RefusedError) as caught:
        orders.get(market.store, Device("handheld-2", DeviceRole.HANDHELD), order.order_id)
    assert refusal(caught) is Refusal.UNKNOWN_ORDER
    with pytest.raises(RefusedError) as caught:
        orders.get(market.store, STAFF, UUID(int=1))
    assert refusal(caught) is Refusal.UNKNOWN_ORDER


def test_recent_orders_come_newest_first(market: Market) -> None:
    placed = [market.submit() for _ in range(3)]
    assert [order.order_id for order in orders.recent(market.store)] == [order.order_id for order in reversed(placed)]


def test_an_order_that_nobody_pays_expires(market: Market) -> None:
    old, paid = market.submit(), market.submit()
    market.pay(paid)
    market.clock.now += market.store.shop.claim_validity_s + 59
    young = market.submit()
    assert orders.expire_old(market.store) == 0
    market.clock.now += 2
    assert orders.expire_old(market.store) == 1
    assert [market.look(order).status for order in (old, paid, young)] == [
        OrderStatus.EXPIRED,
        OrderStatus.PAID,
        OrderStatus.SUBMITTED,
    ]
    with pytest.raises(RefusedError) as caught:
        market.tender(old)
    assert refusal(caught) is Refusal.EXPIRED


def test_answers_are_forgotten_after_a_month(market: Market) -> None:
    request = market.basket()
    first = orders.submit(market.store, HANDHELD, request)
    market.clock.now += KEPT_S
    orders.expire_old(market.store)
    assert orders.submit(market.store, HANDHELD, request) == first
    market.clock.now += 1
    orders.expire_old(market.store)
    with pytest.raises(RefusedError):
        orders.submit(market.store, HANDHELD, request)
    assert len(orders.recent(market.store)) == 1


def test_staff_voids_an_order_that_nobody_has_begun_to_pay(market: Market) -> None:
    order, held, paid = market.submit(), market.submit(), market.submit()
    session = market.tender(held)
    market.pay(paid)
    assert orders.void(market.store, STAFF, order.order_id).status is OrderStatus.VOIDED
    assert orders.void(market.store, STAFF, order.order_id).status is OrderStatus.VOIDED, "its answer got lost"
    for other in (held, paid):
        with pytest.raises(RefusedError) as caught:
            orders.void(market.store, StaffMember("li"), other.order_id)
        assert refusal(caught) is Refusal.WRONG_STATE
    tendering.release(market.store, KIOSK, session)
    assert orders.void(market.store, STAFF, held.order_id).status is OrderStatus.VOIDED
    assert market.findings() == []
