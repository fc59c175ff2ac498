"""Cash that pays an order, and how a kiosk session ended; both happen in the books once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from store_server.contract.card_case_messages import CardCaseState
from store_server.contract.cash_messages import CashEvent, CashReport, CashReportRecorded, Payout, SettleCash, Settlement
from store_server.contract.refusals import Refusal
from store_server.domain.payment import (
    HeldBalance,
    moved_minor,
    refuse_settlement,
    report_transfers,
    taken_transfer,
    tells_twice,
    total_minor,
)
from store_server.domain.tendering_check import refuse_settling
from store_server.persistence import ledger
from store_server.persistence.audit import audited
from store_server.persistence.cash_tables import card_cases
from store_server.persistence.crash_points import crash_point
from store_server.persistence.member_tables import top_ups
from store_server.persistence.once import insert_new, insert_once
from store_server.persistence.order_rows import StoredOrder
from store_server.persistence.tables import (
    TOTAL_MAX_MINOR,
    cash_events,
    cash_reports,
    payouts,
    settlements,
    tender_sessions,
)
from store_server.services.answered import answer_request
from store_server.services.order_steps import get_order
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.settling import Settling, rest_minor, settle_order
from store_server.services.store import Store
from store_server.services.tendering import end_hold
from store_server.services.wallets import held_for

_TWICE = "The same coin or note stands in the list twice; nothing was changed. Please ask the staff."


def settle(store: Store, kiosk: Device, request: SettleCash) -> Settlement:
    """Pay an order with cash that lies in the kiosk.

    Raises:
        RefusedError: the session does not hold the order (any more), or the amounts do not fit; nothing was booked.
    """
    return answer_request(
        store,
        kiosk,
        request,
        request_id=f"settle:{request.payment_id}",
        answer=Settlement,
        act=lambda connection: _settle(store, connection, kiosk, request),
    )


def report_cash(store: Store, kiosk: Device, report: CashReport) -> CashReportRecorded:
    """Bring the end of a kiosk session into the books: what stayed in the machine, what was paid out, what is owed.

    Raises:
        RefusedError: the same session, coin or payout was reported before with other contents.
    """
    return answer_request(
        store,
        kiosk,
        report,
        request_id=f"cash-report:{report.session_id}",
        answer=CashReportRecorded,
        act=lambda connection: _report(store, connection, kiosk, report),
    )


def _settle(store: Store, connection: Connection, kiosk: Device, request: SettleCash) -> Settlement:
    now_s = store.now_s()
    stored = get_order(connection, request.order_id)
    set_aside = held_for(connection, stored.order_id, request.session_id)
    _refuse_unless_held(store, stored, kiosk, request, set_aside)
    crash_point("settle.judged")
    credit_cash(connection, kiosk, request.session_id, request.taken, order_id=stored.order_id, now_s=now_s)
    crash_point("settle.credited")
    facts = Settling(request.payment_id, request.session_id, set_aside, request.cash_due_minor, total_minor(request.taken))
    return settle_order(store, connection, kiosk, stored, facts)


def _refuse_unless_held(
    store: Store, stored: StoredOrder, kiosk: Device, request: SettleCash, set_aside: tuple[HeldBalance, ...]
) -> None:
    held = stored.order.tendering
    holds = held is not None and held.session_id == request.session_id and held.kiosk == kiosk.name
    refusal = refuse_settling(stored.order, holds=holds, revision=request.revision)
    if refusal is None:
        refusal = refuse_settlement(request, rest_minor(stored, set_aside), store.shop.cash_rounding_minor)
    if refusal is not None:
        raise RefusedError(refusal)


def _report(store: Store, connection: Connection, kiosk: Device, report: CashReport) -> CashReportRecorded:
    now_s = store.now_s()
    if moved_minor(report) > TOTAL_MAX_MINOR:
        raise RefusedError(Refusal.BAD_REQUEST, "No kiosk holds that much money; nothing was booked.")
    session = connection.execute(select(tender_sessions).where(tender_sessions.c.session_id == report.session_id)).one_or_none()
    if session is not None and session.kiosk != kiosk.name:
        raise RefusedError(Refusal.KEY_REUSED)
    if session is not None:
        # Nobody settles with this session from here on; a settlement that is under way was waited for and is seen below.
        get_order(connection, session.order_id)
    row = {
        "session_id": report.session_id,
        "kiosk": kiosk.name,
        "order_id": report.order_id,
        "outcome": report.outcome,
        "owed_minor": report.owed_minor,
        "reported_at": now_s,
    }
    if not insert_once(connection, cash_reports, row):
        raise RefusedError(Refusal.KEY_REUSED)
    crash_point("report.after_row")
    new_events = credit_cash(connection, kiosk, report.session_id, report.taken, order_id=report.order_id, now_s=now_s)
    crash_point("report.credited")
    for payout in report.payouts:
        _pay_out(connection, kiosk, report.session_id, payout)
    crash_point("report.paid_out")
    settled_minor = connection.execute(
        select(settlements.c.cash_due_minor).where(settlements.c.session_id == report.session_id)
    ).scalar_one_or_none()
    topped_up = connection.execute(
        select(top_ups.c.kiosk, top_ups.c.amount_minor).where(top_ups.c.session_id == report.session_id)
    ).all()
    if any(row.kiosk != kiosk.name for row in topped_up):
        raise RefusedError(Refusal.KEY_REUSED)
    posted = report_transfers(kiosk.name, report, (settled_minor or 0) + sum(row.amount_minor for row in topped_up))
    ledger.post(connection, posted, order_id=report.order_id, at_s=now_s)
    crash_point("report.after_ledger")
    told = {
        "outcome": report.outcome,
        "taken_minor": total_minor(report.taken),
        "paid_out_minor": sum(payout.paid * payout.coin_minor for payout in report.payouts),
        "owed_minor": report.owed_minor,
    }
    audited(connection, who=kiosk.principal, action="cash/reported", subject=str(report.session_id), at_s=now_s, details=told)
    if report.card_doubt_minor:
        _tell_card_in_doubt(connection, kiosk, report, now_s)
    elif session is not None:
        end_hold(store, connection, session.order_id, report.session_id, who=kiosk.principal, now_s=now_s)
    crash_point("report.hold_ended")
    return CashReportRecorded(session_id=report.session_id, new_events=new_events)


def _tell_card_in_doubt(connection: Connection, kiosk: Device, report: CashReport, now_s: int) -> None:
    """Write down what staff has to compare with the terminal's own list; the order is neither paid nor free to be paid."""
    told = {
        "amount_minor": report.card_doubt_minor,
        "order": str(report.order_id) if report.order_id is not None else None,
        "session": str(report.session_id),
    }
    case_id = report.card_charge_id or report.session_id
    audited(connection, who=kiosk.principal, action="card/doubtful", subject=str(case_id), at_s=now_s, details=told)
    row = {
        "case_id": case_id,
        "kiosk": kiosk.name,
        "session_id": report.session_id,
        "order_id": report.order_id,
        "amount_minor": report.card_doubt_minor,
        "opened_at": now_s,
        "state": CardCaseState.OPEN.value,
        "reason": "",
    }
    insert_once(connection, card_cases, row)


def credit_cash(
    connection: Connection,
    kiosk: Device,
    session_id: UUID,
    events: Sequence[CashEvent],
    *,
    order_id: UUID | None,
    now_s: int,
) -> int:
    """Credit coins and notes that were not credited before; return how many."""
    if tells_twice(events):
        raise RefusedError(Refusal.BAD_REQUEST, _TWICE)
    rows = [
        {
            "kiosk": kiosk.name,
            "device": event.device,
            "epoch": event.epoch,
            "seq": event.seq,
            "value_minor": event.value_minor,
            "session_id": session_id,
            "recorded_at": now_s,
        }
        for event in events
    ]
    new = insert_new(connection, cash_events, rows) if rows else []
    crash_point("coin.after_events")
    for event, row in zip(events, rows, strict=True):
        if row in new:
            ledger.post(connection, (taken_transfer(kiosk.name, event),), order_id=order_id, at_s=now_s)
        else:
            _expect_same_coin(connection, row)
    return len(new)


def _expect_same_coin(connection: Connection, told: dict[str, object]) -> None:
    facts = {name: told[name] for name in ("value_minor", "session_id")}
    key = {name: told[name] for name in ("kiosk", "device", "epoch", "seq")}
    known = connection.execute(
        select(cash_events.c.value_minor, cash_events.c.session_id).where(
            *(cash_events.c[column] == value for column, value in key.items())
        )
    ).one()
    if known._asdict() != facts:
        raise RefusedError(
            Refusal.KEY_REUSED,
            f"Coin or note {key['seq']} of {key['device']} (epoch {key['epoch']}) was told before, otherwise."
            " Has the kiosk lost its journal? Raise its epoch.",
        )


def _pay_out(connection: Connection, kiosk: Device, session_id: UUID, payout: Payout) -> None:
    row = {
        "payout_id": payout.payout_id,
        "kiosk": kiosk.name,
        "session_id": session_id,
        "device": payout.device,
        "coin_minor": payout.coin_minor,
        "requested": payout.requested,
        "paid": payout.paid,
        "uncertain": payout.uncertain,
    }
    if not insert_once(connection, payouts, row):
        raise RefusedError(Refusal.KEY_REUSED, f"Payout {payout.payout_id} was reported before, in another session.")
    crash_point("payout.after_row")
