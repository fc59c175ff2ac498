"""What the staff page says of money that goes back; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from store_server.contract.money import format_minor
from store_server.contract.order_messages import Order
from store_server.contract.staff_messages import StaffRole
from store_server.contract.tender_messages import Refund
from store_server.services.principals import StaffMember
from store_server.web.console.texts import say


@dataclass(frozen=True, slots=True)
class RefundDueView:
    """A difference that is to be given back."""

    order_id: UUID
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class RefundWaitingView:
    """A refund that a second person has to agree to."""

    refund_id: UUID
    mark: str
    """What its buttons are called by."""
    text: str
    said: str
    may_decide: bool


def refunds_due(overpaid: Iterable[Order], waiting: Iterable[tuple[Refund, Order]], language: str) -> tuple[RefundDueView, ...]:
    """Say what is to be given back, besides what waits for a second person already."""
    asked: dict[UUID, int] = {}
    for refund, _order in waiting:
        asked[refund.order_id] = asked.get(refund.order_id, 0) + refund.amount_minor
    return tuple(
        RefundDueView(order.order_id, order.order_number, _due(order, left_minor, language))
        for order in overpaid
        if (left_minor := order.overpaid_minor - asked.get(order.order_id, 0)) > 0
    )


def refund_waiting(refund: Refund, order: Order, member: StaffMember, language: str) -> RefundWaitingView:
    """Say who asks for a refund and why, and whether this member of staff may decide."""
    money = format_minor(refund.amount_minor, order.currency)
    return RefundWaitingView(
        refund_id=refund.refund_id,
        mark=str(refund.refund_id)[:8],
        text=say(language, "refund-asked", number=_dashed(order.order_number), money=money),
        said=say(language, "refund-asked-by", name=refund.requested_by, reason=refund.reason),
        may_decide=member.role.covers(StaffRole.SUPERVISOR) and member.name != refund.requested_by,
    )


def _due(order: Order, left_minor: int, language: str) -> str:
    money = format_minor(left_minor, order.currency)
    return say(language, "refund-line", number=_dashed(order.order_number), money=money)


def _dashed(number: str) -> str:
    return f"{number[:3]}-{number[3:]}"
