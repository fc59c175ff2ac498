"""Which kiosk may take money for an order, and when."""

from __future__ import annotations

from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.domain.order import Order

_FINISHED = frozenset({OrderStatus.VOIDED, OrderStatus.EXPIRED, OrderStatus.REFUNDED})


def refuse_tendering(order: Order, *, kiosk: str, now_s: int, lease_s: int) -> Refusal | None:
    """Judge whether ``kiosk`` may take hold of the order; None means yes.

    The kiosk that holds it may take it again at once, because it may have lost its memory of it; another one only after
    ``lease_s`` seconds.
    """
    if order.status in _FINISHED or (order.status is OrderStatus.EXITED and order.due_minor):
        return Refusal.NOT_PAYABLE
    if order.status is OrderStatus.TENDERING:
        assert order.tendering is not None
        held = order.tendering.kiosk != kiosk and now_s - order.tendering.since_s < lease_s
        return Refusal.BUSY_ELSEWHERE if held else None
    return None if order.status is OrderStatus.SUBMITTED else Refusal.ALREADY_PAID


def refuse_settling(order: Order, *, holds: bool, revision: int) -> Refusal | None:
    """Judge whether a session may settle the order; None means yes.

    Args:
        order: as it stands.
        holds: the session is the one that holds the order.
        revision: what the kiosk believes it is paying.
    """
    if order.status is OrderStatus.TENDERING:
        if not holds:
            return Refusal.BUSY_ELSEWHERE
        return None if revision == order.revision else Refusal.AMOUNT_MISMATCH
    if order.status in {OrderStatus.PAID, OrderStatus.LEAVING} or (order.status is OrderStatus.EXITED and not order.due_minor):
        return Refusal.ALREADY_PAID
    return Refusal.NOT_PAYABLE
