"""A kiosk takes hold of an order, and lets go of it.

An order with an article that was recalled since it was handed in is not paid: it is voided before any money goes in, so that
the handheld gives the basket back and the shopper goes on without the article. A recall that comes while money goes in, or
after something was paid, stops nobody at the kiosk any more.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from store_server.contract import order_messages
from store_server.contract.order_number import OrderNumber, OrderNumberError
from store_server.contract.order_pass import PassKind, PassRefused
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import BeginTendering
from store_server.domain.order import Tendering, TenderingBegun, TenderingReleased
from store_server.domain.tendering_check import refuse_tendering
from store_server.persistence import order_rows
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import tender_sessions
from store_server.services.answered import answer_request
from store_server.services.order_pricing import refuse_recalled
from store_server.services.order_steps import get_order, take_step, void_unpaid
from store_server.services.passes import order_answer, read_pass
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.reservations import let_go
from store_server.services.store import Store

_AT_A_KIOSK = {
    Refusal.EXPIRED: "This code is too old to pay with. Please submit the order on the handheld again.",
    Refusal.NOT_A_PASS: "This is not an order code of our shop. Please show the code on the handheld.",
    Refusal.OTHER_SHOP: "This order is from another shop.",
    Refusal.NOT_YET_VALID: "This code is not valid yet. Please ask the staff.",
}

_CLOSE = tender_sessions.update().where(
    tender_sessions.c.session_id == bindparam("the_session"), tender_sessions.c.ended_at.is_(None)
)


def begin(store: Store, kiosk: Device, request: BeginTendering) -> order_messages.Order:
    """Let a kiosk take hold of an order by its claim or its number.

    Raises:
        RefusedError: no such order, nothing to pay, another kiosk holds it, or an article was recalled: then it is voided.
    """
    if (request.claim is None) == (request.order_number is None):
        raise RefusedError(Refusal.BAD_REQUEST, "Name the order by its claim or by its number, exactly one of them.")

    try:
        return answer_request(
            store,
            kiosk,
            request,
            request_id=f"tender:{request.session_id}",
            answer=order_messages.Order,
            act=lambda connection: order_answer(store, _begin(store, connection, kiosk, request)),
        )
    except RefusedError as error:
        if error.refusal is Refusal.RECALLED_ARTICLE:
            sentence = error.sentence
            store.database.write(lambda connection: _give_up(store, connection, kiosk, request, sentence))
        raise


def release(store: Store, kiosk: Device, session_id: UUID) -> order_messages.Order:
    """Let go of an order; when the session is over already, nothing changes.

    Raises:
        RefusedError: this kiosk never had such a session.
    """

    def work(connection: Connection) -> order_messages.Order:
        session = connection.execute(select(tender_sessions).where(tender_sessions.c.session_id == session_id)).one_or_none()
        if session is None or session.kiosk != kiosk.name:
            raise RefusedError(Refusal.UNKNOWN_ORDER, "This kiosk has no such payment session.")
        return order_answer(store, _end(store, connection, kiosk, session.order_id, session_id))

    return store.database.write(work)


def _end(store: Store, connection: Connection, kiosk: Device, order_id: UUID, session_id: UUID) -> StoredOrder:
    return end_hold(store, connection, order_id, session_id, who=kiosk.principal, now_s=store.now_s())


def end_hold(store: Store, connection: Connection, order_id: UUID, session_id: UUID, *, who: str, now_s: int) -> StoredOrder:
    """End a session and, where it still holds the order, its hold and what was set aside for it."""
    stored = get_order(connection, order_id)
    close_session(connection, session_id, now_s)
    crash_point("release.closed")
    held = stored.order.tendering
    if held is None or held.session_id != session_id:
        return stored
    released = take_step(connection, stored, TenderingReleased(), who=who, now_s=now_s)
    crash_point("release.stepped")
    return let_go(store, connection, released, who=who, now_s=now_s)


def close_session(connection: Connection, session_id: UUID, now_s: int) -> None:
    """Write down that a session is over; it never opens again."""
    connection.execute(_CLOSE, {"the_session": session_id, "ended_at": now_s})


def _begin(store: Store, connection: Connection, kiosk: Device, request: BeginTendering) -> StoredOrder:
    now_s = store.now_s()
    stored = _named(store, connection, request, now_s)
    crash_point("tender.found")
    refusal = _refusal(store, kiosk, stored, now_s)
    if refusal is not None:
        raise RefusedError(refusal)
    if _is_unpaid(stored):
        refuse_recalled(store.books.newest(connection).find, stored.basket.lines)
    former = stored.order.tendering
    if former is not None:
        close_session(connection, former.session_id, now_s)
        crash_point("tender.former_closed")
        stored = let_go(store, connection, stored, who=kiosk.principal, now_s=now_s)
    row = {
        "session_id": request.session_id,
        "order_id": stored.order_id,
        "kiosk": kiosk.name,
        "begun_at": now_s,
        "ended_at": None,
    }
    if not insert_once(connection, tender_sessions, row):
        raise RefusedError(Refusal.KEY_REUSED)
    crash_point("tender.after_row")
    begun = TenderingBegun(Tendering(request.session_id, kiosk.name, now_s))
    return take_step(connection, stored, begun, who=kiosk.principal, now_s=now_s)


def _refusal(store: Store, kiosk: Device, stored: StoredOrder, now_s: int) -> Refusal | None:
    return refuse_tendering(stored.order, kiosk=kiosk.name, now_s=now_s, lease_s=store.shop.tendering_lease_s)


def _is_unpaid(stored: StoredOrder) -> bool:
    return not stored.order.paid_minor and stored.paid_at is None and stored.order.entry is None


def _give_up(store: Store, connection: Connection, kiosk: Device, request: BeginTendering, reason: str) -> None:
    """Void the order that must not be paid, unless somebody was quicker."""
    now_s = store.now_s()
    stored = _named(store, connection, request, now_s)
    if _refusal(store, kiosk, stored, now_s) is not None or not _is_unpaid(stored):
        return
    former = stored.order.tendering
    if former is not None:
        stored = end_hold(store, connection, stored.order_id, former.session_id, who=kiosk.principal, now_s=now_s)
    void_unpaid(connection, stored, reason, who=kiosk.principal, now_s=now_s)


def _named(store: Store, connection: Connection, request: BeginTendering, now_s: int) -> StoredOrder:
    if request.order_number is not None:
        return _by_number(connection, request.order_number)
    assert request.claim is not None
    read = read_pass(store, connection, request.claim, PassKind.CLAIM, now_s)
    if isinstance(read, PassRefused) and read.refusal is Refusal.WRONG_KIND:
        return _by_receipt(store, connection, request.claim, now_s)
    if isinstance(read, PassRefused):
        raise RefusedError(read.refusal, _AT_A_KIOSK.get(read.refusal, ""))
    return get_order(connection, read.order_id)


def _by_number(connection: Connection, digits: str) -> StoredOrder:
    try:
        serial = OrderNumber.parse(digits).serial
    except OrderNumberError as error:
        raise RefusedError(Refusal.UNKNOWN_ORDER, str(error)) from error
    stored = order_rows.find_by_serial(connection, serial)
    if stored is None:
        raise RefusedError(Refusal.UNKNOWN_ORDER, "We do not know this order number. Please compare it with the handheld.")
    return stored


def _by_receipt(store: Store, connection: Connection, text: str, now_s: int) -> StoredOrder:
    """Find the order of a receipt: after a rescan in the lane the shopper has nothing else in hand to pay the difference."""
    read = read_pass(store, connection, text, PassKind.EXIT, now_s)
    if isinstance(read, PassRefused):
        raise RefusedError(read.refusal, _AT_A_KIOSK.get(read.refusal, ""))
    stored = get_order(connection, read.order_id)
    if stored.order.status is not OrderStatus.SUBMITTED and not stored.order.due_minor:
        raise RefusedError(Refusal.ALREADY_PAID)
    return stored
