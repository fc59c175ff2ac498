from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import requests
from sqlalchemy import select

from program.settings import load_settings
from store_server.contract.order_messages import OrderLine, SubmitOrder
from store_server.persistence.tables import orders
from store_server.services import books_check
from store_server.services.guess_limits import PACES, Guess
from store_server.services.store import open_store
from store_server.settings import ServerSettings
from tests.integration.store_server.server_process import ServerProcess
from tests.integration.store_server.worker_of import DEADLINE_S, Line, Lines, workers_of
from tests.unit.store_server.market import MILK

CLIENTS = 16
ANSWERED_MIN = 100
"""Answers to have before the server is stopped."""
COUNTED_WITHIN_S = 10.0
"""A process counts a request once its answer has left; another process may be asked before it has."""


def answers(server: ServerProcess) -> bool:
    try:
        return requests.get(f"{server.url}/health", timeout=2).ok
    except requests.RequestException:
        return False


def listens(server: ServerProcess) -> bool:
    """Tell whether any process still holds the server's socket."""
    address = urlsplit(server.url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), timeout=2).close()
    except ConnectionRefusedError:
        return False
    return True


def test_several_processes_serve_and_a_killed_one_is_replaced(many: ServerProcess) -> None:
    many.start()
    assert many.process is not None
    handheld = many.client("handheld-1")
    book = handheld.price_book()
    assert book is not None
    request = SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=[OrderLine(code=MILK)])
    order = handheld.submit_order(request)
    # Each client has connections of its own, so that some of them are served by the other process.
    assert all(many.client("handheld-1").submit_order(request) == order for _ in range(10))
    page = requests.get(f"{many.url}/staff/", timeout=10)
    assert page.ok
    assert page.url.split("/staff")[0] != many.url
    before = workers_of(many)
    assert len(before) == 3
    os.kill(max(before), signal.SIGKILL)
    deadline = time.monotonic() + DEADLINE_S
    while workers_of(many) <= before and time.monotonic() < deadline:
        assert many.process.poll() is None
    assert len(workers_of(many) - before) == 1
    assert answers(many)
    assert many.stop() == 0


def test_workers_end_when_the_watcher_is_killed(many: ServerProcess) -> None:
    many.start()
    assert answers(many)
    many.kill()
    deadline = time.monotonic() + DEADLINE_S
    while listens(many) and time.monotonic() < deadline:
        pass
    assert not listens(many)


def test_several_processes_on_one_sqlite_file_are_refused(own_server: ServerProcess) -> None:
    done = own_server.run("serve", "--workers", "2", succeeds=False)
    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_kiosk_has_the_same_tries_at_all_processes_together(many: ServerProcess) -> None:
    many.start()
    pace, headers = PACES[Guess.ORDER_NUMBER], many.headers("kiosk-1")
    with Lines(many, 2) as lines:
        began, wrong = time.monotonic(), 0
        for number in range(3 * pace.tries):
            body = json.dumps({"session_id": str(uuid4()), "order_number": "0005724"})
            status, text = lines[number % 2].ask("POST", "/v1/tenderings", body, headers)
            if status == 429:
                break
            assert (status, json.loads(text)["refusal"]) == (404, "unknown_order")
            wrong += 1
        assert pace.tries <= wrong <= pace.tries + (time.monotonic() - began) / pace.again_s + 1
        assert [line.ask("POST", "/v1/tenderings", body, headers)[0] for line in lines] == [429, 429]
        other = {"session_id": str(uuid4()), "claim": "rubbish"}
        assert lines[0].ask("POST", "/v1/tenderings", json.dumps(other), headers)[0] == 422


def numbers(text: str) -> dict[str, float]:
    """Return every sample of a scrape by its name and labels; a name that comes twice is a mistake."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            assert name not in found, name
            found[name] = float(value)
    return found


SHOP = 'scanlane_requests_total{method="GET",route="/v1/shop",status="200"}'
SHOP_SECONDS = 'scanlane_request_seconds_count{method="GET",route="/v1/shop"}'
REFUSED = 'scanlane_refusals_total{refusal="unknown_order"}'


def scrape_when_counted(line: Line, *, refusals: int) -> str:
    """Scrape until the last refusals are counted, or the time for it is over."""
    deadline = time.monotonic() + COUNTED_WITHIN_S
    while True:
        status, text = line.ask("GET", "/metrics")
        assert status == 200
        if numbers(text).get(REFUSED) == refusals or time.monotonic() > deadline:
            return text


def test_every_process_tells_the_numbers_of_all(many: ServerProcess) -> None:
    stale = many.folder / "data" / "metrics" / "counter_1.db"
    stale.parent.mkdir()
    stale.write_bytes(b"left over from another run")
    many.start()
    with Lines(many, 2) as lines:
        for line, times in zip(lines, (5, 8), strict=True):
            for _ in range(times):
                assert line.ask("GET", "/v1/shop", headers=many.headers("kiosk-1"))[0] == 200
            assert line.ask("GET", f"/v1/orders/{UUID(int=9)}", headers=many.headers("kiosk-1"))[0] == 404
        for line in lines:
            text = scrape_when_counted(line, refusals=2)
            told = numbers(text)
            assert (told[SHOP], told[SHOP_SECONDS], told[REFUSED]) == (13, 13, 2)
        assert len(re.findall("^# TYPE scanlane_requests_total counter$", text, re.MULTILINE)) == 1
        os.kill(lines[0].worker, signal.SIGKILL)
        assert numbers(lines[1].ask("GET", "/metrics")[1])[SHOP] == 13
    assert not stale.exists()
    assert many.stop() == 0


class Shoppers:
    """Clients that hand in orders until the server is gone; what was answered is kept."""

    def __init__(self, server: ServerProcess) -> None:
        book = server.client("handheld-1").price_book()
        assert book is not None
        self._server = server
        self._version = book.version
        self.asked: set[UUID] = set()
        self.answered: set[UUID] = set()
        self.other_answers: list[tuple[int, str]] = []
        self.enough = threading.Event()

    def shop(self, number: int) -> None:
        """Hand in one order after the other on one connection."""
        headers, deadline = self._server.headers(f"handheld-{1 + number % 2}"), time.monotonic() + DEADLINE_S
        with requests.Session() as session:
            while time.monotonic() < deadline:
                request = SubmitOrder(order_id=uuid4(), price_book_version=self._version, lines=[OrderLine(code=MILK)])
                self.asked.add(request.order_id)
                try:
                    answer = session.post(
                        f"{self._server.url}/v1/orders", data=request.model_dump_json(), headers=headers, timeout=10
                    )
                except requests.RequestException:
                    return
                if answer.status_code == 200 and answer.json()["order_id"] == str(request.order_id):
                    self.answered.add(request.order_id)
                else:
                    self.other_answers.append((answer.status_code, answer.text))
                if len(self.answered) >= ANSWERED_MIN:
                    self.enough.set()


def ordered(server: ServerProcess) -> set[UUID]:
    """Look into the books of a server that has ended; return the orders in them."""
    store = open_store(load_settings(ServerSettings, server.settings))
    try:
        assert books_check.findings(store) == []
        return set(store.database.read(lambda connection: connection.execute(select(orders.c.order_id)).scalars().all()))
    finally:
        store.database.close()


def test_stopped_under_load_every_answer_of_all_processes_is_in_the_books(many: ServerProcess) -> None:
    many.start()
    stopped_under_load(many)


def test_stopped_under_load_every_answer_is_in_the_file(own_server: ServerProcess) -> None:
    own_server.start()
    stopped_under_load(own_server)


def stopped_under_load(server: ServerProcess) -> None:
    """SIGTERM while sixteen clients ask."""
    shoppers = Shoppers(server)
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(shoppers.shop, number) for number in range(CLIENTS)]
        assert shoppers.enough.wait(DEADLINE_S)
        code = server.stop()
        for one in running:
            one.result()
    assert code == 0, server.log()[-3000:]
    assert shoppers.other_answers == []
    assert "Traceback" not in server.log()
    found = ordered(server)
    assert shoppers.answered <= found <= shoppers.asked
    assert len(found - shoppers.answered) <= CLIENTS
    print(f"{len(shoppers.answered)} answered, {len(found)} in the books, {len(shoppers.asked)} asked")
