"""One gate controller at a time runs the shop's lanes; here is written down which."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from store_server.contract.arbiter_messages import ClaimLanes, LanesClaimed, ReleaseLanes
from store_server.contract.refusals import Refusal
from store_server.domain.lane_arbiter import Arbiter, refuse_claim
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.failures import TransactionOvertakenError
from store_server.persistence.lane_tables import lane_arbiter
from store_server.persistence.once import insert_once
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.store import Store

_ROW = 1


def claim(store: Store, gate: Device, request: ClaimLanes) -> LanesClaimed:
    """Let a gate controller run the lanes, or go on running them.

    Raises:
        RefusedError: another one does (``LANES_TAKEN``); the sentence says which, and what to do.
    """
    return store.database.write(lambda connection: _claim(connection, gate, request, store.now_s()))


def release(store: Store, request: ReleaseLanes) -> LanesClaimed:
    """Let any controller follow; nothing changes when the lanes are another's already.

    Raises:
        RefusedError: nobody ever ran the lanes.
    """

    def work(connection: Connection) -> LanesClaimed:
        ours = (lane_arbiter.c.controller_id == request.controller_id) & (lane_arbiter.c.run_id == request.run_id)
        connection.execute(lane_arbiter.update().where(ours).values(released=1))
        found = connection.execute(select(lane_arbiter)).one_or_none()
        if found is None:
            raise RefusedError(Refusal.WRONG_STATE, "No gate controller runs the lanes.")
        return _answer(found)

    return store.database.write(work)


def _claim(connection: Connection, gate: Device, request: ClaimLanes, now_s: int) -> LanesClaimed:
    found = connection.execute(select(lane_arbiter)).one_or_none()
    holder = None if found is None else _arbiter(found)
    sentence = refuse_claim(holder, request, now_s=now_s)
    if sentence:
        raise RefusedError(Refusal.LANES_TAKEN, sentence)
    is_new = holder is None or holder.released or holder.controller_id != request.controller_id
    row: dict[str, Any] = {
        "controller_id": request.controller_id,
        "run_id": request.run_id,
        "gate": gate.name,
        "lanes": json.dumps(request.lanes),
        "since": now_s if is_new or found is None else found.since,
        "heard_at": now_s,
        "released": 0,
    }
    if not _written(connection, found, row):
        raise TransactionOvertakenError("another gate controller claims the lanes at the same time")
    crash_point("arbiter.after_row")
    if is_new:
        told = {"gate": gate.name, "lanes": row["lanes"], "take_over": request.take_over}
        audited(connection, who=gate.principal, action="lanes/claim", subject=gate.name, at_s=now_s, details=told)
    return _answer(connection.execute(select(lane_arbiter)).one())


def _written(connection: Connection, found: Any, row: dict[str, Any]) -> bool:
    if found is None:
        return insert_once(connection, lane_arbiter, {"shop": _ROW, **row})
    return connection.execute(lane_arbiter.update().where(lane_arbiter.c.run_id == found.run_id).values(**row)).rowcount == 1


def _arbiter(found: Any) -> Arbiter:
    return Arbiter(found.controller_id, found.run_id, found.gate, found.heard_at, bool(found.released))


def _answer(found: Any) -> LanesClaimed:
    return LanesClaimed(
        controller_id=found.controller_id, run_id=found.run_id, since=found.since, released=bool(found.released)
    )
