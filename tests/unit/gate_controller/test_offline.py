"""How far a signature alone is trusted."""

from __future__ import annotations

from uuid import UUID

import pytest

from gate_controller.offline import Trust, order_of_pass
from store_server.contract.order_number import OrderNumber
from store_server.contract.order_pass import OrderPass, PassKind
from store_server.contract.shop_messages import OfflineCaps

CAPS = OfflineCaps(value_minor=20_000, exits=3, away_s=600)
PASS = OrderPass(
    kind=PassKind.EXIT,
    shop_id=1,
    key_id=bytes(8),
    order_id=UUID(int=5),
    order_serial=48213,
    revision=2,
    total_minor=20_000,
    currency="CNY",
    article_count=3,
    expected_g=1500,
    spread_g=12.5,
    not_before=0,
    expiry=10,
)


def test_within_all_caps_it_may_leave() -> None:
    assert Trust(CAPS, exits=2, away_s=600.0).refuses(PASS) == ""


@pytest.mark.parametrize(
    ("trust", "word"),
    [
        (Trust(CAPS, exits=3, away_s=1.0), "3 orders"),
        (Trust(CAPS, exits=0, away_s=601.0), "601"),
        (Trust(CAPS, exits=0, away_s=-5.0), "-5"),
        (Trust(CAPS, exits=0, away_s=None), "never"),
        (Trust(OfflineCaps(value_minor=19_999, exits=3, away_s=600), exits=0, away_s=1.0), "worth"),
        (Trust(OfflineCaps(value_minor=0, exits=0, away_s=0), exits=0, away_s=0.0), "cap"),
    ],
)
def test_beyond_a_cap_it_may_not(trust: Trust, word: str) -> None:
    assert word in trust.refuses(PASS)


def test_the_pass_itself_says_what_the_goods_weigh() -> None:
    order = order_of_pass(PASS, UUID(int=9), "TEXT")
    assert (order.order_number, order.revision, order.decided_by) == (OrderNumber.of(48213).digits, 2, "signature")
    assert order.expected.mean_g == 1500.0
    assert order.expected.spread_g == pytest.approx(12.5, abs=0.01)
    assert order.eas_pieces is None
