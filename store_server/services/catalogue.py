"""The range and its prices: taken in from a CSV file, answered as one price book."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from store_server.contract.messages import OfflineCaps, Shop
from store_server.domain.product_list import read_products
from store_server.persistence.crash_points import crash_point
from store_server.services.keys import published
from store_server.services.price_books import HeldBook, publish
from store_server.services.store import Store


@dataclass(frozen=True, slots=True)
class Imported:
    """What taking in a product list did."""

    version: int
    articles: int
    changed: bool
    """False when the list says what the newest price book says already."""


def import_products(store: Store, text: str) -> Imported:
    """Take in a whole product list and publish it.

    Raises:
        ProductListError: any row is wrong; the present price book stays.
    """
    articles = read_products(text, store.shop.templates, tuple(store.shop.tax_rates))
    crash_point("import.read")
    version, changed = store.database.write(lambda connection: publish(connection, store.shop, articles, store.now_s()))
    return Imported(version=version, articles=len(articles), changed=changed)


def republish(store: Store) -> int:
    """Publish the newest price book again if the shop's settings in it (tax, rounding, labels) have changed since."""

    def again(connection: Connection) -> int:
        articles = store.books.newest(connection).book.articles
        return publish(connection, store.shop, articles, store.now_s())[0]

    return store.database.write(again)


def newest_price_book(store: Store) -> HeldBook:
    """Return the price book that is valid now."""
    return store.database.read(store.books.newest)


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
        offline_caps=OfflineCaps(value_minor=caps.value_minor, exits=caps.exits, away_s=caps.away_s),
    )
