"""Eight at once on the same balance, coupon, order and payment: never more than there is, never more than once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from store_server.contract.refusals import Refusal
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import Market
from tests.unit.store_server.services.till import Till

AT_ONCE = 8
WAIT_S = 30


@pytest.fixture
def till(market: Market) -> Till:
    opened = Till(market)
    opened.set_promotions()
    return opened


def raced(actions: Sequence[Callable[[], object]]) -> list[Refusal | None]:
    """Do all at once; None for each that was done, else why not."""
    start = Barrier(len(actions))

    def run(action: Callable[[], object]) -> Refusal | None:
        start.wait(WAIT_S)
        try:
            action()
        except RefusedError as error:
            return error.refusal
        return None

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_a_balance_is_not_overdrawn(till: Till) -> None:
    shopper = till.member(balance=1000)
    sessions = [till.market.tender(till.market.submit()) for _ in range(AT_ONCE)]
    answers = raced([partial(till.hold, session, shopper, 300) for session in sessions])
    assert answers.count(None) == 3
    assert answers.count(Refusal.BALANCE_TOO_LOW) == AT_ONCE - 3
    assert till.wallet(shopper) == (100, 900)
    assert till.market.findings() == []


def test_a_coupon_goes_to_one_order(till: Till) -> None:
    code = till.coupon()
    sessions = [till.market.tender(till.market.submit()) for _ in range(AT_ONCE)]
    answers = raced([partial(till.enter, session, code) for session in sessions])
    assert answers.count(None) == 1
    assert answers.count(Refusal.COUPON_REFUSED) == AT_ONCE - 1
    assert till.market.findings() == []


def test_an_order_is_settled_once(till: Till) -> None:
    shopper = till.member(balance=5000)
    order = till.market.submit()
    session = till.market.tender(order)
    shown = till.hold(session, shopper)
    answers = raced([partial(till.settle, session, shown.order) for _ in range(AT_ONCE)])
    assert answers.count(None) == 1
    assert answers.count(Refusal.ALREADY_PAID) == AT_ONCE - 1
    assert till.wallet(shopper) == (5000 - shown.order.total_minor, 0)
    assert till.market.findings() == []


def test_refunds_never_exceed_the_capture(till: Till) -> None:
    settled = till.market.pay(till.market.submit())
    answers = raced([partial(till.refund, settled.payment_id, 300) for _ in range(AT_ONCE)])
    assert answers.count(None) == 4
    assert answers.count(Refusal.REFUND_TOO_MUCH) == AT_ONCE - 4
    assert till.market.balances()["claims"] == -1200
    assert till.market.findings() == []
