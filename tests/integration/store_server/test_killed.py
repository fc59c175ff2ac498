"""The server dies at the worst moments; whoever repeats with the same id finds everything as it was."""

from __future__ import annotations

import sqlite3
import threading
from uuid import uuid4

import pytest
import requests

from store_server.contract.cash_messages import CashEvent, CashReport, SettleCash
from store_server.contract.client import StoreUnreachableError
from store_server.contract.lane_messages import LaneReport
from store_server.contract.order_messages import OrderLine, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.tender_messages import BeginTendering
from tests.integration.store_server.server_process import ServerProcess
from tests.unit.store_server.market import MILK

REPEATS_MAX = 400


def begun(server: ServerProcess) -> tuple[SubmitOrder, SettleCash]:
    """Submit an order and take hold of it; return the request that pays it."""
    handheld, kiosk = server.client("handheld-1"), server.client("kiosk-1")
    book = handheld.price_book()
    assert book is not None
    submit = SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=[OrderLine(code=MILK)])
    order = handheld.submit_order(submit)
    session_id = uuid4()
    kiosk.begin_tendering(BeginTendering(session_id=session_id, claim=order.claim))
    coin = CashEvent(device="coin-box", epoch=1, seq=uuid4().int % 2**50, value_minor=1280)
    settle = SettleCash(
        payment_id=uuid4(),
        session_id=session_id,
        order_id=order.order_id,
        revision=1,
        cash_due_minor=1280,
        taken=[coin],
        change_minor=0,
    )
    return submit, settle


def test_killed_between_a_payment_and_its_repeat(own_server: ServerProcess) -> None:
    own_server.start()
    submit, settle = begun(own_server)
    settled = own_server.client("kiosk-1").settle_cash(settle)
    own_server.kill()
    with pytest.raises(StoreUnreachableError):
        own_server.client("kiosk-1").settle_cash(settle)
    own_server.start()
    assert own_server.client("kiosk-1").settle_cash(settle) == settled
    assert own_server.client("handheld-1").submit_order(submit).order_number == settled.order.order_number
    assert own_server.client("handheld-1").order(submit.order_id).status is OrderStatus.PAID
    own_server.client("kiosk-1").report_cash(
        CashReport(
            session_id=settle.session_id, order_id=submit.order_id, outcome="paid", taken=settle.taken, payouts=[], owed_minor=0
        )
    )
    assert own_server.stop() == 0
    done = own_server.run("verify")
    assert "The books agree." in done.stdout


def test_killed_while_payments_rain_in(own_server: ServerProcess) -> None:
    """Kill -9 in the middle of many payments; every one of them is either booked whole or not at all, and repeats finish it."""
    own_server.start()
    waiting = [begun(own_server)[1] for _ in range(4)]
    first_answer = threading.Event()

    def pay(settle: SettleCash) -> None:
        client = own_server.client("kiosk-1")
        for _ in range(REPEATS_MAX):
            try:
                client.settle_cash(settle)
            except StoreUnreachableError:
                return
            first_answer.set()

    threads = [threading.Thread(target=pay, args=(settle,)) for settle in waiting]
    for thread in threads:
        thread.start()
    assert first_answer.wait(10)
    own_server.kill()
    for thread in threads:
        thread.join()
    own_server.start()
    for settle in waiting:
        assert own_server.client("kiosk-1").settle_cash(settle).order.status is OrderStatus.PAID
    own_server.stop()
    assert "The books agree." in own_server.run("verify").stdout


def test_a_database_locked_by_another_program_makes_busy_and_recovers(own_server: ServerProcess) -> None:
    own_server.start()
    _, settle = begun(own_server)
    other = sqlite3.connect(own_server.folder / "data" / "store.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        answer = requests.post(
            f"{own_server.url}/v1/payments",
            data=settle.model_dump_json(),
            headers=own_server.headers("kiosk-1"),
            timeout=15,
        )
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json()["refusal"] == "server_busy"
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert own_server.client("kiosk-1").settle_cash(settle).order.status is OrderStatus.PAID


def test_a_full_database_refuses_clearly_and_recovers(own_server: ServerProcess) -> None:
    """Leave no room for the next page: SQLite itself then answers that the disk is full."""
    path = own_server.folder / "data" / "store.db"
    own_server.start()
    _, settle = begun(own_server)
    own_server.stop()
    filler = sqlite3.connect(path)
    filler.execute("CREATE TABLE filler (x)")
    filler.execute("INSERT INTO filler VALUES (zeroblob(400000))")
    filler.commit()
    filler.close()
    # A file system of the test's own would need root; a limit on the file's size is the same to SQLite.
    limit = path.stat().st_size + 8192
    own_server.start(file_limit_bytes=limit)
    codes = set()
    for number in range(200):
        answer = requests.post(
            f"{own_server.url}/v1/cash-reports",
            data=CashReport(
                session_id=uuid4(),
                order_id=None,
                outcome="cancelled",
                taken=[CashEvent(device="coin-box", epoch=2, seq=number * 100 + coin, value_minor=1) for coin in range(100)],
                payouts=[],
                owed_minor=100,
            ).model_dump_json(),
            headers=own_server.headers("kiosk-1"),
            timeout=15,
        )
        codes.add(answer.status_code)
        if answer.status_code != 200:
            break
    assert codes <= {200, 507}
    assert answer.status_code == 507
    assert "nothing was changed" in answer.json()["sentence"]
    assert own_server.client("gate-1").report_lane(LaneReport(lane="lane-1", state="idle", headline={})).commands == []
    own_server.kill()
    own_server.start()
    assert own_server.client("kiosk-1").settle_cash(settle).order.status is OrderStatus.PAID
    own_server.stop()
    assert "damaged" not in own_server.run("verify", succeeds=False).stdout
