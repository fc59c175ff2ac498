"""A scan at the handheld: code text to article with price, against a plain read of its row by primary key.

The price book has 100,000 articles and any of them may be scanned. Sixteen clients are two processes of eight threads, for
the look-ups and for the plain reads alike; on the shop's floor each handheld has a processor of its own.
"""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scanner_app.catalogue import FILE_NAME, Catalogue, write_price_book
from scanner_app.scanning import understand
from scanner_app.trip_events import ArticleScanned
from store_server.contract.article_messages import Article
from store_server.contract.product_code import with_check_digit
from tests.bench.rows import Row, at_least, ratio
from tests.unit.scanner_app.goods import SHOP, price_book

ARTICLES = 100_000
SCANS = 16_000
PROCESSES = {1: 1, 16: 2}
"""Clients to the processes that they share."""
TURNS = 3
SHARE = 0.5
SEED = 7

Act = Callable[[str], None]


def measure() -> Iterator[Row]:
    """Write a price book as a handheld does, then look up and read in turns."""
    with tempfile.TemporaryDirectory(prefix="scanlane-bench-") as folder:
        write_price_book(Path(folder), price_book(1, *map(_article, range(ARTICLES))), SHOP)
        with multiprocessing.get_context("spawn").Pool(max(PROCESSES.values()), _open, (folder,)) as pool:
            for clients, processes in PROCESSES.items():
                jobs = [(process, clients // processes, SCANS // processes) for process in range(processes)]
                turns = [(pool.starmap(_look_ups, jobs), pool.starmap(_reads, jobs)) for _turn in range(TURNS)]
                yield from _told(clients, [ours for ours, _limit in turns], [limit for _ours, limit in turns])


def _told(clients: int, ours: list[list[list[float]]], limits: list[list[list[float]]]) -> Iterator[Row]:
    subject = f"handheld, {ARTICLES} articles, {clients} client{'s' if clients > 1 else ''}"
    rate, limit = _per_second(ours), _per_second(limits)
    yield Row(subject, "rate", round(rate), "1/s")
    yield Row(subject, "p50", round(1e6 * _quantile(ours, 0.5), 2), "us")
    yield Row(subject, "p99", round(1e6 * _quantile(ours, 0.99), 2), "us")
    yield Row(subject, "plain SQL", round(limit), "1/s")
    yield Row(subject, "its p99", round(1e6 * _quantile(limits, 0.99), 2), "us")
    yield at_least(ratio(subject, "share", rate, limit, "look-ups per second / reads of the row by primary key"), SHARE)


def _quantile(turns: list[list[list[float]]], share: float) -> float:
    spans = sorted(span for turn in turns for part in turn for span in part[1:])
    return spans[int(len(spans) * share)]


def _per_second(turns: list[list[list[float]]]) -> float:
    return statistics.median(sum((len(part) - 1) / part[0] for part in turn) for turn in turns)


def _article(number: int) -> Article:
    return Article(
        code=with_check_digit(f"952{number:09d}"),
        name={"en": f"Article number {number}", "zh": f"商品 {number}"},
        department=f"Department {number % 40}",
        sold_by="piece",
        unit_price_minor=100 + number % 900,
        tax_class="standard",
        mean_g=500.0,
        sd_g=2.5,
    )


class _Handheld:
    """What a process of clients has open."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.catalogue = Catalogue(self.folder)
        terms = self.catalogue.terms
        assert terms is not None
        self.templates = terms.templates

    def look_up(self, text: str) -> None:
        found = understand(text, self.templates, self.catalogue.find)
        assert isinstance(found, ArticleScanned)


_opened: list[_Handheld] = []


def _open(folder: str) -> None:
    _opened.append(_Handheld(folder))


def _look_ups(process: int, threads: int, scans: int) -> list[float]:
    return _timed(process, threads, scans, lambda: _opened[0].look_up)


def _reads(process: int, threads: int, scans: int) -> list[float]:
    return _timed(process, threads, scans, _reader)


def _reader() -> Act:
    connection = sqlite3.connect(f"{(_opened[0].folder / FILE_NAME).as_uri()}?mode=ro&immutable=1", uri=True)

    def read(text: str) -> None:
        assert connection.execute("SELECT json FROM articles WHERE code = ?", (text.zfill(14),)).fetchone() is not None

    return read


def _timed(process: int, threads: int, scans: int, actor: Callable[[], Act]) -> list[float]:
    """Return the seconds that all threads took together, and then those of each scan."""
    chance = random.Random(SEED + process)
    texts = [with_check_digit(f"952{chance.randrange(ARTICLES):09d}")[1:] for _scan in range(scans)]
    start = threading.Barrier(threads)

    def one(index: int) -> tuple[float, float, list[float]]:
        act, mine, spans = actor(), texts[index::threads], []
        act(mine[0])
        start.wait()
        begin = end = time.perf_counter()
        for text in mine:
            before = time.perf_counter()
            act(text)
            end = time.perf_counter()
            spans.append(end - before)
        return begin, end, spans

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(one, range(threads)))
    wall = max(end for _begin, end, _spans in parts) - min(begin for begin, _end, _spans in parts)
    return [wall, *(span for _begin, _end, spans in parts for span in spans)]
