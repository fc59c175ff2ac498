"""Members' points: earned when an order is paid, taken back with what is refunded; each fact counts once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, func, select

from store_server.domain.pricing_terms import points_for
from store_server.persistence.crash_points import crash_point
from store_server.persistence.member_tables import members, points_journal
from store_server.persistence.once import insert_once
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tender_tables import refunds
from store_server.services.store import Store


def count_points(store: Store, connection: Connection, stored: StoredOrder, source: str, now_s: int) -> None:
    """Bring the points of an order to what was paid and not refunded for it.

    Args:
        store: the open store.
        connection: of the transaction that pays or refunds.
        stored: the order after that.
        source: the fact that changes the points, such as ``refund/<id>``.
        now_s: the time.
    """
    if stored.member_id is None:
        return
    wanted = points_for(
        max(0, stored.order.paid_minor - refunded_minor(connection, stored.order_id)), store.shop.points_unit_minor
    )
    so_far = connection.execute(
        select(func.coalesce(func.sum(points_journal.c.points), 0)).where(points_journal.c.order_id == stored.order_id)
    ).scalar_one()
    change = wanted - int(so_far)
    if change == 0:
        return
    row = {"source": source, "member_id": stored.member_id, "order_id": stored.order_id, "points": change, "at": now_s}
    posted = insert_once(connection, points_journal, row)
    assert posted, f"points of {source} were counted before"
    done = connection.execute(
        members.update()
        .where(members.c.member_id == stored.member_id, members.c.points + change >= 0)
        .values(points=members.c.points + change)
    )
    assert done.rowcount == 1, "more points are taken back than were earned"
    crash_point("points.counted")


def refunded_minor(connection: Connection, order_id: UUID) -> int:
    """Sum what was given back of an order."""
    given = select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(
        refunds.c.order_id == order_id, refunds.c.state.in_(("done", "paid_out"))
    )
    return int(connection.execute(given).scalar_one())
