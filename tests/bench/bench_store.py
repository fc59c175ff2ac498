"""The store server as a process under load, against plain SQL of the same rows on the same machine in the same run.

Orders of 15 lines are submitted, paid in cash and carried out, by one client and by sixteen, on SQLite and on PostgreSQL. The
limit of each is the same rows, written by the bare driver in one transaction each, without checks, triggers or HTTP.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from store_server.contract.device_messages import DeviceRole
from store_server.persistence.database import Database
from store_server.services import devices
from store_server.services.store import open_store
from store_server.settings import DatabaseSettings, ServerSettings
from tests.bench.load import Call, Clients, Load, Statements
from tests.bench.plain_copy import counts, plain_transactions
from tests.bench.rows import Row
from tests.integration.store_server.server_process import ServerProcess
from tests.support.postgresql import PostgresqlServer
from tests.unit.store_server.market import APPLES, MILK, WINE

LINES = 15
OPERATIONS = {1: 80, 16: 400}
"""Clients to operations in one run."""
WARM_UP = 48
ROLES = {"handheld": DeviceRole.HANDHELD, "kiosk": DeviceRole.KIOSK, "gate": DeviceRole.GATE}

_seq = itertools.count(1)


def measure() -> Iterator[Row]:
    """Measure on both databases."""
    with contextlib.ExitStack() as stack:
        clients = stack.enter_context(contextlib.closing(Clients()))
        with tempfile.TemporaryDirectory(prefix="scanlane-bench-") as folder:
            yield from _Bench("SQLite", clients, Path(folder), "").rows()
        server = stack.enter_context(contextlib.closing(PostgresqlServer()))
        with tempfile.TemporaryDirectory(prefix="scanlane-bench-") as folder:
            url = server.url(server.new())
            yield from _Bench("PostgreSQL", clients, Path(folder), url).rows()
            yield from _Bench("PostgreSQL, 2 processes", clients, Path(folder), url, workers=2).rows(with_limits=False)


class _Bench:
    """One server with its devices."""

    def __init__(self, name: str, clients: Clients, folder: Path, url: str, workers: int = 1) -> None:
        self._name = name
        self._clients = clients
        self._server = ServerProcess(folder, url, workers)
        settings = ServerSettings(data_dir=folder / "data", database=DatabaseSettings(url=url))
        self._plain_target = url or str(folder / "data" / "store.db")
        self._settings = settings
        self._tokens: dict[str, str] = {}
        self._version = 0

    def rows(self, *, with_limits: bool = True) -> Iterator[Row]:
        """Measure everything of this database."""
        self._server.set_up()
        store = open_store(self._settings)
        for name, role in ROLES.items():
            self._tokens[name] = devices.enrol(store, f"bench-{name}", role)
        store.database.close()
        self._server.start()
        try:
            self._version = self._http([Call("GET", "/v1/price-book", self._tokens["handheld"])], 1).answers[0]["version"]
            self._trip(WARM_UP, 16)
            for clients in OPERATIONS if with_limits else (16,):
                yield from self._measured(clients, with_limits=with_limits)
            yield from self._look_ups()
        finally:
            self._server.stop()

    def _measured(self, clients: int, *, with_limits: bool) -> Iterator[Row]:
        number = OPERATIONS[clients]
        database = Database(self._settings.database_url)
        steps = self._steps(number, clients)
        try:
            for name, act in steps:
                before = counts(database)
                load = act()
                limit = None
                if with_limits:
                    after = counts(database)
                    plain = plain_transactions(database, f"plain_{name.split()[0]}", before, after, done=number, wanted=number)
                    limit = self._clients.run(self._plain_target, plain, clients)
                yield from self._told(name, clients, load, limit)
        finally:
            database.close()

    def _steps(self, number: int, clients: int) -> Iterator[tuple[str, Callable[[], Load]]]:
        kept: dict[str, list[Any]] = {}

        def submit() -> Load:
            load = self._http([self._order() for _ in range(number)], clients)
            kept["orders"] = load.answers
            return load

        def settle() -> Load:
            load = self._http([self._payment(order, session) for order, session in kept["held"]], clients)
            kept["paid"] = [answer["order"] for answer in load.answers]
            return load

        yield "orders submitted", submit
        sessions = [str(uuid4()) for _ in kept["orders"]]
        holds = [self._tender(order, session) for order, session in zip(kept["orders"], sessions, strict=True)]
        held = self._http(holds, 16).answers
        by_order = {json.loads(call.body)["claim"]: json.loads(call.body)["session_id"] for call in holds}
        kept["held"] = [(order, by_order[order["claim"]]) for order in held]
        yield "payments settled", settle
        yield "exits recorded", lambda: self._http([self._exit(order) for order in kept["paid"]], clients)

    def _look_ups(self) -> Iterator[Row]:
        for clients, operations in OPERATIONS.items():
            number = operations
            load = self._http([Call("GET", f"/v1/articles/{MILK}", self._tokens["handheld"])] * number, clients)
            mark = "%s" if self._plain_target.startswith("postgresql") else "?"
            read = Statements(((f"SELECT name, role FROM devices WHERE name = {mark}", ("bench-kiosk",)),), reads=True)  # noqa: S608
            yield from self._told(
                "look-ups over HTTP", clients, load, self._clients.run(self._plain_target, [read] * number, clients)
            )

    def _trip(self, number: int, clients: int) -> None:
        for _name, act in self._steps(number, clients):
            act()

    def _http(self, calls: list[Call], clients: int) -> Load:
        return self._clients.run(self._server.url, calls, clients)

    def _told(self, name: str, clients: int, load: Load, limit: Load | None) -> Iterator[Row]:
        label = f"{self._name}: {name}, {clients} client{'s' if clients > 1 else ''}"
        yield Row(label, round(load.per_second, 1), "1/s")
        yield Row(f"{label}, p50", round(load.p50_ms, 2), "ms")
        yield Row(f"{label}, p99", round(load.p99_ms, 2), "ms")
        if limit is not None:
            against = f"plain SQL: {limit.per_second:.0f} 1/s, p99 {limit.p99_ms:.2f} ms"
            yield Row(f"{label}, share of the limit", round(load.per_second / limit.per_second, 3), "x", against)

    def _order(self) -> Call:
        lines = [{"code": (MILK, WINE)[index % 2], "quantity": 1 + index % 3} for index in range(LINES - 1)]
        lines.append({"code": APPLES, "weight_g": 850})
        body = {"order_id": str(uuid4()), "price_book_version": self._version, "lines": lines}
        return Call("POST", "/v1/orders", self._tokens["handheld"], json.dumps(body).encode())

    def _tender(self, order: dict[str, Any], session: str) -> Call:
        body = {"session_id": session, "claim": order["claim"]}
        return Call("POST", "/v1/tenderings", self._tokens["kiosk"], json.dumps(body).encode())

    def _payment(self, order: dict[str, Any], session: str) -> Call:
        due = (order["due_minor"] + 5) // 10 * 10
        notes = [due - 10_000, 10_000] if due > 10_000 else [due]
        body = {
            "payment_id": str(uuid4()),
            "session_id": session,
            "order_id": order["order_id"],
            "revision": order["revision"],
            "cash_due_minor": due,
            "taken": [{"device": "note-box", "epoch": 1, "seq": next(_seq), "value_minor": value} for value in notes],
            "change_minor": 0,
        }
        return Call("POST", "/v1/payments", self._tokens["kiosk"], json.dumps(body).encode())

    def _exit(self, order: dict[str, Any]) -> Call:
        body = {
            "exit_id": str(uuid4()),
            "order_id": order["order_id"],
            "revision": order["revision"],
            "lane": "lane-1",
            "opened_at": 1_800_000_000,
            "measured_g": 20_000,
            "decided_by": "server",
        }
        return Call("POST", "/v1/exits", self._tokens["gate"], json.dumps(body).encode())
