from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
import requests

from store_server.contract.cash_messages import CashEvent, CashReport, Payout, SettleCash
from store_server.contract.client import StoreClient, StoreRefusedError
from store_server.contract.lane_messages import EnterLane, GiveCommand, LaneReport, LeaveLane, ReportExit, StaffCommandKind
from store_server.contract.order_messages import AddArticle, Order, OrderLine, SubmitOrder
from store_server.contract.order_pass import OrderPass, PassKind, verify
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin
from store_server.contract.tender_messages import BeginTendering
from tests.integration.store_server.server_process import STAFF_NAME, STAFF_PASSWORD, ServerProcess
from tests.unit.store_server.market import APPLES, MILK, WINE


@pytest.fixture(scope="module")
def server(server_on_each: ServerProcess) -> ServerProcess:
    """Every request of this file goes to a server on each database."""
    return server_on_each


ROLES = ("", "handheld-1", "kiosk-1", "gate-1", "staff")


def clients(server: ServerProcess) -> dict[str, StoreClient]:
    found = {name: server.client(name) for name in ROLES if name != "staff"}
    found["staff"] = server.client()
    found["staff"].login(StaffLogin(name=STAFF_NAME, password=STAFF_PASSWORD))
    return found


def basket(client: StoreClient, *lines: OrderLine, order_id: UUID | None = None) -> SubmitOrder:
    book = client.price_book()
    assert book is not None
    return SubmitOrder(
        order_id=order_id or uuid4(), price_book_version=book.version, lines=list(lines) or [OrderLine(code=MILK)]
    )


def submitted(server: ServerProcess, *lines: OrderLine) -> Order:
    handheld = server.client("handheld-1")
    return handheld.submit_order(basket(handheld, *lines))


def payment(order: Order, session_id: UUID, seq: int, taken_minor: int) -> SettleCash:
    cash_due = (order.due_minor + 5) // 10 * 10
    return SettleCash(
        payment_id=uuid4(),
        session_id=session_id,
        order_id=order.order_id,
        revision=order.revision,
        cash_due_minor=cash_due,
        taken=[CashEvent(device="note-box", epoch=random.randint(0, 2**50), seq=seq, value_minor=taken_minor)],
        change_minor=taken_minor - cash_due,
    )


def held(server: ServerProcess, order: Order) -> tuple[StoreClient, UUID]:
    kiosk, session_id = server.client("kiosk-1"), uuid4()
    kiosk.begin_tendering(BeginTendering(session_id=session_id, claim=order.claim))
    return kiosk, session_id


def paid(server: ServerProcess, *lines: OrderLine) -> Order:
    order = submitted(server, *lines)
    kiosk, session_id = held(server, order)
    request = payment(order, session_id, 1, (order.due_minor + 5) // 10 * 10)
    settled = kiosk.settle_cash(request)
    kiosk.report_cash(
        CashReport(
            session_id=session_id, order_id=order.order_id, outcome="paid", taken=request.taken, payouts=[], owed_minor=0
        )
    )
    return settled.order


def leaving(order: Order) -> ReportExit:
    return ReportExit(
        exit_id=uuid4(),
        order_id=order.order_id,
        revision=order.revision,
        lane="lane-1",
        opened_at=1_800_000_000,
        measured_g=1040,
        decided_by="server",
    )


def refused(action: Callable[[], object]) -> Refusal:
    with pytest.raises(StoreRefusedError) as caught:
        action()
    assert caught.value.sentence
    return caught.value.refusal


def test_one_trip_with_a_forgotten_article_over_http(server: ServerProcess) -> None:
    who = clients(server)
    shop = who["gate-1"].shop()
    keys = {
        (PassKind.CLAIM if key.kind == "claim" else PassKind.EXIT, bytes.fromhex(key.key_id)): bytes.fromhex(key.public_key)
        for key in shop.pass_keys
    }
    order = submitted(server, OrderLine(code=MILK, quantity=2), OrderLine(code=APPLES, weight_g=850))
    kiosk, session_id = held(server, order)
    request = payment(order, session_id, 1, 5000)
    settled = kiosk.settle_cash(request)
    shown = verify(settled.order.exit_pass or "", kind=PassKind.EXIT, shop_id=1, keys=keys, now_s=settled.paid_at)
    assert isinstance(shown, OrderPass)
    change = Payout(payout_id=uuid4(), device="hopper-10", coin_minor=10, requested=134, paid=134)
    report = CashReport(
        session_id=session_id, order_id=order.order_id, outcome="paid", taken=request.taken, payouts=[change], owed_minor=0
    )
    assert kiosk.report_cash(report).new_events == 0

    entry = EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass=settled.order.exit_pass)
    assert who["gate-1"].enter_lane(entry).status is OrderStatus.LEAVING
    amended = who["staff"].add_article(order.order_id, AddArticle(amendment_id=uuid4(), code="9520000000028"))
    assert (amended.revision, amended.due_minor) == (2, 8990)
    again = server.client("handheld-1").order(order.order_id)
    kiosk, session_id = held(server, again)
    kiosk.settle_cash(payment(again, session_id, 2, 8990))
    entered = who["gate-1"].enter_lane(EnterLane(entry_id=uuid4(), lane="lane-1", order_number=order.order_number))
    assert who["gate-1"].report_exit(leaving(entered)).status is OrderStatus.EXITED
    assert who["staff"].recent_orders()[0].status is OrderStatus.EXITED
    assert refused(lambda: who["gate-1"].enter_lane(entry.model_copy(update={"entry_id": uuid4()}))) is Refusal.ALREADY_USED


def test_lane_and_staff_hear_each_other(server: ServerProcess) -> None:
    who = clients(server)
    report = LaneReport(lane="lane-7", state="alarm", headline={"en": "Please wait"}, alarm=True)
    assert who["gate-1"].report_lane(report).commands == []
    assert any(view.report == report for view in who["staff"].lanes())
    given = who["staff"].command_lane("lane-7", GiveCommand(command_id=uuid4(), kind=StaffCommandKind.SILENCE_ALARM))
    assert who["gate-1"].report_lane(report).commands == [given]
    assert given.staff == STAFF_NAME
    done = report.model_copy(update={"alarm": False, "done_commands": [given.command_id]})
    assert who["gate-1"].report_lane(done).commands == []


def test_a_shopper_who_turns_back_gets_the_pass_back(server: ServerProcess) -> None:
    order, gate = paid(server), server.client("gate-1")
    entry = EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass=order.exit_pass)
    gate.enter_lane(entry)
    assert gate.leave_lane(LeaveLane(entry_id=entry.entry_id)).exit_pass == order.exit_pass


ANY_ID = UUID(int=1)
CALLS: dict[str, tuple[Callable[[StoreClient], object], set[str]]] = {
    "shop": (lambda client: client.shop(), {"handheld-1", "kiosk-1", "gate-1", "staff"}),
    "price book": (lambda client: client.price_book(), {"handheld-1", "kiosk-1", "gate-1", "staff"}),
    "order": (lambda client: client.order(ANY_ID), {"handheld-1", "kiosk-1", "gate-1", "staff"}),
    "submit": (
        lambda client: client.submit_order(SubmitOrder(order_id=ANY_ID, price_book_version=1, lines=[OrderLine(code=MILK)])),
        {"handheld-1"},
    ),
    "tender": (lambda client: client.begin_tendering(BeginTendering(session_id=ANY_ID, order_number="0005724")), {"kiosk-1"}),
    "release": (lambda client: client.release_tendering(ANY_ID), {"kiosk-1"}),
    "settle": (
        lambda client: client.settle_cash(
            SettleCash(
                payment_id=ANY_ID,
                session_id=ANY_ID,
                order_id=ANY_ID,
                revision=1,
                cash_due_minor=10,
                taken=[CashEvent(device="coin-box", epoch=0, seq=0, value_minor=10)],
                change_minor=0,
            )
        ),
        {"kiosk-1"},
    ),
    "cash report": (
        lambda client: client.report_cash(
            CashReport(session_id=ANY_ID, order_id=None, outcome="cancelled", taken=[], payouts=[], owed_minor=0)
        ),
        {"kiosk-1"},
    ),
    "enter": (
        lambda client: client.enter_lane(EnterLane(entry_id=ANY_ID, lane="lane-1", order_number="0005724")),
        {"gate-1"},
    ),
    "leave": (lambda client: client.leave_lane(LeaveLane(entry_id=ANY_ID)), {"gate-1"}),
    "exit": (
        lambda client: client.report_exit(
            ReportExit(
                exit_id=ANY_ID, order_id=ANY_ID, revision=1, lane="lane-1", opened_at=1, measured_g=None, decided_by="staff"
            )
        ),
        {"gate-1"},
    ),
    "lane": (lambda client: client.report_lane(LaneReport(lane="lane-9", state="idle", headline={})), {"gate-1"}),
    "lanes": (lambda client: client.lanes(), {"staff"}),
    "command": (
        lambda client: client.command_lane("no-lane", GiveCommand(command_id=ANY_ID, kind=StaffCommandKind.REFUSE)),
        {"staff"},
    ),
    "rescan": (lambda client: client.add_article(ANY_ID, AddArticle(amendment_id=ANY_ID, code="1")), {"staff"}),
    "orders": (lambda client: client.recent_orders(), {"staff"}),
    "ledger": (lambda client: client.ledger(), {"staff"}),
}


@pytest.mark.parametrize("call", CALLS)
def test_who_may_call_what(server: ServerProcess, call: str) -> None:
    action, allowed = CALLS[call]
    for role, client in clients(server).items():
        try:
            action(client)
            refusal = None
        except StoreRefusedError as error:
            refusal = error.refusal
        expected = {Refusal.UNAUTHENTICATED} if role == "" else {Refusal.FORBIDDEN}
        if role in allowed:
            assert refusal not in {Refusal.UNAUTHENTICATED, Refusal.FORBIDDEN}, role
        else:
            assert refusal in expected, role


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "Bearer \xff", "bearer " + "x" * 4000]
)
def test_a_token_that_is_none_is_refused(server: ServerProcess, header: str) -> None:
    answer = requests.get(f"{server.url}/v1/shop", headers={"Authorization": header.encode("latin-1")}, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["refusal"] == "unauthenticated"


def test_a_handheld_sees_its_own_orders_only(server: ServerProcess) -> None:
    order = submitted(server)
    assert server.client("handheld-1").order(order.order_id).order_number == order.order_number
    assert refused(lambda: server.client("handheld-2").order(order.order_id)) is Refusal.UNKNOWN_ORDER


BAD_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "rubbish": b"\x00\xff\xfe rubbish",
    "no object": b"[1, 2, 3]",
    "cut off": b'{"order_id": "11111111-1111-1111-1111-1111111111',
    "deep": b"[" * 50_000,
    "other fields": b'{"nonsense": 1}',
    "lone surrogate": b'{"order_id": "\\ud800", "price_book_version": 1, "lines": []}',
    "number too long": b'{"order_id": "11111111-1111-1111-1111-111111111111", "price_book_version": 1'
    + b"0" * 5000
    + b', "lines": []}',
    "not a number": b'{"order_id": "11111111-1111-1111-1111-111111111111", "price_book_version": NaN, "lines": []}',
    "quantity of minus one": b'{"order_id": "11111111-1111-1111-1111-111111111111", "price_book_version": 1,'
    b' "lines": [{"code": "09520000000011", "quantity": -1}]}',
    "a price of its own making": b'{"order_id": "11111111-1111-1111-1111-111111111111", "price_book_version": 1,'
    b' "lines": [{"code": "09520000000011", "unit_price_minor": 1}]}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/staff/login"])
def test_a_bad_body_gets_a_sentence(server: ServerProcess, body: bytes, path: str) -> None:
    headers = {"Authorization": f"Bearer {server.tokens['handheld-1']}", "Content-Type": "application/json"}
    answer = requests.post(f"{server.url}{path}", data=body, headers=headers, timeout=5)
    assert answer.status_code in {400, 422}
    assert answer.json()["refusal"] == "bad_request"
    assert "not understood" in answer.json()["sentence"]


def test_a_wrong_field_is_named(server: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {server.tokens['handheld-1']}"}
    body = {"order_id": str(uuid4()), "price_book_version": 1, "lines": [{"code": MILK}, {"code": MILK, "quantity": 0}]}
    answer = requests.post(f"{server.url}/v1/orders", json=body, headers=headers, timeout=5)
    assert "lines.1.quantity" in answer.json()["sentence"]


def test_too_large_a_body_is_refused_before_it_is_read(server: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {server.tokens['handheld-1']}"}
    for data in (b" " * (1024 * 1024 + 1), iter([b" " * 65_536] * 20)):
        answer = requests.post(f"{server.url}/v1/orders", data=data, headers=headers, timeout=10)
        assert answer.status_code == 413
        assert answer.json()["refusal"] == "bad_request"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("DELETE", "/v1/orders", 405),
        ("GET", "/v1/orders/not-an-id", 422),
        ("PUT", "/v1/lanes/Lane%201", 422),
    ],
)
def test_a_wrong_address_gets_a_sentence(server: ServerProcess, method: str, path: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {server.tokens['gate-1']}"}
    answer = requests.request(method, f"{server.url}{path}", headers=headers, timeout=5)
    assert answer.status_code == status
    assert answer.json()["refusal"] == "bad_request"


def test_a_lane_report_to_another_lanes_address_is_refused(server: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {server.tokens['gate-1']}"}
    body = LaneReport(lane="lane-1", state="idle", headline={}).model_dump_json()
    answer = requests.put(f"{server.url}/v1/lanes/lane-2", data=body, headers=headers, timeout=5)
    assert answer.status_code == 422


def test_random_bytes_on_every_post_change_nothing(server: ServerProcess) -> None:
    seed = 20_261_122
    print(f"seed {seed}")
    source = random.Random(seed)
    staff = clients(server)["staff"]
    before = (staff.ledger(), staff.recent_orders())
    paths = {
        "handheld-1": ["/v1/orders"],
        "kiosk-1": ["/v1/tenderings", "/v1/payments", "/v1/cash-reports"],
        "gate-1": ["/v1/lane-entries", "/v1/lane-entries/release", "/v1/exits"],
    }
    for name, posts in paths.items():
        headers = {"Authorization": f"Bearer {server.tokens[name]}", "Content-Type": "application/json"}
        for path in posts:
            for _ in range(20):
                data = source.randbytes(source.randrange(400))
                answer = requests.post(f"{server.url}{path}", data=data, headers=headers, timeout=5)
                assert answer.status_code in {400, 422}, (path, data)
                assert answer.json()["refusal"] == "bad_request"
    assert (staff.ledger(), staff.recent_orders()) == before


def test_the_same_id_twice_and_with_another_body(server: ServerProcess) -> None:
    handheld = server.client("handheld-1")
    request = basket(handheld)
    first = handheld.submit_order(request)
    assert handheld.submit_order(request) == first
    other = request.model_copy(update={"lines": [OrderLine(code=WINE)]})
    assert refused(lambda: handheld.submit_order(other)) is Refusal.KEY_REUSED
    kiosk, session_id = held(server, first)
    settle = payment(first, session_id, 1, 2000)
    settled = kiosk.settle_cash(settle)
    assert kiosk.settle_cash(settle) == settled
    assert refused(lambda: kiosk.settle_cash(settle.model_copy(update={"change_minor": 1}))) is Refusal.KEY_REUSED


def test_eight_threads_settle_and_exit_one_order_once(server: ServerProcess) -> None:
    order = submitted(server)
    _, session_id = held(server, order)
    barrier = threading.Barrier(8)

    def settle(seq: int) -> Refusal | str:
        barrier.wait()
        try:
            return server.client("kiosk-1").settle_cash(payment(order, session_id, seq, 1280)).receipt_number
        except StoreRefusedError as error:
            return error.refusal

    def leave(_number: int) -> Refusal | str:
        barrier.wait()
        try:
            return server.client("gate-1").report_exit(leaving(order)).status.value
        except StoreRefusedError as error:
            return error.refusal

    with ThreadPoolExecutor(8) as pool:
        settled = list(pool.map(settle, range(8)))
        assert settled.count(Refusal.ALREADY_PAID) == 7
        exited = list(pool.map(leave, range(8)))
        assert sorted(exited) == [Refusal.ALREADY_USED] * 7 + ["exited"]


def test_five_wrong_passwords_lock(own_server: ServerProcess) -> None:
    own_server.start()
    client = own_server.client()
    for _ in range(5):
        assert refused(lambda: client.login(StaffLogin(name=STAFF_NAME, password="guess"))) is Refusal.UNAUTHENTICATED
    with pytest.raises(StoreRefusedError, match="Too many wrong passwords"):
        client.login(StaffLogin(name=STAFF_NAME, password=STAFF_PASSWORD))
