"""What a check found to be paid too much goes back with one touch."""

from __future__ import annotations

import pytest

from store_server.contract.order_messages import OrderLine
from store_server.contract.tender_messages import RefundState
from store_server.services import exits, giving_back
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import GATE, MILK, STAFF, Market
from tests.unit.store_server.services.test_goods_checks import asked, finish, in_the_lane, scan


def test_the_difference_goes_back_once_and_only_after_the_lane(market: Market) -> None:
    order = in_the_lane(market, OrderLine(code=MILK, quantity=2))
    check_id = asked(market, order, full=True)
    scan(market, check_id, MILK)
    finish(market, check_id)
    with pytest.raises(RefusedError, match="lane"):
        giving_back.give_back(market.store, STAFF, order.order_id)
    exits.report_exit(market.store, GATE, market.leaving(market.enter_by_number(order.order_number)))
    (given,) = giving_back.give_back(market.store, STAFF, order.order_id)
    assert (given.amount_minor, given.state, given.requested_by) == (1280, RefundState.DONE, STAFF.name)
    with pytest.raises(RefusedError, match="nothing to give back"):
        giving_back.give_back(market.store, STAFF, order.order_id)
    assert market.findings() == []
