"""The books looked at as a whole: do all facts and all money agree."""

from __future__ import annotations

import json

from sqlalchemy import Connection, func, or_, select

from store_server.contract.cash_messages import LedgerBalance
from store_server.contract.order_status import OrderStatus
from store_server.domain.payment import SALES
from store_server.persistence import ledger
from store_server.persistence.audit import chain_findings, head
from store_server.persistence.audit_tables import audit
from store_server.persistence.cash_tables import cash_movements
from store_server.persistence.database import pragmas
from store_server.persistence.tables import (
    cash_events,
    cash_reports,
    exit_uses,
    order_events,
    orders,
    payouts,
    tender_sessions,
)
from store_server.services import taking_over
from store_server.services.money_check import money_findings
from store_server.services.store import Store

_ENDINGS_SHOWN = 5


def balances(store: Store) -> list[LedgerBalance]:
    """Return the balance of every account."""
    found = store.database.read(ledger.balances)
    return [LedgerBalance(account=account, balance_minor=balance) for account, balance in found.items()]


def findings(store: Store, expected_head: str = "") -> list[str]:
    """Return a sentence for everything that does not agree; empty when the books are right.

    Args:
        store: the open store.
        expected_head: an end of the audit log that was written down earlier, which must still be in it.
    """
    return store.database.read(
        lambda connection: [
            *_file_findings(connection),
            *_money_findings(connection),
            *money_findings(connection, ledger.balances(connection)),
            *_escrow_findings(connection),
            *_exit_findings(connection),
            *chain_findings(connection, expected_head),
            *_history_findings(connection),
        ]
    )


def _file_findings(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        # PostgreSQL proves its settings on every connection and never lets a foreign key be off.
        return []
    found = []
    for name, wanted in pragmas().items():
        value = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        if value != wanted:
            found.append(f"The database keeps {name}={value} where {wanted} is needed.")
    state = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    if state != "ok":
        found.append(f"The database file is damaged: {state}. Bring it back from a copy.")
    loose = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_ENDINGS_SHOWN)
    found += [f"A row of {row[0]} names a row of {row[2]} that is not there." for row in loose]
    return found


def _money_findings(connection: Connection) -> list[str]:
    sums = ledger.balances(connection)
    found = []
    if sum(sums.values()) != 0:
        found.append(f"The ledger's balances sum to {sum(sums.values())}, not to 0.")
    paid = connection.execute(select(func.coalesce(func.sum(orders.c.paid_minor), 0))).scalar_one()
    if -sums.get(SALES, 0) != paid:
        found.append(f"Orders were paid with {paid} minor units, but sales say {-sums.get(SALES, 0)}.")
    taken = connection.execute(select(func.coalesce(func.sum(cash_events.c.value_minor), 0))).scalar_one()
    paid_out = connection.execute(select(func.coalesce(func.sum(payouts.c.paid * payouts.c.coin_minor), 0))).scalar_one()
    of_boxes = select(func.coalesce(func.sum(cash_movements.c.expected_minor), 0)).where(cash_movements.c.kind == "emptied")
    emptied = connection.execute(of_boxes).scalar_one()
    in_cash = sum(balance for account, balance in sums.items() if account.startswith("cash/"))
    if in_cash != taken - paid_out - emptied:
        boxes = f" and {emptied} was taken out of their boxes" if emptied else ""
        found.append(f"Devices took {taken} and paid out {paid_out} minor units{boxes}, but their accounts say {in_cash}.")
    found += [
        f"{account} is {balance}: a kiosk's report did not explain it. Count that kiosk's cash."
        for account, balance in sums.items()
        if account.startswith("discrepancy/") and balance
    ]
    return found


def _escrow_findings(connection: Connection) -> list[str]:
    """Compare each kiosk's escrow with the sessions that took money and have not reported their end."""
    found = []
    for account, balance in ledger.balances(connection).items():
        if not account.startswith("escrow/"):
            continue
        kiosk = account.removeprefix("escrow/")
        running = connection.execute(
            select(func.count())
            .select_from(tender_sessions)
            .where(tender_sessions.c.kiosk == kiosk, tender_sessions.c.ended_at.is_(None))
        ).scalar_one()
        unreported = connection.execute(
            select(func.count(cash_events.c.session_id.distinct()))
            .select_from(cash_events.outerjoin(cash_reports, cash_events.c.session_id == cash_reports.c.session_id))
            .where(cash_events.c.kiosk == kiosk, cash_reports.c.session_id.is_(None))
        ).scalar_one()
        if balance and not running and not unreported:
            found.append(f"{account} is {balance} although nobody pays at {kiosk}.")
    return found


def audit_head(store: Store) -> str:
    """Return the end of the audit log, to be written down elsewhere."""
    return str(store.database.read(head) or "")


def _history_findings(connection: Connection) -> list[str]:
    """Compare orders and their history with the audit log, which cannot be changed unseen."""
    events = connection.execute(select(func.count()).select_from(order_events)).scalar_one()
    of_steps = audit.c.action.like("order/%")
    links = connection.execute(select(func.count()).select_from(audit).where(of_steps)).scalar_one()
    links += taking_over.steps_taken_over(connection)
    about_orders = or_(of_steps, audit.c.action == taking_over.ACTION)
    found = [] if events == links else [f"Orders have {events} steps in their history, but {links} in the audit log."]
    last = select(func.max(audit.c.seq)).where(about_orders).group_by(audit.c.subject)
    told = connection.execute(select(audit.c.subject, audit.c.details).where(audit.c.seq.in_(last)))
    now = select(orders.c.order_id, orders.c.status, orders.c.revision, orders.c.total_minor, orders.c.paid_minor)
    said = {subject: json.loads(details) for subject, details in told}
    for row in connection.execute(now):
        facts = {"status": row.status, "revision": row.revision, "total_minor": row.total_minor, "paid_minor": row.paid_minor}
        link = said.get(str(row.order_id), {})
        if any(link.get(name) != value for name, value in facts.items()):
            found.append(f"Order {row.order_id} is {facts}, but the audit log says {link or 'nothing'}.")
    return found[:_ENDINGS_SHOWN]


def _exit_findings(connection: Connection) -> list[str]:
    left = connection.execute(select(func.count()).select_from(exit_uses)).scalar_one()
    status = orders.c.status == OrderStatus.EXITED.value
    exited = connection.execute(select(func.count()).select_from(orders).where(status)).scalar_one()
    found = [] if left == exited else [f"{left} exits are recorded, but {exited} orders have left."]
    unpaid = connection.execute(
        select(exit_uses.c.order_id, exit_uses.c.lane, exit_uses.c.due_minor).where(exit_uses.c.due_minor > 0)
    ).fetchmany(_ENDINGS_SHOWN)
    found += [f"Order {row.order_id} left through {row.lane} with {row.due_minor} minor units unpaid." for row in unpaid]
    return found
