"""One order takes the place of others: what arrived is voided in the same step, what did not never becomes an order."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from store_server.contract.device_messages import DeviceRole
from store_server.contract.order_messages import Order, OrderLine, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.persistence.tender_tables import order_voids
from store_server.services import orders, tendering
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import HANDHELD, KIOSK, MILK, STAFF, WINE, Market

OTHER = Device("handheld-2", DeviceRole.HANDHELD)


def refused(action: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        action()
    return caught.value.refusal


def replacing(market: Market, *replaced: UUID, code: str = WINE) -> SubmitOrder:
    return market.basket(OrderLine(code=code)).model_copy(update={"replaces": replaced})


def submit(market: Market, request: SubmitOrder, handheld: Device = HANDHELD) -> Order:
    return orders.submit(market.store, handheld, request)


def alive(market: Market) -> list[UUID]:
    return [order.order_id for order in orders.recent(market.store) if order.status is OrderStatus.SUBMITTED]


def arrive(market: Market, request: SubmitOrder) -> None:
    """Let a request arrive that may come too late."""
    with suppress(RefusedError):
        submit(market, request)


def test_what_is_replaced_is_voided_and_says_by_what(market: Market) -> None:
    first = market.submit()
    request = replacing(market, first.order_id)
    second = submit(market, request)
    assert (market.look(first).status, second.status) == (OrderStatus.VOIDED, OrderStatus.SUBMITTED)
    with market.store.database.engine.connect() as connection:
        void = connection.execute(select(order_voids)).one()
    assert (void.order_id, void.staff, void.reason) == (
        first.order_id,
        HANDHELD.principal,
        f"replaced by {second.order_id}",
    )
    market.clock.now += 7
    assert submit(market, request) == second
    assert refused(lambda: market.tender(first)) is Refusal.NOT_PAYABLE
    assert market.findings() == []


def test_an_order_that_arrives_after_its_replacement_never_becomes_one(market: Market) -> None:
    late = market.basket()
    request = replacing(market, late.order_id)
    second = submit(market, request)
    assert refused(lambda: submit(market, late)) is Refusal.KEY_REUSED
    assert submit(market, request) == second
    third = submit(market, replacing(market, late.order_id, second.order_id, code=MILK))
    assert refused(lambda: submit(market, late)) is Refusal.KEY_REUSED
    assert [order.order_id for order in orders.recent(market.store) if order.status is OrderStatus.SUBMITTED] == [
        third.order_id
    ]
    assert market.findings() == []


def test_an_order_that_ended_unpaid_is_as_good_as_voided(market: Market) -> None:
    voided, expired = market.submit(), market.submit()
    orders.void(market.store, STAFF, voided.order_id)
    market.clock.now += market.store.shop.claim_validity_s + 61
    orders.expire_old(market.store)
    second = submit(market, replacing(market, voided.order_id, expired.order_id))
    assert second.status is OrderStatus.SUBMITTED
    assert market.look(expired).status is OrderStatus.EXPIRED


def test_what_is_being_paid_or_paid_stays_and_nothing_else_changes(market: Market) -> None:
    free, held, paid = market.submit(), market.submit(), market.submit()
    session = market.tender(held)
    market.pay(paid)
    for busy in (held, paid):
        request = replacing(market, free.order_id, busy.order_id)
        assert refused(partial(submit, market, request)) is Refusal.NOT_REPLACEABLE
        assert refused(partial(orders.get, market.store, STAFF, request.order_id)) is Refusal.UNKNOWN_ORDER
        assert market.look(free).status is OrderStatus.SUBMITTED
    tendering.release(market.store, KIOSK, session)
    assert submit(market, replacing(market, held.order_id)).status is OrderStatus.SUBMITTED
    assert market.look(held).status is OrderStatus.VOIDED
    assert market.findings() == []


def test_a_handheld_replaces_only_its_own(market: Market) -> None:
    order = market.submit()
    assert refused(lambda: submit(market, replacing(market, order.order_id), OTHER)) is Refusal.UNKNOWN_ORDER
    assert market.look(order).status is OrderStatus.SUBMITTED
    own = replacing(market)
    assert refused(lambda: submit(market, own.model_copy(update={"replaces": (own.order_id,)}))) is Refusal.BAD_REQUEST


def test_a_refused_basket_leaves_what_it_would_have_replaced(market: Market) -> None:
    first, unknown = market.submit(), uuid4()
    bad = replacing(market, first.order_id, unknown, code="09520000000035")
    assert refused(lambda: submit(market, bad)) is Refusal.UNKNOWN_ARTICLE
    assert market.look(first).status is OrderStatus.SUBMITTED
    assert submit(market, market.basket(order_id=unknown)).status is OrderStatus.SUBMITTED


@pytest.mark.parametrize("seed", range(6))
def test_whatever_gets_lost_or_late_a_trip_has_one_order_to_pay(market: Market, seed: int) -> None:
    """A handheld that changes its basket again and again; requests are lost, repeated and come late, in any order."""
    chance = random.Random(seed)
    sent: list[SubmitOrder] = []
    for _ in range(8):
        before = [request.order_id for request in sent]
        request = replacing(market, *before, code=chance.choice([MILK, WINE]))
        sent.append(request)
        for arriving in chance.sample(sent, chance.randint(0, len(sent))):
            arrive(market, arriving)
    last = submit(market, sent[-1])
    for request in sent[:-1]:
        arrive(market, request)
    assert alive(market) == [last.order_id], f"seed {seed}"
    assert market.findings() == []
