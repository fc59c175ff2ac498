"""Books from before there was an audit log: its first links say how each order stood when it began.

Without them every later look at the books would find orders that the log knows nothing of.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, func, select

from store_server.persistence.audit import audited, begin_chain, head
from store_server.persistence.audit_tables import audit
from store_server.persistence.tables import order_events, orders

ACTION = "taken-over/order"


def begin_audit_log(connection: Connection, shop_id: int, now_s: int) -> None:
    """Begin the log where there is none, with a link for each order that is older than it."""
    if head(connection) is not None:
        return
    begin_chain(connection, shop_id)
    steps = select(order_events.c.order_id, func.count().label("steps")).group_by(order_events.c.order_id).subquery()
    found = connection.execute(
        select(orders.c.order_id, orders.c.status, orders.c.revision, orders.c.total_minor, orders.c.paid_minor, steps.c.steps)
        .join(steps, steps.c.order_id == orders.c.order_id)
        .order_by(orders.c.order_id)
    )
    for order_id, *facts in found:
        details = dict(zip(("status", "revision", "total_minor", "paid_minor", "steps"), facts, strict=True))
        audited(connection, who="server", action=ACTION, subject=str(order_id), at_s=now_s, details=details)


def steps_taken_over(connection: Connection) -> int:
    """Return how many steps of orders were there before the log began."""
    told = connection.execute(select(audit.c.details).where(audit.c.action == ACTION)).scalars()
    return sum(int(json.loads(details)["steps"]) for details in told)
