"""Leaving by a typed exit number, and which passes the lanes are told to be withdrawn."""

from __future__ import annotations

from uuid import uuid4

import pytest

from store_server.contract.exit_number import ExitNumber
from store_server.contract.lane_messages import EnterLane
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal
from store_server.services import catalogue, exits
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, WINE, Market


def enter(market: Market, number: str) -> Order:
    return exits.enter_lane(market.store, GATE, EnterLane(entry_id=uuid4(), lane="lane-1", exit_number=number))


def number_of(order: Order) -> str:
    assert order.exit_pass is not None
    return ExitNumber.of_order(order.order_number, order.exit_pass).digits


def refused(market: Market, number: str) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        enter(market, number)
    return caught.value.refusal


def test_the_number_on_the_receipt_lets_its_order_in(market: Market) -> None:
    first, second = market.pay(market.submit()).order, market.pay(market.submit()).order
    assert enter(market, number_of(first)).order_id == first.order_id
    stolen = ExitNumber.of_order(second.order_number, str(first.exit_pass)).digits
    assert refused(market, stolen) is Refusal.UNKNOWN_ORDER, "the neighbour's order by one's own pass"
    assert refused(market, ExitNumber.of(999_999, str(first.exit_pass)).digits) is Refusal.UNKNOWN_ORDER
    unpaid = market.submit()
    assert refused(market, ExitNumber.of_order(unpaid.order_number, str(unpaid.claim)).digits) is Refusal.UNKNOWN_ORDER


def test_it_lasts_as_long_as_its_pass(market: Market) -> None:
    order = market.pay(market.submit()).order
    market.clock.now += market.store.shop.pass_validity_s + 61
    assert refused(market, number_of(order)) is Refusal.EXPIRED


def test_lanes_hear_of_the_pass_of_an_amended_order(market: Market) -> None:
    order = market.pay(market.submit()).order
    market.enter(order.exit_pass)
    assert catalogue.shop(market.store).voided_passes == []
    market.rescan(order, WINE)
    told = [(void.order_id, void.revision) for void in catalogue.shop(market.store).voided_passes]
    assert told == [(order.order_id, 1)]
