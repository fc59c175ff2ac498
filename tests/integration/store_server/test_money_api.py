"""Members, coupons, several tenders and refunds over HTTP, against the real server."""

from __future__ import annotations

import random
import time
from uuid import uuid4

import pytest

from program.settings import load_settings
from store_server.contract.cash_messages import CashEvent, CashReport, CloseKiosk, OpenKiosk
from store_server.contract.client import StoreClient, StoreRefusedError
from store_server.contract.member_messages import DeleteMember, IssueCoupons, MemberLogin, RegisterMember, ShowMember, TopUp
from store_server.contract.order_messages import OrderLine, SubmitOrder, VoidOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.promotions import BasketOff
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin, StaffRole
from store_server.contract.tender_messages import (
    AskRefund,
    BeginTendering,
    EnterCoupon,
    HoldBalance,
    IdentifyMember,
    RecordCard,
    RefundState,
    SettleOrder,
)
from store_server.services import catalogue, staff
from store_server.services.store import open_store
from store_server.settings import ServerSettings
from tests.integration.store_server.server_process import STAFF_NAME, STAFF_PASSWORD, ServerProcess
from tests.unit.store_server.market import MILK

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def manager(server: ServerProcess) -> StoreClient:
    store = open_store(load_settings(ServerSettings, server.settings))
    staff.add_staff(store, "boss", PASSWORD, StaffRole.MANAGER)
    offer = BasketOff(promotion_id="ten-off", texts={"en": "10 % off"}, by_coupon=True, basis_points=1000)
    catalogue.set_promotions(store, [offer])
    store.database.close()
    client = server.client()
    client.login(StaffLogin(name="boss", password=PASSWORD))
    return client


def attendant(server: ServerProcess) -> StoreClient:
    client = server.client()
    client.login(StaffLogin(name=STAFF_NAME, password=STAFF_PASSWORD))
    return client


def test_a_member_pays_with_coupon_balance_and_card_and_gets_money_back(server: ServerProcess, manager: StoreClient) -> None:
    kiosk, handheld = server.client("kiosk-1"), server.client("handheld-1")
    login = f"{uuid4()}@example.org"
    joined = handheld.register_member(RegisterMember(member_id=uuid4(), login=login, password=PASSWORD, name="Li"))
    token = kiosk.login_member(MemberLogin(login=login, password=PASSWORD)).token
    taken = [CashEvent(device="note-box", epoch=random.randint(0, 2**50), seq=1, value_minor=1000)]
    paid_in = TopUp(top_up_id=uuid4(), session_id=uuid4(), member_token=token, amount_minor=1000, taken=taken, change_minor=0)
    assert kiosk.top_up(paid_in) == kiosk.top_up(paid_in)
    kiosk.report_cash(
        CashReport(session_id=paid_in.session_id, order_id=None, outcome="paid", taken=taken, payouts=[], owed_minor=0)
    )
    now = int(time.time())
    batch = IssueCoupons(batch_id=uuid4(), promotion_id="ten-off", valid_from=now - 60, valid_until=now + 3600)
    (code,) = manager.issue_coupons(batch).codes

    book = handheld.price_book()
    assert book is not None
    assert [one.promotion_id for one in book.promotions] == ["ten-off"]
    basket = SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=[OrderLine(code=MILK)], member_token=token)
    order = handheld.submit_order(basket)
    session = uuid4()
    kiosk.begin_tendering(BeginTendering(session_id=session, claim=order.claim))
    kiosk.identify_member(session, IdentifyMember(request_id=uuid4(), member_token=token))
    assert kiosk.enter_coupon(session, EnterCoupon(entry_id=uuid4(), code=code)).order.total_minor == 1152
    kiosk.record_card(session, RecordCard(payment_id=uuid4(), amount_minor=152, reference="T1 42"))
    shown = kiosk.hold_balance(session, HoldBalance(hold_id=uuid4(), member_token=token))
    assert (shown.rest_minor, shown.held_minor) == (0, 1000)
    assert kiosk.tendering(session) == shown
    facts = SettleOrder(payment_id=uuid4(), session_id=session, order_id=order.order_id, revision=shown.order.revision)
    settled = kiosk.settle_order(facts)
    assert settled == kiosk.settle_order(facts)
    assert settled.order.status is OrderStatus.PAID
    account = kiosk.show_member(ShowMember(member_token=token))
    assert (account.member_id, account.available_minor, account.points) == (joined.member_id, 0, 11)

    desk = attendant(server)
    for payment in desk.order_payments(order.order_id):
        asked = AskRefund(
            refund_id=uuid4(), payment_id=payment.payment_id, amount_minor=payment.captured_minor, reason="spoilt"
        )
        assert desk.ask_refund(asked).state is RefundState.DONE
    assert len(desk.order_refunds(order.order_id)) == 2
    assert desk.order_payments(order.order_id)[0].refund_reserved_minor > 0
    assert handheld.order(order.order_id).status is OrderStatus.REFUNDED
    gone = DeleteMember(member_token=token, password=PASSWORD, give_up_balance=True)
    assert kiosk.delete_member(gone).left_minor == 1000
    assert server.run("verify").returncode == 0


def test_staff_rights_and_uniform_answers(server: ServerProcess, manager: StoreClient) -> None:
    kiosk, handheld = server.client("kiosk-1"), server.client("handheld-1")
    batch = IssueCoupons(batch_id=uuid4(), promotion_id="ten-off", valid_from=1, valid_until=2)
    with pytest.raises(StoreRefusedError) as refused:
        attendant(server).issue_coupons(batch)
    assert refused.value.refusal is Refusal.FORBIDDEN
    (late,) = manager.issue_coupons(batch).codes
    book = handheld.price_book()
    assert book is not None
    order = handheld.submit_order(SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=[OrderLine(code=MILK)]))
    session = uuid4()
    kiosk.begin_tendering(BeginTendering(session_id=session, claim=order.claim))
    answers = set()
    for code in (late, "NOSUCHCODE"):
        with pytest.raises(StoreRefusedError) as refused:
            kiosk.enter_coupon(session, EnterCoupon(entry_id=uuid4(), code=code))
        answers.add((refused.value.refusal, refused.value.sentence))
    assert len(answers) == 1
    kiosk.release_tendering(session)
    assert attendant(server).void_order(order.order_id, VoidOrder(reason="left")).status is OrderStatus.VOIDED


def test_a_kiosk_session_over_http(server: ServerProcess) -> None:
    kiosk, opening = server.client("kiosk-1"), OpenKiosk(kiosk_session_id=uuid4())
    before = kiosk.open_kiosk(OpenKiosk(kiosk_session_id=uuid4())).kiosk_session_id
    kiosk.close_kiosk(CloseKiosk(kiosk_session_id=before, counted={}))  # what was taken until now is in this list
    assert kiosk.open_kiosk(opening).state == "open"
    closed = kiosk.close_kiosk(CloseKiosk(kiosk_session_id=opening.kiosk_session_id, counted={}))
    assert (closed.state, closed.differences) == ("closed", {})
