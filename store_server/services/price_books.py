"""Published price books: each whole, kept for good, read from the database once.

A version is the second of its publication, or one more than the last: it rises even when the books are made anew or brought
back from an old copy, so a handheld never takes an old price book for a newer one.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from store_server.contract.messages import Article, PriceBook
from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import price_books
from store_server.settings import ShopSettings

HELD_MAX = 4
"""Price books kept in memory."""


@dataclass(frozen=True, slots=True)
class HeldBook:
    """A price book ready to price with and to be answered."""

    book: PriceBook
    body: bytes
    """The whole answer as JSON."""
    by_code: dict[str, Article]

    @property
    def version(self) -> int:
        """Which one it is."""
        return self.book.version

    def find(self, code: str) -> Article | None:
        """Look an article up by its 14-digit key."""
        return self.by_code.get(code)


class PriceBooks:
    """Price books by version, the most recently used ones in memory; use it from any thread."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, HeldBook] = OrderedDict()
        self._lock = threading.Lock()

    def newest(self, connection: Connection) -> HeldBook:
        """Return the price book that is valid now."""
        version = connection.execute(select(func.max(price_books.c.version))).scalar_one()
        assert version is not None, "init publishes the first price book"
        return self._get(connection, version)

    def valid(self, connection: Connection, version: int, *, now_s: int, grace_s: int) -> HeldBook | None:
        """Return a price book by which a basket may still be priced; None for an unknown or long superseded one."""
        known = select(price_books.c.version).where(price_books.c.version == version)
        if connection.execute(known).one_or_none() is None:
            return None
        after = select(func.min(price_books.c.published_at)).where(price_books.c.version > version)
        superseded_at = connection.execute(after).scalar_one()
        if superseded_at is not None and now_s >= superseded_at + grace_s:
            return None
        return self._get(connection, version)

    def _get(self, connection: Connection, version: int) -> HeldBook:
        with self._lock:
            held = self._held.get(version)
            if held is not None:
                self._held.move_to_end(version)
                return held
        text = connection.execute(select(price_books.c.body).where(price_books.c.version == version)).scalar_one()
        book = PriceBook.model_validate_json(text)
        held = HeldBook(book, text.encode(), {article.code: article for article in book.articles})
        with self._lock:
            self._held[version] = held
            while len(self._held) > HELD_MAX:
                self._held.popitem(last=False)
        return held


def publish(connection: Connection, shop: ShopSettings, articles: Iterable[Article], now_s: int) -> tuple[int, bool]:
    """Publish a price book when it differs from the last one; return its version and whether it is new."""
    last = connection.execute(select(price_books).order_by(price_books.c.version.desc()).limit(1)).one_or_none()
    book = PriceBook(
        version=0,
        shop_id=shop.id,
        currency=shop.currency,
        cash_rounding_minor=shop.cash_rounding_minor,
        tax_rates=shop.tax_rates,
        label_templates=shop.label_templates,
        articles=sorted(articles, key=lambda article: article.code),
    )
    content_hash = hashlib.sha256(book.model_dump_json().encode()).hexdigest()
    if last is not None and last.content_hash == content_hash:
        return last.version, False
    crash_point("publish.compared")
    version = now_s if last is None else max(last.version + 1, now_s)
    connection.execute(
        price_books.insert().values(
            version=version,
            published_at=now_s,
            content_hash=content_hash,
            body=book.model_copy(update={"version": version}).model_dump_json(),
        )
    )
    crash_point("publish.after_row")
    return version, True
