"""What the lanes learned of weights, on the controller's own disk; a shop's weights are worth months of exits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from gate_controller.weighing.weight_book import ArticleWeight, Lesson, Question, WeightBook
from program.errors import ProgramError

FILE_NAME = "weights.sqlite"

_TABLES = """
CREATE TABLE IF NOT EXISTS article (code TEXT PRIMARY KEY, listed_g REAL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS question (code TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS shop (
    only INTEGER PRIMARY KEY CHECK (only = 1), log_spread REAL NOT NULL, information REAL NOT NULL, width REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS faulty_scale (lane TEXT PRIMARY KEY) STRICT;
"""
_ARTICLE = TypeAdapter(ArticleWeight)
_QUESTION = TypeAdapter(Question)
Body = TypeVar("Body")


class WeightRecord:
    """The file; one connection, the controller's one thread."""

    def __init__(self, folder: Path) -> None:
        """Open or make it.

        Raises:
            ProgramError: it cannot be opened.
        """
        path = folder / FILE_NAME
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
            self._db.execute("PRAGMA journal_mode = delete")
            self._db.execute("PRAGMA synchronous = full")
            self._db.executescript(_TABLES)
        except sqlite3.Error as error:
            raise ProgramError(
                f"The learned weights {path} cannot be opened: {error}. Move the file away or restore it."
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def book(self) -> WeightBook:
        """Read all that was learned."""
        rows = self._db.execute("SELECT code, body FROM article")
        book = WeightBook({code: _ARTICLE.validate_json(body) for code, body in rows})
        shop = self._db.execute("SELECT log_spread, information, width FROM shop").fetchone()
        if shop is not None:
            book.log_spread, book.information, book.width = shop
        return book

    def listed(self) -> dict[str, float]:
        """Return the price book's weight from which each article began."""
        rows = self._db.execute("SELECT code, listed_g FROM article WHERE listed_g IS NOT NULL")
        return dict(rows.fetchall())

    def questions(self) -> dict[str, Question]:
        """Return what waits for staff's word."""
        return {code: _QUESTION.validate_json(body) for code, body in self._db.execute("SELECT code, body FROM question")}

    def faulty_scales(self) -> set[str]:
        """Return the lanes whose scale was found to be wrong."""
        return {lane for (lane,) in self._db.execute("SELECT lane FROM faulty_scale")}

    def keep_articles(self, articles: Iterable[tuple[str, ArticleWeight, float]]) -> None:
        """Write down articles that begin, with the price book's weight."""
        rows = [(code, listed_g, _ARTICLE.dump_json(article).decode()) for code, article, listed_g in articles]
        self._all("INSERT OR REPLACE INTO article (code, listed_g, body) VALUES (?, ?, ?)", rows)

    def keep_lesson(self, lesson: Lesson, book: WeightBook) -> None:
        """Write down what one exit changed."""
        rows = [(_ARTICLE.dump_json(article).decode(), code) for code, article in lesson.articles.items()]
        self._all("UPDATE article SET body = ? WHERE code = ?", rows, book)

    def keep_article(self, code: str, article: ArticleWeight) -> None:
        """Write down one article that staff spoke about."""
        row = (code, _ARTICLE.dump_json(article).decode())
        self._all("INSERT INTO article (code, body) VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET body = excluded.body", [row])

    def keep_question(self, question: Question) -> None:
        """Write down what staff is asked."""
        row = (question.code, _QUESTION.dump_json(question).decode())
        self._all("INSERT OR REPLACE INTO question (code, body) VALUES (?, ?)", [row])

    def drop_question(self, code: str) -> None:
        """Forget a question that was answered."""
        self._all("DELETE FROM question WHERE code = ?", [(code,)])

    def scale_is(self, lane: str, *, faulty: bool) -> None:
        """Write down what is thought of a lane's scale."""
        change = (
            "INSERT OR REPLACE INTO faulty_scale (lane) VALUES (?)" if faulty else "DELETE FROM faulty_scale WHERE lane = ?"
        )
        self._all(change, [(lane,)])

    def _all(self, change: str, rows: Sequence[tuple[object, ...]], book: WeightBook | None = None) -> None:
        """Make one change for all rows, in one transaction.

        Raises:
            sqlite3.Error: the disk could not keep it; nothing is changed on it.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(change, rows)
            if book is not None:
                shop = (book.log_spread, book.information, book.width)
                self._db.execute("INSERT OR REPLACE INTO shop (only, log_spread, information, width) VALUES (1, ?, ?, ?)", shop)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
