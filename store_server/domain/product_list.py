"""A file of products as rows: CSV, JSON lines, or an export of Open Food Facts, told apart by their first line.

CSV has a header; what stands between its columns (comma, semicolon, tab or bar) and the order of the columns are free;
``ean`` and the like are other words for ``code``. What spreadsheets add is understood: a byte order mark, a line ``sep=;``,
empty columns at the end, empty rows, and the comma of ``1,5`` where columns are separated by semicolons. Exports of Open Food
Facts separate by tabs and quote nothing. A row that cannot be read is a row with a problem: the rest of the file is read all
the same. Lines come decoded with ``surrogateescape``, so that bytes that are no UTF-8 spoil their own row only.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from store_server.domain import open_food_facts
from store_server.domain.product_fields import COLUMNS, NAME_COLUMN

LINE_MAX = 4 * 1024 * 1024
"""Characters in a line."""
PROBLEMS_SHOWN = 50

_SEPARATORS = ("\t", ";", ",", "|")
_OTHER_WORDS = {"gtin": "code", "ean": "code", "barcode": "code", "name": "name_en", "price_minor": "unit_price_minor"}
_NOT_UTF8 = "is not UTF-8 text; a spreadsheet saves it as such when asked for 'CSV UTF-8'"
_SEPARATOR_LINE = re.compile(r"^sep=(.)\s*$", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"^\s*[0-9]+,[0-9]+\s*$")
_NUMBER_COLUMNS = frozenset({"mean_g", "sd_g"})


class ProductListError(ValueError):
    """The file was not taken; :attr:`problems` says why, line by line."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - PROBLEMS_SHOWN
        shown = [*problems[:PROBLEMS_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        super().__init__("\n".join(shown))
        self.problems = tuple(problems)


class ProductFormat(StrEnum):
    """How a file writes products."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    OPEN_FOOD_FACTS = "open-food-facts"


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a file: its columns, or why it has none."""

    line: int
    """Where it begins, counted from 1."""
    values: dict[str, Any]
    problem: str = ""
    left_out: tuple[str, ...] = ()
    """Values that cannot be, with which the row is taken all the same."""


class ProductList:
    """The rows of one file, read as they are asked for."""

    def __init__(self, lines: Iterable[str], file_format: ProductFormat | None = None) -> None:
        """Look at the first line.

        Raises:
            ProductListError: it tells that this is no list of products.
        """
        self._lines = iter(lines)
        first = next(self._lines, "").removeprefix("\ufeff")
        if _has_surrogates(first):
            raise ProductListError([f"line 1: {_NOT_UTF8}. A product list must be a text file in UTF-8."])
        if first.lstrip().startswith("["):
            raise ProductListError(
                ["line 1: is a JSON list; JSON lines have one object per line, without brackets around all."]
            )
        self._header_line, separator = 1, _SEPARATOR_LINE.match(first)
        if separator is not None:
            self._header_line, first = 2, next(self._lines, "")
        self._lines = itertools.chain([first], self._lines)
        looks_json = first.lstrip().startswith("{") and file_format is not ProductFormat.CSV
        self._is_json = looks_json or file_format is ProductFormat.JSON_LINES
        if self._is_json:
            self.format = file_format or _format_of_names(_names_of_object(first), ProductFormat.JSON_LINES)
            return
        self._separator = max(_SEPARATORS, key=first.count) if separator is None else separator[1]
        names = _header_names(first, self._separator)
        self.format = file_format or _format_of_names(names, ProductFormat.CSV)
        is_export = self.format is ProductFormat.OPEN_FOOD_FACTS
        self._names = names if is_export else [_OTHER_WORDS.get(name.lower(), name.lower()) for name in names]
        _check_header(self._names, is_export=is_export)

    def __iter__(self) -> Iterator[FileRow]:
        if self._is_json:
            return self._objects()
        is_unquoted = self.format is ProductFormat.OPEN_FOOD_FACTS and self._separator == "\t"
        return self._split_lines() if is_unquoted else self._records()

    def _objects(self) -> Iterator[FileRow]:
        for number, line in enumerate(self._lines, 1):
            if not line.strip():
                continue
            if _has_surrogates(line):
                yield FileRow(number, {}, _NOT_UTF8)
                continue
            try:
                values = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield FileRow(number, {}, f"is no JSON object: {error}")
                continue
            yield self._object_row(number, values)

    def _object_row(self, number: int, values: Any) -> FileRow:
        if not isinstance(values, dict):
            return FileRow(number, {}, "is no JSON object")
        if self.format is ProductFormat.OPEN_FOOD_FACTS:
            return FileRow(number, *_export_row(values))
        unknown = [name for name in values if not _is_column(name)]
        problem = f"there is no field {unknown[0][:60]!r}; known are {_known()}" if unknown else ""
        return FileRow(number, values, problem)

    def _split_lines(self) -> Iterator[FileRow]:
        """Read rows that are lines split at tabs, whatever quotation marks and lone carriage returns are in them."""
        next(self._lines)
        for number, line in enumerate(self._lines, self._header_line + 1):
            if line.strip():
                yield self._cell_row(number, line.rstrip("\r\n").split("\t"), is_export=True)

    def _records(self) -> Iterator[FileRow]:
        is_export = self.format is ProductFormat.OPEN_FOOD_FACTS
        reader = csv.reader(self._lines, delimiter=self._separator, strict=True)
        next(reader)
        while True:
            number = reader.line_num + self._header_line
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                last = reader.line_num + self._header_line - 1
                lost = f"; the lines up to {last} were read as part of it" if last > number else ""
                yield FileRow(number, {}, f"{error}; is a quotation mark missing?{lost}")
                continue
            if any(cell.strip() for cell in cells):
                yield self._cell_row(number, cells, is_export=is_export)

    def _cell_row(self, number: int, cells: list[str], *, is_export: bool) -> FileRow:
        # An export writes every column of every row: another number means that a tab or a line break inside has torn it.
        while not is_export and len(cells) > len(self._names) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(self._names):
            problem = f"this row has {len(cells)} columns, not {len(self._names)}; is a separator missing or too many?"
            return FileRow(number, {}, problem)
        if any(_has_surrogates(cell) for cell in cells):
            return FileRow(number, {}, _NOT_UTF8)
        if is_export:
            used = {name: cell for name, cell in zip(self._names, cells, strict=True) if name in open_food_facts.COLUMNS}
            return FileRow(number, *_export_row(used))
        values = dict(zip(self._names, cells, strict=True))
        if self._separator == ";":
            for name in _NUMBER_COLUMNS.intersection(values):
                if _DECIMAL_COMMA.match(values[name]):
                    values[name] = values[name].replace(",", ".")
        return FileRow(number, values)


def _header_names(line: str, separator: str) -> list[str]:
    """Return the names of the columns, without the empty ones at the end."""
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error as error:
        raise ProductListError([f"line 1: {error}. Are the lines of this file ended by line feeds?"]) from error
    while names and not names[-1]:
        names.pop()
    return names


def _export_row(record: Mapping[str, Any]) -> tuple[dict[str, Any], str, tuple[str, ...]]:
    values, left_out = open_food_facts.row_of(record)
    return values, "", left_out


def _names_of_object(line: str) -> list[str]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return list(values) if isinstance(values, dict) else []


def _format_of_names(names: Sequence[str], ours: ProductFormat) -> ProductFormat:
    return ProductFormat.OPEN_FOOD_FACTS if open_food_facts.is_export(frozenset(names)) else ours


def _check_header(names: Sequence[str], *, is_export: bool) -> None:
    problems = [] if "code" in names else ["line 1: the column 'code' is missing; is the first line a header?"]
    if not is_export:
        problems += [
            f"line 1: there is no column {name[:60]!r}; known are {_known()}" for name in names if not _is_column(name)
        ]
    read = {name for name in names if name and (not is_export or name in open_food_facts.COLUMNS)}
    problems += [f"line 1: the column {name!r} stands twice" for name in sorted(read) if names.count(name) > 1]
    if problems:
        raise ProductListError(problems)


def _is_column(name: str) -> bool:
    return name in COLUMNS or NAME_COLUMN.match(name) is not None


def _known() -> str:
    return ", ".join(("code", "name_en", "name_zh", *COLUMNS[1:]))


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
