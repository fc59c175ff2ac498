from __future__ import annotations

import random
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_server.contract.article_messages import PriceBook, PriceBookChanges
from store_server.contract.price_changes import PriceChangesError, apply_changes
from store_server.contract.promotions import PercentOff
from store_server.contract.refusals import Refusal
from store_server.persistence import book_rows
from store_server.services import catalogue, price_books, product_import
from store_server.services.price_books import CHANGES_MAX_AGE_S, Entries, HeldBook, PriceBooks
from store_server.services.product_import import ImportRules, ImportWatch
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from tests.unit.store_server.market import Market
from tests.unit.store_server.services.test_product_import import gtin


def whole(market: Market) -> PriceBook:
    return PriceBook.model_validate_json(catalogue.newest_price_book(market.store).body)


def since(market: Market, version: int) -> PriceBookChanges:
    return PriceBookChanges.model_validate_json(catalogue.price_book_changes(market.store, version))


def step(market: Market, chance: random.Random) -> None:
    """Change some articles, or the promotions, and publish."""
    if chance.random() < 0.2:
        texts = {"en": f"{chance.randint(1, 9)} % off"}
        given_off = [PercentOff(promotion_id="spring", texts=texts, basis_points=100)] if chance.random() < 0.7 else []
        catalogue.set_promotions(market.store, given_off)
        return
    lines = ["code,name_en,tax_class,unit_price_minor,for_sale\n"]
    for number in chance.sample(range(8), chance.randint(1, 5)):
        price = chance.choice(["", "100", "200", "300"])
        lines.append(f"{gtin(number)},Article {number},standard,{price},{chance.choice('01')}\n")
    product_import.import_products(market.store, lines, ImportRules(), ImportWatch())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_an_old_price_book_with_its_changes_is_the_newest_one(market: Market, seed: int) -> None:
    chance = random.Random(seed)
    books = [whole(market)]
    for _step in range(chance.randint(1, 8)):
        step(market, chance)
        books.append(whole(market))
    newest = books[-1]
    for book in books:
        assert apply_changes(book, since(market, book.version)) == newest
    fresh = market.store.database.read(PriceBooks().newest)
    assert fresh.body == catalogue.newest_price_book(market.store).body, "held in memory as in the tables"
    for book in books:
        stored = HeldBook(book, Entries(market.store.database.read(partial(book_rows.entries, version=book.version))))
        assert [stored.find(article.code) for article in book.articles] == book.articles
        assert len(stored.by_code) == len(book.articles)


def test_nothing_new_is_an_answer_without_articles(market: Market) -> None:
    changes = since(market, market.version)
    assert (changes.terms.version, changes.changed, changes.removed, changes.articles) == (market.version, [], [], 4)


def test_other_tax_rates_come_with_the_changes(market: Market) -> None:
    book = whole(market)
    shop = market.store.shop.model_copy(update={"tax_rates": {"standard": "16", "reduced": "9"}})
    changed = Store(
        market.store.settings.model_copy(update={"shop": shop}), market.store.database, market.store.keys, market.clock
    )
    catalogue.republish(changed)
    newer = apply_changes(book, since(market, book.version))
    assert (newer.tax_rates["standard"], len(newer.articles)) == ("16", 4)


def test_an_unknown_or_old_version_is_to_fetch_the_whole_price_book(market: Market) -> None:
    old = market.version
    step(market, random.Random(1))
    market.clock.now += CHANGES_MAX_AGE_S
    for version in (0, old, market.version + 1, 2**53):
        with pytest.raises(RefusedError) as caught:
            since(market, version)
        assert caught.value.refusal is Refusal.STALE_PRICE_BOOK


def test_too_many_changes_are_to_fetch_the_whole_price_book(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    old = market.version
    lines = ["code,name_en,tax_class,unit_price_minor\n", *(f"{gtin(number)},A,standard,1\n" for number in range(20, 23))]
    product_import.import_products(market.store, lines, ImportRules(), ImportWatch())
    assert len(since(market, old).changed) == 3
    monkeypatch.setattr(price_books, "CHANGED_MAX", 2)
    with pytest.raises(RefusedError):
        since(market, old)


def test_changes_that_do_not_fit_are_refused(market: Market) -> None:
    book = whole(market)
    changes = since(market, book.version)
    for other in (
        changes.model_copy(update={"since": book.version - 1}),
        changes.model_copy(update={"articles": 5}),
        changes.model_copy(update={"terms": changes.terms.model_copy(update={"shop_id": 2})}),
        changes.model_copy(update={"terms": changes.terms.model_copy(update={"version": book.version - 1})}),
    ):
        with pytest.raises(PriceChangesError):
            apply_changes(book, other)
