"""What ``store-server import-products`` shows while it works: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from store_server.domain.product_list import PROBLEMS_SHOWN
from store_server.services.product_files import ProductFile, replaced
from store_server.services.product_import import BadRow, ImportReport

PLAIN_EVERY_ROWS = 10_000
"""Without a terminal a line is written after so many rows."""

_BAR_WIDTH = 28
_TAKING = "Taking in "
_STOPPING = "Stopping  "
_PUBLISHING = "Publishing"
_DONE = "Done      "
_STOPPED = "Stopped   "
_NO_BAD = "    0 bad"


class ImportDisplay:
    """Shows how far an import is, keeps its bad rows, hears whether to stop."""

    def __init__(self, file: ProductFile, parts: contextlib.ExitStack, report_path: Path | None) -> None:
        """Take the file that is read; ``parts`` closes the bar and the report at the end."""
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
        self._show(_STOPPING)

    def wants_stop(self) -> bool:
        """Tell whether somebody wants the import to stop."""
        return self._stopped

    def bad_row(self, row: BadRow) -> None:
        """Keep a bad row."""
        if self._table is not None:
            self._table.writerow([row.line, row.code, row.reason])
        if len(self.shown) < PROBLEMS_SHOWN:
            self.shown.append(f"line {row.line}: {row.reason}")

    def doubt(self, row: BadRow) -> None:
        """Keep what was left out of a row that was taken."""
        if self._table is not None:
            self._table.writerow([row.line, row.code, row.reason])

    def batch_done(self, report: ImportReport) -> None:
        """Show how far it is."""
        self.so_far = f"Up to line {report.last_line}, {report.taken} articles are in; running it again continues harmlessly."
        if self._bar is not None:
            progress, task = self._bar
            bad = f"[red]{report.bad:>5,} bad[/red]" if report.bad else _NO_BAD
            progress.update(task, completed=self._file.read_bytes, rows=report.rows, bad=bad)
        elif report.rows - self._told_rows >= PLAIN_EVERY_ROWS:
            self._told_rows = report.rows
            sys.stderr.write(f"{report.rows} rows, {report.taken} articles in, {report.bad} bad rows\n")

    def publishing(self) -> None:
        """Show that the price book is being made."""
        self._show(_PUBLISHING)

    def ended(self, report: ImportReport) -> None:
        """Show how it ended."""
        self._show(_STOPPED if report.is_stopped else _DONE)

    def _show(self, doing: str) -> None:
        if self._bar is not None:
            progress, task = self._bar
            progress.update(task, description=doing)


@contextlib.contextmanager
def _bar(size_bytes: int | None) -> Iterator[tuple[Progress, TaskID]]:
    # Every column keeps its width, so that nothing jumps while the numbers grow; a terminal of 80 columns has room left for
    # the "^C" that it writes itself, which would break a full line.
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=_BAR_WIDTH),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:>9,} rows"),
        TextColumn("{task.fields[bad]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress, progress.add_task(_TAKING, total=size_bytes, rows=0, bad=_NO_BAD)
