"""What a payment session set aside (balances, coupons) goes free when the session ends without payment."""

from __future__ import annotations

from sqlalchemy import Connection

from store_server.domain.order import Repriced, can
from store_server.persistence.order_rows import StoredOrder
from store_server.services import coupons, wallets
from store_server.services.order_pricing import reprice
from store_server.services.store import Store


def let_go(store: Store, connection: Connection, stored: StoredOrder, *, who: str, now_s: int) -> StoredOrder:
    """Free everything that is set aside for an order, and price it as it costs without."""
    for held in wallets.held_for(connection, stored.order_id):
        wallets.give_back(connection, held)
    coupons.release(connection, stored.order_id)
    # Who paid, be it with a coupon for everything, keeps the price that was paid.
    begun = bool(stored.order.paid_minor) or stored.paid_at is not None
    if begun or stored.order.entry is not None or not can(stored.order, Repriced):
        return stored
    member = stored.terms.member and not store.shop.discounts_from_balance_only
    terms = stored.terms.model_copy(update={"coupons": (), "member": member})
    if terms == stored.terms:
        return stored
    return reprice(store, connection, stored, terms, who=who, now_s=now_s)
