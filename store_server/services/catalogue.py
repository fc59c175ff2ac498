"""The range and its prices: taken in, written out, answered as one price book or as what has changed in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from store_server.contract.article_messages import ArticleDetails
from store_server.contract.product_code import ProductCode, ProductCodeError
from store_server.contract.promotions import Promotion
from store_server.contract.refusals import Refusal
from store_server.contract.shop_messages import OfflineCaps, Shop
from store_server.domain.product_list import ProductFormat, ProductListError
from store_server.domain.product_writing import CsvWriting, json_line
from store_server.persistence import article_rows
from store_server.persistence.catalogue_tables import promotions
from store_server.services import product_import
from store_server.services.keys import published
from store_server.services.price_books import HeldBook, publish
from store_server.services.product_files import replaced
from store_server.services.product_import import BadRow, ImportRules, ImportWatch
from store_server.services.refused import NotThereError
from store_server.services.store import Store
from store_server.services.voided_passes import voided


@dataclass(frozen=True, slots=True)
class Imported:
    """What taking in a product list did."""

    version: int
    articles: int
    changed: bool
    """False when the list says what the newest price book says already."""


def import_products(store: Store, text: str) -> Imported:
    """Take in a whole product list that is at hand as text, as one batch, and publish it.

    Raises:
        ProductListError: any row is wrong; the present price book stays.
    """
    bad: list[BadRow] = []
    lines = text.splitlines(keepends=True)
    rules = ImportRules(batch_rows=max(1, len(lines)))
    report = product_import.import_products(store, lines, rules, ImportWatch(bad_row=bad.append))
    if bad:
        raise ProductListError([f"line {row.line}: {row.reason}" for row in bad])
    return Imported(version=report.version, articles=report.taken, changed=report.is_published)


def export_products(store: Store, path: Path, file_format: ProductFormat) -> int:
    """Write every product to a file that the import reads; return how many.

    Raises:
        ProgramError: the disk does not take it; what stood there stays.
    """

    def write(connection: Connection) -> int:
        written = 0
        with replaced(path) as file:
            table = CsvWriting(article_rows.languages(connection)) if file_format is ProductFormat.CSV else None
            if table is not None:
                file.write(table.header())
            for page in article_rows.pages(connection):
                file.writelines(json_line(product) if table is None else table.line(product) for product in page)
                written += len(page)
        return written

    return store.database.read(write)


def set_promotions(store: Store, given: Sequence[Promotion]) -> int:
    """Make these the shop's promotions, in place of all others, and publish them; return the price book's version."""

    def work(connection: Connection) -> int:
        article_rows.hold_catalogue(connection)
        connection.execute(promotions.delete())
        rows = [{"promotion_id": promotion.promotion_id, "terms": promotion.model_dump_json()} for promotion in given]
        if rows:
            connection.execute(promotions.insert(), rows)
        return publish(connection, store.shop, store.now_s())[0]

    return store.database.write(work)


def republish(store: Store) -> int:
    """Publish what the newest price book does not have: an import that was cut off, other settings of the shop."""
    return store.database.write(lambda connection: publish(connection, store.shop, store.now_s())[0])


def newest_price_book(store: Store) -> HeldBook:
    """Return the price book that is valid now."""
    return store.database.read(store.books.newest)


def price_book_changes(store: Store, since: int) -> bytes:
    """Return what leads from version ``since`` to the newest price book, as JSON.

    Raises:
        RefusedError: that version is unknown or too old; the whole price book is to be fetched.
    """
    return store.database.read(lambda connection: store.books.changes(connection, since, store.now_s()))


def article(store: Store, text: str) -> ArticleDetails:
    """Return what is known of an article, by its code as scanned or typed.

    Raises:
        NotThereError: it is no code, or of no article of this shop.
    """
    try:
        key = ProductCode.parse(text, store.shop.templates).key
    except ProductCodeError as error:
        raise NotThereError(Refusal.UNKNOWN_ARTICLE, f"{error}.") from error
    found = store.database.read(lambda connection: article_rows.find(connection, [key]))
    if key not in found:
        raise NotThereError(Refusal.UNKNOWN_ARTICLE)
    return found[key].details()


def shop(store: Store) -> Shop:
    """Return what every device needs to know about its shop."""
    caps = store.shop.offline_caps
    return Shop(
        shop_id=store.shop.id,
        name=store.shop.name,
        host=store.shop.host.upper(),
        currency=store.shop.currency,
        cash_rounding_minor=store.shop.cash_rounding_minor,
        pass_keys=store.database.read(published),
        offline_caps=OfflineCaps(
            value_minor=caps.value_minor, exits=caps.exits, away_s=caps.away_s, exits_per_hour=caps.exits_per_hour
        ),
        voided_passes=store.database.read(lambda connection: voided(store, connection)),
        time_zone=store.shop.time_zone,
    )
