"""Gives back what an order was paid above its total, from the payments that were made last."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import Connection

from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import AskRefund, Refund, RefundState
from store_server.services import refunds
from store_server.services.order_steps import get_order
from store_server.services.points import refunded_minor
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store

REASON = "Checked in the lane: less goods than were paid"


def give_back(store: Store, staff: StaffMember, order_id: UUID) -> list[Refund]:
    """Refund the difference; what waits for a second person already is told again, and not asked for twice.

    Raises:
        RefusedError: there is nothing to give back, or the order is still in a lane.
    """
    return store.database.write(lambda connection: _give_back(store, connection, staff, order_id))


def _give_back(store: Store, connection: Connection, staff: StaffMember, order_id: UUID) -> list[Refund]:
    # One transaction: what is still to be given and what is given are seen together, however many touch at once.
    refunds.refuse_in_the_lane(connection, order_id)
    left_minor = get_order(connection, order_id).order.overpaid_minor - refunded_minor(connection, order_id)
    if left_minor <= 0:
        raise RefusedError(Refusal.WRONG_STATE, "There is nothing to give back for this order.")
    asked = [refund for refund in refunds.refunds_in(connection, order_id) if refund.state is RefundState.WAITING]
    left_minor -= sum(refund.amount_minor for refund in asked)
    for payment in reversed(refunds.payments_in(connection, order_id)):
        amount_minor = min(left_minor, payment.captured_minor - payment.refund_reserved_minor)
        if amount_minor <= 0:
            continue
        request = AskRefund(refund_id=uuid4(), payment_id=payment.payment_id, amount_minor=amount_minor, reason=REASON)
        asked.append(refunds.ask_within(store, connection, staff, request))
        left_minor -= amount_minor
    return asked
