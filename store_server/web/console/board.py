"""Everything that the staff page shows at one moment, read from the store."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from store_server.contract.order_messages import Order
from store_server.services import card_cases, lanes, orders, refunds
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from store_server.web.console import presenter
from store_server.web.console.card_case_views import CardCaseView, card_case
from store_server.web.console.login import member_of
from store_server.web.console.presenter import LaneCardView, OrderRowView
from store_server.web.console.refund_views import RefundDueView, RefundWaitingView, refund_waiting, refunds_due

ORDERS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board of one member of staff."""

    is_over: bool = False
    """The session has ended; nothing is shown."""
    lanes: tuple[LaneCardView, ...] = ()
    orders: tuple[OrderRowView, ...] = ()
    due: tuple[RefundDueView, ...] = ()
    waiting: tuple[RefundWaitingView, ...] = ()
    cases: tuple[CardCaseView, ...] = ()


def look(store: Store, token: str, language: str) -> BoardView:
    """Read the board for whoever has this session."""
    member = member_of(store, token)
    if member is None:
        return BoardView(is_over=True)
    now_s, shop = store.now_s(), store.shop
    cards = (
        presenter.lane_card(
            view,
            _order_in(store, member, view.report.order_id),
            now_s=now_s,
            silent=lanes.is_silent(store, view),
            language=language,
        )
        for view in lanes.views(store)
    )
    recent = orders.recent(store)[:ORDERS_SHOWN]
    asked = [(refund, orders.get(store, member, refund.order_id)) for refund in refunds.waiting(store)]
    unsettled = card_cases.unsettled(store)
    return BoardView(
        lanes=tuple(cards),
        orders=tuple(presenter.order_row(order, language, shop.time_zone) for order in recent),
        due=refunds_due(orders.overpaid(store), asked, language),
        waiting=tuple(refund_waiting(refund, order, member, language) for refund, order in asked),
        cases=tuple(card_case(case, member, shop.currency, language, shop.time_zone) for case in unsettled),
    )


def _order_in(store: Store, member: StaffMember, order_id: UUID | None) -> Order | None:
    if order_id is None:
        return None
    try:
        return orders.get(store, member, order_id)
    except RefusedError:
        return None
