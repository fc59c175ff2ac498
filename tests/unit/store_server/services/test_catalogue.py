from __future__ import annotations

import pytest

from store_server.contract.order_messages import OrderLine
from store_server.contract.refusals import Refusal
from store_server.domain.product_list import ProductListError
from store_server.services import catalogue
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from tests.unit.store_server.market import APPLES, CHEESE, MILK, PRODUCTS, WEIGHED, WINE, Market


def test_a_new_shop_has_a_price_book_and_the_import_raises_its_version(market: Market) -> None:
    held = catalogue.newest_price_book(market.store)
    assert set(held.by_code) == {MILK, WINE, APPLES, CHEESE}
    assert held.book.version == held.version > market.clock.now
    assert held.book.tax_rates["standard"] == "13"


def test_the_same_list_again_publishes_nothing(market: Market) -> None:
    before = market.version
    market.clock.now += 100
    assert catalogue.import_products(market.store, PRODUCTS) == catalogue.Imported(before, 4, changed=False)
    assert market.version == before


def test_a_bad_list_leaves_the_range_as_it_is(market: Market) -> None:
    before = market.version
    with pytest.raises(ProductListError):
        catalogue.import_products(market.store, PRODUCTS.replace("1280", "free"))
    assert market.version == before


def test_versions_rise_when_the_clock_goes_back(market: Market) -> None:
    before = market.version
    market.clock.now -= 86_400
    assert catalogue.import_products(market.store, PRODUCTS.replace("1280", "1290")).version == before + 1


def test_a_changed_tax_rate_publishes_the_same_articles_again(market: Market) -> None:
    before = market.version
    assert catalogue.republish(market.store) == before
    shop = market.store.shop.model_copy(update={"tax_rates": {"standard": "16", "reduced": "9"}})
    settings = market.store.settings.model_copy(update={"shop": shop})
    changed = Store(settings, market.store.database, market.store.keys, market.clock)
    assert catalogue.republish(changed) > before
    newest = catalogue.newest_price_book(changed)
    assert newest.book.tax_rates["standard"] == "16"
    assert set(newest.by_code) == {MILK, WINE, APPLES, CHEESE}


def test_the_server_prices_by_the_price_book_that_the_basket_was_begun_with(market: Market) -> None:
    old = market.version
    market.clock.now += 60
    catalogue.import_products(market.store, PRODUCTS.replace("1280", "1380"))
    assert market.submit(version=old).total_minor == 1280
    assert market.submit().total_minor == 1380


def test_a_price_book_superseded_long_ago_prices_nothing(market: Market) -> None:
    old = market.version
    market.clock.now += 60
    catalogue.import_products(market.store, PRODUCTS.replace("1280", "1380"))
    market.clock.now += market.store.shop.price_book_grace_s - 1
    assert market.submit(version=old).total_minor == 1280
    market.clock.now += 1
    with pytest.raises(RefusedError) as caught:
        market.submit(version=old)
    assert caught.value.refusal is Refusal.STALE_PRICE_BOOK


def test_a_price_book_that_never_was_prices_nothing(market: Market) -> None:
    for version in (0, market.version + 1, 2**53):
        with pytest.raises(RefusedError) as caught:
            market.submit(OrderLine(code=APPLES, weight_g=850), version=version or 1)
        assert caught.value.refusal is Refusal.STALE_PRICE_BOOK


def test_old_price_books_are_read_again_after_they_left_memory(market: Market) -> None:
    versions = []
    for price in range(1281, 1289):
        market.clock.now += 60
        versions.append(catalogue.import_products(market.store, PRODUCTS.replace("1280", str(price))).version)
        market.submit()
    assert market.submit(version=versions[0]).total_minor == 1281


def test_the_label_of_the_price_book_is_the_one_that_is_weighed(market: Market) -> None:
    order = market.submit(OrderLine(code=APPLES, weight_g=850))
    assert (order.total_minor, order.lines[0].weight_g) == (1097, 850)
    assert WEIGHED.label(APPLES, 850) == "2112345008509"
