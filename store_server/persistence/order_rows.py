"""Orders between their rows and their values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Connection, Row, bindparam, func, select

from store_server.contract.order_messages import PricedLine, TaxShare
from store_server.contract.order_status import OrderStatus
from store_server.contract.pricing import PricedBasket
from store_server.contract.promotions import AppliedPromotion
from store_server.domain.order import LaneEntry, Order, Tendering
from store_server.domain.pricing_terms import AS_GUEST, PricingTerms
from store_server.persistence.audit import audited
from store_server.persistence.collected import add_row
from store_server.persistence.crash_points import crash_point
from store_server.persistence.failures import TransactionOvertakenError
from store_server.persistence.once import insert_once
from store_server.persistence.tables import order_events, orders
from store_server.persistence.transaction_kind import writes

_LINES = TypeAdapter(tuple[PricedLine, ...])
_TAXES = TypeAdapter(tuple[TaxShare, ...])

# Statements are built once: building one costs more than running it.
_FIND = select(orders).where(orders.c.order_id == bindparam("the_order"))
_FIND_LOCKED = _FIND.with_for_update()
"""PostgreSQL only: otherwise two kiosks decide on the same state, and the later one refuses for the wrong reason."""
_UPDATE = orders.update().where(orders.c.order_id == bindparam("the_order"), orders.c.changes == bindparam("seen"))


class _Pricing(BaseModel):
    """How an order came to its total; one column."""

    terms: PricingTerms = AS_GUEST
    discounts: tuple[AppliedPromotion, ...] = ()
    prices_include_tax: bool = True


class ConcurrentChangeError(TransactionOvertakenError):
    """Somebody else changed the order between reading and writing; nothing was changed, and the transaction runs again."""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """One order with everything that the books know of it."""

    order_id: UUID
    serial: int
    """What its order number is made of."""
    handheld: str
    """The device that handed it in."""
    price_book_version: int
    currency: str
    order: Order
    basket: PricedBasket
    submitted_at: int
    priced_at: int
    """When the newest revision was priced."""
    paid_at: int | None = None
    changes: int = 0
    """Number of changes so far; 0 for one that is not in the table yet."""
    terms: PricingTerms = AS_GUEST
    """Whose prices it has."""
    member_id: UUID | None = None
    """Whose points it earns."""
    priced_as_read: tuple[PricedBasket, PricingTerms] | None = None
    """Basket and terms that its row has; while an order keeps them, no step writes them again."""


def find(connection: Connection, order_id: UUID) -> StoredOrder | None:
    """Read one order; where the transaction writes, nobody else changes the order until it ends."""
    row = connection.execute(_FIND_LOCKED if writes(connection) else _FIND, {"the_order": order_id}).one_or_none()
    return None if row is None else _stored(row)


def find_by_serial(connection: Connection, serial: int) -> StoredOrder | None:
    """Read the newest order with this serial; numbers begin again after a million."""
    newest = select(orders).where(orders.c.serial == serial).order_by(orders.c.submitted_at.desc()).limit(1)
    row = connection.execute(newest.with_for_update() if writes(connection) else newest).one_or_none()
    return None if row is None else _stored(row)


def newest(connection: Connection, limit: int) -> list[StoredOrder]:
    """Read the orders handed in last, newest first."""
    rows = connection.execute(select(orders).order_by(orders.c.submitted_at.desc(), orders.c.serial.desc()).limit(limit))
    return [_stored(row) for row in rows]


def overpaid_since(connection: Connection, priced_after_s: int, limit: int) -> list[StoredOrder]:
    """Read orders that left with less goods than were paid, as staff found since ``priced_after_s``; the newest first."""
    found = (
        select(orders)
        .where(
            orders.c.status == OrderStatus.EXITED.value,
            orders.c.priced_at > priced_after_s,
            orders.c.paid_minor > orders.c.total_minor,
        )
        .order_by(orders.c.priced_at.desc())
        .limit(limit)
    )
    return [_stored(row) for row in connection.execute(found)]


def unpaid_since(connection: Connection, priced_before_s: int, limit: int) -> list[StoredOrder]:
    """Read submitted orders that nobody paid anything for since ``priced_before_s``."""
    old = (
        select(orders)
        .where(
            orders.c.status == OrderStatus.SUBMITTED.value,
            orders.c.priced_at < priced_before_s,
            orders.c.paid_minor == 0,
        )
        .limit(limit)
    )
    return [_stored(row) for row in connection.execute(old)]


def insert(connection: Connection, stored: StoredOrder, *, event: str, who: str, at_s: int) -> StoredOrder | None:
    """Write a new order and the first line of its history; None, and nothing is changed, when its id is taken."""
    first = {
        "order_id": stored.order_id,
        "serial": stored.serial,
        "handheld": stored.handheld,
        "price_book_version": stored.price_book_version,
        "currency": stored.currency,
        "submitted_at": stored.submitted_at,
        "changes": 1,
    }
    if not insert_once(connection, orders, {**first, **_state_columns(stored), **_priced_columns(stored)}):
        return None
    crash_point("order.inserted")
    return _with_history(connection, stored, changes=1, event=event, who=who, at_s=at_s)


def update(connection: Connection, changed: StoredOrder, *, event: str, who: str, at_s: int) -> StoredOrder:
    """Write a changed order over the one that it was read as, and the next line of its history.

    Raises:
        ConcurrentChangeError: the row is no longer the one that was read.
    """
    seen = {"the_order": changed.order_id, "seen": changed.changes}
    columns = _state_columns(changed)
    if changed.priced_as_read is None or changed.priced_as_read != (changed.basket, changed.terms):
        columns |= _priced_columns(changed)
    done = connection.execute(_UPDATE, {**seen, "changes": changed.changes + 1, **columns})
    if done.rowcount != 1:
        raise ConcurrentChangeError(f"order {changed.order_id} was changed by somebody else")
    crash_point("order.updated")
    return _with_history(connection, changed, changes=changed.changes + 1, event=event, who=who, at_s=at_s)


def count_by_status(connection: Connection) -> dict[str, int]:
    """Count orders in each state."""
    counted = select(orders.c.status, func.count()).group_by(orders.c.status)
    return {status: int(number) for status, number in connection.execute(counted)}


def _with_history(connection: Connection, stored: StoredOrder, *, changes: int, event: str, who: str, at_s: int) -> StoredOrder:
    add_row(
        connection,
        order_events,
        {
            "order_id": stored.order_id,
            "seq": changes,
            "at": at_s,
            "event": event,
            "who": who,
            "status": stored.order.status.value,
            "revision": stored.order.revision,
            "due_minor": stored.order.due_minor,
        },
    )
    crash_point("order.after_history")
    audited(
        connection,
        who=who,
        action=f"order/{event}",
        subject=str(stored.order_id),
        at_s=at_s,
        details={
            "seq": changes,
            "status": stored.order.status.value,
            "revision": stored.order.revision,
            "total_minor": stored.order.total_minor,
            "paid_minor": stored.order.paid_minor,
        },
    )
    return replace(stored, changes=changes, priced_as_read=(stored.basket, stored.terms))


def _state_columns(stored: StoredOrder) -> dict[str, Any]:
    order, tendering, entry = stored.order, stored.order.tendering, stored.order.entry
    return {
        "status": order.status.value,
        "revision": order.revision,
        "total_minor": order.total_minor,
        "paid_minor": order.paid_minor,
        "exited_at": order.exited_at,
        "session_id": tendering and tendering.session_id,
        "kiosk": tendering and tendering.kiosk,
        "tendering_since": tendering and tendering.since_s,
        "entry_id": entry and entry.entry_id,
        "lane": entry and entry.lane,
        "entered_at": entry and entry.since_s,
        "priced_at": stored.priced_at,
        "paid_at": stored.paid_at,
        "member_id": stored.member_id,
    }


def _priced_columns(stored: StoredOrder) -> dict[str, Any]:
    return {
        "lines": _LINES.dump_json(stored.basket.lines).decode(),
        "taxes": _TAXES.dump_json(stored.basket.taxes).decode(),
        "pricing": _Pricing(
            terms=stored.terms, discounts=stored.basket.discounts, prices_include_tax=stored.basket.prices_include_tax
        ).model_dump_json(exclude_defaults=True),
    }


def _stored(row: Row[Any]) -> StoredOrder:
    pricing = _Pricing.model_validate_json(row.pricing)
    basket = PricedBasket(
        lines=_LINES.validate_json(row.lines),
        taxes=_TAXES.validate_json(row.taxes),
        total_minor=row.total_minor,
        discounts=pricing.discounts,
        prices_include_tax=pricing.prices_include_tax,
    )
    return StoredOrder(
        order_id=row.order_id,
        serial=row.serial,
        handheld=row.handheld,
        price_book_version=row.price_book_version,
        currency=row.currency,
        order=_order(row),
        basket=basket,
        submitted_at=row.submitted_at,
        priced_at=row.priced_at,
        paid_at=row.paid_at,
        changes=row.changes,
        terms=pricing.terms,
        member_id=row.member_id,
        priced_as_read=(basket, pricing.terms),
    )


def _order(row: Row[Any]) -> Order:
    return Order(
        status=OrderStatus(row.status),
        revision=row.revision,
        total_minor=row.total_minor,
        paid_minor=row.paid_minor,
        tendering=None if row.session_id is None else Tendering(row.session_id, row.kiosk, row.tendering_since),
        entry=None if row.entry_id is None else LaneEntry(row.entry_id, row.lane, row.entered_at),
        exited_at=row.exited_at,
    )
