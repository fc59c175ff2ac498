"""Charges in doubt: staff looks at the terminal's own list and says what became of each, once.

``charged``: the money pays the order that it was meant for, as far as the order still takes it; what it does not take is owed
to the shopper. ``not charged``: no money moves, and the order is free to be paid again. ``docs/money.md`` says it in full.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, select

from store_server.contract.card_case_messages import CardCase, CardCaseState, CardVerdict, JudgeCardCase
from store_server.contract.device_messages import DeviceRole
from store_server.contract.money import cash_rounded
from store_server.contract.order_number import OrderNumber
from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import TenderKind
from store_server.domain.order import PartPaid, Tendering, TenderingBegun
from store_server.domain.payment import kept_charge_transfer
from store_server.persistence import ledger, order_rows
from store_server.persistence.audit import audited
from store_server.persistence.cash_tables import card_cases
from store_server.persistence.once import insert_once
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import orders, tender_sessions
from store_server.persistence.tender_tables import payments
from store_server.services import coupons, wallets
from store_server.services.answered import answer_request
from store_server.services.order_steps import take_step
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.settling import Settling, add_payment, rest_minor, settle_order
from store_server.services.store import Store
from store_server.services.tendering import end_hold

SHOWN_MAX = 50
_UNSETTLED = (CardCaseState.OPEN.value, CardCaseState.WAITING.value)
_DECIDED = "What became of this charge was decided already."
_UNKNOWN = "There is no such charge in doubt."
_BOOKED = "This charge is in the books as a payment of its order. Give it back as a refund."
_BEING_PAID = "This order is being paid at {kiosk} right now. Please wait until that has ended."


def unsettled(store: Store) -> list[CardCase]:
    """Return the charges that staff has to look after, the oldest first."""
    found = (
        select(card_cases).where(card_cases.c.state.in_(_UNSETTLED)).order_by(card_cases.c.opened_at, card_cases.c.case_id)
    ).limit(SHOWN_MAX)
    return store.database.read(lambda connection: [_answer(connection, row) for row in connection.execute(found).all()])


def judge(store: Store, staff: StaffMember, case_id: UUID, request: JudgeCardCase) -> CardCase:
    """Say what the terminal's list says; above the shop's limit a second person has to agree first.

    Raises:
        RefusedError: unknown, decided already, or the order is being paid by somebody.
    """
    return answer_request(
        store,
        staff,
        request,
        request_id=f"card-case:{case_id}:{request.judgement_id}",
        answer=CardCase,
        act=lambda connection: _judge(store, connection, staff, case_id, request),
    )


def decide(store: Store, staff: StaffMember, case_id: UUID, *, agree: bool) -> CardCase:
    """Agree to what somebody else said, or open the case again; the same decision again changes nothing.

    Raises:
        RefusedError: unknown, not waiting, or the first person decides.
    """

    def work(connection: Connection) -> CardCase:
        row, now_s = _find(connection, case_id), store.now_s()
        if row.state != CardCaseState.WAITING.value:
            if agree and row.decided_by == staff.name:
                return _answer(connection, row)
            raise RefusedError(Refusal.WRONG_STATE, _DECIDED)
        if row.asked_by == staff.name:
            raise RefusedError(Refusal.SECOND_PERSON)
        if agree:
            values = {"state": row.verdict, "decided_by": staff.name, "decided_at": now_s}
        else:
            values = {"state": CardCaseState.OPEN.value, "verdict": None, "asked_by": None, "reason": ""}
        _change(connection, case_id, CardCaseState.WAITING, values)
        if agree:
            _carry_out(store, connection, staff, _find(connection, case_id), now_s)
        return _written(connection, staff, case_id, row.verdict if agree else "disagreed", now_s)

    return store.database.write(work)


def _judge(store: Store, connection: Connection, staff: StaffMember, case_id: UUID, request: JudgeCardCase) -> CardCase:
    row, now_s = _find(connection, case_id), store.now_s()
    if row.state != CardCaseState.OPEN.value:
        raise RefusedError(Refusal.WRONG_STATE, _DECIDED)
    values: dict[str, object] = {
        "state": CardCaseState.WAITING.value,
        "verdict": request.verdict.value,
        "asked_by": staff.name,
        "reason": request.reason,
    }
    alone = row.amount_minor <= store.shop.refund_alone_max_minor
    if alone:
        values |= {"state": request.verdict.value, "decided_by": staff.name, "decided_at": now_s}
    _change(connection, case_id, CardCaseState.OPEN, values)
    if alone:
        _carry_out(store, connection, staff, _find(connection, case_id), now_s)
    return _written(connection, staff, case_id, request.verdict.value if alone else "asked", now_s)


def _change(connection: Connection, case_id: UUID, seen: CardCaseState, values: dict[str, Any]) -> None:
    of_case = (card_cases.c.case_id == case_id, card_cases.c.state == seen.value)
    if connection.execute(card_cases.update().where(*of_case).values(values)).rowcount != 1:
        raise RefusedError(Refusal.WRONG_STATE, _DECIDED)


def _carry_out(store: Store, connection: Connection, staff: StaffMember, row: Row[Any], now_s: int) -> None:
    stored = None if row.order_id is None else order_rows.find(connection, row.order_id)
    booked = connection.execute(select(payments.c.payment_id).where(payments.c.payment_id == row.case_id)).first() is not None
    if row.verdict == CardVerdict.NOT_CHARGED.value and booked:
        raise RefusedError(Refusal.WRONG_STATE, _BOOKED)
    if row.verdict == CardVerdict.CHARGED.value and not booked:
        taken_minor = 0 if stored is None else _pay(store, connection, staff, row, stored, now_s)
        if taken_minor < row.amount_minor:
            rest = kept_charge_transfer(row.case_id, row.kiosk, row.amount_minor - taken_minor)
            ledger.post(connection, (rest,), order_id=row.order_id, at_s=now_s)
    if stored is not None:
        # Whatever is held still by the session of this charge is let go; a settled order is not.
        end_hold(store, connection, stored.order_id, row.session_id, who=staff.principal, now_s=now_s)


def _pay(  # noqa: PLR0917 - the whole case
    store: Store, connection: Connection, staff: StaffMember, row: Row[Any], stored: StoredOrder, now_s: int
) -> int:
    """Pay the order with the charge, as far as it takes it; return how much that was."""
    held = stored.order.tendering
    if held is not None and held.session_id != row.session_id:
        raise RefusedError(Refusal.BUSY_ELSEWHERE, _BEING_PAID.format(kiosk=held.kiosk))
    if stored.order.status not in {OrderStatus.SUBMITTED, OrderStatus.TENDERING}:
        return 0
    stored = _held_to_be_paid(store, connection, staff, row, stored, now_s)
    held = stored.order.tendering
    assert held is not None
    set_aside = wallets.held_for(connection, stored.order_id, held.session_id)
    amount_minor = min(int(row.amount_minor), rest_minor(stored, set_aside))
    if not amount_minor:
        return 0
    coupons.commit(connection, stored.order_id, _coupons_of(stored), now_s)
    add_payment(
        connection,
        {
            "payment_id": row.case_id,
            "order_id": stored.order_id,
            "revision": stored.order.revision,
            "tender": TenderKind.CARD.value,
            "covered_minor": amount_minor,
            "captured_minor": amount_minor,
            "kiosk": row.kiosk,
            "session_id": held.session_id,
            "reference": "found on the terminal's list",
            "paid_at": now_s,
        },
    )
    stored = take_step(connection, stored, PartPaid(row.case_id, amount_minor), who=staff.principal, now_s=now_s)
    if cash_rounded(rest_minor(stored, set_aside), store.shop.cash_rounding_minor):
        end_hold(store, connection, stored.order_id, held.session_id, who=staff.principal, now_s=now_s)
    else:
        facts = Settling(uuid5(row.case_id, "settlement"), held.session_id, set_aside)
        settle_order(store, connection, Device(row.kiosk, DeviceRole.KIOSK), stored, facts)
    return amount_minor


def _held_to_be_paid(  # noqa: PLR0917 - the whole case
    store: Store, connection: Connection, staff: StaffMember, row: Row[Any], stored: StoredOrder, now_s: int
) -> StoredOrder:
    """Return the order held, with its coupons; if another order has one of them by now, priced without, and the rest is due."""
    held = stored.order.tendering
    if held is None:
        return _taken_hold_of(connection, staff, row, stored, now_s)
    expires_at = now_s + store.shop.hold_validity_s
    if coupons.renew(connection, stored.order_id, _coupons_of(stored), now_s=now_s, expires_at=expires_at):
        return stored
    stored = end_hold(store, connection, stored.order_id, held.session_id, who=staff.principal, now_s=now_s)
    return _taken_hold_of(connection, staff, row, stored, now_s)


def _coupons_of(stored: StoredOrder) -> set[str]:
    return {one.coupon_id for one in stored.terms.coupons}


def _taken_hold_of(connection: Connection, staff: StaffMember, row: Row[Any], stored: StoredOrder, now_s: int) -> StoredOrder:
    """Hold an order that its kiosk lost meanwhile, for as long as it takes to pay it."""
    session_id = uuid5(row.case_id, "session")
    session = {"session_id": session_id, "order_id": stored.order_id, "kiosk": row.kiosk, "begun_at": now_s, "ended_at": None}
    if not insert_once(connection, tender_sessions, session):
        raise RefusedError(Refusal.KEY_REUSED)
    begun = TenderingBegun(Tendering(session_id, row.kiosk, now_s))
    return take_step(connection, stored, begun, who=staff.principal, now_s=now_s)


def _find(connection: Connection, case_id: UUID) -> Row[Any]:
    row = connection.execute(select(card_cases).where(card_cases.c.case_id == case_id)).one_or_none()
    if row is None:
        raise RefusedError(Refusal.UNKNOWN_ORDER, _UNKNOWN)
    return row


def _written(connection: Connection, staff: StaffMember, case_id: UUID, what: str, now_s: int) -> CardCase:
    row = _find(connection, case_id)
    details = {
        "amount_minor": row.amount_minor,
        "order": None if row.order_id is None else str(row.order_id),
        "reason": row.reason,
    }
    audited(connection, who=staff.principal, action=f"card-case/{what}", subject=str(case_id), at_s=now_s, details=details)
    return _answer(connection, row)


def _answer(connection: Connection, row: Row[Any]) -> CardCase:
    serial = connection.execute(select(orders.c.serial).where(orders.c.order_id == row.order_id)).scalar_one_or_none()
    number = None if serial is None else OrderNumber(serial).digits
    facts = row._asdict() | {"order_number": number}
    return CardCase.model_validate(facts)
