"""The requests of a shop in a rush: orders of 15 lines, their payment in cash and their exits."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from store_server.contract.device_messages import DeviceRole
from store_server.services import devices
from store_server.services.store import open_store
from store_server.settings import DatabaseSettings, ServerSettings
from tests.bench.http_clients import Call
from tests.bench.load import Clients, Load
from tests.integration.store_server.server_process import ServerProcess
from tests.unit.store_server.market import APPLES, MILK, WINE

LINES = 15
UNTIL_DONE_S = 60.0
ROLES = {"handheld": DeviceRole.HANDHELD, "kiosk": DeviceRole.KIOSK, "gate": DeviceRole.GATE}

_seq = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Held:
    """An order at a kiosk."""

    order: dict[str, Any]
    session: str


class ShopServer:
    """The real server process of a shop, and what its devices send."""

    def __init__(self, clients: Clients, folder: Path, url: str, workers: int = 1) -> None:
        self._clients = clients
        self.process = ServerProcess(folder, url, workers)
        self.settings = ServerSettings(data_dir=folder / "data", database=DatabaseSettings(url=url))
        self.plain_target = url or str(folder / "data" / "store.db")
        self._tokens: dict[str, str] = {}
        self._version = 0

    def start(self) -> None:
        """Set the shop up and serve it."""
        self.process.set_up()
        store = open_store(self.settings)
        for name, role in ROLES.items():
            self._tokens[name] = devices.enrol(store, f"bench-{name}", role)
        store.database.close()
        self.process.start()
        book = self.send([Call("GET", "/v1/price-book", self._tokens["handheld"])], 1, UNTIL_DONE_S)
        self._version = json.loads(book.answers[0])["version"]

    def send(self, calls: Sequence[Call], clients: int, seconds: float) -> Load:
        """Send requests by so many clients at once."""
        return self._clients.requests(self.process.url, calls, clients, seconds)

    def orders(self, number: int) -> list[Call]:
        """Return requests that submit new orders."""
        return [self._order() for _ in range(number)]

    def hold(self, orders: Sequence[bytes]) -> list[Held]:
        """Bring submitted orders up at the kiosk, untimed."""
        sessions = {order["claim"]: str(uuid4()) for order in map(json.loads, orders)}
        calls = [self._tender(claim, session) for claim, session in sessions.items()]
        held = [json.loads(answer) for answer in self.send(calls, 16, UNTIL_DONE_S).answers]
        return [Held(order, sessions[order["claim"]]) for order in held]

    def payments(self, held: Sequence[Held]) -> list[Call]:
        """Return requests that settle orders, with two notes each."""
        return [self._payment(one.order, one.session) for one in held]

    def exits(self, settled: Sequence[bytes]) -> list[Call]:
        """Return requests that record the exit of settled orders."""
        return [self._exit(json.loads(answer)["order"]) for answer in settled]

    def look_ups(self, number: int) -> list[Call]:
        """Return requests for one article."""
        return [Call("GET", f"/v1/articles/{MILK}", self._tokens["handheld"])] * number

    def _order(self) -> Call:
        lines = [{"code": (MILK, WINE)[index % 2], "quantity": 1 + index % 3} for index in range(LINES - 1)]
        lines.append({"code": APPLES, "weight_g": 850})
        return self._call("handheld", "/v1/orders", order_id=str(uuid4()), price_book_version=self._version, lines=lines)

    def _tender(self, claim: str, session: str) -> Call:
        return self._call("kiosk", "/v1/tenderings", session_id=session, claim=claim)

    def _payment(self, order: dict[str, Any], session: str) -> Call:
        due = (order["due_minor"] + 5) // 10 * 10
        notes = [due - 10_000, 10_000] if due > 10_000 else [due]
        return self._call(
            "kiosk",
            "/v1/payments",
            payment_id=str(uuid4()),
            session_id=session,
            order_id=order["order_id"],
            revision=order["revision"],
            cash_due_minor=due,
            taken=[{"device": "note-box", "epoch": 1, "seq": next(_seq), "value_minor": value} for value in notes],
            change_minor=0,
        )

    def _exit(self, order: dict[str, Any]) -> Call:
        return self._call(
            "gate",
            "/v1/exits",
            exit_id=str(uuid4()),
            order_id=order["order_id"],
            revision=order["revision"],
            lane="lane-1",
            opened_at=1_800_000_000,
            measured_g=20_000,
            decided_by="server",
        )

    def _call(self, device: str, path: str, **body: object) -> Call:
        return Call("POST", path, self._tokens[device], json.dumps(body).encode())
