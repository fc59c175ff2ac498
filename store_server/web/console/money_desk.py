"""What staff does about money on the page: money that goes back, charges in doubt, orders that nobody pays any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from nicegui import ui

from store_server.contract.card_case_messages import CardCase, CardCaseState, CardVerdict, JudgeCardCase
from store_server.contract.money import format_minor
from store_server.contract.tender_messages import Refund, RefundDestination, RefundState
from store_server.services import card_cases, giving_back, orders, refunds
from store_server.services.principals import StaffMember
from store_server.services.store import Store
from store_server.web.console.asking import Sentence, asked
from store_server.web.console.presenter import OrderRowView
from store_server.web.console.reason_dialog import ask_reason
from store_server.web.console.texts import say

BACK_TO = {
    RefundDestination.BALANCE: "back-to-balance",
    RefundDestination.CARD: "back-to-card",
    RefundDestination.CLAIM: "back-to-claim",
}
"""How the page calls the places that refunded money goes to."""


class MoneyDesk:
    """Asks the store for one member of staff and tells them what came of it."""

    def __init__(self, store: Store, member: StaffMember, language: str, refresh: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._member = member
        self._language = language
        self._refresh = refresh

    async def give_back(self, order_id: UUID) -> None:
        """Give back what an order was paid above its total."""
        try:
            given = await asked(lambda: giving_back.give_back(self._store, self._member, order_id))
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        for refund in given:
            self._tell(refund)
        await self._refresh()

    async def decide_refund(self, refund_id: UUID, agree: bool) -> None:  # noqa: FBT001 - a callback with two plain facts
        """Agree to a refund that somebody else asked for, or not."""
        try:
            refund = await asked(lambda: refunds.decide(self._store, self._member, refund_id, agree=agree))
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        self._tell(refund)
        await self._refresh()

    async def judge(self, case_id: UUID, verdict: CardVerdict, reason: str) -> None:
        """Say what the terminal's list says of a charge."""
        request = JudgeCardCase(judgement_id=uuid4(), verdict=verdict, reason=reason)
        await self._settle(lambda: card_cases.judge(self._store, self._member, case_id, request))

    async def decide(self, case_id: UUID, agree: bool) -> None:  # noqa: FBT001 - a callback with two plain facts
        """Agree to what somebody else said, or not."""
        await self._settle(lambda: card_cases.decide(self._store, self._member, case_id, agree=agree))

    async def void(self, row: OrderRowView) -> None:
        """Ask why, then give the order up."""
        order_id = row.may_void
        assert order_id is not None
        reason = await ask_reason(
            self._say("void-title", number=row.number),
            self._say("void-confirm"),
            [self._say("void-reason-left"), self._say("void-reason-mistake")],
            note=self._say("void-note"),
            mark="void",
            language=self._language,
        )
        if not reason:
            return
        try:
            await asked(lambda: orders.void(self._store, self._member, order_id, reason))
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        ui.notify(self._say("voided", number=row.number), type="positive")
        await self._refresh()

    async def _settle(self, work: Callable[[], CardCase]) -> None:
        try:
            case = await asked(work)
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        waits = case.state is CardCaseState.WAITING
        ui.notify(self._say("case-asked" if waits else "case-done"), type="warning" if waits else "positive")
        await self._refresh()

    def _tell(self, refund: Refund) -> None:
        money = format_minor(refund.amount_minor, self._store.shop.currency)
        if refund.state is RefundState.WAITING:
            ui.notify(self._say("refund-waits", money=money), type="warning")
        elif refund.state is RefundState.DECLINED:
            ui.notify(self._say("refund-declined", money=money), type="warning")
        else:
            ui.notify(self._say("refund-done", money=money, where=self._say(BACK_TO[refund.destination])), type="positive")

    def _say(self, name: str, **values: str | int) -> str:
        return say(self._language, name, **values)
