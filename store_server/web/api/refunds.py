"""What staff does with money: coupons, refunds, claims."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from store_server.contract.member_messages import CouponsIssued, IssueCoupons
from store_server.contract.tender_messages import AskRefund, Payment, Refund
from store_server.services import coupons, refunds
from store_server.web.api.access import Manager, OpenStore, Staff, Supervisor
from store_server.web.api.answering import AnsweringRoute

router = APIRouter(route_class=AnsweringRoute, prefix="/v1/staff", tags=["staff"])


@router.post("/coupons")
def issue_coupons(store: OpenStore, member: Manager, request: IssueCoupons) -> CouponsIssued:
    """Make coupons; their codes are told this once."""
    return coupons.issue(store, member, request)


@router.get("/orders/{order_id}/payments")
def order_payments(store: OpenStore, _staff: Staff, order_id: UUID) -> list[Payment]:
    """Fetch what was taken for an order."""
    return refunds.payments_of(store, order_id)


@router.get("/orders/{order_id}/refunds")
def order_refunds(store: OpenStore, _staff: Staff, order_id: UUID) -> list[Refund]:
    """Fetch what was given back for an order."""
    return refunds.of_order(store, order_id)


@router.post("/refunds")
def ask_refund(store: OpenStore, member: Staff, request: AskRefund) -> Refund:
    """Give money back, or ask a second person to agree."""
    return refunds.ask(store, member, request)


@router.post("/refunds/{refund_id}/agree")
def agree_refund(store: OpenStore, member: Supervisor, refund_id: UUID) -> Refund:
    """Agree to a refund that somebody else asked for."""
    return refunds.decide(store, member, refund_id, agree=True)


@router.post("/refunds/{refund_id}/decline")
def decline_refund(store: OpenStore, member: Supervisor, refund_id: UUID) -> Refund:
    """Decline a refund that somebody else asked for."""
    return refunds.decide(store, member, refund_id, agree=False)


@router.post("/refunds/{refund_id}/paid-out")
def pay_out_refund(store: OpenStore, member: Staff, refund_id: UUID) -> Refund:
    """Write down that the service desk paid a claim in cash."""
    return refunds.pay_out(store, member, refund_id)
