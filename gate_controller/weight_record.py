"""What the lanes learned of weights, on the controller's own disk; a shop's weights are worth months of exits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from gate_controller.weighing.scale_watch import RECENT_MAX, ScaleWatch, Seen
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
CREATE TABLE IF NOT EXISTS scale_watch (lane TEXT PRIMARY KEY, sums TEXT NOT NULL, since TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS seen (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, evidence TEXT NOT NULL, codes TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS seen_in_lane ON seen (lane, seq);
"""
_ARTICLE = TypeAdapter(ArticleWeight)
_QUESTION = TypeAdapter(Question)
_SUMS = TypeAdapter(tuple[float, ...])
_SINCE = TypeAdapter(tuple[int, ...])
_CODES = TypeAdapter(frozenset[str])
_OLDEST = (
    "DELETE FROM seen WHERE lane = ? AND seq <="
    " coalesce((SELECT seq FROM seen WHERE lane = ? ORDER BY seq DESC LIMIT 1 OFFSET ?), 0)"
)
Body = TypeVar("Body")


class WeightRecord:
    """The file; one connection, the controller's one thread."""

    def __init__(self, folder: Path) -> None:
        """Open or make it.

        Raises:
            ProgramError: it cannot be opened or read.
        """
        path = folder / FILE_NAME
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
            self._db.execute("PRAGMA journal_mode = persist")
            self._db.execute("PRAGMA synchronous = full")
            self._db.executescript(_TABLES)
            self._prove()
        except sqlite3.Error as error:
            raise ProgramError(
                f"The learned weights {path} cannot be opened: {error}. Move the file away or restore it."
            ) from error
        except ValueError as error:
            raise ProgramError(
                f"The learned weights {path} are damaged, or of another version. Move the file away or restore it."
            ) from error

    def _prove(self) -> None:
        """Read everything once, so that what cannot be read is told at the start.

        Raises:
            sqlite3.Error: the file is damaged.
            ValueError: a row is.
        """
        damage = self._db.execute("PRAGMA quick_check").fetchone()[0]
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)
        self.book()
        self.questions()
        self.watches()

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

    def keep_articles(self, listed: Mapping[str, float], book: WeightBook) -> None:
        """Write down articles that begin, with the price book's weight."""
        rows = [(code, listed_g, _ARTICLE.dump_json(book.articles[code]).decode()) for code, listed_g in listed.items()]
        self._all("INSERT OR REPLACE INTO article (code, listed_g, body) VALUES (?, ?, ?)", rows, book)

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

    def watches(self) -> dict[str, ScaleWatch]:
        """Return what the weighings said of each lane's scale so far."""
        rows = self._db.execute("SELECT lane, sums, since FROM scale_watch").fetchall()
        return {
            lane: ScaleWatch(_SUMS.validate_json(sums), _SINCE.validate_json(since), self._seen(lane))
            for lane, sums, since in rows
        }

    def _seen(self, lane: str) -> tuple[Seen, ...]:
        rows = self._db.execute("SELECT evidence, codes FROM seen WHERE lane = ? ORDER BY seq", (lane,))
        return tuple(Seen(_SUMS.validate_json(evidence), _CODES.validate_json(codes)) for evidence, codes in rows)

    def keep_watch(self, lane: str, watch: ScaleWatch, *, fresh: int | None = None) -> None:
        """Write down what is thought of a lane's scale.

        Args:
            lane: the lane.
            watch: what the weighings said so far.
            fresh: so many of its newest weighings are not written down yet; None writes all of them anew.

        Raises:
            sqlite3.Error: the disk could not keep it; nothing is changed on it.
        """
        seen = watch.recent if fresh is None else watch.recent[len(watch.recent) - min(fresh, len(watch.recent)) :]
        rows = [(lane, _SUMS.dump_json(one.evidence).decode(), _CODES.dump_json(one.codes).decode()) for one in seen]
        sums = (lane, _SUMS.dump_json(watch.sums).decode(), _SINCE.dump_json(watch.since).decode())
        with self._writing():
            if fresh is None:
                self._db.execute("DELETE FROM seen WHERE lane = ?", (lane,))
            self._db.executemany("INSERT INTO seen (lane, evidence, codes) VALUES (?, ?, ?)", rows)
            self._db.execute(_OLDEST, (lane, lane, RECENT_MAX))
            self._db.execute("INSERT OR REPLACE INTO scale_watch (lane, sums, since) VALUES (?, ?, ?)", sums)

    def _all(self, change: str, rows: Sequence[tuple[object, ...]], book: WeightBook | None = None) -> None:
        """Make one change for all rows, in one transaction.

        Raises:
            sqlite3.Error: the disk could not keep it; nothing is changed on it.
        """
        with self._writing():
            self._db.executemany(change, rows)
            if book is not None:
                shop = (book.log_spread, book.information, book.width)
                self._db.execute("INSERT OR REPLACE INTO shop (only, log_spread, information, width) VALUES (1, ?, ?, ?)", shop)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
