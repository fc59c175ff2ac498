"""Money given back: never more than was captured, to where it came from, above a limit only with a second person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import AskRefund, Payment, Refund, RefundDestination, RefundState, TenderKind
from store_server.domain.order import Refunded, can
from store_server.domain.payment import CLAIMS, card_account, claim_paid_transfer, refund_transfer, wallet_account
from store_server.persistence import ledger
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once
from store_server.persistence.tables import AMOUNT_MAX_MINOR, orders
from store_server.persistence.tender_tables import payments, refunds
from store_server.services.answered import answer_request
from store_server.services.members import is_known
from store_server.services.order_steps import get_order, take_step
from store_server.services.points import count_points
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from store_server.services.wallets import credit

SHOWN_MAX = 50
_GIVEN = (RefundState.DONE.value, RefundState.PAID_OUT.value)
_IN_THE_LANE = "This order is in a lane or being paid. Let the shopper come back first."
_UNKNOWN = "There is no such refund."


def ask(store: Store, staff: StaffMember, request: AskRefund) -> Refund:
    """Give money back, or, above the shop's limit, ask a second person to agree.

    Raises:
        RefusedError: more than was captured and is not given back yet, or the goods are on their way out.
    """
    return answer_request(
        store,
        staff,
        request,
        request_id=f"refund:{request.refund_id}",
        answer=Refund,
        act=lambda connection: ask_within(store, connection, staff, request),
    )


def decide(store: Store, staff: StaffMember, refund_id: UUID, *, agree: bool) -> Refund:
    """Decide a refund that waits; the same decision again changes nothing.

    Raises:
        RefusedError: unknown, decided otherwise, or asked for by the same person.
    """

    def work(connection: Connection) -> Refund:
        row, now_s = _find(connection, refund_id), store.now_s()
        state = RefundState.DONE if agree else RefundState.DECLINED
        if row.requested_by == staff.name:
            raise RefusedError(Refusal.SECOND_PERSON)
        refuse_in_the_lane(connection, row.order_id)
        done = connection.execute(
            refunds.update()
            .where(
                refunds.c.refund_id == refund_id,
                refunds.c.state == RefundState.WAITING.value,
                refunds.c.requested_by != staff.name,
            )
            .values(state=state.value, decided_by=staff.name, decided_at=now_s)
        )
        if done.rowcount != 1:
            if row.state == state.value and row.decided_by == staff.name:
                return _answer(row)
            raise RefusedError(Refusal.WRONG_STATE, "This refund was decided already.")
        crash_point("refund.decided")
        if agree:
            _send_anew(connection, row)
            _give(store, connection, staff, refund_id, now_s)
        else:
            _unreserve(connection, row)
        return _written(connection, staff, refund_id, f"refund/{state.value}", now_s)

    return store.database.write(work)


def pay_out(store: Store, staff: StaffMember, refund_id: UUID) -> Refund:
    """Write down that the service desk paid a claim in cash; once.

    Raises:
        RefusedError: no claim, not decided yet, or paid out by somebody else already.
    """

    def work(connection: Connection) -> Refund:
        row, now_s = _find(connection, refund_id), store.now_s()
        done = connection.execute(
            refunds.update()
            .where(
                refunds.c.refund_id == refund_id,
                refunds.c.state == RefundState.DONE.value,
                refunds.c.destination == RefundDestination.CLAIM.value,
            )
            .values(state=RefundState.PAID_OUT.value, paid_out_by=staff.name, paid_out_at=now_s)
        )
        if done.rowcount != 1:
            raise RefusedError(Refusal.WRONG_STATE, "There is no open claim on cash for this refund.")
        ledger.post(connection, (claim_paid_transfer(refund_id, row.amount_minor),), order_id=row.order_id, at_s=now_s)
        crash_point("refund.paid_out")
        return _written(connection, staff, refund_id, "refund/paid-out", now_s)

    return store.database.write(work)


def of_order(store: Store, order_id: UUID) -> list[Refund]:
    """Return an order's refunds, the oldest first.

    Raises:
        RefusedError: there is no such order.
    """

    def work(connection: Connection) -> list[Refund]:
        get_order(connection, order_id)
        return refunds_in(connection, order_id)

    return store.database.read(work)


def waiting(store: Store) -> list[Refund]:
    """Return the refunds that a second person has to decide, the oldest first."""
    state = refunds.c.state == RefundState.WAITING.value
    found = select(refunds).where(state).order_by(refunds.c.requested_at, refunds.c.refund_id).limit(SHOWN_MAX)
    return store.database.read(lambda connection: [_answer(row) for row in connection.execute(found)])


def payments_of(store: Store, order_id: UUID) -> list[Payment]:
    """Return an order's payments, the oldest first.

    Raises:
        RefusedError: there is no such order.
    """

    def work(connection: Connection) -> list[Payment]:
        get_order(connection, order_id)
        return payments_in(connection, order_id)

    return store.database.read(work)


def refunds_in(connection: Connection, order_id: UUID) -> list[Refund]:
    """Read an order's refunds, the oldest first."""
    found = select(refunds).where(refunds.c.order_id == order_id).order_by(refunds.c.requested_at, refunds.c.refund_id)
    return [_answer(row) for row in connection.execute(found)]


def payments_in(connection: Connection, order_id: UUID) -> list[Payment]:
    """Read an order's payments, the oldest first."""
    found = select(payments).where(payments.c.order_id == order_id).order_by(payments.c.paid_at, payments.c.payment_id)
    return [Payment.model_validate(row._asdict()) for row in connection.execute(found)]


def ask_within(store: Store, connection: Connection, staff: StaffMember, request: AskRefund) -> Refund:
    """Do what :func:`ask` does, in the caller's transaction."""
    now_s = store.now_s()
    payment = connection.execute(select(payments).where(payments.c.payment_id == request.payment_id)).one_or_none()
    if payment is None:
        raise RefusedError(Refusal.UNKNOWN_ORDER, "There is no such payment.")
    refuse_in_the_lane(connection, payment.order_id)
    reserved = connection.execute(
        payments.update()
        .where(
            payments.c.payment_id == request.payment_id,
            payments.c.refund_reserved_minor + request.amount_minor <= payments.c.captured_minor,
        )
        .values(refund_reserved_minor=payments.c.refund_reserved_minor + request.amount_minor)
    )
    if reserved.rowcount != 1:
        raise RefusedError(Refusal.REFUND_TOO_MUCH)
    crash_point("refund.reserved")
    # Many small refunds need a second person like one large.
    alone = request.amount_minor + promised_minor(connection, payment.order_id) <= store.shop.refund_alone_max_minor
    row = {
        "refund_id": request.refund_id,
        "payment_id": request.payment_id,
        "order_id": payment.order_id,
        "amount_minor": request.amount_minor,
        "destination": _destination(connection, payment).value,
        "state": (RefundState.DONE if alone else RefundState.WAITING).value,
        "requested_by": staff.name,
        "reason": request.reason,
        "requested_at": now_s,
        "decided_at": now_s if alone else None,
    }
    if not insert_once(connection, refunds, row):
        raise RefusedError(Refusal.KEY_REUSED)
    crash_point("refund.after_row")
    if alone:
        _give(store, connection, staff, request.refund_id, now_s)
    return _written(connection, staff, request.refund_id, "refund/given" if alone else "refund/asked", now_s)


def _give(store: Store, connection: Connection, staff: StaffMember, refund_id: UUID, now_s: int) -> None:
    row = _find(connection, refund_id)
    payment = connection.execute(select(payments).where(payments.c.payment_id == row.payment_id)).one()
    if row.destination == RefundDestination.BALANCE.value:
        credit(connection, payment.member_id, row.amount_minor, max_minor=AMOUNT_MAX_MINOR)
        destination = wallet_account(payment.member_id)
    else:
        destination = card_account(payment.kiosk) if row.destination == RefundDestination.CARD.value else CLAIMS
    ledger.post(connection, (refund_transfer(refund_id, destination, row.amount_minor),), order_id=row.order_id, at_s=now_s)
    crash_point("refund.posted")
    stored = get_order(connection, row.order_id)
    if stored.order.entry is None and can(stored.order, Refunded) and _all_went_back(connection, row.order_id):
        stored = take_step(connection, stored, Refunded(), who=staff.principal, now_s=now_s)
        crash_point("refund.stepped")
    count_points(store, connection, stored, f"refund/{refund_id}", now_s)


def _send_anew(connection: Connection, row: Row[Any]) -> None:
    """Choose the destination as of now: whoever was forgotten since has no balance any more, but a claim."""
    payment = connection.execute(select(payments).where(payments.c.payment_id == row.payment_id)).one()
    of_refund = refunds.c.refund_id == row.refund_id
    done = connection.execute(refunds.update().where(of_refund).values(destination=_destination(connection, payment).value))
    assert done.rowcount == 1


def _unreserve(connection: Connection, row: Row[Any]) -> None:
    done = connection.execute(
        payments.update()
        .where(payments.c.payment_id == row.payment_id, payments.c.refund_reserved_minor >= row.amount_minor)
        .values(refund_reserved_minor=payments.c.refund_reserved_minor - row.amount_minor)
    )
    assert done.rowcount == 1, "a refund was declined that was not reserved"


def _destination(connection: Connection, payment: Row[Any]) -> RefundDestination:
    if payment.tender == TenderKind.CARD.value:
        return RefundDestination.CARD
    to_balance = payment.tender == TenderKind.BALANCE.value and is_known(connection, payment.member_id)
    return RefundDestination.BALANCE if to_balance else RefundDestination.CLAIM


def promised_minor(connection: Connection, order_id: UUID) -> int:
    """Sum what goes or went back already of an order, also what a second person has yet to agree to."""
    asked = select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(
        refunds.c.order_id == order_id, refunds.c.state != RefundState.DECLINED.value
    )
    return int(connection.execute(asked).scalar_one())


def _all_went_back(connection: Connection, order_id: UUID) -> bool:
    captured = select(func.coalesce(func.sum(payments.c.captured_minor), 0)).where(payments.c.order_id == order_id)
    given = select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(
        refunds.c.order_id == order_id, refunds.c.state.in_(_GIVEN)
    )
    return int(connection.execute(captured).scalar_one()) == int(connection.execute(given).scalar_one())


def refuse_in_the_lane(connection: Connection, order_id: UUID) -> None:
    """Refuse while goods or money are on their way; from here on, refunds of this order wait for each other."""
    # On PostgreSQL refunds of one order wait for each other here; SQLite has one writer anyway.
    connection.execute(select(orders.c.order_id).where(orders.c.order_id == order_id).with_for_update())
    order = get_order(connection, order_id).order
    if order.status in {OrderStatus.TENDERING, OrderStatus.LEAVING} or order.entry is not None:
        raise RefusedError(Refusal.WRONG_STATE, _IN_THE_LANE)


def _find(connection: Connection, refund_id: UUID) -> Row[Any]:
    row = connection.execute(select(refunds).where(refunds.c.refund_id == refund_id)).one_or_none()
    if row is None:
        raise RefusedError(Refusal.UNKNOWN_ORDER, _UNKNOWN)
    return row


def _written(connection: Connection, staff: StaffMember, refund_id: UUID, action: str, now_s: int) -> Refund:
    row = _find(connection, refund_id)
    details = {"order_id": str(row.order_id), "amount_minor": row.amount_minor, "destination": row.destination}
    audited(connection, who=staff.principal, action=action, subject=str(refund_id), at_s=now_s, details=details)
    return _answer(row)


def _answer(row: Row[Any]) -> Refund:
    return Refund.model_validate(row._asdict())
