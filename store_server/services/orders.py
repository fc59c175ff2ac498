"""Orders: handed in, looked at, expired. The server prices everything itself."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from store_server.contract import order_messages
from store_server.contract.device_messages import DeviceRole
from store_server.contract.member_messages import MemberAccount
from store_server.contract.money import cash_rounded
from store_server.contract.order_messages import SubmitOrder
from store_server.contract.order_number import SERIAL_LIMIT
from store_server.contract.order_pass import CLOCK_TOLERANCE_S
from store_server.contract.order_status import OrderStatus
from store_server.contract.pricing import PricedBasket
from store_server.contract.refusals import Refusal
from store_server.domain.order import Expired, Order, Submitted, Voided, advance, can
from store_server.domain.pricing_terms import AS_GUEST, PricingTerms
from store_server.persistence import order_rows
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import next_number
from store_server.persistence.order_rows import StoredOrder
from store_server.services.answered import answer_request, forget_old
from store_server.services.members import account, member_of
from store_server.services.order_pricing import priced, refuse_withheld
from store_server.services.order_steps import get_order, take_step, void_unpaid
from store_server.services.passes import order_answer
from store_server.services.points import refunded_minor
from store_server.services.price_books import HeldBook
from store_server.services.principals import Device, Principal, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.replacing import answer_for_unknown, void_replaced
from store_server.services.store import Store

RECENT_MAX = 50
OVERPAID_S = 24 * 3600
OVERPAID_MAX = 200
EXPIRED_AT_ONCE_MAX = 100


def submit(store: Store, handheld: Device, request: SubmitOrder) -> order_messages.Order:
    """Take in a basket and price it by the price book that it was begun with.

    Raises:
        RefusedError: an unknown article, a claim that no label can make, a price book that is too old, a reused id, or an order
            to be replaced that is paid or being paid.
    """
    return answer_request(
        store,
        handheld,
        request,
        request_id=f"submit:{request.order_id}",
        answer=order_messages.Order,
        act=lambda connection: _submit_in_place(store, connection, handheld, request),
    )


def get(store: Store, principal: Principal, order_id: UUID) -> order_messages.Order:
    """Return an order's present state; a handheld sees only its own."""

    def work(connection: Connection) -> order_messages.Order:
        stored = get_order(connection, order_id)
        is_handheld = isinstance(principal, Device) and principal.role is DeviceRole.HANDHELD
        if is_handheld and stored.handheld != principal.name:
            raise RefusedError(Refusal.UNKNOWN_ORDER)
        return _told(store, connection, stored)

    return store.database.read(work)


def recent(store: Store) -> list[order_messages.Order]:
    """Return the orders handed in last, newest first."""
    return store.database.read(
        lambda connection: [_told(store, connection, stored) for stored in order_rows.newest(connection, RECENT_MAX)]
    )


def overpaid(store: Store) -> list[order_messages.Order]:
    """Return the orders of the last day that left with less than was paid for, as long as the difference has not gone back."""
    since_s = store.now_s() - OVERPAID_S

    def work(connection: Connection) -> list[order_messages.Order]:
        told = [_told(store, connection, stored) for stored in order_rows.overpaid_since(connection, since_s, OVERPAID_MAX)]
        return [order for order in told if order.overpaid_minor]

    return store.database.read(work)


def void(store: Store, staff: StaffMember, order_id: UUID, reason: str = "") -> order_messages.Order:
    """Give an unpaid order up; the reason is kept. One that was given up already stays so, as it was.

    Raises:
        RefusedError: unknown, or anything was paid for it already.
    """

    def work(connection: Connection) -> order_messages.Order:
        stored = get_order(connection, order_id)
        if stored.order.status is OrderStatus.VOIDED:  # whose answer got lost asks again
            return order_answer(store, stored)
        if not can(stored.order, Voided) or stored.order.paid_minor:
            raise RefusedError(Refusal.WRONG_STATE, "Only an order that nobody has begun to pay can be voided.")
        voided = void_unpaid(connection, stored, reason, who=staff.principal, now_s=store.now_s(), by=staff.name)
        return order_answer(store, voided)

    return store.database.write(work)


def expire_old(store: Store) -> int:
    """End orders whose claim nobody can pay with any more, and drop answers of long ago; return how many orders ended."""
    now_s = store.now_s()
    before_s = now_s - store.shop.claim_validity_s - CLOCK_TOLERANCE_S

    def work(connection: Connection) -> int:
        old = order_rows.unpaid_since(connection, before_s, EXPIRED_AT_ONCE_MAX)
        for stored in old:
            take_step(connection, stored, Expired(), who="server", now_s=now_s)
            crash_point("expire.each")
        forget_old(connection, now_s)
        crash_point("expire.forgotten")
        return len(old)

    return store.database.write(work)


def _submit_in_place(store: Store, connection: Connection, handheld: Device, request: SubmitOrder) -> order_messages.Order:
    """Take an order in and, in the same transaction, void what it replaces."""
    if not request.replaces:
        return order_answer(store, _submit(store, connection, handheld, request))
    now_s = store.now_s()
    unknown = void_replaced(connection, handheld, request, now_s)
    given = order_answer(store, _submit(store, connection, handheld, request))
    answer_for_unknown(connection, handheld, request, unknown, given=given, now_s=now_s)
    return given


def _submit(store: Store, connection: Connection, handheld: Device, request: SubmitOrder) -> StoredOrder:
    now_s = store.now_s()
    grace_s = store.shop.price_book_grace_s
    books = store.books.valid(connection, request.price_book_version, now_s=now_s, grace_s=grace_s)
    if books is None:
        raise RefusedError(Refusal.STALE_PRICE_BOOK)
    held, newest = books
    if newest is not held:
        refuse_withheld(newest.find, request.lines)
    member = None if request.member_token is None else _member(store, connection, request.member_token)
    terms = (
        AS_GUEST if member is None or store.shop.discounts_from_balance_only else PricingTerms(member=True, tier=member.tier)
    )
    basket = _priced(store, held, request, terms, now_s)
    crash_point("submit.priced")
    order, _transfers = advance(Order(), Submitted(basket.total_minor))
    stored = StoredOrder(
        order_id=request.order_id,
        serial=next_number(connection, "order") % SERIAL_LIMIT,
        handheld=handheld.name,
        price_book_version=held.version,
        currency=held.book.currency,
        order=order,
        basket=basket,
        submitted_at=now_s,
        priced_at=now_s,
        terms=terms,
        member_id=None if member is None else member.member_id,
    )
    crash_point("submit.numbered")
    inserted = order_rows.insert(connection, stored, event=Submitted.__name__, who=handheld.principal, at_s=now_s)
    if inserted is None:
        raise RefusedError(Refusal.KEY_REUSED)
    return inserted


def _told(store: Store, connection: Connection, stored: StoredOrder) -> order_messages.Order:
    given_back = refunded_minor(connection, stored.order_id) if stored.order.overpaid_minor else 0
    return order_answer(store, stored, refunded_minor=given_back)


def _member(store: Store, connection: Connection, token: str) -> MemberAccount:
    return account(store, connection, member_of(store, connection, token))


def _priced(store: Store, held: HeldBook, request: SubmitOrder, terms: PricingTerms, now_s: int) -> PricedBasket:
    basket = priced(store, held, request.lines, terms, at_s=now_s)
    if cash_rounded(basket.total_minor, store.shop.cash_rounding_minor) == 0:
        raise RefusedError(Refusal.EMPTY_ORDER, "There is nothing to pay in this order. Please ask the staff.")
    return basket
