"""Enrolled devices: each has a role and a token of its own, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from sqlalchemy import Connection, Row, select

from program.errors import ProgramError
from store_server.contract.device_messages import DeviceRole, DeviceView
from store_server.contract.refusals import Refusal
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import devices
from store_server.services.principals import Device
from store_server.services.refused import NotThereError
from store_server.services.store import Store

TOKEN_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def enrol(store: Store, name: str, role: DeviceRole) -> str:
    """Enrol a device, or give it a new token in place of its old one; return the token, which is shown this once.

    Raises:
        ProgramError: the name cannot be, or a device of that name has another role.
    """
    if not _NAME.fullmatch(name):
        raise ProgramError(f"{name!r} is no device name: small letters, digits and dashes, at most 40, such as kiosk-1.")
    token = secrets.token_urlsafe(TOKEN_BYTES)

    def work(connection: Connection) -> None:
        crash_point("enrol.begun")
        known = connection.execute(select(devices.c.role).where(devices.c.name == name)).scalar_one_or_none()
        if known is not None and known != role.value:
            raise ProgramError(f"{name} is enrolled as a {known} already. Choose another name for the {role.value}.")
        put_device(connection, name, role, token_hash(token), who="server", at_s=store.now_s())

    store.database.write(work)
    store.recent_devices.forget()
    return token


def put_device(connection: Connection, name: str, role: DeviceRole, hashed: str, *, who: str, at_s: int) -> None:
    """Let a device in with a credential that hashes to ``hashed``; the one it had before stops working."""
    values = {"role": role.value, "token_hash": hashed, "enrolled_at": at_s, "revoked_at": None}
    if connection.execute(devices.update().where(devices.c.name == name).values(**values)).rowcount == 0:
        connection.execute(devices.insert().values(name=name, **values))
    audited(connection, who=who, action="device/enrolled", subject=name, at_s=at_s, details={"role": role.value})


def revoke(store: Store, name: str, who: str) -> DeviceView:
    """Shut a device out; enrolling it anew lets it in again.

    This process refuses it at once, others within a second (see ``recent_devices``).

    Raises:
        NotThereError: there is no such device.
    """

    def work(connection: Connection) -> DeviceView:
        now_s = store.now_s()
        here = devices.c.name == name
        done = connection.execute(devices.update().where(here, devices.c.revoked_at.is_(None)).values(revoked_at=now_s))
        row = connection.execute(select(devices).where(here)).one_or_none()
        if row is None:
            raise NotThereError(Refusal.BAD_REQUEST, f"There is no device called {name}.")
        if done.rowcount:
            audited(connection, who=who, action="device/revoked", subject=name, at_s=now_s)
        return _view(row)

    view = store.database.write(work)
    store.recent_devices.forget()
    return view


def views(store: Store) -> list[DeviceView]:
    """Return every device that was ever enrolled, by name."""
    return store.database.read(
        lambda connection: [_view(row) for row in connection.execute(select(devices).order_by(devices.c.name))]
    )


def _view(row: Row[Any]) -> DeviceView:
    return DeviceView(name=row.name, role=DeviceRole(row.role), enrolled_at=row.enrolled_at, revoked_at=row.revoked_at)


def token_hash(token: str) -> str:
    """Hash a random token of 256 bits; it needs no slow hash, because it cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_device(connection: Connection, token: str) -> Device | None:
    """Return the device that holds this token."""
    row = connection.execute(
        select(devices).where(devices.c.token_hash == token_hash(token), devices.c.revoked_at.is_(None))
    ).one_or_none()
    return None if row is None else Device(name=row.name, role=DeviceRole(row.role))
