from __future__ import annotations

from uuid import uuid4

import pytest

from store_server.contract.order_messages import OrderLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import BeginTendering
from store_server.services import orders, payments, tendering
from store_server.services.product_import import ImportRules, ImportWatch, import_products
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import KIOSK, MILK, OTHER_KIOSK, STAFF, WINE, Market


def refused(market: Market, request: BeginTendering) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        tendering.begin(market.store, KIOSK, request)
    return caught.value


def by_claim(text: str | None) -> BeginTendering:
    return BeginTendering(session_id=uuid4(), claim=text)


def by_number(number: str) -> BeginTendering:
    return BeginTendering(session_id=uuid4(), order_number=number)


def test_a_kiosk_takes_hold_by_claim_or_by_number(market: Market) -> None:
    first, second = market.submit(), market.submit()
    assert tendering.begin(market.store, KIOSK, by_claim(first.claim)).status is OrderStatus.TENDERING
    held = tendering.begin(market.store, OTHER_KIOSK, by_number(second.order_number))
    assert (held.order_id, held.status) == (second.order_id, OrderStatus.TENDERING)


def test_exactly_one_way_to_name_the_order(market: Market) -> None:
    order = market.submit()
    for request in (
        BeginTendering(session_id=uuid4()),
        BeginTendering(session_id=uuid4(), claim=order.claim, order_number=order.order_number),
    ):
        assert refused(market, request).refusal is Refusal.BAD_REQUEST


def test_a_number_with_a_slip_or_of_nobody_is_unknown(market: Market) -> None:
    order = market.submit()
    slip = order.order_number[:-1] + str((int(order.order_number[-1]) + 1) % 10)
    assert "typing slip" in refused(market, by_number(slip)).sentence
    assert refused(market, by_number("0005724")).refusal is Refusal.UNKNOWN_ORDER


def test_a_number_used_again_means_the_newest_order(market: Market) -> None:
    old = market.submit()
    market.store.database.write(lambda connection: connection.exec_driver_sql("UPDATE counters SET value = 1000000"))
    market.clock.now += 10
    new = market.submit()
    assert new.order_number == old.order_number
    assert tendering.begin(market.store, KIOSK, by_number(old.order_number)).order_id == new.order_id


@pytest.mark.parametrize("text", ["", "HTTPS://EXAMPLE.ORG", "6901234567892", "HTTPS://SHOP.EXAMPLE/P/AAAA"])
def test_a_code_from_elsewhere_is_told_as_such(market: Market, text: str) -> None:
    assert refused(market, by_claim(text)).refusal is Refusal.NOT_A_PASS


def test_an_old_claim_says_what_to_do(market: Market) -> None:
    order = market.submit()
    market.clock.now += market.store.shop.claim_validity_s + 60
    found = refused(market, by_claim(order.claim))
    assert (found.refusal, "handheld" in found.sentence) == (Refusal.EXPIRED, True)


def test_a_receipt_at_the_kiosk_is_paid_already(market: Market) -> None:
    settled = market.pay(market.submit())
    assert refused(market, by_claim(settled.order.exit_pass)).refusal is Refusal.ALREADY_PAID


def test_a_receipt_finds_its_order_while_a_difference_is_due(market: Market) -> None:
    settled = market.pay(market.submit())
    market.enter(settled.order.exit_pass)
    market.rescan(settled.order, MILK)
    held = tendering.begin(market.store, KIOSK, by_claim(settled.order.exit_pass))
    assert (held.order_id, held.revision, held.due_minor) == (settled.order.order_id, 2, 1280)


def test_one_kiosk_holds_an_order_until_it_lets_go(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    with pytest.raises(RefusedError) as caught:
        market.tender(order, OTHER_KIOSK)
    assert caught.value.refusal is Refusal.BUSY_ELSEWHERE
    assert tendering.release(market.store, KIOSK, session).status is OrderStatus.SUBMITTED
    assert tendering.release(market.store, KIOSK, session).status is OrderStatus.SUBMITTED
    market.tender(order, OTHER_KIOSK)


def test_the_same_session_again_gets_the_same_answer(market: Market) -> None:
    order = market.submit()
    request = by_claim(order.claim)
    first = tendering.begin(market.store, KIOSK, request)
    assert tendering.begin(market.store, KIOSK, request) == first


def test_a_session_id_is_nobody_elses(market: Market) -> None:
    first, second = market.submit(), market.submit()
    session = market.tender(first)
    with pytest.raises(RefusedError) as caught:
        market.tender(second, session_id=session)
    assert caught.value.refusal is Refusal.KEY_REUSED
    with pytest.raises(RefusedError) as caught:
        market.tender(second, OTHER_KIOSK, session_id=session)
    assert caught.value.refusal is Refusal.KEY_REUSED
    with pytest.raises(RefusedError) as caught:
        tendering.release(market.store, OTHER_KIOSK, session)
    assert caught.value.refusal is Refusal.UNKNOWN_ORDER


def test_a_kiosk_that_lost_its_memory_takes_the_order_again(market: Market) -> None:
    order = market.submit()
    before = market.tender(order)
    again = market.tender(order)
    tendering.release(market.store, KIOSK, before)
    assert market.look(order).status is OrderStatus.TENDERING
    tendering.release(market.store, KIOSK, again)
    assert market.look(order).status is OrderStatus.SUBMITTED


def test_after_the_lease_another_kiosk_takes_over(market: Market) -> None:
    order = market.submit()
    market.tender(order)
    market.clock.now += market.store.shop.tendering_lease_s
    market.tender(order, OTHER_KIOSK)
    assert market.look(order).status is OrderStatus.TENDERING


def test_nothing_is_paid_that_was_paid_voided_or_has_left(market: Market) -> None:
    paid, voided = market.submit(), market.submit(OrderLine(code=MILK, quantity=2))
    market.pay(paid)
    orders.void(market.store, STAFF, voided.order_id)
    assert refused(market, by_claim(paid.claim)).refusal is Refusal.ALREADY_PAID
    assert refused(market, by_claim(voided.claim)).refusal is Refusal.NOT_PAYABLE


def recall(market: Market, code: str, column: str = "recalled", value: int = 1) -> None:
    lines = [f"code,{column}\n", f"{int(code)},{value}\n"]
    import_products(market.store, lines, ImportRules(), ImportWatch())


def test_a_recall_after_handing_in_voids_the_order_before_money_goes_in(market: Market) -> None:
    order, other = market.submit(OrderLine(code=MILK), OrderLine(code=WINE)), market.submit(OrderLine(code=WINE))
    recall(market, MILK)
    found = refused(market, by_claim(order.claim))
    assert (found.refusal, "Milk 1 l" in found.sentence) == (Refusal.RECALLED_ARTICLE, True)
    assert market.look(order).status is OrderStatus.VOIDED, "the handheld gives the basket back"
    assert refused(market, by_claim(order.claim)).refusal is Refusal.NOT_PAYABLE
    assert market.pay(other).order.status is OrderStatus.PAID
    assert market.findings() == []


def test_a_recall_takes_an_order_from_a_kiosk_that_forgot_its_session(market: Market) -> None:
    order = market.submit()
    lost = market.tender(order)
    recall(market, MILK)
    assert refused(market, by_claim(order.claim)).refusal is Refusal.RECALLED_ARTICLE
    assert market.look(order).status is OrderStatus.VOIDED
    payment = market.payment(order, lost, market.coins(1280), 1280)
    with pytest.raises(RefusedError) as caught:
        payments.settle(market.store, KIOSK, payment)
    assert caught.value.refusal is Refusal.NOT_PAYABLE, "its money goes back"
    assert market.findings() == []


def test_a_recall_lets_another_kiosk_finish(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    recall(market, MILK)
    with pytest.raises(RefusedError) as caught:
        tendering.begin(market.store, OTHER_KIOSK, by_claim(order.claim))
    assert caught.value.refusal is Refusal.BUSY_ELSEWHERE
    payments.settle(market.store, KIOSK, market.payment(order, session, market.coins(1280), 1280))
    assert market.look(order).status is OrderStatus.PAID


def test_an_article_taken_off_sale_after_handing_in_can_be_paid(market: Market) -> None:
    order = market.submit()
    recall(market, MILK, "for_sale", 0)
    assert market.pay(order).order.status is OrderStatus.PAID


def test_a_difference_is_paid_whatever_was_recalled_since(market: Market) -> None:
    paid = market.pay(market.submit()).order
    market.enter(paid.exit_pass)
    due = market.rescan(paid, WINE)
    recall(market, MILK)
    session = uuid4()
    held = tendering.begin(market.store, KIOSK, BeginTendering(session_id=session, order_number=due.order_number))
    assert held.status is OrderStatus.TENDERING
