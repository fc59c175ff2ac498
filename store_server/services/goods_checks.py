"""Staff looks through the goods of an order that a lane holds: scans are kept one by one, then the check is judged.

1. What is asked for comes from the lane's own report, under the check's id; the first scan, or the end, writes it down.
2. A sample that fits lets the lane go on. One that does not makes the lane ask for a full check.
3. A full check makes what was scanned the order's basket, priced as a handheld would have: something may be due, or go back.
   When it is what was paid for anyway, the lane goes on; no check lets out what is still to be paid.
4. Staff is told what was found by article, paid and scanned; the log keeps who looked, what for, and how it ended.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Connection, Row, select

from store_server.contract.check_messages import (
    Check,
    CheckKind,
    CheckOutcome,
    CheckProgress,
    FinishCheck,
    ScanArticle,
    ScannedArticle,
    TakeScanBack,
    outcome_command_id,
)
from store_server.contract.lane_messages import StaffCommandKind
from store_server.contract.order_messages import OrderLine
from store_server.contract.refusals import Refusal
from store_server.domain.goods_check import Looked, as_basket, pieces, same_goods
from store_server.domain.pricing_terms import scanned_line
from store_server.persistence.audit import audited
from store_server.persistence.failures import TransactionOvertakenError
from store_server.persistence.once import insert_once
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import goods_checks, lane_commands
from store_server.services import amendments
from store_server.services.answered import answer_request
from store_server.services.order_steps import get_order
from store_server.services.points import refunded_minor
from store_server.services.principals import StaffMember
from store_server.services.refused import NotThereError, RefusedError
from store_server.services.store import Store

SCANS_MAX = 500
_OVER = "This check is over."
_UNPAID = "An article was added to this order and is to be paid first. The lane goes on by itself when it is paid."
_NEXT = {CheckOutcome.PASSED: StaffCommandKind.CHECK_PASSED, CheckOutcome.FAILED: StaffCommandKind.CHECK_FAILED}


class _Scan(BaseModel):
    scan_id: UUID
    line: OrderLine


_SCANS = TypeAdapter(list[_Scan])


def progress(store: Store, staff: StaffMember, lane: str, check_id: UUID) -> CheckProgress:
    """Return how a check stands.

    Raises:
        NotThereError: the lane asks for no such check.
    """
    del staff  # whoever is logged in may look

    def work(connection: Connection) -> CheckProgress:
        row = _row(connection, check_id)
        if row is not None:
            return _progress(store, connection, row)
        order_id, check = _asked(store, lane, check_id)
        return _progress_of(store, connection, get_order(connection, order_id), check, [])

    return store.database.read(work)


def scan(store: Store, staff: StaffMember, lane: str, check_id: UUID, request: ScanArticle) -> CheckProgress:
    """Keep a scanned article.

    Raises:
        RefusedError: no such article or check, or the check is over.
    """

    def act(connection: Connection) -> CheckProgress:
        row = _open_row(store, connection, staff, lane, check_id)
        line = amendments.scanned(store, connection, get_order(connection, row.order_id), request.code)
        scans = _SCANS.validate_json(row.scans)
        if len(scans) >= SCANS_MAX:
            raise RefusedError(Refusal.BAD_REQUEST, f"A check has at most {SCANS_MAX} scans.")
        return _keep(store, connection, row, [*scans, _Scan(scan_id=request.scan_id, line=line)])

    return answer_request(
        store, staff, request, request_id=f"check-scan:{check_id}:{request.scan_id}", answer=CheckProgress, act=act
    )


def take_back(store: Store, staff: StaffMember, lane: str, check_id: UUID, request: TakeScanBack) -> CheckProgress:
    """Forget one scan; one that is not there changes nothing.

    Raises:
        RefusedError: no such check, or it is over.
    """

    def work(connection: Connection) -> CheckProgress:
        row = _open_row(store, connection, staff, lane, check_id)
        scans = [one for one in _SCANS.validate_json(row.scans) if one.scan_id != request.scan_id]
        return _keep(store, connection, row, scans)

    return store.database.write(work)


def finish(store: Store, staff: StaffMember, lane: str, check_id: UUID, request: FinishCheck) -> CheckProgress:
    """Judge a check and tell the lane.

    Raises:
        RefusedError: no such check, it is over, nothing was scanned, or less than the sample asks for.
    """
    return answer_request(
        store,
        staff,
        request,
        request_id=f"check-end:{check_id}:{request.finish_id}",
        answer=CheckProgress,
        act=lambda connection: _finish(store, connection, staff, lane, check_id),
    )


def _finish(store: Store, connection: Connection, staff: StaffMember, lane: str, check_id: UUID) -> CheckProgress:
    row = _open_row(store, connection, staff, lane, check_id)
    stored, check = get_order(connection, row.order_id), Check.model_validate_json(row.asked)
    lines = [one.line for one in _SCANS.validate_json(row.scans)]
    if check.kind is CheckKind.SAMPLE:
        looked = Looked(check, pieces(stored.basket.lines), pieces(lines))
        if looked.is_too_little:
            sentence = f"Please take {check.free_picks} more pieces out of the bag and scan them ({looked.picks} so far)."
            raise RefusedError(Refusal.BAD_REQUEST, sentence)
        outcome, after = looked.sample_outcome(), stored
        if outcome is CheckOutcome.PASSED and stored.order.due_minor:
            raise RefusedError(Refusal.WRONG_STATE, _UNPAID)
    else:
        outcome, after = _replaced(store, connection, staff, stored, check_id=check_id, lines=lines)
    surplus_minor = max(0, after.order.total_minor - stored.order.total_minor)
    now_s = store.now_s()
    _update(connection, row, outcome=outcome.value, staff=staff.name, surplus_minor=surplus_minor, ended_at=now_s)
    if outcome in _NEXT:
        _tell(store, connection, staff, row, outcome)
    details = {
        "order_id": str(row.order_id),
        "kind": check.kind.value,
        "outcome": outcome.value,
        "surplus_minor": surplus_minor,
    }
    audited(connection, who=staff.principal, action=f"check/{outcome.value}", subject=lane, at_s=now_s, details=details)
    ended = _row(connection, check_id)
    assert ended is not None
    return _progress(store, connection, ended)


def _replaced(
    store: Store, connection: Connection, staff: StaffMember, stored: StoredOrder, *, check_id: UUID, lines: list[OrderLine]
) -> tuple[CheckOutcome, StoredOrder]:
    if not lines:
        raise RefusedError(Refusal.BAD_REQUEST, "Nothing was scanned. Scan all goods, or send the shopper back.")
    before = [scanned_line(line, store.shop.templates) for line in stored.basket.lines]
    if same_goods(lines, before):
        # What staff added before is still to be paid: the order is what was scanned, and that is not enough to leave.
        return CheckOutcome.REPLACED if stored.order.due_minor else CheckOutcome.PASSED, stored
    basket = as_basket(lines)
    after = amendments.replace_basket(store, connection, staff, stored, check_id=check_id, lines=basket)
    return CheckOutcome.REPLACED, after


def _tell(store: Store, connection: Connection, staff: StaffMember, row: Row[Any], outcome: CheckOutcome) -> None:
    """Let the lane go on, or ask for everything; said once, like every command."""
    told = {
        "command_id": outcome_command_id(row.check_id, outcome),
        "lane": row.lane,
        "kind": _NEXT[outcome].value,
        "reason": "",
        "staff": staff.name,
        "order_id": row.order_id,
        "given_at": store.now_s(),
    }
    insert_once(connection, lane_commands, told)


def _asked(store: Store, lane: str, check_id: UUID) -> tuple[UUID, Check]:
    view = store.lanes.get(lane)
    check = None if view is None else view.report.check
    if view is None or check is None or check.check_id != check_id or view.report.order_id is None:
        raise NotThereError(Refusal.BAD_REQUEST, f"{lane} does not ask for this check (any more).")
    return view.report.order_id, check


def _open_row(store: Store, connection: Connection, staff: StaffMember, lane: str, check_id: UUID) -> Row[Any]:
    row = _row(connection, check_id)
    if row is None:
        order_id, check = _asked(store, lane, check_id)
        begun = {
            "check_id": check_id,
            "order_id": order_id,
            "lane": lane,
            "kind": check.kind.value,
            "asked": check.model_dump_json(),
            "scans": "[]",
            "changes": 1,
            "outcome": CheckOutcome.OPEN.value,
            "staff": staff.name,
            "surplus_minor": 0,
            "begun_at": store.now_s(),
        }
        insert_once(connection, goods_checks, begun)
        row = _row(connection, check_id)
        assert row is not None
    if row.outcome != CheckOutcome.OPEN.value or row.lane != lane:
        raise RefusedError(Refusal.WRONG_STATE, _OVER)
    return row


def _row(connection: Connection, check_id: UUID) -> Row[Any] | None:
    return connection.execute(select(goods_checks).where(goods_checks.c.check_id == check_id)).one_or_none()


def _keep(store: Store, connection: Connection, row: Row[Any], scans: list[_Scan]) -> CheckProgress:
    _update(connection, row, scans=_SCANS.dump_json(scans).decode())
    kept = _row(connection, row.check_id)
    assert kept is not None
    return _progress(store, connection, kept)


def _update(connection: Connection, row: Row[Any], **columns: Any) -> None:
    seen = (goods_checks.c.check_id == row.check_id, goods_checks.c.changes == row.changes)
    done = connection.execute(goods_checks.update().where(*seen).values(changes=row.changes + 1, **columns))
    if done.rowcount != 1:
        raise TransactionOvertakenError(f"somebody else scans for check {row.check_id}")


def _progress(store: Store, connection: Connection, row: Row[Any]) -> CheckProgress:
    check = Check.model_validate_json(row.asked)
    stored = get_order(connection, row.order_id)
    found = _progress_of(store, connection, stored, check, _SCANS.validate_json(row.scans))
    outcome = CheckOutcome(row.outcome)
    if outcome is not CheckOutcome.REPLACED:
        return found.model_copy(update={"outcome": outcome})
    given_back_minor = refunded_minor(connection, stored.order_id)
    money = {
        "due_minor": stored.order.due_minor,
        "overpaid_minor": max(0, stored.order.overpaid_minor - given_back_minor),
    }
    return found.model_copy(update={"outcome": outcome, **money})


def _progress_of(store: Store, connection: Connection, stored: StoredOrder, check: Check, scans: list[_Scan]) -> CheckProgress:
    looked = Looked(check, pieces(stored.basket.lines), pieces(one.line for one in scans))
    names = {line.code: line.name for line in stored.basket.lines} | {one.code: one.name for one in check.articles}
    wanted = [one.code for one in check.articles]
    codes = [*wanted, *(code for code in looked.found if code not in wanted)]
    return CheckProgress(
        check=check,
        order_id=stored.order_id,
        outcome=CheckOutcome.OPEN,
        scanned=[
            ScannedArticle(
                code=code,
                name=names.get(code) or amendments.name_of(store, connection, stored, code),
                scanned=looked.found[code],
                paid=looked.paid[code],
                wanted=code in wanted,
            )
            for code in codes
        ],
        picks=looked.picks,
        last_scan=scans[-1].scan_id if scans else None,
    )
