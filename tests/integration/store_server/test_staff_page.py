"""The staff page in a real Chromium against the real server; a gate is played over HTTP."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from program.settings import load_settings
from store_server.contract.cash_messages import CashEvent, SettleCash
from store_server.contract.check_messages import Check, CheckedArticle, CheckKind
from store_server.contract.client import StoreClient
from store_server.contract.device_messages import AskEnrolment, DeviceRole
from store_server.contract.enrolment import fingerprint, make_credential
from store_server.contract.lane_messages import EnterLane, Explanation, LaneReport, StaffCommandKind
from store_server.contract.order_messages import Order, OrderLine, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.staff_messages import StaffRole
from store_server.contract.tender_messages import BeginTendering
from store_server.services import staff
from store_server.services.store import open_store
from store_server.settings import ServerSettings
from tests.integration.store_server.server_process import STAFF_NAME, STAFF_PASSWORD, ServerProcess
from tests.unit.store_server.market import APPLES, MILK, WINE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGE_TIMEOUT_MS = 20_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PAGE_TIMEOUT_MS)
    expect.set_options(timeout=PAGE_TIMEOUT_MS)
    yield context.new_page()
    context.close()


def log_in(page: Page, server: ServerProcess, password: str = STAFF_PASSWORD) -> None:
    page.goto(f"{server.url}/staff")
    page.get_by_test_id("login-name").fill(STAFF_NAME)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()


def in_the_lane(server: ServerProcess, lane: str) -> Order:
    """Bring an order through kiosk and into a lane."""
    handheld, kiosk = server.client("handheld-1"), server.client("kiosk-1")
    book = handheld.price_book()
    assert book is not None
    lines = [OrderLine(code=MILK, quantity=2), OrderLine(code=APPLES, weight_g=850)]
    order = handheld.submit_order(SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=lines))
    session_id = uuid4()
    kiosk.begin_tendering(BeginTendering(session_id=session_id, claim=order.claim))
    note = CashEvent(device="note-box", epoch=1, seq=uuid4().int % 2**50, value_minor=5000)
    settled = kiosk.settle_cash(
        SettleCash(
            payment_id=uuid4(),
            session_id=session_id,
            order_id=order.order_id,
            revision=1,
            cash_due_minor=3660,
            taken=[note],
            change_minor=1340,
        )
    )
    return server.client("gate-1").enter_lane(EnterLane(entry_id=uuid4(), lane=lane, exit_pass=settled.order.exit_pass))


def auditing(order: Order, lane: str) -> LaneReport:
    return LaneReport(
        lane=lane,
        state="auditing",
        headline={"en": "Something weighs more than expected. Staff will help you.", "zh": "重量不符"},
        order_id=order.order_id,
        order_number=order.order_number,
        expected_g=2935.0,
        spread_g=6.2,
        measured_g=4246.0,
        explanations=[
            Explanation(kind="missing_scan", code=WINE, text={"en": "Red wine was not scanned"}, probability=0.87),
            Explanation(kind="own_bag", code=None, text={"en": "Own bag on the belt"}, probability=0.09),
        ],
    )


def test_a_wrong_password_is_told_and_nothing_is_shown(server: ServerProcess, page: Page) -> None:
    log_in(page, server, "a wrong guess")
    expect(page.get_by_test_id("login-wrong")).to_have_text("Name or password is wrong.")
    expect(page.get_by_test_id("orders")).to_have_count(0)


def test_staff_sees_the_lane_and_rescans_the_forgotten_article(server: ServerProcess, page: Page, tmp_path: Path) -> None:
    gate, order = server.client("gate-1"), in_the_lane(server, "lane-1")
    gate.report_lane(auditing(order, "lane-1"))
    log_in(page, server)
    card = page.get_by_test_id("lane-lane-1")
    expect(card).to_contain_text("Something weighs more")
    expect(card).to_contain_text("Red wine was not scanned")
    expect(card).to_contain_text("+1,311 g")
    page.screenshot(path=tmp_path / "auditing.png", full_page=True)

    page.get_by_test_id("lane-lane-1-rescan").fill("no such thing")
    page.get_by_test_id("lane-lane-1-rescan").press("Enter")
    expect(page.get_by_test_id("lane-lane-1-rescan-answer")).to_contain_text("no product code")
    page.get_by_test_id("lane-lane-1-rescan").fill("9520000000028")
    page.get_by_test_id("lane-lane-1-rescan-submit").click()
    expect(page.get_by_test_id("lane-lane-1-rescan-answer")).to_contain_text("Added Red wine for ¥89.90")
    number = f"{order.order_number[:3]}-{order.order_number[3:]}"
    expect(page.get_by_test_id("lane-lane-1-due")).to_contain_text(f"¥89.90 due: pay order {number} at a kiosk")
    expect(page.get_by_test_id("lane-lane-1-rescan")).to_have_value("")
    expect(page.get_by_test_id("orders")).to_contain_text("¥89.90")
    page.screenshot(path=tmp_path / "rescanned.png", full_page=True)
    amended = gate.order(order.order_id)
    assert (amended.status, amended.revision, amended.due_minor) == (OrderStatus.SUBMITTED, 2, 8990)


def checking(order: Order, lane: str, *, full: bool = False) -> LaneReport:
    chance = {"en": "Chance of a random check: 8 % (everybody's is 2 %).", "zh": "抽查概率：8 %（基础概率为 2 %）。"}
    worth = {"en": "x 2.5: the goods are worth ¥300.00", "zh": "x 2.5：商品价值 ¥300.00"}
    check = Check(
        check_id=uuid4(),
        kind=CheckKind.FULL if full else CheckKind.SAMPLE,
        why=[{"en": "Random check.", "zh": "随机抽查。"}, chance],
        articles=[] if full else [CheckedArticle(code=MILK, name={"en": "Milk 1 l", "zh": "牛奶"}, quantity=2)],
        free_picks=0 if full else 1,
    )
    return LaneReport(
        lane=lane,
        state="auditing",
        headline={"en": "A short check by our staff, as we do now and then.", "zh": "工作人员将做一次例行抽查。"},
        order_id=order.order_id,
        order_number=order.order_number,
        expected_g=2935.0,
        spread_g=6.2,
        measured_g=2941.0,
        check=check,
        risk=[chance, worth],
        blind=[
            {
                "en": "A single article lighter than 31 g may go unnoticed by the scale.",
                "zh": "低于 31 克的商品，秤可能察觉不到。",
            }
        ],
    )


def test_staff_looks_through_the_goods_and_the_order_becomes_what_was_found(
    server: ServerProcess, page: Page, tmp_path: Path
) -> None:
    gate, order = server.client("gate-1"), in_the_lane(server, "lane-4")
    gate.report_lane(checking(order, "lane-4"))
    log_in(page, server)
    scan = page.get_by_test_id("lane-lane-4-check-scan")
    rows = page.get_by_test_id("lane-lane-4-check-rows")
    expect(page.get_by_test_id("lane-lane-4-check-why")).to_contain_text("Random check.")
    expect(rows).to_contain_text("0 of 2 paid")
    for code, found in (("9520000000011", "1 of 2 paid"), ("9520000000028", "1 of 0 paid")):
        scan.fill(code)
        scan.press("Enter")
        expect(rows).to_contain_text(found)
    page.get_by_test_id("lane-lane-4-check-undo").click()
    expect(rows).not_to_contain_text("Red wine")
    scan.fill("9520000000028")
    scan.press("Enter")
    expect(rows).to_contain_text("Red wine")
    page.screenshot(path=tmp_path / "check.png", full_page=True)
    page.get_by_test_id("lane-lane-4-check-finish").click()
    expect(page.get_by_test_id("lane-lane-4-check-answer")).to_have_text("The sample does not fit: please scan everything.")
    full = checking(order, "lane-4", full=True)
    assert [kind for kind, _, _ in commands(gate, full)] == [StaffCommandKind.CHECK_FAILED]
    page.get_by_test_id("language-zh").click()
    expect(page.get_by_test_id("lane-lane-4")).to_contain_text("全查：请扫描袋中每一件商品")
    for code in ("9520000000011", "9520000000028"):
        scan.fill(code)
        scan.press("Enter")
        expect(scan).to_have_value("")
    expect(rows).to_contain_text("红酒")
    page.get_by_test_id("lane-lane-4-check-finish").click()
    expect(page.get_by_test_id("lane-lane-4-check-answer")).to_contain_text("还需支付 ¥66.13")
    page.screenshot(path=tmp_path / "check-zh.png", full_page=True)
    amended = gate.order(order.order_id)
    assert (amended.status, amended.revision, amended.due_minor) == (OrderStatus.SUBMITTED, 2, 1280 + 8990 - order.total_minor)
    page.get_by_test_id("language-en").click()


def test_ways_out_pauses_and_fire_have_their_buttons(server: ServerProcess, page: Page, tmp_path: Path) -> None:
    gate = server.client("gate-1")
    idle = LaneReport(lane="lane-5", state="idle", headline={"en": "Welcome. Please show the exit code on your receipt."})
    gate.report_lane(idle)
    log_in(page, server)
    mark = "lane-lane-5"

    def menu(item: str) -> None:
        page.get_by_test_id(f"{mark}-more").click()
        page.get_by_test_id(f"{mark}-{item}").click()

    menu("let-out")
    page.get_by_test_id(f"{mark}-let-out-wheelchair").click()
    page.screenshot(path=tmp_path / "let-out.png", animations="disabled")
    page.get_by_test_id(f"{mark}-let-out-confirm").click()
    expect(page.get_by_text("lane-5: let out sent")).to_be_visible()
    menu("admit")
    page.get_by_test_id(f"{mark}-admit-number").fill("000-5724")
    page.get_by_test_id(f"{mark}-admit-confirm").click()
    expect(page.get_by_text("lane-5: admit sent")).to_be_visible()
    menu("pause")
    page.get_by_test_id(f"{mark}-pause-15").click()
    expect(page.get_by_text("lane-5: pause checks sent")).to_be_visible()
    menu("fire-all")
    page.get_by_test_id(f"{mark}-fire-confirm").click()
    expect(page.get_by_text("lane-5: open for fire sent")).to_be_visible()
    told = gate.report_lane(idle).commands
    assert [(one.kind.value, one.seconds, one.order_number) for one in told] == [
        ("let_out", 60, None),
        ("admit", None, "0005724"),
        ("pause_checks", 900, None),
        ("open_for_fire", None, None),
    ]
    assert told[0].reason == "Wheelchair or pram"
    fire = LaneReport(
        lane="lane-5",
        state="fire",
        headline={"en": "Fire alarm. The gate is open: leave the building now."},
        fire=True,
        checks_paused_s=840,
        done_commands=[one.command_id for one in told],
    )
    gate.report_lane(fire)
    expect(page.get_by_test_id(f"{mark}-fire")).to_contain_text("stays open until you reset it")
    expect(page.get_by_test_id(f"{mark}-switched")).to_contain_text("No random checks for 14 min.")
    page.screenshot(path=tmp_path / "fire.png", full_page=True)
    page.get_by_test_id(f"{mark}-reset-fire").click()
    expect(page.get_by_text("lane-5: reset fire sent")).to_be_visible()
    assert [kind for kind, _, _ in commands(gate, fire)] == [StaffCommandKind.RESET_FIRE]
    gate.report_lane(idle)


def commands(gate: StoreClient, report: LaneReport) -> list[tuple[StaffCommandKind, str, str]]:
    return [(command.kind, command.reason, command.staff) for command in gate.report_lane(report).commands]


def test_an_alarm_is_red_and_can_be_silenced(server: ServerProcess, page: Page, tmp_path: Path) -> None:
    gate = server.client("gate-1")
    report = LaneReport(lane="lane-2", state="alarm", headline={"en": "Please wait for staff."}, alarm=True)
    gate.report_lane(report)
    log_in(page, server)
    card = page.get_by_test_id("lane-lane-2")
    expect(card).to_have_class(re.compile("sl-bad"))
    page.screenshot(path=tmp_path / "alarm.png", full_page=True)
    page.get_by_test_id("lane-lane-2-silence").click()
    expect(page.get_by_text("lane-2: silence alarm sent")).to_be_visible()
    assert commands(gate, report) == [(StaffCommandKind.SILENCE_ALARM, "", STAFF_NAME)]
    gate.report_lane(report.model_copy(update={"alarm": False, "state": "idle"}))
    expect(page.get_by_test_id("lane-lane-2-silence")).to_be_hidden()


def test_a_release_asks_for_its_reason(server: ServerProcess, page: Page, tmp_path: Path) -> None:
    gate, order = server.client("gate-1"), in_the_lane(server, "lane-3")
    gate.report_lane(auditing(order, "lane-3"))
    log_in(page, server)
    page.get_by_test_id("lane-lane-3-release").click()
    confirm = page.get_by_test_id("lane-lane-3-release-confirm")
    expect(confirm).to_be_disabled()
    page.get_by_test_id("lane-lane-3-release-reason").fill("Bottle was a gift")
    page.screenshot(path=tmp_path / "release.png", animations="disabled")
    confirm.click()
    expect(page.get_by_text("lane-3: release sent")).to_be_visible()
    assert commands(gate, auditing(order, "lane-3")) == [(StaffCommandKind.RELEASE, "Bottle was a gift", STAFF_NAME)]


def test_a_login_outlives_a_reload_and_ends_with_logging_out(server: ServerProcess, page: Page) -> None:
    log_in(page, server)
    expect(page.get_by_test_id("staff-name")).to_have_text(STAFF_NAME)
    page.reload()
    expect(page.get_by_test_id("staff-name")).to_have_text(STAFF_NAME)
    page.get_by_test_id("logout").click()
    expect(page.get_by_test_id("login-name")).to_be_visible()
    page.goto(f"{server.url}/staff")
    expect(page.get_by_test_id("login-name")).to_be_visible()


def test_nothing_is_wider_than_a_phone(server: ServerProcess, browser: Browser, tmp_path: Path) -> None:
    gate, order = server.client("gate-1"), in_the_lane(server, "lane-1")
    gate.report_lane(auditing(order, "lane-1"))
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    context.set_default_timeout(PAGE_TIMEOUT_MS)
    try:
        page = context.new_page()
        log_in(page, server)
        expect(page.get_by_test_id("lane-lane-1")).to_be_visible()
        page.screenshot(path=tmp_path / "phone.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        context.close()


def test_a_half_typed_code_survives_the_refresh(server: ServerProcess, page: Page) -> None:
    gate, order = server.client("gate-1"), in_the_lane(server, "lane-1")
    gate.report_lane(auditing(order, "lane-1"))
    log_in(page, server)
    page.get_by_test_id("lane-lane-1-rescan").fill("95200")
    gate.report_lane(auditing(order, "lane-1").model_copy(update={"measured_g": 4250.0}))
    expect(page.get_by_test_id("lane-lane-1")).to_contain_text("4,250 g")
    expect(page.get_by_test_id("lane-lane-1-rescan")).to_have_value("95200")


def test_an_open_page_does_not_keep_the_server_from_ending_nor_its_login_from_lasting(
    own_server: ServerProcess, page: Page
) -> None:
    own_server.start()
    log_in(page, own_server)
    expect(page.get_by_test_id("staff-name")).to_have_text(STAFF_NAME)
    assert own_server.stop() == 0
    page.goto("about:blank")  # the open page would load itself anew at the same moment
    own_server.start()
    page.goto(f"{own_server.url}/staff")
    expect(page.get_by_test_id("staff-name")).to_have_text(STAFF_NAME)
    assert "Traceback" not in own_server.log()


def test_a_supervisor_lets_a_device_in(server: ServerProcess, page: Page) -> None:
    store = open_store(load_settings(ServerSettings, server.settings))
    staff.add_staff(store, "boss", STAFF_PASSWORD, StaffRole.SUPERVISOR)
    store.database.close()
    page.goto(f"{server.url}/staff")
    page.get_by_test_id("login-name").fill("boss")
    page.get_by_test_id("login-password").fill(STAFF_PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("add-device").click()
    shown = page.get_by_test_id("enrolment-code")
    expect(shown).to_contain_text("type it on the device")
    credential = make_credential()
    asked = server.client().ask_enrolment(
        AskEnrolment(
            code=(shown.text_content() or "").split()[0],
            name="kiosk-8",
            role=DeviceRole.KIOSK,
            fingerprint=fingerprint(credential),
        )
    )
    expect(page.get_by_test_id("fingerprint")).to_have_text(asked.fingerprint)
    page.get_by_test_id("approve").click()
    expect(page.get_by_test_id("waiting-kiosk-8")).to_have_count(0)
    assert StoreClient(server.url, credential).shop().shop_id == 1
