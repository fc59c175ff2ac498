"""Members, coupons and tenders in the small shop, as one-liners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

from store_server.contract.cash_messages import CashReport, Settlement
from store_server.contract.member_messages import IssueCoupons, MemberLogin, RegisterMember, TopUp
from store_server.contract.order_messages import Order
from store_server.contract.promotions import BasketOff, Goods, PercentOff, Promotion
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import (
    AskRefund,
    EnterCoupon,
    HoldBalance,
    IdentifyMember,
    RecordCard,
    Refund,
    SettleOrder,
    Tendering,
)
from store_server.services import catalogue, coupons, members, payments, refunds, tenders, top_ups
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import BEGINNING_S, KIOSK, STAFF, Market

PASSWORD = "correct horse"
PROMOTIONS: tuple[Promotion, ...] = (
    BasketOff(promotion_id="ten-off", texts={"en": "10 % off"}, by_coupon=True, basis_points=1000),
    PercentOff(promotion_id="wine-week", texts={"en": "Wine week"}, goods=Goods(codes=("09520000000028",)), basis_points=2000),
    PercentOff(
        promotion_id="member-milk",
        texts={"en": "Members"},
        goods=Goods(codes=("09520000000011",)),
        basis_points=5000,
        members_only=True,
    ),
)


def refused(action: Callable[[], object]) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        action()
    return caught.value.refusal


@dataclass(frozen=True)
class Shopper:
    """A member who is logged in."""

    member_id: UUID
    token: str


@dataclass(frozen=True)
class Till:
    """The steps of paying with more than cash."""

    market: Market

    def set_promotions(self) -> None:
        catalogue.set_promotions(self.market.store, PROMOTIONS)

    def with_shop(self, **changes: object) -> Till:
        settings = self.market.store.settings
        shop = settings.shop.model_copy(update=changes)
        store = replace(self.market.store, settings=settings.model_copy(update={"shop": shop}))
        return Till(replace(self.market, store=store))

    def member(self, login: str = "li@example.org", balance: int = 0) -> Shopper:
        member_id = uuid4()
        request = RegisterMember(member_id=member_id, login=login, password=PASSWORD, name="Li Lei")
        members.register(self.market.store, KIOSK, request)
        shopper = Shopper(member_id, members.login(self.market.store, MemberLogin(login=login, password=PASSWORD)).token)
        if balance:
            self.top_up(shopper, balance)
        return shopper

    def top_up(self, shopper: Shopper, amount: int) -> TopUp:
        request = TopUp(
            top_up_id=uuid4(),
            session_id=uuid4(),
            member_token=shopper.token,
            amount_minor=amount,
            taken=self.market.coins(amount),
            change_minor=0,
        )
        top_ups.top_up(self.market.store, KIOSK, request)
        report = CashReport(
            session_id=request.session_id, order_id=None, outcome="paid", taken=request.taken, payouts=[], owed_minor=0
        )
        payments.report_cash(self.market.store, KIOSK, report)
        return request

    def wallet(self, shopper: Shopper) -> tuple[int, int]:
        shown = members.show(self.market.store, shopper.token)
        return shown.available_minor, shown.held_minor

    def points(self, shopper: Shopper) -> int:
        return members.show(self.market.store, shopper.token).points

    def coupon(self, uses: int = 1) -> str:
        request = IssueCoupons(
            batch_id=uuid4(), promotion_id="ten-off", uses_max=uses, valid_from=BEGINNING_S, valid_until=BEGINNING_S + 10**6
        )
        return coupons.issue(self.market.store, STAFF, request).codes[0]

    def enter(self, session: UUID, code: str, kiosk: Device = KIOSK) -> Tendering:
        return tenders.enter_coupon(self.market.store, kiosk, session, EnterCoupon(entry_id=uuid4(), code=code))

    def identify(self, session: UUID, shopper: Shopper) -> Tendering:
        request = IdentifyMember(request_id=uuid4(), member_token=shopper.token)
        return tenders.identify(self.market.store, KIOSK, session, request)

    def hold(self, session: UUID, shopper: Shopper, amount: int | None = None, kiosk: Device = KIOSK) -> Tendering:
        request = HoldBalance(hold_id=uuid4(), member_token=shopper.token, amount_minor=amount)
        return tenders.hold_balance(self.market.store, kiosk, session, request)

    def card(self, session: UUID, amount: int) -> Tendering:
        request = RecordCard(payment_id=uuid4(), amount_minor=amount, reference="T1-000123")
        return tenders.record_card(self.market.store, KIOSK, session, request)

    def settle(self, session: UUID, order: Order) -> Settlement:
        request = SettleOrder(payment_id=uuid4(), session_id=session, order_id=order.order_id, revision=order.revision)
        return tenders.settle(self.market.store, KIOSK, request)

    def settle_in_cash(self, session: UUID, shown: Tendering) -> Settlement:
        taken = self.market.coins(shown.cash_due_minor)
        request = self.market.payment(shown.order, session, taken, shown.cash_due_minor)
        settled = payments.settle(self.market.store, KIOSK, request)
        payments.report_cash(self.market.store, KIOSK, self.market.report(session, shown.order, taken))
        return settled

    def refund(self, payment_id: UUID, amount: int, staff: StaffMember = STAFF) -> Refund:
        request = AskRefund(refund_id=uuid4(), payment_id=payment_id, amount_minor=amount, reason="brought back")
        return refunds.ask(self.market.store, staff, request)

    def payment_ids(self, order: Order) -> dict[str, UUID]:
        return {one.tender.value: one.payment_id for one in refunds.payments_of(self.market.store, order.order_id)}
