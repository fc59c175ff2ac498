"""How a device comes in: staff makes a code, the device uses it, staff compares fingerprints and approves.

The device makes its own credential of 256 random bits and sends only its SHA-256. So the credential is in no answer that could
be lost or read, and staff compares the very thing that is let in: whoever used the code first with another credential shows
another fingerprint. A code has two letters that find it and seven (35 bits) that must be guessed; five wrong tries spend it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, select

from store_server.contract.device_messages import AskEnrolment, DeviceRole, Enrolment, EnrolmentCode, EnrolmentStatus
from store_server.contract.enrolment import ALPHABET, short_fingerprint
from store_server.contract.refusals import Refusal
from store_server.persistence.access_tables import enrolments
from store_server.persistence.audit import audited
from store_server.persistence.tables import devices
from store_server.services.devices import put_device
from store_server.services.guess_limits import Guess, asker
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store

CODE_LIFETIME_S = 600
TRIES_MAX = 5
OPEN_MAX = 20
SELECTOR_LENGTH = 2
SECRET_LENGTH = 7
SHOWN_S = 3600
"""How long a decided enrolment is still told to its device."""

_WRONG = "This code is wrong, too old or was used before. Ask the staff for a new one."


def make_code(store: Store, who: str) -> EnrolmentCode:
    """Make a code for one device.

    Raises:
        RefusedError: too many codes wait to be used.
    """
    selector, secret = _letters(SELECTOR_LENGTH), _letters(SECRET_LENGTH)
    enrolment_id, now_s = uuid4(), store.now_s()
    row = {
        "enrolment_id": enrolment_id,
        "status": "open",
        "selector": selector,
        "code_hash": _hashed(selector, secret),
        "tries": 0,
        "made_by": who,
        "made_at": now_s,
        "expires_at": now_s + CODE_LIFETIME_S,
    }

    def work(connection: Connection) -> None:
        fresh = select(enrolments.c.selector).where(enrolments.c.status == "open", enrolments.c.expires_at > now_s)
        taken = connection.execute(fresh).scalars().all()
        if len(taken) >= OPEN_MAX or selector in taken:
            raise RefusedError(Refusal.WRONG_STATE, "Too many codes wait to be used. Please try again.")
        connection.execute(enrolments.insert().values(**row))
        audited(connection, who=who, action="enrolment/code-made", subject=str(enrolment_id), at_s=now_s)

    store.database.write(work)
    code = selector + secret
    shown = "-".join(code[start : start + 3] for start in range(0, len(code), 3))
    return EnrolmentCode(enrolment_id=enrolment_id, code=shown, expires_at=now_s + CODE_LIFETIME_S)


def ask(store: Store, request: AskEnrolment, address: str) -> Enrolment:
    """Let a device use a code; it then waits for staff.

    Raises:
        RefusedError: the code is not (or no longer) good; the answer is the same for every reason.
    """
    code = "".join(letter for letter in request.code.upper() if letter in ALPHABET)
    selector, secret = code[:SELECTOR_LENGTH], code[SELECTOR_LENGTH:]
    with store.guesses.guessing(
        Guess.ENROLMENT_CODE, asker(address), store.clock(), wrong=frozenset({Refusal.UNAUTHENTICATED})
    ):
        found = store.database.write(lambda connection: _use(store, connection, selector, secret, request))
        if found is None:
            raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
    return found


def status(store: Store, enrolment_id: UUID) -> Enrolment:
    """Tell a device how its enrolment stands.

    Raises:
        RefusedError: there is none of that id, or it is long decided.
    """
    row = store.database.read(lambda connection: _find(connection, enrolment_id))
    if row is None or row.fingerprint is None or (row.decided_at or store.now_s()) < store.now_s() - SHOWN_S:
        raise RefusedError(Refusal.UNAUTHENTICATED, _WRONG)
    return _answer(row)


def waiting(store: Store) -> list[Enrolment]:
    """Return the devices that wait for staff."""
    asked = select(enrolments).where(enrolments.c.status == "asked", enrolments.c.made_at > store.now_s() - SHOWN_S)
    return store.database.read(
        lambda connection: [_answer(row) for row in connection.execute(asked.order_by(enrolments.c.made_at))]
    )


def approve(store: Store, staff: StaffMember, enrolment_id: UUID, fingerprint: str) -> Enrolment:
    """Let a device in, after staff compared the fingerprint on its screen.

    Raises:
        RefusedError: it does not wait any more, the fingerprint is another one, or the name is taken by another role.
    """

    def work(connection: Connection) -> Enrolment:
        row = _waiting(connection, enrolment_id)
        typed = "".join(letter for letter in fingerprint.upper() if letter in ALPHABET)
        if typed != short_fingerprint(row.fingerprint).replace("-", ""):
            raise RefusedError(Refusal.FORGED, "The fingerprint is another one. Refuse this device and begin again.")
        known = connection.execute(select(devices.c.role).where(devices.c.name == row.name)).scalar_one_or_none()
        if known is not None and known != row.role:
            raise RefusedError(Refusal.WRONG_STATE, f"{row.name} is enrolled as a {known} already.")
        decided = _decide(store, connection, enrolment_id, "approved", staff)
        put_device(connection, row.name, DeviceRole(row.role), row.fingerprint, who=staff.principal, at_s=store.now_s())
        return decided

    decided = store.database.write(work)
    store.recent_devices.forget()
    return decided


def refuse(store: Store, staff: StaffMember, enrolment_id: UUID) -> Enrolment:
    """Send a device away.

    Raises:
        RefusedError: it does not wait any more.
    """

    def work(connection: Connection) -> Enrolment:
        _waiting(connection, enrolment_id)
        return _decide(store, connection, enrolment_id, "refused", staff)

    return store.database.write(work)


def _use(store: Store, connection: Connection, selector: str, secret: str, request: AskEnrolment) -> Enrolment | None:
    now_s = store.now_s()
    row = connection.execute(
        select(enrolments).where(
            enrolments.c.selector == selector, enrolments.c.status == "open", enrolments.c.expires_at > now_s
        )
    ).one_or_none()
    if row is None:
        return None
    chosen = enrolments.update().where(enrolments.c.enrolment_id == row.enrolment_id, enrolments.c.status == "open")
    if not hmac.compare_digest(row.code_hash, _hashed(selector, secret)):
        tries = row.tries + 1
        connection.execute(chosen.values(tries=tries, status="spent" if tries >= TRIES_MAX else "open"))
        return None
    asked = {"name": request.name, "role": request.role.value, "fingerprint": request.fingerprint}
    if connection.execute(chosen.values(status="asked", **asked)).rowcount != 1:
        return None
    audited(
        connection,
        who=f"device/{request.name}",
        action="enrolment/asked",
        subject=str(row.enrolment_id),
        at_s=now_s,
        details=asked,
    )
    used = _find(connection, row.enrolment_id)
    assert used is not None
    return _answer(used)


def _waiting(connection: Connection, enrolment_id: UUID) -> Row[Any]:
    row = _find(connection, enrolment_id)
    if row is None or row.status != "asked":
        raise RefusedError(Refusal.WRONG_STATE, "This device does not wait any more.")
    return row


def _decide(store: Store, connection: Connection, enrolment_id: UUID, to: str, staff: StaffMember) -> Enrolment:
    now_s = store.now_s()
    done = connection.execute(
        enrolments.update()
        .where(enrolments.c.enrolment_id == enrolment_id, enrolments.c.status == "asked")
        .values(status=to, decided_by=staff.principal, decided_at=now_s)
    )
    assert done.rowcount == 1
    audited(connection, who=staff.principal, action=f"enrolment/{to}", subject=str(enrolment_id), at_s=now_s)
    row = _find(connection, enrolment_id)
    assert row is not None
    return _answer(row)


def _find(connection: Connection, enrolment_id: UUID) -> Row[Any] | None:
    return connection.execute(select(enrolments).where(enrolments.c.enrolment_id == enrolment_id)).one_or_none()


def _answer(row: Row[Any]) -> Enrolment:
    return Enrolment(
        enrolment_id=row.enrolment_id,
        status=EnrolmentStatus(row.status),
        name=row.name,
        role=DeviceRole(row.role),
        fingerprint=short_fingerprint(row.fingerprint),
    )


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _hashed(selector: str, secret: str) -> str:
    return hashlib.sha256(f"enrolment {selector} {secret}".encode()).hexdigest()
