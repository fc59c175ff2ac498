"""What the staff page says of money that goes back."""

from __future__ import annotations

from uuid import UUID

from store_server.contract.order_messages import Order
from store_server.contract.order_status import OrderStatus
from store_server.contract.staff_messages import StaffRole
from store_server.contract.tender_messages import Refund, RefundDestination, RefundState
from store_server.services.principals import StaffMember
from store_server.web.console.refund_views import refund_waiting, refunds_due

ORDER = Order(
    order_id=UUID(int=1),
    order_number="0482135",
    status=OrderStatus.EXITED,
    revision=2,
    currency="CNY",
    lines=[],
    total_minor=1280,
    due_minor=0,
    paid_minor=2560,
    overpaid_minor=1280,
    taxes=[],
    article_count=0,
)


def refund(amount: int) -> Refund:
    return Refund(
        refund_id=UUID(int=7),
        payment_id=UUID(int=8),
        order_id=ORDER.order_id,
        amount_minor=amount,
        destination=RefundDestination.CLAIM,
        state=RefundState.WAITING,
        requested_by="mei",
        decided_by=None,
        reason="less goods",
    )


def test_only_what_nobody_has_asked_for_is_to_be_given_back() -> None:
    (due,) = refunds_due([ORDER], [], "en")
    assert due.text == "Order 048-2135: ¥12.80 more was paid than the goods cost."
    (rest,) = refunds_due([ORDER], [(refund(1000), ORDER)], "en")
    assert rest.text.startswith("Order 048-2135: ¥2.80")
    assert refunds_due([ORDER], [(refund(1280), ORDER)], "en") == ()


def test_only_a_second_person_of_rank_decides() -> None:
    may = {
        (name, role): refund_waiting(refund(1280), ORDER, StaffMember(name, role), "en").may_decide
        for name in ("mei", "lin")
        for role in StaffRole
    }
    assert {who for who, allowed in may.items() if allowed} == {("lin", StaffRole.SUPERVISOR), ("lin", StaffRole.MANAGER)}
    view = refund_waiting(refund(1280), ORDER, StaffMember("lin"), "zh")
    assert (view.text, view.said) == ("订单 048-2135：¥12.80 待第二人批准。", "mei 申请：less goods")
