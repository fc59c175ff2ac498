"""``store-server import-products`` from its file to what it says at the end; promotions read from a file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from program.errors import ProgramError
from program.start import on_stop_signal
from store_server.contract.promotions import PROMOTIONS_MAX, Promotion
from store_server.domain.product_list import ProductListError
from store_server.import_display import ImportDisplay
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services import product_import
from store_server.services.product_files import opened
from store_server.services.product_import import ImportReport, ImportRules, ImportWatch
from store_server.services.store import Store
from store_server.web.plain_text import body_mistake

_PROMOTIONS: TypeAdapter[list[Promotion]] = TypeAdapter(Annotated[list[Promotion], Field(max_length=PROMOTIONS_MAX)])


def run_import(store: Store, path: Path, rules: ImportRules, report_path: Path | None) -> str:
    """Take a file in, showing how far it is; return what to say at its good end.

    Raises:
        ProgramError: bad rows, a file that is no list of products or that breaks off, a full disk, or somebody stopped it.
    """
    with contextlib.ExitStack() as parts:
        file = parts.enter_context(opened(path))
        display = ImportDisplay(file, parts, report_path)
        on_stop_signal(display.stop)
        watch = ImportWatch(display.bad_row, display.doubt, display.batch_done, display.wants_stop, display.publishing)
        try:
            report = product_import.import_products(store, file.lines(), rules, watch)
            display.ended(report)
        except ProductListError as error:
            raise ProgramError(f"{path} was not taken in; nothing was changed:\n{error}") from error
        except ProgramError as error:
            raise ProgramError(f"{path}: {error} {display.so_far}") from error
        except (DatabaseBusyError, DatabaseFullError) as error:
            raise ProgramError(f"{path}: The books cannot be written: {error}. {display.so_far}") from error
    return _judged(path, rules, report, display.shown, report_path)


def read_promotions(path: Path) -> list[Promotion]:
    """Read a JSON list of promotions.

    Raises:
        ProgramError: it cannot be read, a promotion is wrong, or two have one id.
    """
    try:
        text = path.read_bytes()
        if (mistake := body_mistake(text)) is not None:
            raise ProgramError(f"{path} was not taken in; nothing was changed: {mistake}.")
        given = _PROMOTIONS.validate_json(text, extra="forbid")
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


def _judged(path: Path, rules: ImportRules, report: ImportReport, shown: list[str], report_path: Path | None) -> str:
    says = _summary(rules, report)
    if report.is_stopped:
        says = (
            f"Stopped after line {report.last_line}. What is in stays:\n{says}\n"
            "Run the same command again to go on; it leaves alone what is in already."
        )
    if not report.bad:
        if report.is_stopped:
            raise ProgramError(says)
        return says
    more = report.bad - len(shown)
    listed = "\n".join([*shown, *([f"and {more:,} more"] if more else [])])
    where = f"\nAll bad rows are in {report_path}." if report_path is not None else ""
    if not report.taken and not report.is_stopped:
        raise ProgramError(f"{path} was not taken in; nothing was changed:\n{listed}{where}")
    raise ProgramError(f"{path} has {report.bad:,} bad rows:\n{listed}{where}\n{says}")


def _summary(rules: ImportRules, report: ImportReport) -> str:
    news = "is published" if report.is_published else "says all this already: nothing new"
    batches = f"{report.batches:,} batches of at most {rules.batch_rows:,} rows, each whole or not at all"
    counts = f"{report.new:,} new, {report.changed:,} changed, {report.unchanged:,} as they were"
    lines = [
        f"{report.taken:,} articles ({counts}).",
        f"Price book version {report.version} {news}.",
        f"Format {report.format.value}; {batches}.",
    ]
    if report.unpriced:
        lines.append(
            f"{report.unpriced:,} of these articles have no price and are not for sale until a file with their code and"
            " unit_price_minor is imported."
        )
    if report.doubts:
        lines.append(f"{report.doubts:,} impossible values were left out of articles that are in; --report FILE lists them.")
    if report.refused_batches:
        spans = ", ".join(f"{first} to {last}" for first, last in report.refused_batches[:10])
        more = len(report.refused_batches) - 10
        lines.append(
            f"{report.left_out:,} good rows were left out with the bad ones of their batch (lines {spans}"
            f"{f' and {more:,} more batches' if more > 0 else ''}); mend the bad rows, or use --skip-bad-rows."
        )
    if rules.whole_range:
        off = "not done, because of bad rows or the stop" if report.bad or report.is_stopped else f"{report.taken_off_sale:,}"
        lines.append(f"Articles taken off sale because the file does not have them: {off}.")
    return "\n".join(lines)
