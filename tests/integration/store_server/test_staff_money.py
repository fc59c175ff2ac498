"""Charges in doubt and orders to void, on the staff page in a real Chromium against the real server."""

from __future__ import annotations

from uuid import UUID, uuid4

from playwright.sync_api import Page, expect

from program.settings import load_settings
from store_server.contract.cash_messages import CashReport
from store_server.contract.order_messages import Order, OrderLine, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.staff_messages import StaffRole
from store_server.contract.tender_messages import AskRefund, BeginTendering, RecordCard, RefundState, SettleOrder
from store_server.services import staff
from store_server.services.store import open_store
from store_server.settings import ServerSettings
from tests.integration.store_server import test_staff_page
from tests.integration.store_server.server_process import STAFF_PASSWORD, ServerProcess
from tests.integration.store_server.test_money_api import attendant
from tests.unit.store_server.market import MILK, WINE

browser, page = test_staff_page.browser, test_staff_page.page

pytestmark = test_staff_page.pytestmark


def submit(server: ServerProcess, code: str, pieces: int = 1) -> Order:
    handheld = server.client("handheld-1")
    book = handheld.price_book()
    assert book is not None
    lines = [OrderLine(code=code, quantity=pieces)]
    return handheld.submit_order(SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=lines))


def doubted(server: ServerProcess, order: Order) -> UUID:
    """The kiosk's terminal never says what became of the charge."""
    kiosk, session_id, charge_id = server.client("kiosk-1"), uuid4(), uuid4()
    kiosk.begin_tendering(BeginTendering(session_id=session_id, claim=order.claim))
    report = CashReport(
        session_id=session_id,
        order_id=order.order_id,
        outcome="owing",
        taken=[],
        payouts=[],
        owed_minor=0,
        card_charge_id=charge_id,
        card_doubt_minor=order.due_minor,
    )
    kiosk.report_cash(report)
    return charge_id


def test_staff_settles_charges_and_voids_an_order(server: ServerProcess, page: Page) -> None:
    charged, not_charged, large, unpaid = (
        submit(server, MILK),
        submit(server, MILK),
        submit(server, WINE, 3),
        submit(server, MILK),
    )
    marks = [str(doubted(server, order))[:8] for order in (charged, not_charged, large)]
    test_staff_page.log_in(page, server)
    for verdict, mark in zip(("charged", "not-charged", "charged"), marks, strict=True):
        page.get_by_test_id(f"case-{verdict}-{mark}").click()
        page.get_by_test_id(f"case-{verdict}-reason").fill("looked at the list")
        page.get_by_test_id(f"case-{verdict}-confirm").click()
        expect(page.get_by_test_id(f"case-{verdict}-{mark}")).to_have_count(0)
    expect(page.get_by_test_id(f"case-{marks[2]}")).to_contain_text("A second person must agree")
    number = f"{unpaid.order_number[:3]}-{unpaid.order_number[3:]}"
    page.get_by_test_id(f"void-{number}").click()
    page.get_by_test_id("void-reason").fill("shopper left")
    page.get_by_test_id("void-confirm").click()
    expect(page.get_by_test_id(f"void-{number}")).to_have_count(0)
    handheld = server.client("handheld-1")
    states = [handheld.order(order.order_id).status for order in (charged, not_charged, large, unpaid)]
    assert states == [OrderStatus.PAID, OrderStatus.SUBMITTED, OrderStatus.TENDERING, OrderStatus.VOIDED]


def test_a_second_person_agrees_to_a_refund(server: ServerProcess, page: Page) -> None:
    order, session = submit(server, WINE, 3), uuid4()
    kiosk = server.client("kiosk-1")
    kiosk.begin_tendering(BeginTendering(session_id=session, claim=order.claim))
    charge = RecordCard(payment_id=uuid4(), amount_minor=order.due_minor, reference="T1 43")
    shown = kiosk.record_card(session, charge)
    facts = SettleOrder(payment_id=uuid4(), session_id=session, order_id=order.order_id, revision=shown.order.revision)
    kiosk.settle_order(facts)
    asked = AskRefund(
        refund_id=uuid4(), payment_id=charge.payment_id, amount_minor=order.due_minor, reason="corked, all of them"
    )
    assert attendant(server).ask_refund(asked).state is RefundState.WAITING
    store = open_store(load_settings(ServerSettings, server.settings))
    staff.add_staff(store, "chief", STAFF_PASSWORD, StaffRole.SUPERVISOR)
    store.database.close()
    mark = str(asked.refund_id)[:8]
    test_staff_page.log_in(page, server)
    expect(page.get_by_test_id(f"refund-waiting-{mark}")).to_contain_text("mei asks: corked, all of them")
    expect(page.get_by_test_id(f"refund-agree-{mark}")).to_have_count(0)
    page.get_by_test_id("logout").click()
    page.get_by_test_id("login-name").fill("chief")
    page.get_by_test_id("login-password").fill(STAFF_PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id(f"refund-agree-{mark}").click()
    expect(page.get_by_test_id(f"refund-waiting-{mark}")).to_have_count(0)
    (refund,) = attendant(server).order_refunds(order.order_id)
    assert (refund.state, refund.decided_by) == (RefundState.DONE, "chief")
