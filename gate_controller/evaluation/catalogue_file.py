"""Reads the articles of a shop from a CSV file with the columns gtin, name, mean_g, sd_g and popularity."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

from program.errors import ProgramError

COLUMNS = ("gtin", "name", "mean_g", "sd_g", "popularity")
OURS = Path(__file__).with_name("catalogue.csv")
"""The demo shop's own articles that are sold by the piece."""
ARTICLES_MIN = 3
ARTICLES_MAX = 200_000
FILE_LIMIT_BYTES = 64 * 1024 * 1024
GRAMS_MAX = 100_000.0
_CODE_DIGITS_MAX = 14


class CatalogueFileError(ProgramError):
    """The file cannot be used; the sentence names the line and what to change."""


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """One line of the file."""

    code: str
    """Fourteen digits."""
    name: str
    mean_g: float
    sd_g: float
    popularity: float


def read_catalogue(path: Path) -> tuple[ListedArticle, ...]:
    """Read the articles of a file.

    Raises:
        CatalogueFileError: the file is not there, is no such table, or has a value that cannot be.
    """
    try:
        if path.stat().st_size > FILE_LIMIT_BYTES:
            raise CatalogueFileError(f"{path} is larger than {FILE_LIMIT_BYTES // 1024 // 1024} MB; is it a catalogue?")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueFileError(f"{path} is not UTF-8 text; save the table as CSV in UTF-8.") from error
    except OSError as error:
        raise CatalogueFileError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_catalogue(text, str(path))


def parse_catalogue(text: str, source: str) -> tuple[ListedArticle, ...]:
    """Read the articles of a table; ``source`` names it in sentences."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    articles: list[ListedArticle] = []
    lines: dict[str, int] = {}
    try:
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise CatalogueFileError(f"{source}, line 1: the heading lacks {', '.join(missing)}; it needs {','.join(COLUMNS)}.")
        for row in rows:
            article = _article(row, f"{source}, line {rows.line_num}")
            if article.code in lines:
                first = lines[article.code]
                raise CatalogueFileError(f"{source}, line {rows.line_num}: gtin {article.code} stands in line {first} already.")
            lines[article.code] = rows.line_num
            articles.append(article)
            if len(articles) > ARTICLES_MAX:
                raise CatalogueFileError(f"{source} has more than {ARTICLES_MAX} articles; take a part of it.")
    except csv.Error as error:
        raise CatalogueFileError(f"{source}, line {rows.line_num}: not a CSV table: {error}.") from error
    if len(articles) < ARTICLES_MIN:
        raise CatalogueFileError(f"{source} has {len(articles)} articles; at least {ARTICLES_MIN} are needed.")
    return tuple(articles)


def _article(row: dict[str | None, str | None], where: str) -> ListedArticle:
    if None in row:
        raise CatalogueFileError(f"{where}: there are more values than columns; put quotes around a name with a comma.")
    values = {column: (row[column] or "").strip() for column in COLUMNS}
    code = values["gtin"]
    if not (code.isascii() and code.isdigit() and len(code) <= _CODE_DIGITS_MAX):
        raise CatalogueFileError(f"{where}: gtin is {code!r}; it must be 1 to {_CODE_DIGITS_MAX} digits.")
    mean = _number(values["mean_g"], "mean_g", where)
    spread = _number(values["sd_g"], "sd_g", where)
    popularity = _number(values["popularity"], "popularity", where)
    if mean <= 0:
        raise CatalogueFileError(f"{where}: mean_g is {values['mean_g']}; an article must weigh more than nothing.")
    if spread < 0 or popularity < 0:
        raise CatalogueFileError(f"{where}: sd_g and popularity must not be negative.")
    return ListedArticle(code.zfill(_CODE_DIGITS_MAX), values["name"] or code, mean, spread, popularity)


def _number(text: str, column: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= GRAMS_MAX:
        raise CatalogueFileError(f"{where}: {column} is {text!r}; it must be a number up to {GRAMS_MAX:.0f}, such as 12.5.")
    return value
