"""The local price book: an SQLite file that answers every look-up without the store, its articles held in memory.

::

    facts     name TEXT PRIMARY KEY, json TEXT      "terms": the price book without its articles; "shop": the shop's names
    articles  code TEXT PRIMARY KEY, json TEXT      GTIN-14 to article

A newer price book is written into a file of its own beside the old one and renamed over it: readers see the old one or the new
one, whole. Where only the changes are fetched, they are applied to a copy of the old file. ``PRAGMA user_version`` tells the
layout; a file of another layout or a damaged one is fetched anew.

Articles are read into memory as JSON when the file is opened (100,000 of them: 40 MB and a tenth of a second), because the read
of one row takes longer than everything else that a scan asks for.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from scanner_app.price_terms import PriceTerms
from store_server.contract.article_messages import Article, PriceBook, PriceBookChanges
from store_server.contract.price_changes import PriceChangesError, check_base, check_result
from store_server.contract.product_code import ProductCodeError
from store_server.contract.shop_messages import Shop

FILE_NAME = "price-book.sqlite"
LAYOUT_VERSION = 1

_log = structlog.get_logger(__name__)
AnyModel = TypeVar("AnyModel", bound=BaseModel)


class Catalogue:
    """The price book in a folder. Used by the GUI's thread, but for what writes one."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._articles: dict[str, bytes] = {}
        self._terms: PriceTerms | None = None
        self._shop: Shop | None = None
        self.reopen()

    @property
    def terms(self) -> PriceTerms | None:
        """Version, currency, taxes and templates; None until a price book was fetched."""
        return self._terms

    @property
    def shop(self) -> Shop | None:
        """The shop that the price book is of."""
        return self._shop

    @property
    def version(self) -> int | None:
        """The version that is held."""
        return None if self._terms is None else self._terms.version

    def find(self, code: str) -> Article | None:
        """Look one article up by its 14 digits."""
        text = self._articles.get(code)
        return None if text is None else Article.model_validate_json(text)

    def find_all(self, codes: Iterable[str]) -> dict[str, Article]:
        """Look several articles up; those that the price book lacks are left out."""
        return {code: article for code in codes if (article := self.find(code)) is not None}

    def reopen(self) -> None:
        """Read the file that is there now."""
        self._forget()
        if not self._path.exists():
            return
        try:
            with contextlib.closing(_opened(self._path)) as connection:
                self._read(connection)
        except (sqlite3.Error, ValidationError, ProductCodeError, ValueError) as error:
            _log.error("the stored price book cannot be used; a new one is fetched", reason=str(error))
            self._forget()
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _forget(self) -> None:
        self._articles, self._terms, self._shop = {}, None, None

    def _read(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA user_version").fetchone()[0] != LAYOUT_VERSION:
            raise ValueError("its layout is of another version")
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise ValueError("it is damaged")
        self._terms = PriceTerms.of(_fact(connection, "terms", PriceBook))
        self._shop = _fact(connection, "shop", Shop)
        self._articles = dict(connection.execute("SELECT code, CAST(json AS BLOB) FROM articles"))


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def write_price_book(folder: Path, book: PriceBook, shop: Shop) -> None:
    """Replace the price book in ``folder`` by a newer one; for a background thread. Readers then ``reopen``.

    Raises:
        OSError: the disk is full or broken; the old price book is untouched.
        ProductCodeError: one of its label templates is none; the old price book is untouched.
    """
    PriceTerms.of(book)
    fresh = folder / f"{FILE_NAME}.new"
    fresh.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(fresh)) as connection:
            _fill(connection, book, shop)
    except sqlite3.Error as error:
        raise OSError(f"cannot write the price book: {error}") from error
    _swap_in(fresh, folder)


def write_changes(folder: Path, changes: PriceBookChanges, shop: Shop) -> None:
    """Replace the price book in ``folder`` by a copy with these changes; for a background thread. Readers then ``reopen``.

    Raises:
        OSError: the disk is full or broken; the old price book is untouched.
        PriceChangesError: they do not fit the price book that is there; it is untouched. Fetch the whole one.
        ProductCodeError: one of its label templates is none; the old price book is untouched.
    """
    PriceTerms.of(changes.terms)
    fresh = folder / f"{FILE_NAME}.new"
    fresh.unlink(missing_ok=True)
    shutil.copyfile(folder / FILE_NAME, fresh)
    try:
        with contextlib.closing(sqlite3.connect(fresh)) as connection, connection:
            _change(connection, changes, shop)
    except ValueError as error:
        raise PriceChangesError(str(error)) from error
    except sqlite3.Error as error:
        raise OSError(f"cannot change the price book: {error}") from error
    _swap_in(fresh, folder)


def _swap_in(fresh: Path, folder: Path) -> None:
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(folder / FILE_NAME)


def _change(connection: sqlite3.Connection, changes: PriceBookChanges, shop: Shop) -> None:
    check_base(_fact(connection, "terms", PriceBook), changes)
    connection.executemany("DELETE FROM articles WHERE code = ?", ((code,) for code in changes.removed))
    connection.executemany("INSERT OR REPLACE INTO articles VALUES (?, ?)", _rows(changes.changed))
    connection.executemany(
        "INSERT OR REPLACE INTO facts VALUES (?, ?)",
        [("terms", changes.terms.model_dump_json()), ("shop", shop.model_dump_json())],
    )
    check_result(connection.execute("SELECT COUNT(*) FROM articles").fetchone()[0], changes)


def _rows(articles: Iterable[Article]) -> Iterable[tuple[str, str]]:
    return ((article.code, article.model_dump_json()) for article in articles)


def _fill(connection: sqlite3.Connection, book: PriceBook, shop: Shop) -> None:
    connection.executescript(
        "CREATE TABLE facts (name TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;"
        "CREATE TABLE articles (code TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        f"PRAGMA user_version = {LAYOUT_VERSION};"
    )
    terms = book.model_copy(update={"articles": []})
    with connection:
        connection.executemany(
            "INSERT INTO facts VALUES (?, ?)", [("terms", terms.model_dump_json()), ("shop", shop.model_dump_json())]
        )
        connection.executemany("INSERT OR REPLACE INTO articles VALUES (?, ?)", _rows(book.articles))


def _fact(connection: sqlite3.Connection, name: str, model: type[AnyModel]) -> AnyModel:
    row = connection.execute("SELECT json FROM facts WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise ValueError(f"it lacks {name!r}")
    return model.model_validate_json(row[0])
