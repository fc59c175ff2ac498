"""Enrolled devices: each has a role and a token of its own, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import re
import secrets

from sqlalchemy import Connection, select

from program.errors import ProgramError
from store_server.contract.messages import DeviceRole
from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import devices
from store_server.services.principals import Device
from store_server.services.store import Store

TOKEN_BYTES = 32
DEVICES_MAX = 10_000
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
        values = {"role": role.value, "token_hash": token_hash(token), "enrolled_at": store.now_s()}
        if known is None:
            connection.execute(devices.insert().values(name=name, **values))
        else:
            connection.execute(devices.update().where(devices.c.name == name).values(**values))

    store.database.write(work)
    return token


def token_hash(token: str) -> str:
    """Hash a random token of 256 bits; it needs no slow hash, because it cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_device(connection: Connection, token: str) -> Device | None:
    """Return the device that holds this token."""
    row = connection.execute(select(devices).where(devices.c.token_hash == token_hash(token))).one_or_none()
    return None if row is None else Device(name=row.name, role=DeviceRole(row.role))
