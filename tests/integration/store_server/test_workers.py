from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from store_server.contract.order_messages import OrderLine, SubmitOrder
from tests.integration.store_server.server_process import ServerProcess
from tests.support.postgresql import PostgresqlServer
from tests.unit.store_server.market import MILK

DEADLINE_S = 30.0


@pytest.fixture
def many(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[ServerProcess]:
    with postgresql.database_url() as url:
        process = ServerProcess(tmp_path, url, workers=2)
        process.set_up()
        process.start()
        yield process
        process.close()


def workers_of(server: ServerProcess) -> set[int]:
    assert server.process is not None
    listed = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=False)
    return {int(line) for line in listed.stdout.split()}


def answers(server: ServerProcess) -> bool:
    try:
        return requests.get(f"{server.url}/health", timeout=2).ok
    except requests.RequestException:
        return False


def test_several_processes_serve_and_a_killed_one_is_replaced(many: ServerProcess) -> None:
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
    assert answers(many)
    many.kill()
    deadline = time.monotonic() + DEADLINE_S
    while answers(many) and time.monotonic() < deadline:
        pass
    assert not answers(many)


def test_several_processes_on_one_sqlite_file_are_refused(own_server: ServerProcess) -> None:
    done = own_server.run("serve", "--workers", "2", succeeds=False)
    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr
