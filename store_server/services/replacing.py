"""A handheld changed a basket that it had handed in without hearing an answer: the new order takes the place of the old one.

1. A replaced order that has arrived is voided in the transaction that takes in the new one, so never are both to be paid.
2. One that has not arrived never becomes an order: its id is answered for, with the contents of the new one, so that a late
   copy of the old request is refused (``KEY_REUSED``).
3. One that ended unpaid already is as good as voided. One that a kiosk holds, for which anything was paid, or that is another
   handheld's is refused, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import Connection

from store_server.contract.order_messages import Order, SubmitOrder
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.domain.order import Voided, can
from store_server.persistence import order_rows
from store_server.persistence.crash_points import crash_point
from store_server.persistence.order_rows import StoredOrder
from store_server.services.answered import answer_once
from store_server.services.order_steps import void_unpaid
from store_server.services.principals import Device
from store_server.services.refused import RefusedError

_ENDED_UNPAID = frozenset({OrderStatus.VOIDED, OrderStatus.EXPIRED})


def void_replaced(connection: Connection, handheld: Device, request: SubmitOrder, now_s: int) -> list[UUID]:
    """Void what a new order replaces; return the ids that the store does not know.

    Raises:
        RefusedError: one of them is another handheld's, is being paid, or anything was paid for it.
    """
    if request.order_id in request.replaces:
        raise RefusedError(Refusal.BAD_REQUEST, "An order cannot replace itself.")
    unknown = []
    # In the order of their ids, so that two transactions never wait for each other.
    for order_id in sorted(set(request.replaces)):
        stored = order_rows.find(connection, order_id)
        if stored is None:
            unknown.append(order_id)
        elif _must_be_voided(stored, handheld):
            void_unpaid(connection, stored, f"replaced by {request.order_id}", who=handheld.principal, now_s=now_s)
            crash_point("replace.voided")
    return unknown


def answer_for_unknown(
    connection: Connection, handheld: Device, request: SubmitOrder, unknown: Sequence[UUID], *, given: Order, now_s: int
) -> None:
    """See to it that replaced orders which have not arrived are refused when they do."""
    for order_id in unknown:
        # Refused where an earlier replacement has answered for it already.
        with suppress(RefusedError):
            answer_once(
                connection,
                principal=handheld.principal,
                request_id=f"submit:{order_id}",
                request=request,
                answer=Order,
                now_s=now_s,
                act=lambda: given,
            )


def _must_be_voided(stored: StoredOrder, handheld: Device) -> bool:
    order = stored.order
    if stored.handheld != handheld.name:
        raise RefusedError(Refusal.UNKNOWN_ORDER, "The order that this one replaces is not of this handheld.")
    if order.status in _ENDED_UNPAID:
        return False
    if order.status is not OrderStatus.SUBMITTED or order.paid_minor or order.entry is not None or not can(order, Voided):
        raise RefusedError(Refusal.NOT_REPLACEABLE)
    return True
