"""A process full of clients: requests over open connections, or plain SQL, each operation timed."""

from __future__ import annotations

import multiprocessing
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.pool import Pool

from tests.bench.http_clients import Call, request_all
from tests.bench.sql_clients import Statements, execute_all
from tests.bench.timed import Timed

SQL_PROCESSES = 2
"""Plain SQL on PostgreSQL comes from as many processes as this machine has cores, so that Python does not hold it back."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run, or of several runs of the same work."""

    answers: list[bytes]
    """In the order of the work; shorter where the time was up."""
    spans_s: list[float]
    """How long each operation took, from the shortest on."""
    wall_s: float
    client_cpu_s: float

    @property
    def done(self) -> int:
        """How many operations were done."""
        return len(self.spans_s)

    @property
    def per_second(self) -> float:
        """Operations per second of all clients together."""
        return self.done / self.wall_s

    @property
    def p50_ms(self) -> float:
        """The median."""
        return 1000 * statistics.median(self.spans_s)

    @property
    def p99_ms(self) -> float:
        """What 99 of 100 operations do not exceed."""
        return 1000 * self.spans_s[min(self.done - 1, int(self.done * 0.99))]

    @property
    def client_cpu_ms(self) -> float:
        """Processor time of the client's side for one operation."""
        return 1000 * self.client_cpu_s / self.done

    def __add__(self, other: Load) -> Load:
        """Put two runs of the same work together."""
        return Load(
            self.answers + other.answers,
            sorted(self.spans_s + other.spans_s),
            self.wall_s + other.wall_s,
            self.client_cpu_s + other.client_cpu_s,
        )


class Clients:
    """Processes full of clients, apart from whoever measures."""

    def __init__(self) -> None:
        self._pool: Pool = multiprocessing.get_context("spawn").Pool(SQL_PROCESSES)
        self._pool.map(_warm_up, range(SQL_PROCESSES))

    def close(self) -> None:
        """End the processes."""
        self._pool.terminate()
        self._pool.join()

    def requests(self, url: str, work: Sequence[Call], clients: int, seconds: float) -> Load:
        """Send ``work`` by ``clients`` at once over a connection each, until it is done or the time is up."""
        host = url.removeprefix("http://")
        return _told([self._pool.apply(request_all, (host, [call.wire(host) for call in work], clients, seconds))])

    def statements(self, target: str, work: Sequence[Statements], clients: int, seconds: float) -> Load:
        """Execute ``work`` in one transaction each; ``target`` is a PostgreSQL's URI or a SQLite file."""
        # One process writes a SQLite file faster than two do.
        processes = min(SQL_PROCESSES, clients) if "://" in target else 1
        parts = [(target, list(work[index::processes]), clients // processes, seconds) for index in range(processes)]
        return _told(self._pool.starmap(execute_all, parts))


def _told(parts: list[Timed]) -> Load:
    spans = sorted(span for part in parts for span in part.spans_s)
    # Processes do not begin at the same instant, so that it is their rates that add up.
    per_second = sum(len(part.spans_s) / (part.end - part.begin) for part in parts)
    return Load(
        answers=[answer for part in parts for answer in part.answers],
        spans_s=spans,
        wall_s=len(spans) / per_second,
        client_cpu_s=sum(part.cpu_s for part in parts),
    )


def _warm_up(number: int) -> int:
    return number
