"""What a person asks when something is wrong: one line per thing that must be well, and what to do where it is not."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from program.data_dir import FREE_MIN_BYTES
from program.errors import ProgramError, reason
from store_server.contract.order_pass import CLOCK_TOLERANCE_S
from store_server.persistence.access_tables import enrolments
from store_server.persistence.audit import entries
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.persistence.schema import newest_revision, revision_of
from store_server.persistence.tables import (
    cash_events,
    cash_reports,
    devices,
    orders,
    price_books,
    staff,
    tender_sessions,
)
from store_server.services import books_check, restore_note
from store_server.services.shop_ca import days_left
from store_server.services.store import Store, open_store
from store_server.settings import ServerSettings

RENEW_DAYS = 30
OLD_SESSION_S = 3600
_OTHERS_MAY = 0o077
_CLOCK_FROM_S = 1_700_000_000
"""No server of ours ran before; an earlier clock is wrong."""


class Health(Enum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's."""

    health: Health
    what: str
    told: str


def examine(settings: ServerSettings, now_s: int) -> Iterator[Finding]:
    """Look at everything; the settings were read already."""
    yield Finding(Health.OK, "settings", "every key is known and in range")
    yield _disk(settings)
    yield _clock(now_s)
    yield from _tls(settings, now_s)
    yield from _keys(settings)
    yield Finding(Health.OK, "sqlite library", sqlite3.sqlite_version)
    try:
        store = open_store(settings, lambda: now_s)
    except ProgramError as error:
        yield Finding(Health.BAD, "books", str(error))
        return
    try:
        yield from _books(store)
    finally:
        store.database.close()


def _disk(settings: ServerSettings) -> Finding:
    try:
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        return Finding(Health.BAD, "disk", f"{settings.data_dir} cannot be used: {reason(error)}. Run 'store-server init'.")
    told = f"{free // 2**20} MiB free"
    if free < FREE_MIN_BYTES:
        return Finding(Health.BAD, "disk", f"{told}; at least {FREE_MIN_BYTES // 2**20} MiB are needed. Make room.")
    return Finding(Health.WARN if free < 10 * FREE_MIN_BYTES else Health.OK, "disk", told)


def _clock(now_s: int) -> Finding:
    if now_s < _CLOCK_FROM_S:
        return Finding(Health.BAD, "clock", "this machine's clock is years behind. Set it; passes depend on it.")
    return Finding(Health.OK, "clock", "plausible")


def _tls(settings: ServerSettings, now_s: int) -> Iterator[Finding]:
    certificate, key = settings.server.tls_certificate, settings.server.tls_key
    if certificate is None or key is None:
        is_local = settings.server.host in {"127.0.0.1", "::1", "localhost"}
        yield Finding(
            Health.OK if is_local else Health.WARN,
            "tls",
            "off" if is_local else "off: tokens and orders go over the network in clear. Run 'store-server make-ca'.",
        )
        return
    try:
        left = days_left(certificate, now_s)
    except (OSError, ValueError) as error:
        yield Finding(Health.BAD, "tls", f"{certificate} cannot be read: {reason(error)}. Run 'store-server make-ca'.")
        return
    health = Health.BAD if left < 0 else Health.WARN if left < RENEW_DAYS else Health.OK
    yield Finding(
        health, "tls", f"the certificate is good for {left} days{'' if health is Health.OK else '; run make-ca again'}"
    )
    yield _private(key)


def _keys(settings: ServerSettings) -> Iterator[Finding]:
    for path in sorted((settings.data_dir / "keys").glob("*.key")):
        yield _private(path)


def _private(path: Path) -> Finding:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return Finding(Health.BAD, path.name, f"cannot be read: {reason(error)}")
    if mode & _OTHERS_MAY:
        return Finding(Health.BAD, path.name, f"can be read by others. Run: chmod 600 {path}")
    return Finding(Health.OK, path.name, "for the server alone")


def _books(store: Store) -> Iterator[Finding]:
    yield Finding(Health.OK, "books", f"revision {revision_of(store.database)}, as needed ({newest_revision()})")
    if told := restore_note.told(store):
        yield Finding(Health.WARN, "copy", told)
    looks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("clock and books", lambda: _clock_and_books(store)),
        ("facts, money, audit log", lambda: _agreement(store)),
        ("open money", lambda: _open_money(store)),
        ("waiting payments", lambda: _old_sessions(store)),
        ("range", lambda: _range(store)),
        ("people and devices", lambda: _people(store)),
        ("enrolments", lambda: _enrolments(store)),
    )
    for what, look in looks:
        try:
            yield look()
        except (DatabaseBusyError, DatabaseFullError, SQLAlchemyError) as error:
            yield Finding(Health.BAD, what, f"cannot be read: {error}")


def _clock_and_books(store: Store) -> Finding:
    newest = store.database.read(lambda connection: entries(connection, limit=1))
    behind_s = newest[0].at - store.now_s() if newest else 0
    if behind_s > CLOCK_TOLERANCE_S:
        told = f"this machine's clock is {behind_s} s behind the newest entry of the audit log. Set it; passes depend on it."
        return Finding(Health.BAD, "clock and books", told)
    return Finding(Health.OK, "clock and books", "no entry is later than this machine's clock")


def _agreement(store: Store) -> Finding:
    found = books_check.findings(store)
    if found:
        return Finding(Health.BAD, "facts, money, audit log", f"{' '.join(found)} Run 'store-server verify'.")
    return Finding(Health.OK, "facts, money, audit log", f"agree; the log ends at {books_check.audit_head(store)}")


def _open_money(store: Store) -> Finding:
    unreported = (
        select(func.count(cash_events.c.session_id.distinct()), func.min(cash_events.c.recorded_at))
        .select_from(cash_events.outerjoin(cash_reports, cash_events.c.session_id == cash_reports.c.session_id))
        .where(cash_reports.c.session_id.is_(None))
    )
    number, since = store.database.read(lambda connection: connection.execute(unreported).one())
    owed = store.database.read(_owed)
    told = [f"{number} kiosk sessions took cash and have not told their end"] if number else []
    told += [f"{owed} minor units are owed to shoppers"] if owed else []
    is_old = bool(number) and store.now_s() - since > OLD_SESSION_S
    advice = " Is that kiosk running?" if is_old else ""
    return Finding(Health.WARN if is_old or owed else Health.OK, "open money", ("; ".join(told) or "none") + advice)


def _owed(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.sum(cash_reports.c.owed_minor), 0))).scalar_one())


def _old_sessions(store: Store) -> Finding:
    held = select(func.count(), func.min(tender_sessions.c.begun_at)).where(tender_sessions.c.ended_at.is_(None))
    number, since = store.database.read(lambda connection: connection.execute(held).one())
    is_old = bool(number) and store.now_s() - since > OLD_SESSION_S
    told = f"{number} kiosks hold an order" + (f", the oldest for {store.now_s() - since} s. Look at it." if is_old else "")
    return Finding(Health.WARN if is_old else Health.OK, "waiting payments", told)


def _range(store: Store) -> Finding:
    newest = select(func.max(price_books.c.version), func.count())
    version, number = store.database.read(lambda connection: connection.execute(newest).one())
    if number <= 1:
        return Finding(Health.WARN, "range", "nothing is for sale yet. Run 'store-server import-products FILE'.")
    waiting = store.database.read(lambda connection: connection.execute(select(func.count()).select_from(orders)).scalar_one())
    return Finding(Health.OK, "range", f"price book {version}; {waiting} orders so far")


def _people(store: Store) -> Finding:
    def count(connection: Connection) -> tuple[int, int, int]:
        active = connection.execute(
            select(func.count()).select_from(devices).where(devices.c.revoked_at.is_(None))
        ).scalar_one()
        everybody = select(func.count()).select_from(staff).where(staff.c.left_at.is_(None))
        members = connection.execute(everybody).scalar_one()
        locked = connection.execute(everybody.where(staff.c.locked_until > store.now_s())).scalar_one()
        return active, members, locked

    active, members, locked = store.database.read(count)
    told = f"{active} devices, {members} staff" + (f", {locked} of them locked after wrong passwords" if locked else "")
    return Finding(Health.WARN if locked or not members else Health.OK, "people and devices", told)


def _enrolments(store: Store) -> Finding:
    asked = select(func.count(), func.min(enrolments.c.made_at)).where(enrolments.c.status == "asked")
    number, since = store.database.read(lambda connection: connection.execute(asked).one())
    if not number:
        return Finding(Health.OK, "enrolments", "nobody waits")
    return Finding(Health.WARN, "enrolments", f"{number} devices wait for staff, the oldest for {store.now_s() - since} s")
