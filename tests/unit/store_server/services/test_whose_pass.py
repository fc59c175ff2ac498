"""A handheld shows the exit pass of its own order and of nobody else's, and only while it opens a lane."""

from __future__ import annotations

from uuid import uuid4

import pytest

from store_server.contract.device_messages import DeviceRole
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import AskRefund
from store_server.services import exits, orders, refunds
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, HANDHELD, STAFF, Market

OTHER = Device("handheld-2", DeviceRole.HANDHELD)


def test_the_pass_goes_to_the_handheld_that_handed_the_order_in(market: Market) -> None:
    order = market.submit()
    assert orders.get(market.store, HANDHELD, order.order_id).exit_pass is None
    receipt = market.pay(order).order.exit_pass
    seen = orders.get(market.store, HANDHELD, order.order_id)
    assert (seen.status, seen.exit_pass) == (OrderStatus.PAID, receipt), "the same as on the receipt: one use opens for both"
    with pytest.raises(RefusedError) as caught:
        orders.get(market.store, OTHER, order.order_id)
    assert caught.value.refusal is Refusal.UNKNOWN_ORDER


def test_who_has_left_or_got_the_money_back_has_no_pass(market: Market) -> None:
    left, refunded = market.submit(), market.submit()
    entered = market.enter(market.pay(left).order.exit_pass)
    assert orders.get(market.store, HANDHELD, left.order_id).exit_pass == entered.exit_pass
    exits.report_exit(market.store, GATE, market.leaving(entered))
    assert orders.get(market.store, HANDHELD, left.order_id).exit_pass is None
    market.pay(refunded)
    (payment,) = refunds.payments_of(market.store, refunded.order_id)
    request = AskRefund(
        refund_id=uuid4(), payment_id=payment.payment_id, amount_minor=payment.captured_minor, reason="brought back"
    )
    refunds.ask(market.store, STAFF, request)
    seen = orders.get(market.store, HANDHELD, refunded.order_id)
    assert (seen.status, seen.exit_pass) == (OrderStatus.REFUNDED, None)
