"""Clients in processes of their own: requests over open connections, or plain SQL, each operation timed."""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

from store_server.persistence.sqlite import prove_pragmas

PROCESSES = 2
"""Clients share this machine's two cores with the server."""
CONNECT_S = 0.3
"""Until all clients are connected and begin."""

Act = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request."""

    method: str
    path: str
    token: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Statements:
    """One transaction of plain SQL: statements with their values."""

    steps: tuple[tuple[str, tuple[Any, ...]], ...]
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run."""

    answers: list[Any]
    per_second: float
    p50_ms: float
    p99_ms: float


class Clients:
    """Two processes full of clients."""

    def __init__(self) -> None:
        self._pool = multiprocessing.get_context("spawn").Pool(PROCESSES)
        self._pool.map(_warm_up, range(PROCESSES))

    def close(self) -> None:
        """End the processes."""
        self._pool.terminate()
        self._pool.join()

    def run(self, target: str, work: Sequence[Call] | Sequence[Statements], clients: int) -> Load:
        """Do all ``work`` by ``clients`` at once; ``target`` is ``http://HOST:PORT``, a PostgreSQL's URI or a SQLite file."""
        # One process writes a SQLite file faster than two do.
        processes = min(PROCESSES, clients) if "://" in target else 1
        parts = [list(work[index::processes]) for index in range(processes)]
        begin_at = time.monotonic() + CONNECT_S
        done = self._pool.starmap(_one_process, [(target, part, clients // processes, begin_at) for part in parts])
        timed = [one for part in done for one in part]
        spans = sorted(end - begin for _answer, begin, end in timed)
        wall = max(end for _answer, _begin, end in timed) - min(begin for _answer, begin, _end in timed)
        return Load(
            answers=[answer for answer, _begin, _end in timed],
            per_second=len(timed) / wall,
            p50_ms=1000 * statistics.median(spans),
            p99_ms=1000 * spans[min(len(spans) - 1, int(len(spans) * 0.99))],
        )


def _warm_up(number: int) -> int:
    return number


def _one_process(target: str, work: list[Any], clients: int, begin_at: float) -> list[tuple[Any, float, float]]:
    lock = threading.Lock()
    parts = [work[index::clients] for index in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        return [one for part in pool.map(lambda part: _one_client(target, part, lock, begin_at), parts) for one in part]


def _one_client(target: str, work: list[Any], lock: threading.Lock, begin_at: float) -> list[tuple[Any, float, float]]:
    timed = []
    with contextlib.ExitStack() as stack:
        act = _actor(target, lock, stack)
        time.sleep(max(0.0, begin_at - time.monotonic()))
        for one in work:
            begin = time.monotonic()
            answer = act(one)
            timed.append((answer, begin, time.monotonic()))
    return timed


def _actor(target: str, lock: threading.Lock, stack: contextlib.ExitStack) -> Act:
    if target.startswith("http://"):
        return _http(
            stack.enter_context(contextlib.closing(http.client.HTTPConnection(target.removeprefix("http://"), timeout=30)))
        )
    if target.startswith("postgresql"):
        connected = stack.enter_context(psycopg.connect(target.replace("+psycopg", "")))
        return _postgresql(connected)
    connection = sqlite3.connect(target, isolation_level=None, timeout=30)
    prove_pragmas(connection)
    connection.execute("PRAGMA busy_timeout=30000")
    return _sqlite(stack.enter_context(contextlib.closing(connection)), lock)


def _http(connection: http.client.HTTPConnection) -> Act:
    def act(call: Call) -> Any:
        headers = {"Authorization": f"Bearer {call.token}", "Content-Type": "application/json"}
        connection.request(call.method, call.path, call.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{call.method} {call.path}: {answer.status} {body[:300]!r}")
        return json.loads(body)

    return act


def _postgresql(connection: psycopg.Connection[Any]) -> Act:
    def act(work: Statements) -> None:
        for statement, values in work.steps:
            cursor = connection.execute(statement.encode(), values)
            if work.reads:
                cursor.fetchall()
        connection.commit()

    return act


def _sqlite(connection: sqlite3.Connection, lock: threading.Lock) -> Act:
    def act(work: Statements) -> None:
        if work.reads:
            for statement, values in work.steps:
                connection.execute(statement, values).fetchall()
            return
        # A lock of this process is shorter than SQLite's own sleeps.
        with lock:
            connection.execute("BEGIN IMMEDIATE")
            for statement, values in work.steps:
                connection.execute(statement, values)
            connection.execute("COMMIT")

    return act
