from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, text

from store_server.contract.article_messages import PriceBook
from store_server.persistence import article_rows, schema
from store_server.persistence.database import Database
from store_server.services.price_books import PriceBooks, publish
from store_server.settings import ShopSettings
from tests.unit.store_server.market import MILK, WINE

MILK_ARTICLE = {
    "code": MILK,
    "name": {"en": "Milk", "zh": "牛奶"},
    "department": "Dairy",
    "sold_by": "piece",
    "unit_price_minor": 1280,
    "tax_class": "reduced",
    "mean_g": 1042.5,
    "sd_g": 4.2,
    "eas": False,
    "minimum_age": 0,
}
WINE_ARTICLE = MILK_ARTICLE | {"code": WINE, "name": {"en": "Wine"}, "eas": True, "minimum_age": 18}
BOOKS = {5: [MILK_ARTICLE], 7: [MILK_ARTICLE | {"unit_price_minor": 1380}, WINE_ARTICLE], 9: [WINE_ARTICLE]}


def whole(version: int) -> str:
    return json.dumps(
        {
            "version": version,
            "shop_id": 1,
            "currency": "CNY",
            "cash_rounding_minor": 10,
            "tax_rates": {"standard": "13"},
            "label_templates": [],
            "articles": BOOKS[version],
        }
    )


def move(database: Database, revision: str, *, up: bool) -> None:
    def work(connection: Connection) -> None:
        config = schema._config()
        config.attributes["connection"] = connection
        (command.upgrade if up else command.downgrade)(config, revision)

    database.write(work)


def fill(connection: Connection) -> None:
    for version in BOOKS:
        values = {"v": version, "body": whole(version)}
        connection.execute(text("INSERT INTO price_books VALUES (:v, :v, 'x', :body)"), values)


def test_price_books_that_were_stored_whole_are_taken_apart_and_put_together_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    move(database, "0001", up=True)
    database.write(fill)
    move(database, "0002", up=True)
    for version, articles in BOOKS.items():
        held = database.read(partial(PriceBooks()._get, version=version))
        assert PriceBook.model_validate_json(held.body) == PriceBook.model_validate_json(whole(version))
        assert len(held.by_code) == len(articles)
    found = database.read(lambda connection: article_rows.find(connection, [MILK, WINE]))
    assert (list(found), found[WINE].minimum_age, found[WINE].eas) == ([WINE], 18, True)
    move(database, "0001", up=False)
    stored = database.read(lambda connection: connection.execute(text("SELECT version, body FROM price_books")).all())
    assert {row.version: json.loads(row.body) for row in stored} == {version: json.loads(whole(version)) for version in BOOKS}
    database.close()


def test_after_the_migration_only_the_terms_are_published_anew(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    move(database, "0001", up=True)
    database.write(fill)
    schema.bring_up_to_date(database)
    version, is_new = database.write(lambda connection: publish(connection, ShopSettings(), 20))
    assert (version, is_new) == (20, True)
    assert set(database.read(PriceBooks().newest).by_code) == {WINE}
    assert database.write(lambda connection: publish(connection, ShopSettings(), 30)) == (20, False)
    database.close()
