"""An order is paid: balances are captured, coupons used up, the rest is cash; one fact, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from store_server.contract.cash_messages import Settlement
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import TenderKind
from store_server.domain.order import Settled
from store_server.domain.payment import HeldBalance
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once, next_number
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import settlements
from store_server.persistence.tender_tables import payments
from store_server.services import coupons, wallets
from store_server.services.order_steps import take_step
from store_server.services.passes import order_answer
from store_server.services.points import count_points
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from store_server.services.tendering import close_session

_FROM_BALANCE_ONLY = "Member prices are for orders that are paid from the balance alone. Pay all of it so, or without them."


@dataclass(frozen=True, slots=True)
class Settling:
    """What a kiosk settles an order with."""

    payment_id: UUID
    session_id: UUID
    held: tuple[HeldBalance, ...]
    """Balances that this session set aside."""
    cash_due_minor: int = 0
    taken_minor: int = 0


def rest_minor(stored: StoredOrder, held: tuple[HeldBalance, ...]) -> int:
    """Return what balances do not cover."""
    return stored.order.due_minor - sum(one.amount_minor for one in held)


def settle_order(store: Store, connection: Connection, kiosk: Device, stored: StoredOrder, facts: Settling) -> Settlement:
    """Write down that an order is paid; the caller has judged the amounts and credited the cash.

    Raises:
        RefusedError: the payment's id was used before, or something that was set aside is not any more.
    """
    now_s = store.now_s()
    held = facts.held
    rest = rest_minor(stored, held)
    assert rest >= 0, "more is set aside than is due"
    _refuse_prices_of_others(store, connection, stored, rest)
    coupons.commit(connection, stored.order_id, {one.coupon_id for one in stored.terms.coupons}, now_s)
    receipt_number = f"{store.shop.id:04d}-{next_number(connection, 'receipt'):07d}"
    row = {
        "order_id": stored.order_id,
        "revision": stored.order.revision,
        "payment_id": facts.payment_id,
        "session_id": facts.session_id,
        "receipt_number": receipt_number,
        "due_minor": stored.order.due_minor,
        "cash_due_minor": facts.cash_due_minor,
        "taken_minor": facts.taken_minor,
        "paid_at": now_s,
    }
    if not insert_once(connection, settlements, row):
        raise RefusedError(_why_not_again(connection, stored))
    crash_point("settle.after_row")
    wallets.capture(connection, held)
    for tender in _tenders(kiosk, stored, facts, held):
        add_payment(connection, tender | {"paid_at": now_s})
    crash_point("settle.after_payments")
    paid = Settled(facts.payment_id, facts.cash_due_minor, held)
    stored = take_step(connection, stored, paid, who=kiosk.principal, now_s=now_s)
    crash_point("settle.stepped")
    count_points(store, connection, stored, f"settlement/{facts.payment_id}", now_s)
    close_session(connection, facts.session_id, now_s)
    crash_point("settle.session_closed")
    answer = order_answer(store, stored)
    return Settlement(payment_id=facts.payment_id, receipt_number=receipt_number, paid_at=now_s, order=answer)


def _why_not_again(connection: Connection, stored: StoredOrder) -> Refusal:
    """Tell an order that somebody paid at the same moment from an id that was used before."""
    same = (settlements.c.order_id == stored.order_id, settlements.c.revision == stored.order.revision)
    paid = connection.execute(select(settlements.c.payment_id).where(*same)).first() is not None
    return Refusal.ALREADY_PAID if paid else Refusal.KEY_REUSED


def add_payment(connection: Connection, row: dict[str, object]) -> None:
    """Write down one tender of an order.

    Raises:
        RefusedError: its id was used before.
    """
    if not insert_once(connection, payments, {"refund_reserved_minor": 0, "member_id": None, "reference": "", **row}):
        raise RefusedError(Refusal.KEY_REUSED)


def _tenders(kiosk: Device, stored: StoredOrder, facts: Settling, held: tuple[HeldBalance, ...]) -> list[dict[str, object]]:
    common: dict[str, object] = {
        "order_id": stored.order_id,
        "revision": stored.order.revision,
        "kiosk": kiosk.name,
        "session_id": facts.session_id,
    }
    found: list[dict[str, object]] = [
        common
        | {
            "payment_id": one.hold_id,
            "tender": TenderKind.BALANCE.value,
            "covered_minor": one.amount_minor,
            "captured_minor": one.amount_minor,
            "member_id": one.member_id,
        }
        for one in held
    ]
    rest = rest_minor(stored, held)
    if rest or facts.cash_due_minor:
        cash = {"covered_minor": rest, "captured_minor": facts.cash_due_minor}
        found.append(common | {"payment_id": facts.payment_id, "tender": TenderKind.CASH.value, **cash})
    return found


def _refuse_prices_of_others(store: Store, connection: Connection, stored: StoredOrder, rest: int) -> None:
    if not (store.shop.discounts_from_balance_only and stored.terms.member):
        return
    other = select(payments.c.payment_id).where(
        payments.c.order_id == stored.order_id,
        payments.c.tender != TenderKind.BALANCE.value,
        payments.c.revision == stored.order.revision,
    )
    if rest or connection.execute(other).first() is not None:
        raise RefusedError(Refusal.AMOUNT_MISMATCH, _FROM_BALANCE_ONLY)
