"""Published price books: each can be read whole for good, and what leads from one to the newest is a look-up.

A version is the second of its publication, or one more than the last: it rises even when the books are made anew or brought
back from an old copy, so a handheld never takes an old price book for a newer one.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, func, select

from store_server.contract.article_messages import Article, PriceBook
from store_server.contract.price_changes import CHANGED_MAX
from store_server.contract.promotions import Promotion
from store_server.contract.refusals import Refusal
from store_server.persistence import book_rows
from store_server.persistence.article_rows import hold_catalogue
from store_server.persistence.tables import price_books
from store_server.services.refused import RefusedError
from store_server.settings import ShopSettings

HELD_MAX = 4
"""Price books kept in memory."""
READ_MAX = 4096
"""Articles of one price book that are kept as objects; an object takes several times the memory of its JSON."""
CHANGES_MAX_AGE_S = 14 * 24 * 3600
"""A handheld that was away for longer fetches the whole price book."""

_PUBLICATION = select(
    select(func.count()).where(price_books.c.version == bindparam("the_version")).scalar_subquery(),
    select(func.min(price_books.c.published_at)).where(price_books.c.version > bindparam("the_version")).scalar_subquery(),
)
"""Whether a version was published, and when the next one was."""
_NO_ARTICLES = '"articles":[]'
_PROMOTION: TypeAdapter[Promotion] = TypeAdapter(Promotion)
_PACKING_LEVEL = 5


class Entries(Mapping[str, Article]):
    """Articles by code, each kept as JSON and read when it is asked for; those that are asked for often stay read."""

    def __init__(self, entries: dict[str, str]) -> None:
        self.texts = entries
        """Code to JSON."""
        self._read: dict[str, Article] = {}

    def __getitem__(self, code: str) -> Article:
        article = self._read.get(code)
        if article is None:
            article = Article.model_validate_json(self.texts[code])
            if len(self._read) >= READ_MAX:
                self._read.clear()
            self._read[code] = article
        return article

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


class HeldBook:
    """A price book ready to price with and to be answered."""

    def __init__(self, book: PriceBook, by_code: Entries) -> None:
        self.book = book
        """Without its articles; they are in ``by_code``."""
        self.by_code = by_code
        self._body = b""
        self._packed = b""

    @property
    def version(self) -> int:
        """Which one it is."""
        return self.book.version

    @property
    def body(self) -> bytes:
        """The whole answer as JSON, its articles in the order of their codes."""
        if not self._body:
            texts = self.by_code.texts
            articles = ",".join(texts[code] for code in sorted(texts))
            self._body = _with_articles(self.book, articles).encode()
        return self._body

    @property
    def packed(self) -> bytes:
        """``body``, compressed by gzip."""
        if not self._packed:
            self._packed = gzip.compress(self.body, _PACKING_LEVEL, mtime=0)
        return self._packed

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

    def valid(self, connection: Connection, version: int, *, now_s: int, grace_s: int) -> tuple[HeldBook, HeldBook] | None:
        """Return a price book by which a basket may still be priced, and the newest one, which says what may be sold.

        They may be the same; None for a version that is unknown or superseded for long.
        """
        is_published, superseded_at = _publication(connection, version)
        if not is_published or not _is_in_time(superseded_at, now_s, grace_s):
            return None
        held = self._get(connection, version)
        return held, held if superseded_at is None else self.newest(connection)

    def changes(self, connection: Connection, since: int, now_s: int) -> bytes:
        """Return what leads from version ``since`` to the newest, as the JSON of ``PriceBookChanges``.

        Raises:
            RefusedError: that version is unknown or too old, or so much has changed that the whole book is no larger.
        """
        if not is_current(connection, since, now_s=now_s, grace_s=CHANGES_MAX_AGE_S):
            raise RefusedError(Refusal.STALE_PRICE_BOOK)
        newest = self.newest(connection)
        if book_rows.changed_count(connection, since, newest.version) > CHANGED_MAX:
            raise RefusedError(Refusal.STALE_PRICE_BOOK)
        found = book_rows.changes(connection, since, newest.version)
        changed = ",".join(found.changed[code] for code in sorted(found.changed))
        removed = ",".join(f'"{code}"' for code in found.removed)
        return (
            f'{{"since":{since},"terms":{newest.book.model_dump_json()},"changed":[{changed}],"removed":[{removed}],'
            f'"articles":{len(newest.by_code)}}}'
        ).encode()

    def get(self, connection: Connection, version: int) -> HeldBook:
        """Return a price book that an order was priced by, however old it is."""
        return self._get(connection, version)

    def _get(self, connection: Connection, version: int) -> HeldBook:
        with self._lock:
            held = self._held.get(version)
            if held is not None:
                self._held.move_to_end(version)
                return held
            before = max((known for known in self._held if known < version), default=None)
            base = None if before is None else self._held[before]
        text = connection.execute(select(price_books.c.body).where(price_books.c.version == version)).scalar_one()
        held = HeldBook(PriceBook.model_validate_json(text), Entries(_entries(connection, version, base)))
        with self._lock:
            self._held[version] = held
            while len(self._held) > HELD_MAX:
                self._held.popitem(last=False)
        return held


def _entries(connection: Connection, version: int, base: HeldBook | None) -> dict[str, str]:
    if base is None:
        return book_rows.entries(connection, version)
    found = book_rows.changes(connection, base.version, version)
    entries = {**base.by_code.texts, **found.changed}
    for code in found.removed:
        entries.pop(code, None)
    return entries


def is_current(connection: Connection, version: int, *, now_s: int, grace_s: int) -> bool:
    """Tell whether a version was published and is the newest, or was until ``grace_s`` ago."""
    is_published, superseded_at = _publication(connection, version)
    return is_published and _is_in_time(superseded_at, now_s, grace_s)


def _publication(connection: Connection, version: int) -> tuple[bool, int | None]:
    """Tell whether a version was published, and when the next one was."""
    is_published, superseded_at = connection.execute(_PUBLICATION, {"the_version": version}).one()
    return bool(is_published), superseded_at


def _is_in_time(superseded_at: int | None, now_s: int, grace_s: int) -> bool:
    return superseded_at is None or now_s < superseded_at + grace_s


def publish(connection: Connection, shop: ShopSettings, now_s: int) -> tuple[int, bool]:
    """Publish a price book when it differs from the last one; return its version and whether it is new."""
    hold_catalogue(connection)
    newest = select(price_books.c.version, price_books.c.content_hash).order_by(price_books.c.version.desc()).limit(1)
    last = connection.execute(newest).one_or_none()
    terms = PriceBook(
        version=0,
        shop_id=shop.id,
        currency=shop.currency,
        cash_rounding_minor=shop.cash_rounding_minor,
        tax_rates=shop.tax_rates,
        label_templates=shop.label_templates,
        articles=[],
        prices_include_tax=shop.prices_include_tax,
        time_zone=shop.time_zone,
        promotions=[_PROMOTION.validate_json(text) for text in book_rows.promotion_terms(connection)],
    )
    content_hash = hashlib.sha256(terms.model_dump_json().encode()).hexdigest()
    if last is not None and last.content_hash == content_hash and not book_rows.is_anything_pending(connection):
        return last.version, False
    version = now_s if last is None else max(last.version + 1, now_s)
    book_rows.add_version(
        connection,
        version,
        published_at=now_s,
        content_hash=content_hash,
        terms=terms.model_copy(update={"version": version}).model_dump_json(),
    )
    return version, True


def _with_articles(book: PriceBook, articles: str) -> str:
    # The key stands in no string of JSON, where its quotation marks would be escaped.
    head, tail = book.model_dump_json().split(_NO_ARTICLES, 1)
    return f'{head}"articles":[{articles}]{tail}'
