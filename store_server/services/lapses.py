"""What time ends: balances and coupons that are set aside too long, orders that nobody pays. Run now and then."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store_server.contract.order_status import OrderStatus
from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import orders
from store_server.services import coupons, wallets
from store_server.services.orders import expire_old
from store_server.services.store import Store
from store_server.services.tendering import end_hold

AT_ONCE_MAX = 100


def lapse(store: Store) -> int:
    """Free what was set aside too long, take orders from kiosks that fell silent, end old orders; return how many ended."""
    store.database.write(lambda connection: _free(connection, store.now_s()))
    store.database.write(lambda connection: _end_silent_sessions(store, connection))
    store.guesses.forget_old(store.clock())
    return expire_old(store)


def _free(connection: Connection, now_s: int) -> None:
    for held in wallets.expired(connection, now_s, AT_ONCE_MAX):
        wallets.give_back(connection, held, expired_at=now_s)
        crash_point("lapse.hold")
    coupons.release_expired(connection, now_s)
    crash_point("lapse.coupons")


def _end_silent_sessions(store: Store, connection: Connection) -> None:
    """A kiosk that is away for longer than a claim lives has lost the order; what it took it will report and return."""
    now_s = store.now_s()
    silent = (
        select(orders.c.order_id, orders.c.session_id)
        .where(
            orders.c.status == OrderStatus.TENDERING.value,
            orders.c.tendering_since < now_s - store.shop.claim_validity_s - store.shop.tendering_lease_s,
        )
        .limit(AT_ONCE_MAX)
    )
    for row in connection.execute(silent).all():
        end_hold(store, connection, row.order_id, row.session_id, who="server", now_s=now_s)
        crash_point("lapse.session")
