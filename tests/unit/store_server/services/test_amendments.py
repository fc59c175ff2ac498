"""An order with a rescanned article costs what the handheld would have shown with the article in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select

from store_server.contract.lane_messages import LeaveLane
from store_server.contract.order_messages import Order, OrderLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.pricing import price_basket
from store_server.contract.promotions import BasketOff, Goods, MixAndMatch, MultiBuy, NForM, Promotion
from store_server.contract.refusals import Refusal
from store_server.persistence.audit_tables import audit
from store_server.services import catalogue, exits
from store_server.services.order_pricing import shop_minute
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, MILK, PRODUCTS, WEIGHED, WINE, Market
from tests.unit.store_server.services.till import Till

TWO_MILK = MultiBuy(promotion_id="two-milk", texts={"en": "2 for 20"}, goods=Goods(codes=(MILK,)), count=2, price_minor=2000)
CHEAP_PAIR = TWO_MILK.model_copy(update={"promotion_id": "cheap-pair", "price_minor": 1000})
THREE_FOR_TWO = NForM(promotion_id="3-for-2", texts={"en": "3 for 2"}, goods=Goods(codes=(MILK,)), count=3, pay=2)
HALF_SECOND = MixAndMatch(
    promotion_id="second-half", texts={"en": "second at half"}, goods=Goods(), count=2, basis_points=5000, cheapest=1
)
SPEND_100 = BasketOff(promotion_id="spend-100", texts={"en": "20 off from 100"}, spend_minor=10_000, amount_minor=2_000)


@pytest.fixture
def till(market: Market) -> Till:
    return Till(market)


def given(market: Market, *promotions: Promotion) -> None:
    catalogue.set_promotions(market.store, promotions)


def in_the_lane(market: Market, *lines: OrderLine) -> Order:
    return market.enter(market.pay(market.submit(*lines)).order.exit_pass)


def refused(action: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        action()
    return caught.value


@pytest.mark.parametrize(
    ("promotion", "bought", "found", "due_minor"),
    [
        (TWO_MILK, [OrderLine(code=MILK)], MILK, 720),
        (THREE_FOR_TWO, [OrderLine(code=MILK, quantity=2)], MILK, 0),
        (HALF_SECOND, [OrderLine(code=WINE)], MILK, 640),
        (HALF_SECOND, [OrderLine(code=MILK)], WINE, 8990 - 640),
        (SPEND_100, [OrderLine(code=WINE)], MILK, 0),
        (SPEND_100, [OrderLine(code=MILK)], WINE, 8990 - 2000),
    ],
    ids=["multi-buy", "n-for-m", "mix-and-match", "mix-and-match-turned", "threshold-cheaper", "threshold"],
)
def test_the_whole_basket_is_priced_again_with_the_promotions(
    market: Market, promotion: Promotion, bought: list[OrderLine], found: str, due_minor: int
) -> None:
    given(market, promotion)
    order = in_the_lane(market, *bought)
    amended = market.rescan(order, found[1:])
    book = catalogue.newest_price_book(market.store)
    shown = price_basket(
        [*bought, OrderLine(code=found)],
        book.find,
        book.book.tax_rates,
        promotions=book.book.promotions,
        local_minute=shop_minute(market.store, int(market.clock.now)),
    )
    assert amended.total_minor == shown.total_minor
    assert amended.due_minor == due_minor == max(0, shown.total_minor - order.paid_minor)
    assert amended.discounts == list(shown.discounts)
    assert amended.taxes == list(shown.taxes)
    assert [line.rescanned for line in amended.lines] == [False] * len(bought) + [True]
    assert amended.status is (OrderStatus.SUBMITTED if due_minor else OrderStatus.PAID)
    if due_minor:
        assert market.pay(amended).order.paid_minor == amended.total_minor
    assert market.enter_by_number(order.order_number).status is OrderStatus.LEAVING
    assert market.findings() == []


def test_an_order_that_becomes_cheaper_than_what_was_paid_is_told_and_given_back(till: Till) -> None:
    market = till.market
    given(market, CHEAP_PAIR)
    order = in_the_lane(market)
    amended = market.rescan(order, MILK)
    assert (amended.status, amended.revision) == (OrderStatus.PAID, 2)
    assert (amended.total_minor, amended.paid_minor, amended.due_minor, amended.overpaid_minor) == (1000, 1280, 0, 280)
    payment_id = till.payment_ids(amended)["cash"]
    with pytest.raises(RefusedError, match="in a lane"):
        till.refund(payment_id, 280)
    exits.report_exit(market.store, GATE, market.leaving(market.enter_by_number(order.order_number)))
    assert market.look(order).overpaid_minor == 280
    till.refund(payment_id, 280)
    assert market.look(order).overpaid_minor == 0
    assert market.findings() == []


def test_a_second_rescan_takes_what_was_overpaid_into_account(till: Till) -> None:
    market = till.market
    given(market, CHEAP_PAIR)
    order = market.rescan(in_the_lane(market), MILK)
    more = market.rescan(order, WINE[1:])
    assert (more.status, more.total_minor, more.due_minor, more.overpaid_minor) == (
        OrderStatus.SUBMITTED,
        9990,
        9990 - 1280,
        0,
    )
    assert [line.rescanned for line in more.lines] == [False, True, True]
    market.pay(more)
    assert market.findings() == []


def test_an_unpaid_difference_shrinks_when_another_article_completes_a_promotion(market: Market) -> None:
    given(market, CHEAP_PAIR)
    order = in_the_lane(market, OrderLine(code=MILK, quantity=2))
    due = market.rescan(order, MILK)
    assert (due.status, due.due_minor) == (OrderStatus.SUBMITTED, 1280)
    assert market.rescan(due, MILK).due_minor == 1000
    given(market)
    assert market.rescan(due, WEIGHED.label("02112345000008", 850)).due_minor == 1000 + 1097
    assert market.findings() == []


def test_an_unpaid_difference_that_vanishes_lets_the_shopper_go(market: Market) -> None:
    free_third = MultiBuy(
        promotion_id="free-third", texts={"en": "3 for 10"}, goods=Goods(codes=(MILK,)), count=3, price_minor=1000
    )
    given(market, free_third)
    order = in_the_lane(market)
    due = market.rescan(order, MILK)
    assert (due.status, due.due_minor) == (OrderStatus.SUBMITTED, 1280)
    paid = market.rescan(due, MILK)
    assert (paid.status, paid.total_minor, paid.overpaid_minor) == (OrderStatus.PAID, 1000, 280)
    assert market.enter_by_number(order.order_number).status is OrderStatus.LEAVING
    assert market.findings() == []


def test_no_article_is_added_once_an_overpaid_difference_went_back(till: Till) -> None:
    market = till.market
    given(market, CHEAP_PAIR)
    entry_id = uuid4()
    order = market.enter(market.pay(market.submit()).order.exit_pass, entry_id=entry_id)
    amended = market.rescan(order, MILK)
    exits.leave_lane(market.store, GATE, LeaveLane(entry_id=entry_id))
    till.refund(till.payment_ids(amended)["cash"], 280)
    market.enter(market.look(order).exit_pass)
    assert refused(lambda: market.rescan(order, WINE[1:])).refusal is Refusal.WRONG_STATE


def test_prices_are_those_of_the_orders_own_price_book(market: Market) -> None:
    given(market, TWO_MILK)
    order = in_the_lane(market)
    given(market)
    catalogue.import_products(market.store, PRODUCTS.replace("piece,1280", "piece,9999"))
    assert market.rescan(order, MILK).due_minor == 720


def test_an_article_that_is_newer_than_the_orders_price_book_has_its_newest_price(market: Market) -> None:
    order = in_the_lane(market)
    catalogue.import_products(market.store, PRODUCTS + "9520000000035,Bread,面包,Bakery,piece,990,reduced,500,5,0,0\n")
    amended = market.rescan(order, "9520000000035")
    assert (amended.due_minor, amended.lines[-1].name["en"]) == (990, "Bread")
    assert market.rescan(order, MILK).due_minor == 990 + 1280


def test_a_coupon_that_a_better_promotion_replaces_stays_used_up(till: Till) -> None:
    market = till.market
    till.set_promotions()
    session = market.tender(market.submit())
    shown = till.enter(session, till.coupon())
    paid = till.settle_in_cash(session, shown).order
    assert paid.total_minor == 1152
    amended = market.rescan(market.enter(paid.exit_pass), MILK)
    assert (amended.total_minor, amended.due_minor) == (2304, 1152)
    market.pay(amended)
    assert market.findings() == []


def test_the_log_says_what_was_added_and_what_it_changed(market: Market) -> None:
    given(market, CHEAP_PAIR)
    order = in_the_lane(market)
    market.rescan(order, MILK)
    with market.store.database.engine.connect() as connection:
        told = connection.execute(select(audit.c.details).where(audit.c.action == "amendment/article_added")).scalar_one()
    assert json.loads(told) == {
        "article": MILK,
        "revision": 2,
        "total_before_minor": 1280,
        "total_minor": 1000,
        "paid_minor": 1280,
        "due_minor": 0,
        "overpaid_minor": 280,
    }
