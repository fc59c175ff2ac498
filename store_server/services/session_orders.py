"""The order that a payment session holds right now."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select

from store_server.contract.refusals import Refusal
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import tender_sessions
from store_server.services.order_steps import get_order
from store_server.services.principals import Device
from store_server.services.refused import RefusedError


def held_by_session(connection: Connection, kiosk: Device, session_id: UUID) -> StoredOrder:
    """Read the order that a kiosk's session holds.

    Raises:
        RefusedError: this kiosk has no such session, or it lost hold of its order.
    """
    session = connection.execute(select(tender_sessions).where(tender_sessions.c.session_id == session_id)).one_or_none()
    if session is None or session.kiosk != kiosk.name:
        raise RefusedError(Refusal.UNKNOWN_ORDER, "This kiosk has no such payment session.")
    stored = get_order(connection, session.order_id)
    held = stored.order.tendering
    if held is None or held.session_id != session_id:
        raise RefusedError(Refusal.BUSY_ELSEWHERE, "This payment session is over. Please begin again.")
    return stored
