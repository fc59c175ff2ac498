"""Exit passes that were withdrawn before their time was over: the order was paid back or cancelled, or has a newer pass."""

from __future__ import annotations

from sqlalchemy import Connection, and_, or_, select

from store_server.contract.order_pass import CLOCK_TOLERANCE_S
from store_server.contract.order_status import OrderStatus
from store_server.contract.shop_messages import VoidedPass
from store_server.persistence.tables import orders
from store_server.services.store import Store

VOIDED_MAX = 1000
"""The youngest ones; more of them in the time that a pass is good for are no shop's day."""
_ENDED = (OrderStatus.REFUNDED.value, OrderStatus.VOIDED.value, OrderStatus.EXPIRED.value)
_AMENDED = (OrderStatus.SUBMITTED.value, OrderStatus.TENDERING.value, OrderStatus.PAID.value, OrderStatus.LEAVING.value)


def voided(store: Store, connection: Connection) -> list[VoidedPass]:
    """Return them, each with the highest revision that nobody may leave with."""
    oldest_s = store.now_s() - store.shop.pass_validity_s - CLOCK_TOLERANCE_S
    status, revision = orders.c.status, orders.c.revision
    rows = connection.execute(
        select(orders.c.order_id, status, revision)
        .where(
            orders.c.paid_at > oldest_s,
            orders.c.priced_at > oldest_s - store.shop.claim_validity_s,
            or_(status.in_(_ENDED), and_(status.in_(_AMENDED), revision > 1)),
        )
        .order_by(orders.c.paid_at.desc())
        .limit(VOIDED_MAX)
    )
    return [
        VoidedPass(order_id=row.order_id, revision=row.revision if row.status in _ENDED else row.revision - 1) for row in rows
    ]
