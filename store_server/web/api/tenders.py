"""What a kiosk asks for besides cash: coupons, members, balances, cards, top-ups, its times of service."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from store_server.contract.cash_messages import CloseKiosk, KioskSession, OpenKiosk, Settlement
from store_server.contract.member_messages import ToppedUp, TopUp
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import EnterCoupon, HoldBalance, IdentifyMember, RecordCard, SettleOrder, Tendering
from store_server.services import kiosk_sessions, tenders, top_ups
from store_server.services.guess_limits import Guess
from store_server.web.api.access import Kiosk, OpenStore
from store_server.web.api.answering import AnsweringRoute

router = APIRouter(route_class=AnsweringRoute, prefix="/v1", tags=["kiosk"])

_WRONG_COUPON = frozenset({Refusal.COUPON_REFUSED})


@router.get("/tenderings/{session_id}")
def tendering(store: OpenStore, kiosk: Kiosk, session_id: UUID) -> Tendering:
    """Fetch how far the payment of the order is that a session holds."""
    return tenders.show(store, kiosk, session_id)


@router.post("/tenderings/{session_id}/member")
def identify_member(store: OpenStore, kiosk: Kiosk, session_id: UUID, request: IdentifyMember) -> Tendering:
    """Let a member pay the order."""
    return tenders.identify(store, kiosk, session_id, request)


@router.post("/tenderings/{session_id}/coupons")
def enter_coupon(store: OpenStore, kiosk: Kiosk, session_id: UUID, request: EnterCoupon) -> Tendering:
    """Reserve a coupon for the order."""
    with store.guesses.guessing(Guess.COUPON, kiosk.name, store.clock(), wrong=_WRONG_COUPON):
        return tenders.enter_coupon(store, kiosk, session_id, request)


@router.post("/tenderings/{session_id}/balance")
def hold_balance(store: OpenStore, kiosk: Kiosk, session_id: UUID, request: HoldBalance) -> Tendering:
    """Set money of a member's balance aside for the order."""
    return tenders.hold_balance(store, kiosk, session_id, request)


@router.post("/tenderings/{session_id}/card")
def record_card(store: OpenStore, kiosk: Kiosk, session_id: UUID, request: RecordCard) -> Tendering:
    """Write down what a card terminal took."""
    return tenders.record_card(store, kiosk, session_id, request)


@router.post("/settlements")
def settle_order(store: OpenStore, kiosk: Kiosk, request: SettleOrder) -> Settlement:
    """Settle an order for which no cash is needed."""
    return tenders.settle(store, kiosk, request)


@router.post("/top-ups")
def top_up(store: OpenStore, kiosk: Kiosk, request: TopUp) -> ToppedUp:
    """Put cash that lies in the kiosk on a member's balance."""
    return top_ups.top_up(store, kiosk, request)


@router.post("/kiosk-sessions")
def open_kiosk(store: OpenStore, kiosk: Kiosk, request: OpenKiosk) -> KioskSession:
    """Take this kiosk into service."""
    return kiosk_sessions.open_session(store, kiosk, request)


@router.post("/kiosk-sessions/close")
def close_kiosk(store: OpenStore, kiosk: Kiosk, request: CloseKiosk) -> KioskSession:
    """Take this kiosk out of service, its cash counted."""
    return kiosk_sessions.close_session(store, kiosk, request)
