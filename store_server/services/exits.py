"""Who may leave, who turned back, who left."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, select

from store_server.contract import order_messages
from store_server.contract.exit_number import ExitNumber, ExitNumberError
from store_server.contract.lane_messages import EnterLane, ExitRecorded, LeaveLane, ReportExit, StaffCommandKind
from store_server.contract.order_number import OrderNumber, OrderNumberError
from store_server.contract.order_pass import CLOCK_TOLERANCE_S, PassKind, PassRefused
from store_server.contract.refusals import Refusal
from store_server.contract.shop_time import wall_clock
from store_server.domain.exit_check import FormerExit, refuse_entry
from store_server.domain.order import Exited, LaneEntered, LaneEntry, LaneLeft, can
from store_server.persistence import order_rows
from store_server.persistence.crash_points import crash_point
from store_server.persistence.once import insert_once
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import exit_uses, lane_commands, lane_entries
from store_server.services.answered import answer_request
from store_server.services.order_steps import get_order, take_step
from store_server.services.passes import exit_pass_of, order_answer, read_pass
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.shopper_history import history_of
from store_server.services.store import Store
from store_server.services.tendering import close_session

_OTHER_NAMES = 2
"""An order is named in one of three ways."""
_UNKNOWN_NUMBER = "We do not know this exit number. Please show the code on your newest receipt."
VOUCHED_FOR_S = 120
"""So long after staff let a number in, the lane may use it."""

_log = logging.getLogger(__name__)


def enter_lane(store: Store, gate: Device, request: EnterLane) -> order_messages.Order:
    """Judge whether the holder of a pass may be checked in this lane; if so, the lane holds the order from now on.

    Raises:
        RefusedError: the pass is no good, not paid, superseded, or was used; the sentence says when and where.
    """
    if [request.exit_pass, request.exit_number, request.order_number].count(None) != _OTHER_NAMES:
        raise RefusedError(Refusal.BAD_REQUEST, "Name the order by its exit pass or by a number, exactly one of them.")

    return answer_request(
        store,
        gate,
        request,
        request_id=f"enter:{request.entry_id}",
        answer=order_messages.Order,
        act=lambda connection: _entered(store, connection, gate, request),
    )


def leave_lane(store: Store, gate: Device, request: LeaveLane) -> order_messages.Order:
    """Let go of an order whose shopper turned back; when the entry is over already, nothing changes.

    Raises:
        RefusedError: there was no such entry.
    """

    def work(connection: Connection) -> order_messages.Order:
        entry = connection.execute(select(lane_entries).where(lane_entries.c.entry_id == request.entry_id)).one_or_none()
        if entry is None:
            raise RefusedError(Refusal.UNKNOWN_ORDER, "There was no such entry into a lane.")
        stored = get_order(connection, entry.order_id)
        held = stored.order.entry
        if held is not None and held.entry_id == request.entry_id and can(stored.order, LaneLeft):
            stored = take_step(connection, stored, LaneLeft(), who=gate.principal, now_s=store.now_s())
        return order_answer(store, stored)

    return store.database.write(work)


def report_exit(store: Store, gate: Device, request: ReportExit) -> ExitRecorded:
    """Write down that goods left. It is a fact, so it is taken in whatever state the order is, but only once.

    Raises:
        RefusedError: no such order, or another exit of it is in the books.
    """
    return answer_request(
        store,
        gate,
        request,
        request_id=f"exit:{request.exit_id}",
        answer=ExitRecorded,
        act=lambda connection: _exit(store, connection, gate, request),
    )


def _entered(store: Store, connection: Connection, gate: Device, request: EnterLane) -> order_messages.Order:
    stored = _enter(store, connection, gate, request)
    return order_answer(store, stored).model_copy(update={"history": history_of(connection, stored, store.now_s())})


def _is_vouched(connection: Connection, request: EnterLane, now_s: int) -> bool:
    """Tell whether staff has just let this number into this lane without its receipt."""
    if request.vouched_by is None or request.order_number is None:
        return False
    row = connection.execute(select(lane_commands).where(lane_commands.c.command_id == request.vouched_by)).one_or_none()
    return (
        row is not None
        and row.kind == StaffCommandKind.ADMIT.value
        and (row.lane, row.order_number) == (request.lane, request.order_number)
        and now_s - row.given_at <= VOUCHED_FOR_S
    )


def _enter(store: Store, connection: Connection, gate: Device, request: EnterLane) -> StoredOrder:
    now_s = store.now_s()
    stored, pass_revision = _presented(store, connection, request, now_s)
    refused = refuse_entry(
        stored.order,
        pass_revision=pass_revision,
        lane=request.lane,
        now_s=now_s,
        lease_s=store.shop.lane_lease_s,
        former=_former_exit(store, connection, stored),
        vouched=_is_vouched(connection, request, now_s),
    )
    if refused is not None:
        raise RefusedError(refused.refusal, refused.sentence)
    crash_point("enter.judged")
    row = {
        "entry_id": request.entry_id,
        "order_id": stored.order_id,
        "lane": request.lane,
        "gate": gate.name,
        "revision": stored.order.revision,
        "entered_at": now_s,
    }
    if not insert_once(connection, lane_entries, row):
        raise RefusedError(Refusal.KEY_REUSED)
    crash_point("enter.after_row")
    entered = LaneEntered(LaneEntry(request.entry_id, request.lane, now_s))
    return take_step(connection, stored, entered, who=gate.principal, now_s=now_s)


def _presented(store: Store, connection: Connection, request: EnterLane, now_s: int) -> tuple[StoredOrder, int | None]:
    if request.exit_pass is not None:
        read = read_pass(store, connection, request.exit_pass, PassKind.EXIT, now_s)
        if isinstance(read, PassRefused):
            raise RefusedError(read.refusal)
        return get_order(connection, read.order_id), read.revision
    if request.exit_number is not None:
        return _by_exit_number(store, connection, request.exit_number, now_s)
    assert request.order_number is not None
    try:
        serial = OrderNumber.parse(request.order_number).serial
    except OrderNumberError as error:
        raise RefusedError(Refusal.UNKNOWN_ORDER, str(error)) from error
    stored = order_rows.find_by_serial(connection, serial)
    if stored is None:
        raise RefusedError(Refusal.UNKNOWN_ORDER)
    return stored, None


def _by_exit_number(store: Store, connection: Connection, typed: str, now_s: int) -> tuple[StoredOrder, int]:
    """Find the order whose present exit pass has this number; a wrong one tells nothing of what there is."""
    try:
        number = ExitNumber.parse(typed)
    except ExitNumberError as error:
        raise RefusedError(Refusal.NOT_A_PASS, str(error)) from error
    stored = order_rows.find_by_serial(connection, number.order_number.serial)
    if stored is None or stored.paid_at is None or not number.is_of(exit_pass_of(store, stored)):
        raise RefusedError(Refusal.UNKNOWN_ORDER, _UNKNOWN_NUMBER)
    if now_s >= stored.paid_at + store.shop.pass_validity_s + CLOCK_TOLERANCE_S:
        raise RefusedError(Refusal.EXPIRED)
    return stored, stored.order.revision


def _former_exit(store: Store, connection: Connection, stored: StoredOrder) -> FormerExit | None:
    row = connection.execute(select(exit_uses).where(exit_uses.c.order_id == stored.order_id)).one_or_none()
    if row is None:
        return None
    clock = wall_clock(row.opened_at, store.shop.time_zone)
    return FormerExit(lane=row.lane, clock=f"{clock:%H:%M}")


def _exit(store: Store, connection: Connection, gate: Device, request: ReportExit) -> ExitRecorded:
    now_s = store.now_s()
    opened_at = min(request.opened_at, now_s)
    stored = get_order(connection, request.order_id)
    row = {
        "order_id": request.order_id,
        "exit_id": request.exit_id,
        "lane": request.lane,
        "gate": gate.name,
        "revision": request.revision,
        "opened_at": opened_at,
        "recorded_at": now_s,
        "measured_g": request.measured_g,
        "decided_by": request.decided_by,
        "due_minor": stored.order.due_minor,
    }
    if not insert_once(connection, exit_uses, row):
        former = _former_exit(store, connection, stored)
        if former is None:
            raise RefusedError(Refusal.KEY_REUSED)
        _log.warning("order %s was reported to leave twice, now by %s at %s", request.order_id, gate.name, request.lane)
        refused = refuse_entry(stored.order, pass_revision=None, lane=request.lane, now_s=now_s, lease_s=0, former=former)
        assert refused is not None
        raise RefusedError(refused.refusal, refused.sentence)
    crash_point("exit.after_row")
    _warn_of_doubts(store, connection, stored, request)
    if not can(stored.order, Exited):
        return ExitRecorded(exit_id=request.exit_id, order_id=request.order_id, status=stored.order.status)
    tendering = stored.order.tendering
    if tendering is not None:
        close_session(connection, tendering.session_id, now_s)
        crash_point("exit.session_closed")
    stored = take_step(connection, stored, Exited(opened_at), who=gate.principal, now_s=now_s)
    return ExitRecorded(exit_id=request.exit_id, order_id=request.order_id, status=stored.order.status)


def _warn_of_doubts(store: Store, connection: Connection, stored: StoredOrder, request: ReportExit) -> None:
    if stored.order.due_minor:
        _log.warning("order %s left with %d minor units unpaid", stored.order_id, stored.order.due_minor)
    if request.decided_by != "signature":
        return
    # The pass was judged when the lane opened; it may be too old by the time the server hears of it.
    text = request.exit_pass or ""
    at_s = request.opened_at + CLOCK_TOLERANCE_S
    read = read_pass(store, connection, text, PassKind.EXIT, min(at_s, store.now_s()))
    if isinstance(read, PassRefused) or read.order_id != stored.order_id:
        _log.warning("order %s was let out on a signature that does not verify", stored.order_id)
