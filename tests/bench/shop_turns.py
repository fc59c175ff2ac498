"""One shop's server and its limit, taking turns; what they did is added up."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from store_server.persistence.database import Database
from tests.bench.http_clients import Call
from tests.bench.load import Clients, Load
from tests.bench.plain_copy import PlainCopy, counts
from tests.bench.shop_calls import UNTIL_DONE_S, ShopServer
from tests.bench.sql_clients import Statements
from tests.unit.store_server.market import MILK

RUN_S = 0.9
LIMIT_S = 0.3
LOOK_UP_S = 0.3
WARM_UP = 64
WARM_UP_CLIENTS = 16
PREPARED = 1500
"""More than a server does in one run: its time ends it, not the work."""
LIMITS_PREPARED = 1200
READS_PREPARED = 50_000
LOOK_UPS = "look-ups over HTTP"

Key = tuple[str, int]
"""What was done, and by how many clients."""


class Shop:
    """The server of a shop whose books are at ``url``, or in a SQLite file in ``folder``."""

    def __init__(self, name: str, clients: Clients, folder: Path, url: str, workers: int = 1) -> None:
        self.name = name
        self.loads: dict[Key, Load] = {}
        self.limits: dict[Key, Load] = {}
        self._clients = clients
        self._server = ShopServer(clients, folder, url, workers)
        self._copies: dict[str, PlainCopy] = {}
        self._target = url or str(folder / "data" / "store.db")
        self._database = Database(self._server.settings.database_url)

    def __enter__(self) -> Self:
        """Serve, and learn what each operation writes."""
        try:
            self._server.start()
            answers = self._learnt("orders submitted", self._server.orders(WARM_UP))
            answers = self._learnt("payments settled", self._server.payments(self._server.hold(answers)))
            self._learnt("exits recorded", self._server.exits(answers))
        except BaseException:
            self._server.process.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """End the server."""
        self._database.close()
        self._server.process.stop()

    @property
    def written(self) -> list[str]:
        """The operations that write."""
        return list(self._copies)

    @property
    def names(self) -> list[str]:
        """All operations."""
        return [*self._copies, LOOK_UPS]

    def take_turn(self, clients: int, *, with_limit: bool = True) -> None:
        """Submit orders, pay and carry them out; between them, plain SQL does the same."""
        answers = self._done("orders submitted", self._server.orders(PREPARED), clients, with_limit=with_limit)
        held = self._server.hold(answers)
        answers = self._done("payments settled", self._server.payments(held), clients, with_limit=with_limit)
        self._done("exits recorded", self._server.exits(answers), clients, with_limit=with_limit)

    def look_up(self, clients: int) -> None:
        """Ask for one article again and again; plain SQL reads its row by the primary key."""
        load = self._server.send(self._server.look_ups(PREPARED), clients, LOOK_UP_S)
        mark = "%s" if self._database.is_shared else "?"
        code = MILK.zfill(14)
        read = Statements(((f"SELECT * FROM articles WHERE code = {mark}", (code,)),), reads=True)  # noqa: S608
        limit = self._clients.statements(self._target, [read] * READS_PREPARED, clients, LOOK_UP_S)
        self._add(self.loads, LOOK_UPS, clients, load)
        self._add(self.limits, LOOK_UPS, clients, limit)

    def _learnt(self, name: str, calls: list[Call]) -> list[bytes]:
        before = counts(self._database)
        load = self._server.send(calls, WARM_UP_CLIENTS, UNTIL_DONE_S)
        copy = f"plain_{name.split(maxsplit=1)[0]}"
        self._copies[name] = PlainCopy(self._database, copy, before, counts(self._database), load.done)
        return load.answers

    def _done(self, name: str, calls: list[Call], clients: int, *, with_limit: bool) -> list[bytes]:
        load = self._server.send(calls, clients, RUN_S)
        self._add(self.loads, name, clients, load)
        if with_limit:
            plain = self._copies[name].transactions(LIMITS_PREPARED)
            self._add(self.limits, name, clients, self._clients.statements(self._target, plain, clients, LIMIT_S))
        return load.answers

    @staticmethod
    def _add(known: dict[Key, Load], name: str, clients: int, load: Load) -> None:
        key = (name, clients)
        known[key] = known[key] + load if key in known else load
