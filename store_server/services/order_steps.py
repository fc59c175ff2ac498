"""One step of an order: through the machine, into its row, its history and the ledger, all in the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.domain.order import Event, Settled, Voided, advance
from store_server.persistence import ledger, order_rows
from store_server.persistence.crash_points import crash_point
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tender_tables import order_voids
from store_server.services.refused import RefusedError


def take_step(connection: Connection, stored: StoredOrder, event: Event, *, who: str, now_s: int) -> StoredOrder:
    """Let ``event`` happen to an order and write down everything that follows."""
    order, transfers = advance(stored.order, event)
    by_payment = stored.order.paid_minor != order.paid_minor or isinstance(event, Settled)
    became_paid = order.status is OrderStatus.PAID and by_payment
    changed = replace(stored, order=order, paid_at=now_s if became_paid else stored.paid_at)
    crash_point("step.decided")
    written = order_rows.update(connection, changed, event=type(event).__name__, who=who, at_s=now_s)
    crash_point("step.after_order")
    ledger.post(connection, transfers, order_id=stored.order_id, at_s=now_s)
    crash_point("step.after_ledger")
    return written


def void_unpaid(
    connection: Connection, stored: StoredOrder, reason: str, *, who: str, now_s: int, by: str | None = None
) -> StoredOrder:
    """Give an order up for which nothing was paid, and keep who did (``by``, else ``who``) and why."""
    row = {"order_id": stored.order_id, "staff": by or who, "reason": reason, "voided_at": now_s}
    connection.execute(order_voids.insert().values(**row))
    return take_step(connection, stored, Voided(), who=who, now_s=now_s)


def get_order(connection: Connection, order_id: UUID) -> StoredOrder:
    """Read an order that must be there.

    Raises:
        RefusedError: it is not.
    """
    stored = order_rows.find(connection, order_id)
    if stored is None:
        raise RefusedError(Refusal.UNKNOWN_ORDER)
    return stored
