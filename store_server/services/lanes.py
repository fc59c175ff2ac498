"""Lanes say how they are; staff tells them what to do."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from store_server.contract.lane_messages import (
    OF_THE_ORDER,
    OF_THE_STORE,
    WITH_A_REASON,
    GiveCommand,
    LaneCommands,
    LaneReport,
    LaneView,
    StaffCommand,
    StaffCommandKind,
)
from store_server.contract.order_number import OrderNumber, OrderNumberError
from store_server.contract.refusals import Refusal
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once
from store_server.persistence.tables import lane_commands
from store_server.services.answered import answer_request
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import NotThereError, RefusedError
from store_server.services.store import Store

COMMAND_LIFETIME_S = 30
"""A lane that was away does not obey what was said to it longer ago."""
COMMANDS_AT_ONCE_MAX = 20
SILENT_AFTER_S = 5
"""A lane not heard for this long is shown as silent."""

_NEEDS = {
    StaffCommandKind.ADMIT: ("order_number", "Type the number of the order whose receipt is lost."),
    StaffCommandKind.PAUSE_CHECKS: ("seconds", "Say for how long no random checks are to be made."),
    StaffCommandKind.OPEN_LONGER: ("seconds", "Say for how long the gate is to stay open."),
    StaffCommandKind.TEACH_WEIGHT: ("grams", "Say what one piece weighs."),
    StaffCommandKind.KEEP_WEIGHT: ("code", "Say of which article."),
    StaffCommandKind.DROP_WEIGHT: ("code", "Say of which article."),
}
_MG = 1000


def report(store: Store, gate: Device, said: LaneReport) -> LaneCommands:
    """Keep what a lane says, and answer the commands it has not done yet; alarms and fire go into the log.

    A release or refusal is for the order that was in the lane when staff gave it, or for nobody's; if another one is there now,
    it is dropped.
    """
    now_s = store.now_s()
    before = store.lanes.get(said.lane)
    if not store.lanes.put(said, now_s):
        raise RefusedError(Refusal.BAD_REQUEST, "There are too many lanes for one shop.")
    _log_alarms(store, gate, None if before is None else before.report, said)
    if said.done_commands:
        store.database.write(lambda connection: _mark_done(connection, said.done_commands, said.lane, now_s))
    return LaneCommands(commands=store.database.read(lambda connection: _pending(connection, said, now_s)))


def views(store: Store) -> list[LaneView]:
    """Return what every lane last said."""
    return store.lanes.all()


def is_silent(store: Store, view: LaneView) -> bool:
    """Tell whether a lane has not been heard for too long."""
    return store.now_s() - view.heard_at > SILENT_AFTER_S


def give_command(store: Store, staff: StaffMember, lane: str, request: GiveCommand) -> StaffCommand:
    """Tell a lane what to do.

    Raises:
        RefusedError: there is no such lane, a release has no reason, or something else that it needs is missing.
    """
    view = store.lanes.get(lane)
    if view is None:
        raise NotThereError(Refusal.BAD_REQUEST, f"No lane called {lane} has reported since the server started.")
    _refuse_unclear(request)

    return answer_request(
        store,
        staff,
        request,
        request_id=f"command:{lane}:{request.command_id}",
        answer=StaffCommand,
        act=lambda connection: _give(store, connection, staff, view, request),
    )


def _give(store: Store, connection: Connection, staff: StaffMember, view: LaneView, request: GiveCommand) -> StaffCommand:
    about = view.report.order_id if request.kind in OF_THE_ORDER else None
    if request.order_id not in {None, view.report.order_id}:
        raise RefusedError(Refusal.WRONG_STATE, "There is another order in the lane by now. Please look again.")
    row = {
        "command_id": request.command_id,
        "lane": view.report.lane,
        "kind": request.kind.value,
        "reason": request.reason,
        "staff": staff.name,
        "order_id": about,
        "given_at": store.now_s(),
        "order_number": request.order_number,
        "seconds": request.seconds,
        "code": request.code,
        "weight_mg": None if request.grams is None else max(1, round(request.grams * _MG)),
    }
    if not insert_once(connection, lane_commands, row):
        raise RefusedError(Refusal.KEY_REUSED)
    crash_point("command.after_row")
    told = {"reason": request.reason, "order_id": None if about is None else str(about)}
    told |= {name: str(row[name]) for name in ("order_number", "seconds", "code", "weight_mg") if row[name] is not None}
    action = f"lane/{request.kind.value}"
    audited(connection, who=staff.principal, action=action, subject=view.report.lane, at_s=store.now_s(), details=told)
    return StaffCommand(
        command_id=request.command_id,
        kind=request.kind,
        reason=request.reason,
        staff=staff.name,
        order_number=request.order_number,
        seconds=request.seconds,
        code=request.code,
        grams=request.grams,
    )


def _refuse_unclear(request: GiveCommand) -> None:
    if request.kind in OF_THE_STORE:
        raise RefusedError(Refusal.BAD_REQUEST, "That follows from a check of the goods; finish the check.")
    if request.kind in WITH_A_REASON and not request.reason.strip():
        raise RefusedError(Refusal.BAD_REQUEST, "Say why the lane is to be opened.")
    needed, sentence = _NEEDS.get(request.kind, ("kind", ""))
    if getattr(request, needed) is None:
        raise RefusedError(Refusal.BAD_REQUEST, sentence)
    if request.kind is StaffCommandKind.TEACH_WEIGHT and request.code is None:
        raise RefusedError(Refusal.BAD_REQUEST, "Say which article weighs that.")
    if request.order_number is not None:
        try:
            OrderNumber.parse(request.order_number)
        except OrderNumberError as error:
            raise RefusedError(Refusal.UNKNOWN_ORDER, str(error)) from error


def _log_alarms(store: Store, gate: Device, before: LaneReport | None, said: LaneReport) -> None:
    """Write down when an alarm, a fire, or an opening for nobody's order begins and ends, and of which order it is.

    Staff's commands are in the log by themselves; the release key at the lane is not heard here, only what it did.
    """
    changes = [
        f"lane/{name}_{'begun' if now else 'ended'}"
        for name, was, now in (
            ("alarm", before is not None and before.alarm, said.alarm),
            ("fire", before is not None and before.fire, said.fire),
            ("open_without_order", before is not None and _is_open_without_order(before), _is_open_without_order(said)),
        )
        if was != now
    ]
    if not changes:
        return
    details = {"order_id": None if said.order_id is None else str(said.order_id)}
    if said.unpaid:
        details["unpaid"] = "; ".join(said_of.get("en", "") for said_of in said.unpaid)[:500]

    def work(connection: Connection) -> None:
        for action in changes:
            at_s = store.now_s()
            audited(connection, who=gate.principal, action=action, subject=said.lane, at_s=at_s, details=details)

    store.database.write(work)


def _is_open_without_order(said: LaneReport) -> bool:
    return said.state == "passing" and said.order_id is None


def _mark_done(connection: Connection, done: Sequence[UUID], lane: str, now_s: int) -> None:
    connection.execute(
        lane_commands.update()
        .where(lane_commands.c.command_id.in_(done), lane_commands.c.lane == lane, lane_commands.c.done_at.is_(None))
        .values(done_at=now_s)
    )


def _pending(connection: Connection, said: LaneReport, now_s: int) -> list[StaffCommand]:
    rows = connection.execute(
        select(lane_commands)
        .where(
            lane_commands.c.lane == said.lane,
            lane_commands.c.done_at.is_(None),
            lane_commands.c.given_at > now_s - COMMAND_LIFETIME_S,
        )
        .order_by(lane_commands.c.seq)
        .limit(COMMANDS_AT_ONCE_MAX)
    )
    return [
        StaffCommand(
            command_id=row.command_id,
            kind=StaffCommandKind(row.kind),
            reason=row.reason,
            staff=row.staff,
            order_number=row.order_number,
            seconds=row.seconds,
            code=row.code,
            grams=None if row.weight_mg is None else row.weight_mg / _MG,
        )
        for row in rows
        if row.order_id == said.order_id or StaffCommandKind(row.kind) not in OF_THE_ORDER
    ]
