"""A kiosk's times of service: what the ledger says came in meanwhile, against what was counted.

What a kiosk reports between a close and the next opening (it was offline, or went on without a session) belongs to the next
time of service. So each begins where the lists of all former ones end, and their sum is always what the ledger has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from store_server.contract.cash_messages import CloseKiosk, KioskSession, OpenKiosk
from store_server.contract.refusals import Refusal
from store_server.persistence import ledger
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once
from store_server.persistence.tender_tables import kiosk_sessions
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.store import Store

_SUMS = TypeAdapter(dict[str, int])


def open_session(store: Store, kiosk: Device, request: OpenKiosk) -> KioskSession:
    """Write down that a kiosk goes into service; the same request again changes nothing.

    Raises:
        RefusedError: it is in service already, or the id belongs to another kiosk.
    """

    def work(connection: Connection) -> KioskSession:
        now_s = store.now_s()
        row = {
            "kiosk_session_id": request.kiosk_session_id,
            "kiosk": kiosk.name,
            "opened_at": now_s,
            "closed_at": None,
            "opening": _written(_listed(connection, kiosk)),
            "expected": "{}",
            "differences": "{}",
        }
        if insert_once(connection, kiosk_sessions, row):
            crash_point("kiosk.opened")
            subject = str(request.kiosk_session_id)
            audited(connection, who=kiosk.principal, action="kiosk/opened", subject=subject, at_s=now_s)
        return _find(connection, kiosk, request)

    return store.database.write(work)


def close_session(store: Store, kiosk: Device, request: CloseKiosk) -> KioskSession:
    """Write down that a kiosk goes out of service, and what was counted; the same request again changes nothing.

    Raises:
        RefusedError: this kiosk has no such session.
    """

    def work(connection: Connection) -> KioskSession:
        now_s, found = store.now_s(), _find(connection, kiosk, request)
        if found.state == "closed":
            return found
        of_session = kiosk_sessions.c.kiosk_session_id == request.kiosk_session_id
        opening = _read(connection.execute(select(kiosk_sessions.c.opening).where(of_session)).scalar_one())
        now = _in_devices(connection, kiosk)
        expected = {device: now.get(device, 0) - opening.get(device, 0) for device in sorted({*now, *opening})}
        differences = {
            device: request.counted.get(device, 0) - expected.get(device, 0) for device in sorted({*expected, *request.counted})
        }
        values = {
            "closed_at": now_s,
            "expected": _written(expected),
            "differences": _written({device: amount for device, amount in differences.items() if amount}),
        }
        done = connection.execute(
            kiosk_sessions.update().where(of_session, kiosk_sessions.c.closed_at.is_(None)).values(values)
        )
        if done.rowcount == 1:
            crash_point("kiosk.closed")
            subject = str(request.kiosk_session_id)
            audited(connection, who=kiosk.principal, action="kiosk/closed", subject=subject, at_s=now_s)
        return _find(connection, kiosk, request)

    return store.database.write(work)


def _find(connection: Connection, kiosk: Device, request: OpenKiosk | CloseKiosk) -> KioskSession:
    known = select(kiosk_sessions).where(kiosk_sessions.c.kiosk_session_id == request.kiosk_session_id)
    row = connection.execute(known).one_or_none()
    if row is None:
        raise RefusedError(Refusal.WRONG_STATE, "This kiosk has another session open, or none of that id. Close it first.")
    if row.kiosk != kiosk.name:
        raise RefusedError(Refusal.KEY_REUSED)
    return KioskSession(
        kiosk_session_id=row.kiosk_session_id,
        kiosk=row.kiosk,
        state="open" if row.closed_at is None else "closed",
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        expected=_read(row.expected),
        differences=_read(row.differences),
    )


def _listed(connection: Connection, kiosk: Device) -> dict[str, int]:
    """Return what the lists of former sessions add up to; a close that is under way is waited for."""
    former = select(kiosk_sessions.c.expected).where(kiosk_sessions.c.kiosk == kiosk.name).with_for_update()
    sums: Counter[str] = Counter()
    for text in connection.execute(former).scalars():
        sums.update(_read(text))
    return dict(sums)


def _in_devices(connection: Connection, kiosk: Device) -> dict[str, int]:
    prefix = f"cash/{kiosk.name}/"
    found = ledger.balances(connection)
    return {account.removeprefix(prefix): balance for account, balance in found.items() if account.startswith(prefix)}


def _written(sums: Mapping[str, int]) -> str:
    return _SUMS.dump_json(dict(sums)).decode()


def _read(text: str) -> dict[str, int]:
    return _SUMS.validate_json(text)
