"""Staff: passwords (argon2id), a lock after wrong ones, sessions by random tokens."""

from __future__ import annotations

import secrets
import threading
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, select

from program.errors import ProgramError
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import ChangePassword, StaffLogin, StaffRole, StaffSession, StaffView
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import staff, staff_sessions
from store_server.services.devices import TOKEN_BYTES, find_device, token_hash
from store_server.services.guess_limits import Guess, asker
from store_server.services.nobody import nobodys_hash
from store_server.services.principals import Device, Principal, StaffMember
from store_server.services.refused import NotThereError, RefusedError
from store_server.services.store import Store

FAILURES_MAX = 5
LOCK_S = 300
SESSION_S = 12 * 3600
PASSWORD_MIN = 8
NAME_MAX = 60

_WRONG = "Name or password is wrong."
_hasher = PasswordHasher()
_NOBODY = nobodys_hash(_hasher)
"""Verified for unknown names, so that an answer takes the same time whoever is asked for."""
_one_at_a_time = threading.Lock()
"""A hash takes 64 MiB; nobody may fill the memory or try passwords side by side."""


def add_staff(store: Store, name: str, password: str, role: StaffRole | None = None) -> None:
    """Add a member of staff, or give them a new password, which ends their sessions and lets them in again.

    Without a role, new staff are attendants and others keep theirs.

    Raises:
        ProgramError: the name or the password cannot be.
    """
    if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
        raise ProgramError(f"A name has 1 to {NAME_MAX} printable characters.")
    if not PASSWORD_MIN <= len(password) <= 200:  # noqa: PLR2004 - StaffLogin's limit
        raise ProgramError(f"A password has {PASSWORD_MIN} to 200 characters.")
    values = {"password_hash": _hasher.hash(password), "failures": 0, "locked_until": 0, "added_at": store.now_s()}
    values |= {"left_at": None} | ({} if role is None else {"role": role.value})

    def work(connection: Connection) -> None:
        done = connection.execute(staff.update().where(staff.c.name == name).values(**values))
        if done.rowcount == 0:
            connection.execute(staff.insert().values(name=name, **values))
        crash_point("password.after_row")
        _end_sessions(connection, name)
        told = {"new": done.rowcount == 0, "role": None if role is None else role.value}
        audited(connection, who="server", action="staff/added", subject=name, at_s=store.now_s(), details=told)

    store.database.write(work)


def change_password(store: Store, member: StaffMember, request: ChangePassword) -> None:
    """Give oneself a new password; all sessions of this member end.

    Raises:
        RefusedError: the old password is wrong.
    """
    login(store, StaffLogin(name=member.name, password=request.old))
    hashed = _hasher.hash(request.new)

    def work(connection: Connection) -> None:
        connection.execute(staff.update().where(staff.c.name == member.name).values(password_hash=hashed))
        _end_sessions(connection, member.name)
        audited(connection, who=member.principal, action="staff/password", subject=member.name, at_s=store.now_s())

    store.database.write(work)


def send_away(store: Store, name: str, who: str) -> StaffView:
    """Let a member of staff log in no more, and end their sessions; a new password lets them in again.

    Raises:
        RefusedError: there is nobody of that name.
    """

    def work(connection: Connection) -> StaffView:
        here, now_s = staff.c.name == name, store.now_s()
        done = connection.execute(staff.update().where(here, staff.c.left_at.is_(None)).values(left_at=now_s))
        row = connection.execute(select(staff).where(here)).one_or_none()
        if row is None:
            raise NotThereError(Refusal.BAD_REQUEST, f"There is no member of staff called {name}.")
        _end_sessions(connection, name)
        if done.rowcount:
            audited(connection, who=who, action="staff/sent-away", subject=name, at_s=now_s)
        return _view(row)

    return store.database.write(work)


def members(store: Store) -> list[StaffView]:
    """Return everybody who is or was staff, by name."""
    return store.database.read(
        lambda connection: [_view(row) for row in connection.execute(select(staff).order_by(staff.c.name))]
    )


def _view(row: Row[Any]) -> StaffView:
    return StaffView(name=row.name, role=StaffRole(row.role), locked_until=row.locked_until, left_at=row.left_at)


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(staff_sessions.delete().where(staff_sessions.c.staff == name))


def login(store: Store, request: StaffLogin, address: str = "") -> StaffSession:
    """Open a session.

    Args:
        store: the open store.
        request: who, and the password.
        address: where from; wrong ones are limited per address. Empty for none.

    Raises:
        RefusedError: wrong name or password, or too many wrong ones before.
    """
    if not address:
        return _login(store, request)
    with store.guesses.guessing(Guess.STAFF_LOGIN, asker(address), store.clock(), wrong=frozenset({Refusal.UNAUTHENTICATED})):
        return _login(store, request)


def _login(store: Store, request: StaffLogin) -> StaffSession:
    with _one_at_a_time:
        known = store.database.read(
            lambda connection: connection.execute(select(staff).where(staff.c.name == request.name)).one_or_none()
        )
        right = _is_right(_NOBODY if known is None else known.password_hash, request.password)
        if known is None:
            raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
        if known.locked_until > store.now_s():
            minutes = -(-(known.locked_until - store.now_s()) // 60)
            raise RefusedError(Refusal.UNAUTHENTICATED, f"Too many wrong passwords. Try again in {minutes} min.")
        if not right or known.left_at is not None:
            store.database.write(lambda connection: _count_failure(store, connection, request.name))
            raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        store.database.write(lambda connection: _open_session(store, connection, request.name, token))
    return StaffSession(token=token, name=request.name, role=StaffRole(known.role))


def logout(store: Store, token: str) -> None:
    """End a session."""
    ended = staff_sessions.delete().where(staff_sessions.c.token_hash == token_hash(token))
    store.database.write(lambda connection: connection.execute(ended))


def recent_principal(store: Store, token: str) -> Principal | None:
    """Return the device that held this token a moment ago, without a look into the books."""
    return store.recent_devices.find(token_hash(token), store.clock())


def find_principal(store: Store, token: str) -> Principal | None:
    """Return who holds a token: a device, or staff with a session that is still open."""
    begun, now = store.recent_devices.begin(), store.clock()

    def work(connection: Connection) -> Principal | None:
        device = find_device(connection, token)
        if device is not None:
            return device
        row = connection.execute(
            select(staff.c.name, staff.c.role)
            .join(staff_sessions, staff_sessions.c.staff == staff.c.name)
            .where(
                staff_sessions.c.token_hash == token_hash(token),
                staff_sessions.c.expires_at > store.now_s(),
                staff.c.left_at.is_(None),
            )
        ).one_or_none()
        return None if row is None else StaffMember(row.name, StaffRole(row.role))

    found = store.database.read(work)
    if isinstance(found, Device):
        store.recent_devices.keep(token_hash(token), found, now, begun)
    return found


def _is_right(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(store: Store, connection: Connection, name: str) -> None:
    raised = connection.execute(
        staff.update().where(staff.c.name == name).values(failures=staff.c.failures + 1).returning(staff.c.failures)
    ).scalar_one()
    if raised >= FAILURES_MAX:
        locked = {"failures": 0, "locked_until": store.now_s() + LOCK_S}
        connection.execute(staff.update().where(staff.c.name == name).values(**locked))
        audited(connection, who="server", action="staff/locked", subject=name, at_s=store.now_s())


def _open_session(store: Store, connection: Connection, name: str, token: str) -> None:
    now_s = store.now_s()
    crash_point("login.begun")
    connection.execute(staff.update().where(staff.c.name == name).values(failures=0, locked_until=0))
    connection.execute(staff_sessions.delete().where(staff_sessions.c.expires_at <= now_s))
    row = {"token_hash": token_hash(token), "staff": name, "begun_at": now_s, "expires_at": now_s + SESSION_S}
    connection.execute(staff_sessions.insert().values(**row))
    audited(connection, who=f"staff/{name}", action="staff/logged-in", subject=name, at_s=now_s)
