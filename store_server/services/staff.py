"""Staff: passwords (argon2id), a lock after wrong ones, sessions by random tokens."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, select

from program.errors import ProgramError
from store_server.contract.messages import StaffLogin, StaffSession
from store_server.contract.refusals import Refusal
from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import staff, staff_sessions
from store_server.services.devices import TOKEN_BYTES, find_device, token_hash
from store_server.services.principals import Principal, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store

FAILURES_MAX = 5
LOCK_S = 300
SESSION_S = 12 * 3600
PASSWORD_MIN = 8
NAME_MAX = 60

_WRONG = "Name or password is wrong."
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(TOKEN_BYTES))
"""Verified for unknown names, so that an answer takes the same time whoever is asked for."""
_one_at_a_time = threading.Lock()
"""A hash takes 64 MiB; nobody may fill the memory or try passwords side by side."""


def add_staff(store: Store, name: str, password: str) -> None:
    """Add a member of staff, or give them a new password, which ends their sessions.

    Raises:
        ProgramError: the name or the password cannot be.
    """
    if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
        raise ProgramError(f"A name has 1 to {NAME_MAX} printable characters.")
    if not PASSWORD_MIN <= len(password) <= 200:  # noqa: PLR2004 - StaffLogin's limit
        raise ProgramError(f"A password has {PASSWORD_MIN} to 200 characters.")
    values = {"password_hash": _hasher.hash(password), "failures": 0, "locked_until": 0, "added_at": store.now_s()}

    def work(connection: Connection) -> None:
        done = connection.execute(staff.update().where(staff.c.name == name).values(**values))
        if done.rowcount == 0:
            connection.execute(staff.insert().values(name=name, **values))
        crash_point("password.after_row")
        connection.execute(staff_sessions.delete().where(staff_sessions.c.staff == name))

    store.database.write(work)


def login(store: Store, request: StaffLogin) -> StaffSession:
    """Open a session.

    Raises:
        RefusedError: wrong name or password, or too many wrong ones before.
    """
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
        if not right:
            store.database.write(lambda connection: _count_failure(store, connection, request.name))
            raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        store.database.write(lambda connection: _open_session(store, connection, request.name, token))
    return StaffSession(token=token, name=request.name)


def logout(store: Store, token: str) -> None:
    """End a session."""
    ended = staff_sessions.delete().where(staff_sessions.c.token_hash == token_hash(token))
    store.database.write(lambda connection: connection.execute(ended))


def find_principal(store: Store, token: str) -> Principal | None:
    """Return who holds a token: a device, or staff with a session that is still open."""

    def work(connection: Connection) -> Principal | None:
        device = find_device(connection, token)
        if device is not None:
            return device
        name = connection.execute(
            select(staff_sessions.c.staff).where(
                staff_sessions.c.token_hash == token_hash(token), staff_sessions.c.expires_at > store.now_s()
            )
        ).scalar_one_or_none()
        return None if name is None else StaffMember(name)

    return store.database.read(work)


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


def _open_session(store: Store, connection: Connection, name: str, token: str) -> None:
    now_s = store.now_s()
    crash_point("login.begun")
    connection.execute(staff.update().where(staff.c.name == name).values(failures=0, locked_until=0))
    connection.execute(staff_sessions.delete().where(staff_sessions.c.expires_at <= now_s))
    row = {"token_hash": token_hash(token), "staff": name, "begun_at": now_s, "expires_at": now_s + SESSION_S}
    connection.execute(staff_sessions.insert().values(**row))
