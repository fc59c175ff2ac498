"""Members' balances: every change is one conditional UPDATE, so a balance is never below zero and nothing is spent twice."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from store_server.contract.refusals import Refusal
from store_server.domain.payment import HeldBalance
from store_server.persistence.crash_points import crash_point
from store_server.persistence.member_tables import wallet_holds, wallets
from store_server.persistence.once import insert_once
from store_server.services.refused import RefusedError

# Statements are built once: building one costs more than running it.
_HELD = (
    select(wallet_holds)
    .where(wallet_holds.c.order_id == bindparam("the_order"), wallet_holds.c.state == "held")
    .order_by(wallet_holds.c.hold_id)
)
_HELD_BY_SESSION = _HELD.where(wallet_holds.c.session_id == bindparam("the_session"))


def hold(connection: Connection, held: HeldBalance, *, order_id: UUID, session_id: UUID, now_s: int, expires_at: int) -> None:
    """Set money aside for an order.

    Raises:
        RefusedError: there is not enough, or the id was used before.
    """
    amount = held.amount_minor
    assert amount > 0
    done = connection.execute(
        wallets.update()
        .where(wallets.c.member_id == held.member_id, wallets.c.available_minor >= amount)
        .values(available_minor=wallets.c.available_minor - amount, held_minor=wallets.c.held_minor + amount)
    )
    if done.rowcount != 1:
        raise RefusedError(Refusal.BALANCE_TOO_LOW)
    crash_point("wallet.set_aside")
    row = {
        "hold_id": held.hold_id,
        "member_id": held.member_id,
        "order_id": order_id,
        "session_id": session_id,
        "amount_minor": amount,
        "state": "held",
        "held_at": now_s,
        "expires_at": expires_at,
    }
    if not insert_once(connection, wallet_holds, row):
        raise RefusedError(Refusal.KEY_REUSED)
    crash_point("wallet.held")


def held_for(connection: Connection, order_id: UUID, session_id: UUID | None = None) -> tuple[HeldBalance, ...]:
    """Return what is set aside for an order, by one of its sessions or by any."""
    found = _HELD if session_id is None else _HELD_BY_SESSION
    rows = connection.execute(found, {"the_order": order_id, "the_session": session_id})
    return tuple(HeldBalance(row.hold_id, row.member_id, row.amount_minor) for row in rows)


def capture(connection: Connection, held: Iterable[HeldBalance]) -> None:
    """Take money that was set aside; the caller posts it.

    Raises:
        RefusedError: one of them was released in the meantime.
    """
    for one in held:
        if not _end(connection, one, "captured"):
            raise RefusedError(Refusal.AMOUNT_MISMATCH)
        done = connection.execute(
            wallets.update()
            .where(wallets.c.member_id == one.member_id, wallets.c.held_minor >= one.amount_minor)
            .values(held_minor=wallets.c.held_minor - one.amount_minor)
        )
        assert done.rowcount == 1, "a hold is larger than what its wallet holds"
        crash_point("wallet.captured")


def give_back(connection: Connection, held: HeldBalance, *, expired_at: int | None = None) -> bool:
    """Make money that was set aside available again; return False when the hold is over already, or not over yet."""
    if not _end(connection, held, "released", expired_at=expired_at):
        return False
    done = connection.execute(
        wallets.update()
        .where(wallets.c.member_id == held.member_id, wallets.c.held_minor >= held.amount_minor)
        .values(
            held_minor=wallets.c.held_minor - held.amount_minor,
            available_minor=wallets.c.available_minor + held.amount_minor,
        )
    )
    assert done.rowcount == 1, "a hold is larger than what its wallet holds"
    crash_point("wallet.given_back")
    return True


def credit(connection: Connection, member_id: UUID, amount_minor: int, *, max_minor: int) -> int:
    """Put money on a balance; return what is available then.

    Raises:
        RefusedError: the balance would be larger than one may be.
    """
    assert amount_minor > 0
    whole = wallets.c.available_minor + wallets.c.held_minor
    available = connection.execute(
        wallets.update()
        .where(wallets.c.member_id == member_id, whole + amount_minor <= max_minor)
        .values(available_minor=wallets.c.available_minor + amount_minor)
        .returning(wallets.c.available_minor)
    ).scalar_one_or_none()
    if available is None:
        raise RefusedError(Refusal.BALANCE_TOO_LOW, "The balance would be larger than one may be. Put less on it.")
    crash_point("wallet.credited")
    return int(available)


def expired(connection: Connection, now_s: int, limit: int) -> list[HeldBalance]:
    """Return holds whose time is over."""
    found = select(wallet_holds).where(wallet_holds.c.state == "held", wallet_holds.c.expires_at < now_s).limit(limit)
    return [HeldBalance(row.hold_id, row.member_id, row.amount_minor) for row in connection.execute(found)]


def _end(connection: Connection, held: HeldBalance, state: str, *, expired_at: int | None = None) -> bool:
    ending = wallet_holds.update().where(wallet_holds.c.hold_id == held.hold_id, wallet_holds.c.state == "held")
    if expired_at is not None:
        ending = ending.where(wallet_holds.c.expires_at < expired_at)
    done = connection.execute(ending.values(state=state))
    assert done.rowcount in {0, 1}
    return done.rowcount == 1
