"""Whatever an article carries comes back, byte for byte, out of one shop's books and through a file into another's."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_server.domain.product import Product
from store_server.domain.product_fields import ProductRules
from store_server.domain.product_list import ProductFormat
from store_server.persistence import article_rows
from store_server.services import catalogue, product_import
from store_server.services.product_files import opened
from store_server.services.product_import import BadRow, ImportReport, ImportRules, ImportWatch
from tests.unit.store_server.market import Market, open_market
from tests.unit.store_server.random_products import PRODUCTS

EXAMPLES = 10


@pytest.fixture
def other_market(tmp_path: Path) -> Iterator[Market]:
    """Another shop, always in a SQLite file."""
    other = open_market(tmp_path / "other")
    yield other
    other.store.database.close()


def take(market: Market, path: Path) -> ImportReport:
    bad: list[BadRow] = []
    with opened(path) as file:
        report = product_import.import_products(market.store, file.lines(), ImportRules(), ImportWatch(bad_row=bad.append))
    assert bad == []
    return report


def stored(market: Market) -> dict[str, Product]:
    pages = market.store.database.read(lambda connection: list(article_rows.pages(connection)))
    return {product.code: product for product in itertools.chain.from_iterable(pages)}


def known(rules: ProductRules, before: dict[str, Product], rows: list[dict[str, object]]) -> dict[str, Product]:
    """What the shop knows once it has taken in these rows."""
    after = dict(before)
    for row in rows:
        code = rules.code(row)
        after[code.key] = rules.product(code, row, before.get(code.key))
    return after


@pytest.mark.parametrize(("file_format", "name"), [(ProductFormat.CSV, "all.csv"), (ProductFormat.JSON_LINES, "all.jsonl.gz")])
def test_an_export_is_what_another_shop_exports_after_taking_it_in(
    market: Market, other_market: Market, tmp_path: Path, file_format: ProductFormat, name: str
) -> None:
    rules = ProductRules(market.store.shop.templates, tuple(market.store.shop.tax_rates))
    given_rows, out, again = tmp_path / "given.jsonl", tmp_path / name, tmp_path / f"again-{name}"

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(PRODUCTS, min_size=1, max_size=20, unique_by=_code))
    def check(rows: list[dict[str, object]]) -> None:
        expected = known(rules, stored(market), rows)
        given_rows.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        take(market, given_rows)
        assert stored(market) == expected
        catalogue.export_products(market.store, out, file_format)
        take(other_market, out)
        assert stored(other_market) == expected
        catalogue.export_products(other_market.store, again, file_format)
        assert out.read_bytes() == again.read_bytes()
        report = take(market, out)
        assert (report.unchanged, report.is_published) == (len(expected), False)

    run: Callable[[], None] = check
    run()


def _code(row: dict[str, object]) -> object:
    return row["code"]
