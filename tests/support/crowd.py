"""Writers of one process that are committed together, for tests of what they do to each other."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import Connection, event

from store_server.persistence.database import Database


class Crowd:
    """Writers that queue while the first one is at work, so that they are committed together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._inside, self._go = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self.results: dict[int, object] = {}
        self.commits = 0
        event.listen(database.engine, "commit", self._count)

    def _count(self, _connection: Connection) -> None:
        self.commits += 1

    def write(self, *works: Callable[[Connection], object]) -> dict[int, object]:
        def first(connection: Connection) -> object:
            self._inside.set()
            assert self._go.wait(10)
            return works[0](connection)

        self._start(0, first)
        assert self._inside.wait(10)
        for number, work in enumerate(works[1:], 1):
            self._start(number, work)
            while len(self._database._books._groups._waiting) < number:
                assert self._threads[-1].is_alive()
        self.commits = 0
        self._go.set()
        for thread in self._threads:
            thread.join(10)
        return self.results

    def _start(self, number: int, work: Callable[[Connection], object]) -> None:
        def run() -> None:
            try:
                self.results[number] = self._database.write(work)
            except Exception as error:  # noqa: BLE001 - what the writer was told is the point
                self.results[number] = error

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()
