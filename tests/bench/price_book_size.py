"""What 100,000 articles cost: the price book's bytes, 1,000 price changes, applying them; run with ``python -m``.

Usage: ``python -m tests.bench.price_book_size`` (``SCANLANE_ARTICLES`` for another number). Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from scanner_app.catalogue import Catalogue, write_changes, write_price_book
from store_server.contract.article_messages import PriceBook, PriceBookChanges
from store_server.contract.price_changes import apply_changes
from store_server.contract.product_code import with_check_digit
from store_server.services import catalogue, product_import
from store_server.services.price_books import PriceBooks
from store_server.services.product_import import ImportRules, ImportWatch
from store_server.services.store import Store, make_store, open_store
from store_server.settings import ServerSettings

CHANGED = 1_000

Result = TypeVar("Result")


def measure() -> dict[str, float]:
    """Import, publish, change and apply; return seconds and bytes by name."""
    count = int(os.environ.get("SCANLANE_ARTICLES", "100000"))
    with tempfile.TemporaryDirectory() as folder:
        settings = ServerSettings(data_dir=Path(folder) / "server")
        make_store(settings)
        store = open_store(settings)
        found = _measured(store, Path(folder), count)
        store.database.close()
    return found


def _measured(store: Store, folder: Path, count: int) -> dict[str, float]:
    found: dict[str, float] = {"articles": count}
    _timed(found, "import_s", lambda: _take(store, count, 100))
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    held = _timed(found, "read_from_tables_s", lambda: store.database.read(PriceBooks().newest))
    found["book_bytes"] = len(_timed(found, "write_body_s", lambda: held.body))
    found["book_gzip_bytes"] = len(_timed(found, "gzip_s", lambda: held.packed))
    book = PriceBook.model_validate_json(held.body)
    shop = catalogue.shop(store)
    _timed(found, "handheld_writes_book_s", lambda: write_price_book(folder, book, shop))
    _timed(found, "publish_changes_s", lambda: _take(store, CHANGED, 200))
    body = _timed(found, "answer_changes_s", lambda: catalogue.price_book_changes(store, held.version))
    found["changes_bytes"] = len(body)
    changes = PriceBookChanges.model_validate_json(body)
    _timed(found, "gate_applies_changes_s", lambda: apply_changes(book, changes))
    _timed(found, "handheld_applies_changes_s", lambda: write_changes(folder, changes, shop))
    handheld = Catalogue(folder)
    assert handheld.version == changes.terms.version
    _timed(found, "handheld_looks_up_s", lambda: handheld.find(with_check_digit(f"952{count - 1:09d}")))
    return {name: round(value, 5) for name, value in found.items()}


def _take(store: Store, count: int, price: int) -> None:
    lines = (
        f"{with_check_digit(f'952{number:09d}')},Article number {number},商品 {number},Department {number % 40},standard,"
        f"{price},500\n"
        for number in range(count)
    )
    header = "code,name_en,name_zh,department,tax_class,unit_price_minor,mean_g\n"
    product_import.import_products(store, (line for part in ([header], lines) for line in part), ImportRules(), ImportWatch())


def _timed(found: dict[str, float], name: str, act: Callable[[], Result]) -> Result:
    start = time.perf_counter()
    result = act()
    found[name] = time.perf_counter() - start
    return result


if __name__ == "__main__":
    print(json.dumps(measure()))
