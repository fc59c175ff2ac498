"""Clients that send plain SQL by the bare driver: the limit that the server is held against."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

from store_server.persistence.sqlite import prove_pragmas
from tests.bench.timed import Timed


@dataclass(frozen=True, slots=True)
class Statements:
    """One transaction of plain SQL: statements with their values."""

    steps: tuple[tuple[str, tuple[Any, ...]], ...]
    reads: bool = False


Act = Callable[[Statements], None]


def execute_all(target: str, work: list[Statements], clients: int, seconds: float) -> Timed:
    """Execute all, by ``clients`` connections at once, until the work is done or the time is up."""
    lock, start = threading.Lock(), threading.Barrier(clients)
    cpu = time.process_time()
    with ThreadPoolExecutor(clients) as pool:
        parts = list(pool.map(lambda index: _one_client(target, work[index::clients], lock, start, seconds), range(clients)))
    cpu = time.process_time() - cpu
    times = [one for part in parts for one in part]
    return Timed([], [end - begin for begin, end in times], min(times)[0], max(end for _begin, end in times), cpu)


def _one_client(
    target: str, work: list[Statements], lock: threading.Lock, start: threading.Barrier, seconds: float
) -> list[tuple[float, float]]:
    times = []
    with contextlib.ExitStack() as stack:
        act = _actor(target, lock, stack)
        start.wait()
        end = time.monotonic()
        until = end + seconds
        for one in work:
            begin = time.monotonic()
            act(one)
            end = time.monotonic()
            times.append((begin, end))
            if end > until:
                break
    return times


def _actor(target: str, lock: threading.Lock, stack: contextlib.ExitStack) -> Act:
    if target.startswith("postgresql"):
        return _postgresql(stack.enter_context(psycopg.connect(target.replace("+psycopg", ""))))
    connection = sqlite3.connect(target, isolation_level=None, timeout=30)
    prove_pragmas(connection)
    connection.execute("PRAGMA busy_timeout=30000")
    return _sqlite(stack.enter_context(contextlib.closing(connection)), lock)


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
