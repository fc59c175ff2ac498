"""Gives back what an order was paid above its total, from the payments that were made last."""

from __future__ import annotations

from uuid import UUID, uuid5

from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import AskRefund, Refund, RefundState
from store_server.services import orders, refunds
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store

REASON = "Checked in the lane: less goods than were paid"


def give_back(store: Store, staff: StaffMember, order_id: UUID) -> list[Refund]:
    """Refund the difference; what waits for a second person already is told again, and not asked for twice.

    Raises:
        RefusedError: there is nothing to give back, or the order is still in a lane.
    """
    order = orders.get(store, staff, order_id)
    if not order.overpaid_minor:
        raise RefusedError(Refusal.WRONG_STATE, "There is nothing to give back for this order.")
    so_far = refunds.of_order(store, order_id)
    asked = [refund for refund in so_far if refund.state is RefundState.WAITING]
    left_minor = order.overpaid_minor - sum(refund.amount_minor for refund in asked)
    for payment in reversed(refunds.payments_of(store, order_id)):
        amount_minor = min(left_minor, payment.captured_minor - payment.refund_reserved_minor)
        if amount_minor <= 0:
            continue
        # Two touches at the same time see the same refunds, and so make the same id.
        number = sum(refund.payment_id == payment.payment_id for refund in so_far)
        refund_id = uuid5(payment.payment_id, f"overpaid/{order.revision}/{number}")
        request = AskRefund(refund_id=refund_id, payment_id=payment.payment_id, amount_minor=amount_minor, reason=REASON)
        asked.append(refunds.ask(store, staff, request))
        left_minor -= amount_minor
    return asked
