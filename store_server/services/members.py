"""Members: an opaque id that the books keep, and a person who can be forgotten.

Passwords are argon2id; unknown logins take the same time and hear the same sentence as wrong passwords. Nothing of the person
is ever written anywhere but into ``persons``: answers that are kept, the ledger and the audit log know the id only.
"""

from __future__ import annotations

import secrets
import threading
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, Select, select

from store_server.contract.member_messages import (
    DeleteMember,
    MemberAccount,
    MemberDeleted,
    MemberLogin,
    MemberSession,
    RegisterMember,
)
from store_server.contract.refusals import Refusal
from store_server.domain.pricing_terms import tier_of
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.member_tables import member_sessions, members, persons, wallets
from store_server.persistence.once import insert_once
from store_server.persistence.transaction_kind import writes
from store_server.services.devices import TOKEN_BYTES, token_hash
from store_server.services.nobody import nobodys_hash
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.store import Store

FAILURES_MAX = 5
LOCK_S = 300
SESSION_S = 12 * 3600

_WRONG = "Login or password is wrong."
_hasher = PasswordHasher()
_NOBODY = nobodys_hash(_hasher)
_one_at_a_time = threading.Lock()
"""A hash takes 64 MiB; nobody may fill the memory or try passwords side by side."""


def register(store: Store, device: Device, request: RegisterMember) -> MemberAccount:
    """Make a member; the same request again finds the one that it made.

    Raises:
        RefusedError: the login is taken, or the id belongs to somebody else.
    """
    login_name = _folded(request.login)
    with _one_at_a_time:
        password_hash = _hasher.hash(request.password)

    def work(connection: Connection) -> MemberAccount:
        now_s, member_id = store.now_s(), request.member_id
        if not insert_once(connection, members, {"member_id": member_id, "points": 0, "joined_at": now_s, "deleted_at": None}):
            return _registered_before(store, connection, request)
        person = {
            "member_id": member_id,
            "login": login_name,
            "password_hash": password_hash,
            "name": request.name,
            "failures": 0,
            "locked_until": 0,
        }
        if not insert_once(connection, persons, person):
            raise RefusedError(Refusal.LOGIN_TAKEN)
        connection.execute(wallets.insert().values(member_id=member_id, available_minor=0, held_minor=0))
        crash_point("member.registered")
        audited(connection, who=device.principal, action="member/registered", subject=str(member_id), at_s=now_s)
        return account(store, connection, member_id)

    return store.database.write(work)


def login(store: Store, request: MemberLogin) -> MemberSession:
    """Open a session.

    Raises:
        RefusedError: wrong login or password, or too many wrong ones before.
    """
    login_name = _folded(request.login)
    with _one_at_a_time:
        person = store.database.read(
            lambda connection: connection.execute(select(persons).where(persons.c.login == login_name)).one_or_none()
        )
        right = _is_right(_NOBODY if person is None else person.password_hash, request.password)
        if person is None or person.locked_until > store.now_s():
            raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
        if not right:
            store.database.write(lambda connection: _count_failure(store, connection, person.member_id))
            raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
    token = secrets.token_urlsafe(TOKEN_BYTES)

    def work(connection: Connection) -> MemberSession:
        now_s = store.now_s()
        done = connection.execute(
            persons.update().where(persons.c.member_id == person.member_id).values(failures=0, locked_until=0)
        )
        if done.rowcount != 1:
            raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
        connection.execute(member_sessions.delete().where(member_sessions.c.expires_at <= now_s))
        row = {
            "token_hash": token_hash(token),
            "member_id": person.member_id,
            "begun_at": now_s,
            "expires_at": now_s + SESSION_S,
        }
        connection.execute(member_sessions.insert().values(**row))
        return MemberSession(token=token, account=account(store, connection, person.member_id))

    return store.database.write(work)


def logout(store: Store, token: str) -> None:
    """End a session."""
    ended = member_sessions.delete().where(member_sessions.c.token_hash == token_hash(token))
    store.database.write(lambda connection: connection.execute(ended))


def show(store: Store, token: str) -> MemberAccount:
    """Return how the member stands who holds this token.

    Raises:
        RefusedError: the session is over.
    """
    return store.database.read(lambda connection: account(store, connection, member_of(store, connection, token)))


def delete(store: Store, device: Device, request: DeleteMember) -> MemberDeleted:
    """Forget the person; balance, points and every sum of the books stay under the opaque id.

    Raises:
        RefusedError: the session is over, the password is wrong, or there is money that nobody gave up.
    """
    person = store.database.read(lambda connection: _person(store, connection, request.member_token))
    with _one_at_a_time:
        if not _is_right(person.password_hash, request.password):
            store.database.write(lambda connection: _count_failure(store, connection, person.member_id))
            raise RefusedError(Refusal.FORBIDDEN, "The password is wrong; nothing was deleted.")

    def work(connection: Connection) -> MemberDeleted:
        now_s = store.now_s()
        member_id = member_of(store, connection, request.member_token, leaves=True)
        # First the person goes: who pays or tops up as this member right now is waited for, and whoever comes later is refused.
        connection.execute(member_sessions.delete().where(member_sessions.c.member_id == member_id))
        done = connection.execute(persons.delete().where(persons.c.member_id == member_id))
        if done.rowcount != 1:
            raise RefusedError(Refusal.NOT_A_MEMBER)
        wallet = connection.execute(select(wallets).where(wallets.c.member_id == member_id)).one()
        if wallet.held_minor:
            raise RefusedError(Refusal.WRONG_STATE, "An order is being paid with this balance. Try again when that is over.")
        if wallet.available_minor and not request.give_up_balance:
            raise RefusedError(Refusal.WRONG_STATE, "There is money on this balance. Spend it first, or give it up.")
        connection.execute(members.update().where(members.c.member_id == member_id).values(deleted_at=now_s))
        crash_point("member.deleted")
        audited(connection, who=device.principal, action="member/deleted", subject=str(member_id), at_s=now_s)
        return MemberDeleted(member_id=member_id, left_minor=wallet.available_minor)

    return store.database.write(work)


def member_of(store: Store, connection: Connection, token: str, *, leaves: bool = False) -> UUID:
    """Return the member who holds a token; where the transaction writes, they are not forgotten before it ends.

    ``leaves`` is for forgetting them: nobody else acts as this member then.

    Raises:
        RefusedError: nobody does, any more.
    """
    open_ones = member_sessions.c.expires_at > store.now_s()
    found = select(member_sessions.c.member_id).where(member_sessions.c.token_hash == token_hash(token), open_ones)
    member_id = connection.execute(found.with_for_update() if leaves else _kept(connection, found)).scalar_one_or_none()
    if member_id is None:
        raise RefusedError(Refusal.NOT_A_MEMBER)
    assert isinstance(member_id, UUID)
    return member_id


def account(store: Store, connection: Connection, member_id: UUID) -> MemberAccount:
    """Return how a member stands."""
    row = connection.execute(
        select(members.c.points, wallets.c.available_minor, wallets.c.held_minor)
        .select_from(members.join(wallets))
        .where(members.c.member_id == member_id)
    ).one()
    return MemberAccount(
        member_id=member_id,
        available_minor=row.available_minor,
        held_minor=row.held_minor,
        points=row.points,
        tier=tier_of(row.points, store.shop.tiers),
    )


def is_known(connection: Connection, member_id: UUID) -> bool:
    """Tell whether the person behind an id still is a member; where the transaction writes, they stay one until it ends."""
    found = select(persons.c.member_id).where(persons.c.member_id == member_id)
    return connection.execute(_kept(connection, found)).one_or_none() is not None


def _kept(connection: Connection, found: Select[Any]) -> Select[Any]:
    """Keep PostgreSQL from deleting the row that is read here until the transaction ends."""
    return found.with_for_update(read=True, key_share=True) if writes(connection) else found


def _registered_before(store: Store, connection: Connection, request: RegisterMember) -> MemberAccount:
    person = connection.execute(select(persons).where(persons.c.member_id == request.member_id)).one_or_none()
    same = person is not None and person.login == _folded(request.login) and person.name == request.name
    if person is None or not same or not _is_right(person.password_hash, request.password):
        raise RefusedError(Refusal.KEY_REUSED)
    return account(store, connection, request.member_id)


def _person(store: Store, connection: Connection, token: str) -> Row[Any]:
    member_id = member_of(store, connection, token)
    person = connection.execute(select(persons).where(persons.c.member_id == member_id)).one()
    if person.locked_until > store.now_s():
        raise RefusedError(Refusal.FORBIDDEN, "Too many wrong passwords. Try again later.")
    return person


def _is_right(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(store: Store, connection: Connection, member_id: UUID) -> None:
    raised = connection.execute(
        persons.update()
        .where(persons.c.member_id == member_id)
        .values(failures=persons.c.failures + 1)
        .returning(persons.c.failures)
    ).scalar_one_or_none()
    if raised is not None and raised >= FAILURES_MAX:
        locked = {"failures": 0, "locked_until": store.now_s() + LOCK_S}
        connection.execute(persons.update().where(persons.c.member_id == member_id).values(**locked))


def _folded(login_name: str) -> str:
    return login_name.strip().casefold()
