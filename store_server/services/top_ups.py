"""Cash that a kiosk takes for a member's balance."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store_server.contract.member_messages import ToppedUp, TopUp
from store_server.contract.refusals import Refusal
from store_server.domain.payment import top_up_transfer, total_minor
from store_server.persistence import ledger
from store_server.persistence.crash_points import crash_point
from store_server.persistence.member_tables import top_ups
from store_server.persistence.once import insert_once
from store_server.persistence.tables import cash_reports, tender_sessions
from store_server.services.answered import answer_request
from store_server.services.members import member_of
from store_server.services.payments import credit_cash
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from store_server.services.wallets import credit


def top_up(store: Store, kiosk: Device, request: TopUp) -> ToppedUp:
    """Put cash that lies in the kiosk on a member's balance.

    Raises:
        RefusedError: the amounts do not fit, the member is not logged in, or the balance would be too large.
    """
    return answer_request(
        store,
        kiosk,
        request,
        request_id=f"top-up:{request.top_up_id}",
        answer=ToppedUp,
        act=lambda connection: _top_up(store, connection, kiosk, request),
    )


def _top_up(store: Store, connection: Connection, kiosk: Device, request: TopUp) -> ToppedUp:
    now_s = store.now_s()
    if total_minor(request.taken) != request.amount_minor + request.change_minor:
        raise RefusedError(Refusal.AMOUNT_MISMATCH)
    member_id = member_of(store, connection, request.member_token)
    credit_cash(connection, kiosk, request.session_id, request.taken, order_id=None, now_s=now_s)
    # Only now: a report of the same coins that is under way was waited for.
    for table in (tender_sessions, cash_reports):
        if connection.execute(select(table.c.session_id).where(table.c.session_id == request.session_id)).first() is not None:
            raise RefusedError(Refusal.KEY_REUSED, "This session paid an order or was reported already. Begin a new one.")
    row = {
        "top_up_id": request.top_up_id,
        "member_id": member_id,
        "kiosk": kiosk.name,
        "session_id": request.session_id,
        "amount_minor": request.amount_minor,
        "topped_at": now_s,
    }
    if not insert_once(connection, top_ups, row):
        raise RefusedError(Refusal.KEY_REUSED)
    crash_point("top_up.after_row")
    available = credit(connection, member_id, request.amount_minor, max_minor=store.shop.balance_max_minor)
    posted = top_up_transfer(request.top_up_id, kiosk.name, member_id, request.amount_minor)
    ledger.post(connection, (posted,), order_id=None, at_s=now_s)
    crash_point("top_up.posted")
    return ToppedUp(top_up_id=request.top_up_id, available_minor=available)
