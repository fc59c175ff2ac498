"""Everything besides cash that pays an order at a kiosk: members, coupons, balances, card terminals.

Coupons and members come first, because they change what the order costs; then balances and cards; cash is last, because only
cash is rounded. Balances and coupons are only set aside here. A card's money is taken already, so it stays with the order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from store_server.contract.cash_messages import Settlement
from store_server.contract.money import cash_rounded
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import (
    EnterCoupon,
    HoldBalance,
    IdentifyMember,
    RecordCard,
    SettleOrder,
    Tendering,
    TenderKind,
)
from store_server.contract.wire import Request
from store_server.domain.order import PartPaid
from store_server.domain.payment import HeldBalance
from store_server.domain.pricing_terms import PricingTerms
from store_server.domain.tendering_check import refuse_settling
from store_server.persistence import audit
from store_server.persistence.crash_points import crash_point
from store_server.persistence.order_rows import StoredOrder
from store_server.services import coupons, wallets
from store_server.services.answered import answer_request
from store_server.services.members import account, member_of
from store_server.services.order_pricing import reprice
from store_server.services.order_steps import get_order, take_step
from store_server.services.passes import order_answer
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.session_orders import held_by_session
from store_server.services.settling import Settling, add_payment, rest_minor, settle_order
from store_server.services.store import Store

_HOLDS_FIRST = "Show coupons and member cards before paying from a balance. Cancel, and begin again."
_TOO_MUCH = "That is more than is still to be paid."

Work = Callable[[Connection, StoredOrder], StoredOrder]


def show(store: Store, kiosk: Device, session_id: UUID) -> Tendering:
    """Return how far the payment of the order is that a session holds.

    Raises:
        RefusedError: the session holds none.
    """
    return store.database.read(
        lambda connection: _answer(store, connection, session_id, held_by_session(connection, kiosk, session_id))
    )


def identify(store: Store, kiosk: Device, session_id: UUID, request: IdentifyMember) -> Tendering:
    """Let a member pay an order: points are theirs, and their prices, unless those need paying from the balance.

    Raises:
        RefusedError: the session holds no order, the member is not logged in, or something is paid already.
    """

    def work(connection: Connection, stored: StoredOrder) -> StoredOrder:
        _refuse_after_holds(connection, stored)
        prices = not store.shop.discounts_from_balance_only
        return _with_member(store, connection, kiosk, stored, request.member_token, prices=prices)

    return _do(store, kiosk, session_id, f"identify:{request.request_id}", request, work)


def enter_coupon(store: Store, kiosk: Device, session_id: UUID, request: EnterCoupon) -> Tendering:
    """Reserve a coupon for the order, and price the order with it.

    Raises:
        RefusedError: the coupon cannot be used (the answer does not tell why), or takes nothing off this order.
    """

    def work(connection: Connection, stored: StoredOrder) -> StoredOrder:
        _refuse_after_holds(connection, stored)
        now_s = store.now_s()
        expires_at = now_s + store.shop.hold_validity_s
        coupon = coupons.reserve(connection, request.code, stored.order_id, now_s=now_s, expires_at=expires_at)
        terms = stored.terms.model_copy(update={"coupons": (*stored.terms.coupons, coupon)})
        lowered = reprice(store, connection, stored, terms, who=kiosk.principal, now_s=now_s)
        used = {coupon_id for one in lowered.basket.discounts for coupon_id in one.coupon_ids}
        if used != {one.coupon_id for one in terms.coupons}:
            raise RefusedError(Refusal.COUPON_UNUSED)
        return lowered

    return _do(store, kiosk, session_id, f"coupon:{request.entry_id}", request, work)


def hold_balance(store: Store, kiosk: Device, session_id: UUID, request: HoldBalance) -> Tendering:
    """Set money of a member's balance aside for the order; without an amount, all that is still to be paid.

    Raises:
        RefusedError: there is not enough on the balance, or less is to be paid.
    """

    def work(connection: Connection, stored: StoredOrder) -> StoredOrder:
        token, now_s = request.member_token, store.now_s()
        whole = request.amount_minor is None
        unpaid = not stored.order.paid_minor and stored.paid_at is None and not wallets.held_for(connection, stored.order_id)
        if whole and unpaid and stored.order.entry is None and stored.member_id in {None, member_of(store, connection, token)}:
            stored = _with_member(store, connection, kiosk, stored, token, prices=True)
        rest = rest_minor(stored, wallets.held_for(connection, stored.order_id))
        amount = rest if request.amount_minor is None else request.amount_minor
        if not 0 < amount <= rest:
            raise RefusedError(Refusal.AMOUNT_MISMATCH, _TOO_MUCH)
        held = HeldBalance(request.hold_id, member_of(store, connection, token), amount)
        expires_at = now_s + store.shop.hold_validity_s
        wallets.hold(connection, held, order_id=stored.order_id, session_id=session_id, now_s=now_s, expires_at=expires_at)
        return stored

    return _do(store, kiosk, session_id, f"hold:{request.hold_id}", request, work)


def record_card(store: Store, kiosk: Device, session_id: UUID, request: RecordCard) -> Tendering:
    """Write down what a card terminal took; coupons are used up with it.

    The terminal has the money already, so a refusal leaves it with no order: that is in the audit log before it is answered.

    Raises:
        RefusedError: it is more than is still to be paid, or the id was used before.
    """

    def work(connection: Connection, stored: StoredOrder) -> StoredOrder:
        now_s = store.now_s()
        if request.amount_minor > rest_minor(stored, wallets.held_for(connection, stored.order_id)):
            raise RefusedError(Refusal.AMOUNT_MISMATCH, _TOO_MUCH)
        coupons.commit(connection, stored.order_id, {one.coupon_id for one in stored.terms.coupons}, now_s)
        add_payment(
            connection,
            {
                "payment_id": request.payment_id,
                "order_id": stored.order_id,
                "revision": stored.order.revision,
                "tender": TenderKind.CARD.value,
                "covered_minor": request.amount_minor,
                "captured_minor": request.amount_minor,
                "kiosk": kiosk.name,
                "session_id": session_id,
                "reference": request.reference,
                "paid_at": now_s,
            },
        )
        crash_point("card.after_row")
        event = PartPaid(request.payment_id, request.amount_minor)
        return take_step(connection, stored, event, who=kiosk.principal, now_s=now_s)

    try:
        return _do(store, kiosk, session_id, f"card:{request.payment_id}", request, work)
    except RefusedError as error:
        refusal = error.refusal
        store.database.write(lambda connection: _tell_refused_card(store, connection, kiosk, session_id, request, refusal))
        raise


def _tell_refused_card(  # noqa: PLR0917 - all that staff looks for
    store: Store, connection: Connection, kiosk: Device, session_id: UUID, request: RecordCard, refusal: Refusal
) -> None:
    """Write down, once for each reason, what staff has to compare with the terminal's own list."""
    subject = str(request.payment_id)
    told: dict[str, audit.Detail] = {
        "amount_minor": request.amount_minor,
        "reference": request.reference,
        "refusal": refusal.value,
        "session": str(session_id),
    }
    if all(entry.details != told for entry in audit.entries(connection, subject=subject, action="card/refused")):
        audit.audited(connection, who=kiosk.principal, action="card/refused", subject=subject, at_s=store.now_s(), details=told)


def settle(store: Store, kiosk: Device, request: SettleOrder) -> Settlement:
    """Settle an order for which no cash is needed.

    Raises:
        RefusedError: the session does not hold the order (any more), or there is a rest to pay in cash.
    """

    def act(connection: Connection) -> Settlement:
        stored = get_order(connection, request.order_id)
        held = stored.order.tendering
        holds = held is not None and held.session_id == request.session_id and held.kiosk == kiosk.name
        refusal = refuse_settling(stored.order, holds=holds, revision=request.revision)
        set_aside = wallets.held_for(connection, stored.order_id, request.session_id)
        if refusal is None:
            rest = rest_minor(stored, set_aside)
            refusal = Refusal.AMOUNT_MISMATCH if cash_rounded(rest, store.shop.cash_rounding_minor) else None
        if refusal is not None:
            raise RefusedError(refusal)
        return settle_order(store, connection, kiosk, stored, Settling(request.payment_id, request.session_id, set_aside))

    return answer_request(store, kiosk, request, request_id=f"settle:{request.payment_id}", answer=Settlement, act=act)


def _do(store: Store, kiosk: Device, session_id: UUID, request_id: str, request: Request, act: Work) -> Tendering:  # noqa: PLR0917 - one place for what all tenders share
    def once(connection: Connection) -> Tendering:
        stored = held_by_session(connection, kiosk, session_id)
        return _answer(store, connection, session_id, act(connection, stored))

    return answer_request(store, kiosk, request, request_id=f"{request_id}:{session_id}", answer=Tendering, act=once)


def _answer(store: Store, connection: Connection, session_id: UUID, stored: StoredOrder) -> Tendering:
    rest = rest_minor(stored, wallets.held_for(connection, stored.order_id, session_id))
    return Tendering(
        session_id=session_id,
        order=order_answer(store, stored),
        held_minor=stored.order.due_minor - rest,
        rest_minor=rest,
        cash_due_minor=cash_rounded(rest, store.shop.cash_rounding_minor),
    )


def _refuse_after_holds(connection: Connection, stored: StoredOrder) -> None:
    if wallets.held_for(connection, stored.order_id):
        raise RefusedError(Refusal.WRONG_STATE, _HOLDS_FIRST)


def _with_member(
    store: Store, connection: Connection, kiosk: Device, stored: StoredOrder, token: str, *, prices: bool
) -> StoredOrder:
    who = account(store, connection, member_of(store, connection, token))
    terms = PricingTerms(member=prices, tier=who.tier if prices else None, coupons=stored.terms.coupons)
    if stored.member_id == who.member_id and terms == stored.terms:
        return stored
    owned = replace(stored, member_id=who.member_id)
    return reprice(store, connection, owned, terms, who=kiosk.principal, now_s=store.now_s())
