"""The requests about members, coupons, tenders and refunds; a part of :class:`store_server.contract.client.StoreClient`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar
from uuid import UUID

from store_server.contract.card_case_messages import CardCase, JudgeCardCase
from store_server.contract.cash_messages import CloseKiosk, KioskSession, OpenKiosk, Settlement
from store_server.contract.member_messages import (
    CouponsIssued,
    DeleteMember,
    IssueCoupons,
    MemberAccount,
    MemberDeleted,
    MemberLogin,
    MemberSession,
    RegisterMember,
    ShowMember,
    ToppedUp,
    TopUp,
)
from store_server.contract.order_messages import Order, VoidOrder
from store_server.contract.tender_messages import (
    AskRefund,
    EnterCoupon,
    HoldBalance,
    IdentifyMember,
    Payment,
    RecordCard,
    Refund,
    SettleOrder,
    Tendering,
)
from store_server.contract.wire import Answer, Request

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


class MoneyCalls(ABC):
    """One method per request; errors are those of the client."""

    @abstractmethod
    def _get(self, path: str, answer: type[AnyAnswer]) -> AnyAnswer: ...

    @abstractmethod
    def _get_list(self, path: str, answer: type[AnyAnswer]) -> list[AnyAnswer]: ...

    @abstractmethod
    def _post(self, path: str, request: Request | None, answer: type[AnyAnswer]) -> AnyAnswer: ...

    # members, on a handheld or a kiosk

    def register_member(self, request: RegisterMember) -> MemberAccount:
        """Make a member."""
        return self._post("/v1/members", request, MemberAccount)

    def login_member(self, request: MemberLogin) -> MemberSession:
        """Log a member in; the token goes into later requests of theirs."""
        return self._post("/v1/members/login", request, MemberSession)

    def logout_member(self, request: ShowMember) -> MemberAccount:
        """End a member's session."""
        return self._post("/v1/members/logout", request, MemberAccount)

    def show_member(self, request: ShowMember) -> MemberAccount:
        """Fetch balance, points and tier."""
        return self._post("/v1/members/show", request, MemberAccount)

    def delete_member(self, request: DeleteMember) -> MemberDeleted:
        """Forget a member's person."""
        return self._post("/v1/members/delete", request, MemberDeleted)

    # kiosk

    def top_up(self, request: TopUp) -> ToppedUp:
        """Put cash that lies in the kiosk on a member's balance."""
        return self._post("/v1/top-ups", request, ToppedUp)

    def tendering(self, session_id: UUID) -> Tendering:
        """Fetch how far the payment of the order is that a session holds."""
        return self._get(f"/v1/tenderings/{session_id}", Tendering)

    def identify_member(self, session_id: UUID, request: IdentifyMember) -> Tendering:
        """Let a member pay the order."""
        return self._post(f"/v1/tenderings/{session_id}/member", request, Tendering)

    def enter_coupon(self, session_id: UUID, request: EnterCoupon) -> Tendering:
        """Show a coupon."""
        return self._post(f"/v1/tenderings/{session_id}/coupons", request, Tendering)

    def hold_balance(self, session_id: UUID, request: HoldBalance) -> Tendering:
        """Set money of a balance aside for the order."""
        return self._post(f"/v1/tenderings/{session_id}/balance", request, Tendering)

    def record_card(self, session_id: UUID, request: RecordCard) -> Tendering:
        """Write down what a card terminal took."""
        return self._post(f"/v1/tenderings/{session_id}/card", request, Tendering)

    def settle_order(self, request: SettleOrder) -> Settlement:
        """Settle an order for which no cash is needed."""
        return self._post("/v1/settlements", request, Settlement)

    def open_kiosk(self, request: OpenKiosk) -> KioskSession:
        """Take this kiosk into service."""
        return self._post("/v1/kiosk-sessions", request, KioskSession)

    def close_kiosk(self, request: CloseKiosk) -> KioskSession:
        """Take this kiosk out of service, its cash counted."""
        return self._post("/v1/kiosk-sessions/close", request, KioskSession)

    # staff

    def void_order(self, order_id: UUID, request: VoidOrder) -> Order:
        """Give an unpaid order up."""
        return self._post(f"/v1/staff/orders/{order_id}/void", request, Order)

    def issue_coupons(self, request: IssueCoupons) -> CouponsIssued:
        """Make coupons; their codes are told this once."""
        return self._post("/v1/staff/coupons", request, CouponsIssued)

    def order_payments(self, order_id: UUID) -> list[Payment]:
        """Fetch what was taken for an order."""
        return self._get_list(f"/v1/staff/orders/{order_id}/payments", Payment)

    def order_refunds(self, order_id: UUID) -> list[Refund]:
        """Fetch what was given back for an order."""
        return self._get_list(f"/v1/staff/orders/{order_id}/refunds", Refund)

    def ask_refund(self, request: AskRefund) -> Refund:
        """Give money back, or ask a second person to agree."""
        return self._post("/v1/staff/refunds", request, Refund)

    def agree_refund(self, refund_id: UUID) -> Refund:
        """Agree to a refund that somebody else asked for."""
        return self._post(f"/v1/staff/refunds/{refund_id}/agree", None, Refund)

    def decline_refund(self, refund_id: UUID) -> Refund:
        """Decline a refund that somebody else asked for."""
        return self._post(f"/v1/staff/refunds/{refund_id}/decline", None, Refund)

    def card_cases(self) -> list[CardCase]:
        """Fetch the charges of which nobody has said yet whether they happened."""
        return self._get_list("/v1/staff/card-cases", CardCase)

    def judge_card_case(self, case_id: UUID, request: JudgeCardCase) -> CardCase:
        """Say what the terminal's own list says of a charge in doubt."""
        return self._post(f"/v1/staff/card-cases/{case_id}/judge", request, CardCase)

    def agree_card_case(self, case_id: UUID) -> CardCase:
        """Agree to what somebody else said of a charge in doubt."""
        return self._post(f"/v1/staff/card-cases/{case_id}/agree", None, CardCase)

    def disagree_card_case(self, case_id: UUID) -> CardCase:
        """Open a charge in doubt again that somebody else has judged."""
        return self._post(f"/v1/staff/card-cases/{case_id}/disagree", None, CardCase)

    def pay_out_refund(self, refund_id: UUID) -> Refund:
        """Write down that a claim was paid in cash."""
        return self._post(f"/v1/staff/refunds/{refund_id}/paid-out", None, Refund)
