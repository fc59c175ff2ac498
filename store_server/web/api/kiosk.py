"""What a kiosk asks for: hold of an order, payment, cash in the books."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from store_server.contract.box_messages import CashMoved, EmptyBox, MoveNotes
from store_server.contract.cash_messages import CashReport, CashReportRecorded, SettleCash, Settlement
from store_server.contract.order_messages import Order
from store_server.contract.tender_messages import BeginTendering
from store_server.services import boxes, payments, tendering
from store_server.web.api.access import Kiosk, OpenStore
from store_server.web.api.answering import AnsweringRoute
from store_server.web.api.guessing import order_guess

router = APIRouter(route_class=AnsweringRoute, prefix="/v1", tags=["kiosk"])


@router.post("/tenderings")
def begin_tendering(store: OpenStore, kiosk: Kiosk, request: BeginTendering) -> Order:
    """Take hold of an order to pay it here."""
    with order_guess(store, kiosk, request.order_number):
        return tendering.begin(store, kiosk, request)


@router.post("/tenderings/{session_id}/release")
def release_tendering(store: OpenStore, kiosk: Kiosk, session_id: UUID) -> Order:
    """Let go of an order that was not paid."""
    return tendering.release(store, kiosk, session_id)


@router.post("/payments")
def settle_cash(store: OpenStore, kiosk: Kiosk, request: SettleCash) -> Settlement:
    """Pay an order with the cash that the kiosk holds."""
    return payments.settle(store, kiosk, request)


@router.post("/cash-reports")
def report_cash(store: OpenStore, kiosk: Kiosk, report: CashReport) -> CashReportRecorded:
    """Bring a session's cash into the books."""
    return payments.report_cash(store, kiosk, report)


@router.post("/box-emptyings")
def empty_box(store: OpenStore, kiosk: Kiosk, request: EmptyBox) -> CashMoved:
    """Bring into the books that staff emptied a box of this kiosk."""
    return boxes.empty_box(store, kiosk, request)


@router.post("/note-movements")
def move_notes(store: OpenStore, kiosk: Kiosk, request: MoveNotes) -> CashMoved:
    """Bring into the books that this kiosk's recycler moved notes into its box."""
    return boxes.move_notes(store, kiosk, request)
