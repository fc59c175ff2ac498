"""Taking in a list of products, batch by batch: a batch is one transaction, in whole or not at all.

Importing is idempotent by GTIN: a product that says nothing new is left as it is. The price book is published once, at the end
or where the import was stopped; after a crash before that, the next import or start of the server publishes what is in.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from store_server.contract.product_code import ProductCode
from store_server.domain.product import Product
from store_server.domain.product_fields import ProductRules, Row
from store_server.domain.product_list import FileRow, ProductFormat, ProductList
from store_server.persistence import article_rows
from store_server.persistence.crash_points import crash_point
from store_server.services.price_books import publish
from store_server.services.store import Store

BATCH_ROWS = 1_000
BATCH_ROWS_MAX = 10_000
ROWS_MAX = 2_000_000
"""Rows in one file: their codes are remembered, to tell which come twice."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a row was not taken."""

    line: int
    code: str
    """As the file says it; empty where it cannot be read."""
    reason: str


@dataclass(frozen=True, slots=True)
class ImportRules:
    """What the person who imports has asked for."""

    file_format: ProductFormat | None = None
    """None to tell by the first line."""
    batch_rows: int = BATCH_ROWS
    skip_bad_rows: bool = False
    """Take the rest of a batch that has bad rows."""
    whole_range: bool = False
    """Take articles off sale that the file does not have."""


@dataclass(slots=True)
class ImportReport:
    """What an import has done so far."""

    format: ProductFormat
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    left_out: int = 0
    """Good rows of batches that were refused for their bad ones."""
    batches: int = 0
    refused_batches: list[tuple[int, int]] = field(default_factory=list)
    """First and last line of each."""
    unpriced: int = 0
    """Rows that were taken whose articles have no price yet."""
    doubts: int = 0
    """Values of taken rows that were left out, because they cannot be."""
    last_line: int = 0
    """Up to here everything is either in or reported."""
    taken_off_sale: int = 0
    is_stopped: bool = False
    version: int = 0
    """Of the price book after it."""
    is_published: bool = False
    """False where the price book said all this already."""

    @property
    def taken(self) -> int:
        """Rows that are in the catalogue now."""
        return self.new + self.changed + self.unchanged


@dataclass(frozen=True, slots=True)
class ImportWatch:
    """Who looks on."""

    bad_row: Callable[[BadRow], None] = lambda _row: None
    doubt: Callable[[BadRow], None] = lambda _row: None
    """The row was taken, but not all of it."""
    batch_done: Callable[[ImportReport], None] = lambda _report: None
    wants_stop: Callable[[], bool] = lambda: False
    """Asked between batches."""
    publishing: Callable[[], None] = lambda: None
    """All rows have been read."""


@dataclass(slots=True)
class _Read:
    """A batch while it is being looked at."""

    known: dict[str, Product]
    changed: list[Product] = field(default_factory=list)
    unchanged: int = 0
    unpriced: int = 0
    bad: list[BadRow] = field(default_factory=list)


def import_products(store: Store, lines: Iterable[str], rules: ImportRules, watch: ImportWatch) -> ImportReport:
    """Take in a list of products and publish the price book.

    Raises:
        ProductListError: the first line tells that it is no such list; nothing was changed.
    """
    product_list = ProductList(lines, rules.file_format)
    report = ImportReport(product_list.format)
    importing = _Import(store, rules, watch, report)
    try:
        importing.run(product_list)
    finally:
        watch.publishing()
        report.version, report.is_published = store.database.write(
            lambda connection: publish(connection, store.shop, store.now_s())
        )
        crash_point("import.published")
    return report


class _Import:
    def __init__(self, store: Store, rules: ImportRules, watch: ImportWatch, report: ImportReport) -> None:
        self._store = store
        self._rules = rules
        self._watch = watch
        self._report = report
        tax_classes = tuple(store.shop.tax_rates)
        is_export = report.format is ProductFormat.OPEN_FOOD_FACTS
        self._fields = ProductRules(store.shop.templates, tax_classes, tax_classes[0] if is_export and tax_classes else "")
        self._lines_by_code: dict[int, int] = {}

    def run(self, rows: Iterable[FileRow]) -> None:
        for batch in _batches(rows, self._rules.batch_rows):
            if self._watch.wants_stop():
                self._report.is_stopped = True
                return
            self._take(batch)
            self._watch.batch_done(self._report)
        if self._rules.whole_range and not self._report.bad:
            self._take_rest_off_sale()

    def _take(self, batch: list[FileRow]) -> None:
        report = self._report
        good, bad = self._look_at(batch)
        read, is_saved = self._store.database.write(lambda connection: self._save(connection, good, has_bad=bool(bad)))
        crash_point("import.batch_committed")
        bad = sorted([*bad, *read.bad], key=lambda row: row.line)
        for row in bad:
            self._watch.bad_row(row)
        report.rows += len(batch)
        report.bad += len(bad)
        report.last_line = batch[-1].line
        if not is_saved:
            report.left_out += len(batch) - len(bad)
            report.refused_batches.append((batch[0].line, batch[-1].line))
            return
        report.batches += 1
        changed = sum(product.code in read.known for product in read.changed)
        report.changed += changed
        report.new += len(read.changed) - changed
        report.unchanged += read.unchanged
        report.unpriced += read.unpriced
        self._tell_doubts(batch, {row.line for row in bad})

    def _tell_doubts(self, batch: list[FileRow], bad_lines: set[int]) -> None:
        for row in batch:
            if row.left_out and row.line not in bad_lines:
                self._report.doubts += len(row.left_out)
                code = str(row.values.get("code", ""))
                self._watch.doubt(BadRow(row.line, code, f"taken without {'; '.join(row.left_out)}"))

    def _look_at(self, batch: list[FileRow]) -> tuple[list[tuple[int, ProductCode, Row]], list[BadRow]]:
        good: list[tuple[int, ProductCode, Row]] = []
        bad: list[BadRow] = []
        for row in batch:
            text = str(row.values.get("code", "")).strip()[:40]
            try:
                code = None if row.problem else self._fields.code(row.values)
            except ValueError as error:
                bad.append(BadRow(row.line, text, str(error)))
                continue
            first = row.line if code is None else self._lines_by_code.setdefault(int(code.key), row.line)
            if code is None:
                bad.append(BadRow(row.line, text, row.problem))
            elif first != row.line:
                bad.append(BadRow(row.line, text, f"{text} is the same article as line {first}"))
            elif len(self._lines_by_code) > ROWS_MAX:
                bad.append(BadRow(row.line, text, f"a product list has at most {ROWS_MAX} rows; split it"))
            else:
                good.append((row.line, code, row.values))
        return good, bad

    def _save(self, connection: Connection, rows: list[tuple[int, ProductCode, Row]], *, has_bad: bool) -> tuple[_Read, bool]:
        article_rows.hold_catalogue(connection)
        read = _Read(article_rows.find(connection, [code.key for _line, code, _row in rows]))
        for line, code, row in rows:
            before = read.known.get(code.key)
            try:
                product = self._fields.product(code, row, before)
            except ValueError as error:
                read.bad.append(BadRow(line, str(row["code"]).strip(), str(error)))
                continue
            read.unpriced += product.unit_price_minor is None
            if product == before:
                read.unchanged += 1
            else:
                read.changed.append(product)
        if (has_bad or read.bad) and not self._rules.skip_bad_rows:
            return read, False
        article_rows.save(connection, read.changed, read.known, self._store.now_s())
        crash_point("import.batch_saved")
        return read, True

    def _take_rest_off_sale(self) -> None:
        def work(connection: Connection) -> int:
            article_rows.hold_catalogue(connection)
            taken = 0
            for page in article_rows.pages(connection):
                gone = [item for item in page if item.for_sale and int(item.code) not in self._lines_by_code]
                off = [replace(product, for_sale=False) for product in gone]
                article_rows.save(connection, off, [product.code for product in off], self._store.now_s())
                taken += len(off)
            return taken

        self._report.taken_off_sale = self._store.database.write(work)


def _batches(rows: Iterable[FileRow], size: int) -> Iterator[list[FileRow]]:
    source = iter(rows)
    while batch := list(itertools.islice(source, size)):
        yield batch
