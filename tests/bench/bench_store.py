"""The store server as a process under load, against plain SQL of the same rows on the same machine in the same run.

Orders of 15 lines are submitted, paid in cash with two notes and carried out, by 1, 4 and 16 clients, on SQLite and on
PostgreSQL. The limit of each is the same rows, written by the bare driver in one transaction each by as many clients, without
checks, triggers or HTTP. Server and limit take turns, so that what else the machine does touches both.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tests.bench.load import Clients, Load
from tests.bench.rows import Row, at_least, below, ratio
from tests.bench.shop_turns import LOOK_UPS, Shop
from tests.support.postgresql import PostgresqlServer

CLIENTS = (1, 4, 16)
MANY = CLIENTS[-1]
TURNS = 2
SHARE = 0.2
P99_MS = 50.0
NOISE = 0.9
"""Throughput that falls by less than a tenth has not fallen."""


def measure() -> Iterator[Row]:
    """Measure on both databases, and on PostgreSQL with two server processes as well."""
    with contextlib.ExitStack() as stack:
        clients = stack.enter_context(contextlib.closing(Clients()))
        with tempfile.TemporaryDirectory(prefix="scanlane-bench-") as folder, Shop("SQLite", clients, Path(folder), "") as shop:
            yield from _one_process(shop)
        server = stack.enter_context(contextlib.closing(PostgresqlServer()))
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scanlane-bench-"))) for _ in range(2)]
        one = stack.enter_context(Shop("PostgreSQL", clients, folders[0], server.url(server.new())))
        yield from _one_process(one)
        two = stack.enter_context(Shop("PostgreSQL", clients, folders[1], server.url(server.new()), workers=2))
        yield from _two_processes(one, two)


def _one_process(shop: Shop) -> Iterator[Row]:
    for _turn in range(TURNS):
        for clients in CLIENTS:
            shop.take_turn(clients)
            shop.look_up(clients)
    for name in shop.written:
        for clients in CLIENTS:
            *figures, share = _figures(shop, name, clients, f"{shop.name}, {name}, {_many(clients)}")
            yield from [*figures, at_least(share, SHARE)]
    for clients in CLIENTS:
        yield from _figures(shop, LOOK_UPS, clients, f"{shop.name}, {LOOK_UPS}, {_many(clients)}")
    for name in shop.names:
        subject = f"{shop.name}, {name}, more clients"
        for few, many in pairwise(CLIENTS):
            less, more = shop.loads[name, few].per_second, shop.loads[name, many].per_second
            yield at_least(ratio(subject, f"{many} against {_many(few)}", more, less, "operations per second"), NOISE)


def _two_processes(one: Shop, two: Shop) -> Iterator[Row]:
    one.loads.clear()
    for _turn in range(TURNS):
        for shop in (one, two):
            shop.take_turn(MANY, with_limit=False)
    for name in one.written:
        subject = f"{two.name}, {name}, {_many(MANY)}, 2 server processes"
        few, many = one.loads[name, MANY], two.loads[name, MANY]
        yield from _times(subject, many, MANY)
        yield Row(subject, "1 process", round(few.per_second, 1), "1/s")
        yield at_least(ratio(subject, "rise", many.per_second, few.per_second, "1 process, taking turns with 2"), 1.0)


def _figures(shop: Shop, name: str, clients: int, subject: str) -> Iterator[Row]:
    load, limit = shop.loads[name, clients], shop.limits[name, clients]
    yield from _times(subject, load, clients)
    yield Row(subject, "plain SQL", round(limit.per_second, 1), "1/s")
    yield Row(subject, "its p99", round(limit.p99_ms, 2), "ms")
    yield ratio(subject, "share", load.per_second, limit.per_second, "server's operations per second / those of plain SQL")


def _times(subject: str, load: Load, clients: int) -> Iterator[Row]:
    yield Row(subject, "done", load.done, "times")
    yield Row(subject, "rate", round(load.per_second, 1), "1/s")
    yield Row(subject, "p50", round(load.p50_ms, 2), "ms")
    p99 = Row(subject, "p99", round(load.p99_ms, 2), "ms")
    yield below(p99, P99_MS) if clients == MANY else p99
    yield Row(subject, "client's CPU", round(load.client_cpu_ms, 3), "ms")


def _many(clients: int) -> str:
    return f"{clients} client{'s' if clients > 1 else ''}"
