"""Coupons: issued with codes that nobody guesses, reserved for one order, committed when it is paid.

Whoever shows a code hears the same sentence whether it is unknown, used up, reserved elsewhere or out of its time.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, func, select

from store_server.contract.member_messages import CouponsIssued, IssueCoupons
from store_server.contract.promotions import Coupon
from store_server.contract.refusals import Refusal
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once
from store_server.persistence.tender_tables import coupon_batches, coupon_uses, coupons
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store

CODE_LENGTH = 20
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""32 signs without I, L, O and U: 5 random bits each, 100 in a code."""
_CONFUSED = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
_ATTEMPTS_MAX = 8


def issue(store: Store, staff: StaffMember, request: IssueCoupons) -> CouponsIssued:
    """Make a batch of coupons; their codes are told this once, the books keep only hashes.

    Raises:
        RefusedError: the batch exists, or the price book has no such promotion for coupons.
    """
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(request.count)]
    if request.valid_from >= request.valid_until:
        raise RefusedError(Refusal.BAD_REQUEST, "Coupons end after they begin: valid_until must be later than valid_from.")

    def work(connection: Connection) -> CouponsIssued:
        promotions = store.books.newest(connection).book.promotions
        if not any(one.promotion_id == request.promotion_id and one.by_coupon for one in promotions):
            raise RefusedError(Refusal.BAD_REQUEST, f"No promotion {request.promotion_id} waits for coupons.")
        now_s = store.now_s()
        batch = request.model_dump(exclude={"count"}) | {"issued_by": staff.name, "issued_at": now_s}
        if not insert_once(connection, coupon_batches, batch):
            raise RefusedError(Refusal.KEY_REUSED, "This batch was issued before; its codes cannot be shown again.")
        rows = [{"coupon_id": uuid4().hex, "batch_id": request.batch_id, "code_hash": code_hash(code)} for code in codes]
        connection.execute(coupons.insert(), rows)
        crash_point("coupon.issued")
        details: dict[str, str | int | bool | None] = {
            "promotion_id": request.promotion_id,
            "count": request.count,
            "uses_max": request.uses_max,
        }
        audited(
            connection,
            who=staff.principal,
            action="coupons/issued",
            subject=str(request.batch_id),
            at_s=now_s,
            details=details,
        )
        return CouponsIssued(batch_id=request.batch_id, codes=codes)

    return store.database.write(work)


def code_hash(text: str) -> str:
    """Hash a code as typed or scanned; 100 random bits need no slow hash."""
    return hashlib.sha256(text.upper().translate(_CONFUSED).encode("utf-8", "surrogatepass")).hexdigest()


def reserve(connection: Connection, code: str, order_id: UUID, *, now_s: int, expires_at: int) -> Coupon:
    """Reserve one use of a coupon for an order.

    Raises:
        RefusedError: it cannot be used; the answer does not tell why.
    """
    row = connection.execute(
        select(coupons.c.coupon_id, coupon_batches)
        .select_from(coupons.join(coupon_batches))
        .where(coupons.c.code_hash == code_hash(code))
    ).one_or_none()
    if row is None or not row.valid_from <= now_s < row.valid_until:
        raise RefusedError(Refusal.COUPON_REFUSED)
    if not _take_use(connection, row, order_id, now_s=now_s, expires_at=expires_at):
        raise RefusedError(Refusal.COUPON_REFUSED)
    crash_point("coupon.reserved")
    return Coupon(coupon_id=row.coupon_id, promotion_id=row.promotion_id, uses="single" if row.uses_max == 1 else "multi")


def renew(connection: Connection, order_id: UUID, coupon_ids: set[str], *, now_s: int, expires_at: int) -> bool:
    """Reserve an order's coupons again whose time is over; return False when another order has one of them by now."""
    own = (coupon_uses.c.order_id == order_id, coupon_uses.c.coupon_id.in_(coupon_ids))
    again = {"state": "reserved", "reserved_at": now_s, "expires_at": expires_at}
    connection.execute(coupon_uses.update().where(*own, coupon_uses.c.state == "released").values(again))
    held = select(func.count()).where(*own, coupon_uses.c.state != "released")
    return int(connection.execute(held).scalar_one()) == len(coupon_ids)


def commit(connection: Connection, order_id: UUID, coupon_ids: set[str], now_s: int) -> None:
    """Use up the coupons of an order, for good; one that was committed with an earlier payment stays so.

    Raises:
        RefusedError: one of them is not reserved for this order any more.
    """
    if not coupon_ids:
        return
    kept = select(coupon_uses.c.coupon_id).where(coupon_uses.c.order_id == order_id, coupon_uses.c.state == "committed")
    for coupon_id in sorted(coupon_ids - set(connection.execute(kept).scalars())):
        done = connection.execute(
            coupon_uses.update()
            .where(
                coupon_uses.c.coupon_id == coupon_id,
                coupon_uses.c.order_id == order_id,
                coupon_uses.c.state == "reserved",
            )
            .values(state="committed", committed_at=now_s)
        )
        if done.rowcount != 1:
            raise RefusedError(Refusal.COUPON_REFUSED, "A coupon of this order is not reserved any more. Show it again.")
        crash_point("coupon.committed")


def release(connection: Connection, order_id: UUID) -> int:
    """Free what is reserved for an order; return how many coupons that were."""
    freed = (
        coupon_uses.update()
        .where(coupon_uses.c.order_id == order_id, coupon_uses.c.state == "reserved")
        .values(state="released")
    )
    done = connection.execute(freed)
    crash_point("coupon.released")
    return done.rowcount


def release_expired(connection: Connection, now_s: int) -> int:
    """Free reservations whose time is over; return how many."""
    freed = (
        coupon_uses.update().where(coupon_uses.c.state == "reserved", coupon_uses.c.expires_at < now_s).values(state="released")
    )
    return connection.execute(freed).rowcount


def _take_use(connection: Connection, coupon: Row[Any], order_id: UUID, *, now_s: int, expires_at: int) -> bool:
    taken = {"order_id": order_id, "state": "reserved", "reserved_at": now_s, "expires_at": expires_at}
    of_coupon = coupon_uses.c.coupon_id == coupon.coupon_id
    # An order has one use of a coupon at most: its former one, where it is free again, and no other beside it.
    own = connection.execute(
        coupon_uses.update().where(of_coupon, coupon_uses.c.order_id == order_id, _is_free(now_s)).values(taken)
    )
    if own.rowcount == 1:
        return True
    if _is_taken(connection, coupon.coupon_id, order_id):
        return False
    for _attempt in range(_ATTEMPTS_MAX):
        number, free = _next_use(connection, coupon.coupon_id, now_s)
        if free is not None:
            done = connection.execute(
                coupon_uses.update().where(of_coupon, coupon_uses.c.use_number == free, _is_free(now_s)).values(taken)
            )
            if done.rowcount == 1:
                return True
        elif number > coupon.uses_max:
            return False
        elif insert_once(connection, coupon_uses, {"coupon_id": coupon.coupon_id, "use_number": number, **taken}):
            return True
    return False


def _next_use(connection: Connection, coupon_id: str, now_s: int) -> tuple[int, int | None]:
    of_coupon = coupon_uses.c.coupon_id == coupon_id
    number = connection.execute(select(func.coalesce(func.max(coupon_uses.c.use_number), 0)).where(of_coupon)).scalar_one() + 1
    free = connection.execute(select(func.min(coupon_uses.c.use_number)).where(of_coupon, _is_free(now_s))).scalar_one()
    return int(number), free


def _is_free(now_s: int) -> ColumnElement[bool]:
    return (coupon_uses.c.state == "released") | ((coupon_uses.c.state == "reserved") & (coupon_uses.c.expires_at < now_s))


def _is_taken(connection: Connection, coupon_id: str, order_id: UUID) -> bool:
    own = select(coupon_uses.c.state).where(coupon_uses.c.coupon_id == coupon_id, coupon_uses.c.order_id == order_id)
    return connection.execute(own).one_or_none() is not None
