"""Products as rows of the catalogue's tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from store_server.contract.article_messages import Nutrition, ProvenanceEvent
from store_server.domain.product import Product
from store_server.persistence.catalogue_tables import article_names, articles, prices, provenance, stock
from store_server.persistence.once import next_number

PAGE_ROWS = 1_000

_COLUMNS = (
    articles,
    prices.c.unit_price_minor,
    prices.c.deposit_minor,
    prices.c.member_price_minor,
    prices.c.tier_prices_minor,
    prices.c.discountable,
    stock.c.amount,
)


def hold_catalogue(connection: Connection) -> None:
    """Keep other writers of the catalogue out until this transaction ends."""
    next_number(connection, "catalogue")


def find(connection: Connection, codes: Collection[str]) -> dict[str, Product]:
    """Return the products with these codes, by code."""
    joined = articles.join(prices, articles.c.code == prices.c.code).outerjoin(stock, articles.c.code == stock.c.code)
    rows = connection.execute(select(*_COLUMNS).select_from(joined).where(articles.c.code.in_(codes))).all()
    names: dict[str, dict[str, str]] = {}
    for code, language, name in connection.execute(
        select(article_names).where(article_names.c.code.in_(codes)).order_by(article_names.c.language)
    ):
        names.setdefault(code, {})[language] = name
    events: dict[str, list[ProvenanceEvent]] = {}
    for code, _seq, event in connection.execute(
        select(provenance).where(provenance.c.code.in_(codes)).order_by(provenance.c.seq)
    ):
        events.setdefault(code, []).append(ProvenanceEvent.model_validate_json(event))
    return {row.code: _product(row, names[row.code], events.get(row.code, ())) for row in rows}


def pages(connection: Connection) -> Iterator[list[Product]]:
    """Return all products in the order of their codes, some at a time."""
    last = ""
    while True:
        wanted = select(articles.c.code).where(articles.c.code > last).order_by(articles.c.code).limit(PAGE_ROWS)
        codes = connection.execute(wanted).scalars().all()
        if not codes:
            return
        last = codes[-1]
        found = find(connection, codes)
        yield [found[code] for code in codes]


def languages(connection: Connection) -> list[str]:
    """Return every language that a product has a name in."""
    return list(connection.execute(select(article_names.c.language).distinct()).scalars())


def count(connection: Connection) -> int:
    """Return how many products there are."""
    return int(connection.execute(select(func.count()).select_from(articles)).scalar_one())


def save(connection: Connection, products: Sequence[Product], known: Collection[str], now_s: int) -> None:
    """Write products; ``known`` are the codes of those that stand there already."""
    if not products:
        return
    _upsert(connection, articles, [_article_row(product, now_s) for product in products])
    _upsert(connection, prices, [_price_row(product) for product in products])
    stale = [product.code for product in products if product.code in known]
    if stale:
        for table in (article_names, provenance, stock):
            connection.execute(table.delete().where(table.c.code.in_(stale)))
    _insert(
        connection,
        article_names,
        [
            {"code": product.code, "language": language, "name": name}
            for product in products
            for language, name in product.name.items()
        ],
    )
    _insert(
        connection,
        provenance,
        [
            {"code": product.code, "seq": seq, "event": event.model_dump_json(by_alias=True)}
            for product in products
            for seq, event in enumerate(product.provenance)
        ],
    )
    counted = [{"code": product.code, "amount": product.stock} for product in products if product.stock is not None]
    _insert(connection, stock, counted)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def _upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    newer: dict[str, Any] = {column.name: insert.excluded[column.name] for column in table.c if column.name != "code"}
    if table is articles:
        same = articles.c.entry.is_not_distinct_from(insert.excluded.entry)
        newer["is_pending"] = case((same, articles.c.is_pending), else_=1)
    connection.execute(insert.on_conflict_do_update(index_elements=["code"], set_=newer), rows)


def _article_row(product: Product, now_s: int) -> dict[str, Any]:
    entry = product.entry()
    return {
        "code": product.code,
        "department": product.department,
        "brand": product.brand,
        "package": product.package,
        "sold_by": product.sold_by,
        "tax_class": product.tax_class,
        "mean_g": product.mean_g,
        "sd_g": product.sd_g,
        "weight_source": product.weight_source,
        "eas": int(product.eas),
        "minimum_age": product.minimum_age,
        "recalled": int(product.recalled),
        "for_sale": int(product.for_sale),
        "picture": product.picture,
        "origin": product.origin,
        "allergens": json.dumps(product.allergens, ensure_ascii=False),
        "nutrition": product.nutrition.model_dump_json(exclude_none=True),
        "entry": entry,
        "is_pending": int(entry is not None),
        "changed_at": now_s,
    }


def _price_row(product: Product) -> dict[str, Any]:
    return {
        "code": product.code,
        "unit_price_minor": product.unit_price_minor,
        "deposit_minor": product.deposit_minor,
        "member_price_minor": product.member_price_minor,
        "tier_prices_minor": json.dumps(product.tier_prices_minor),
        "discountable": int(product.discountable),
    }


def _product(row: Row[Any], names: dict[str, str], events: Sequence[ProvenanceEvent]) -> Product:
    return Product(
        code=row.code,
        name=names,
        tax_class=row.tax_class,
        department=row.department,
        brand=row.brand,
        package=row.package,
        sold_by=row.sold_by,
        unit_price_minor=row.unit_price_minor,
        deposit_minor=row.deposit_minor,
        member_price_minor=row.member_price_minor,
        tier_prices_minor=json.loads(row.tier_prices_minor),
        discountable=bool(row.discountable),
        mean_g=row.mean_g,
        sd_g=row.sd_g,
        weight_source=row.weight_source,
        eas=bool(row.eas),
        minimum_age=row.minimum_age,
        recalled=bool(row.recalled),
        for_sale=bool(row.for_sale),
        stock=row.amount,
        picture=row.picture,
        origin=row.origin,
        allergens=tuple(json.loads(row.allergens)),
        nutrition=Nutrition.model_validate_json(row.nutrition),
        provenance=tuple(events),
    )
