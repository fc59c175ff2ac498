"""What the books know of whoever brings an order to a lane: a member's exits and checks of the last months."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select

from store_server.contract.check_messages import CheckOutcome
from store_server.contract.order_messages import ShopperHistory
from store_server.contract.order_status import OrderStatus
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import goods_checks, orders

LOOK_BACK_S = 90 * 24 * 3600
"""Older things are nobody's business any more."""


def history_of(connection: Connection, stored: StoredOrder, now_s: int) -> ShopperHistory:
    """Count what a member did lately; of a shopper without a name nothing is known, and nothing is held against them."""
    if stored.member_id is None:
        return ShopperHistory(member=False, exits=0, checks_clean=0, checks_wrong=0)
    theirs: ColumnElement[bool] = orders.c.member_id == stored.member_id
    since_s = now_s - LOOK_BACK_S
    exits = select(func.count()).where(theirs, orders.c.status == OrderStatus.EXITED.value, orders.c.exited_at >= since_s)
    checks = (
        select(goods_checks.c.outcome, goods_checks.c.surplus_minor)
        .join(orders, orders.c.order_id == goods_checks.c.order_id)
        .where(theirs, goods_checks.c.ended_at >= since_s)
    )
    rows = connection.execute(checks).all()
    wrong = sum(row.outcome == CheckOutcome.REPLACED.value and row.surplus_minor > 0 for row in rows)
    clean = sum(row.outcome == CheckOutcome.PASSED.value for row in rows)
    return ShopperHistory(
        member=True, exits=int(connection.execute(exits).scalar_one()), checks_clean=clean, checks_wrong=wrong
    )
