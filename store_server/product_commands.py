"""What ``store-server import-products`` shows while it works and says at the end; promotions read from a file."""

from __future__ import annotations

import contextlib
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from program.errors import ProgramError
from program.start import on_stop_signal
from store_server.contract.promotions import PROMOTIONS_MAX, Promotion
from store_server.domain.product_list import PROBLEMS_SHOWN, ProductListError
from store_server.services import product_import
from store_server.services.product_files import ProductFile, opened, replaced
from store_server.services.product_import import BadRow, ImportReport, ImportRules, ImportWatch
from store_server.services.store import Store

_PROMOTIONS: TypeAdapter[list[Promotion]] = TypeAdapter(Annotated[list[Promotion], Field(max_length=PROMOTIONS_MAX)])

PLAIN_EVERY_ROWS = 10_000
"""Without a terminal a line is written after so many rows."""


def run_import(store: Store, path: Path, rules: ImportRules, report_path: Path | None) -> str:
    """Take a file in, showing how far it is; return what to say at its good end.

    Raises:
        ProgramError: bad rows, a file that is no list of products or that breaks off, or somebody stopped it.
    """
    with contextlib.ExitStack() as parts:
        file = parts.enter_context(opened(path))
        looker = _Looker(file, parts, report_path)
        on_stop_signal(looker.stop)
        watch = ImportWatch(bad_row=looker.bad_row, batch_done=looker.batch_done, wants_stop=looker.wants_stop)
        try:
            report = product_import.import_products(store, file.lines(), rules, watch)
        except ProductListError as error:
            raise ProgramError(f"{path} was not taken in; nothing was changed:\n{error}") from error
        except ProgramError as error:
            raise ProgramError(f"{path}: {error} {looker.so_far}") from error
    return _judged(path, rules, report, looker.shown, report_path)


def read_promotions(path: Path) -> list[Promotion]:
    """Read a JSON list of promotions.

    Raises:
        ProgramError: it cannot be read, a promotion is wrong, or two have one id.
    """
    try:
        given = _PROMOTIONS.validate_json(path.read_bytes(), extra="forbid")
    except OSError as error:
        raise ProgramError(f"Cannot read {path}: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ProgramError(f"{path} was not taken in; nothing was changed: {place}: {first['msg']}.") from error
    ids = [promotion.promotion_id for promotion in given]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ProgramError(f"{path} was not taken in; nothing was changed: {', '.join(twice)} stands there twice.")
    return given


class _Looker:
    """Shows progress, keeps bad rows, hears whether to stop."""

    def __init__(self, file: ProductFile, parts: contextlib.ExitStack, report_path: Path | None) -> None:
        self.shown: list[str] = []
        """The first bad rows."""
        self.so_far = "Nothing was changed."
        self._file = file
        self._stopped = False
        self._told_rows = 0
        self._table = (
            None if report_path is None else csv.writer(parts.enter_context(replaced(report_path)), lineterminator="\n")
        )
        if self._table is not None:
            self._table.writerow(["line", "code", "reason"])
        self._bar = parts.enter_context(_bar(file.size_bytes)) if sys.stderr.isatty() else None

    def stop(self) -> None:
        """Finish the batch that is at work, then stop."""
        self._stopped = True

    def wants_stop(self) -> bool:
        """Tell whether somebody wants the import to stop."""
        return self._stopped

    def bad_row(self, row: BadRow) -> None:
        """Keep a bad row."""
        if self._table is not None:
            self._table.writerow([row.line, row.code, row.reason])
        if len(self.shown) < PROBLEMS_SHOWN:
            self.shown.append(f"line {row.line}: {row.reason}")

    def batch_done(self, report: ImportReport) -> None:
        """Show how far it is."""
        self.so_far = f"Up to line {report.last_line}, {report.taken} articles are in; running it again continues harmlessly."
        if self._bar is not None:
            progress, task = self._bar
            words = f"{report.rows:,} rows, {report.bad:,} bad"
            progress.update(task, completed=self._file.read_bytes, description=words)
        elif report.rows - self._told_rows >= PLAIN_EVERY_ROWS:
            self._told_rows = report.rows
            sys.stderr.write(f"{report.rows} rows, {report.taken} articles in, {report.bad} bad rows\n")


@contextlib.contextmanager
def _bar(size_bytes: int) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress, progress.add_task("0 rows", total=size_bytes)


def _judged(path: Path, rules: ImportRules, report: ImportReport, shown: list[str], report_path: Path | None) -> str:
    says = _summary(rules, report)
    if report.is_stopped:
        says = (
            f"Stopped after line {report.last_line}. What is in stays: {says}\n"
            "Run the same command again to go on; it leaves alone what is in already."
        )
    if not report.bad:
        if report.is_stopped:
            raise ProgramError(says)
        return says
    more = report.bad - len(shown)
    listed = "\n".join([*shown, *([f"and {more} more"] if more else [])])
    where = f"All bad rows are in {report_path}.\n" if report_path is not None else ""
    if not report.taken and not report.is_stopped:
        raise ProgramError(f"{path} was not taken in; nothing was changed:\n{listed}\n{where}")
    raise ProgramError(f"{path} has {report.bad} bad rows:\n{listed}\n{where}{says}")


def _summary(rules: ImportRules, report: ImportReport) -> str:
    news = "" if report.is_published else " (nothing new)"
    counts = f"{report.new} new, {report.changed} changed, {report.unchanged} as they were"
    sentences = [
        f"{report.taken} articles ({counts}), price book version {report.version}{news}.",
        f"Format {report.format.value}; {report.batches} batches of at most {rules.batch_rows} rows, each whole or not at all.",
    ]
    if report.refused_batches:
        spans = ", ".join(f"{first} to {last}" for first, last in report.refused_batches[:10])
        more = len(report.refused_batches) - 10
        sentences.append(
            f"{report.left_out} good rows were left out with the bad ones of their batch (lines {spans}"
            f"{f' and {more} more batches' if more > 0 else ''}); mend the bad rows, or use --skip-bad-rows."
        )
    if rules.whole_range:
        off = "not done, because of bad rows or the stop" if report.bad or report.is_stopped else f"{report.taken_off_sale}"
        sentences.append(f"Articles taken off sale because the file does not have them: {off}.")
    return " ".join(sentences)
