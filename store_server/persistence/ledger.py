"""Ledger rows: posted, summed, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, func, select, union_all

from store_server.domain.payment import Transfer
from store_server.persistence.collected import add_row, write_rows
from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import transfers


def post(connection: Connection, posted: Iterable[Transfer], *, order_id: UUID | None, at_s: int) -> None:
    """Write transfers; a source that was posted before is an error of ours and rolls everything back."""
    for transfer in posted:
        add_row(
            connection,
            transfers,
            {
                "source": transfer.source,
                "debit": transfer.debit,
                "credit": transfer.credit,
                "amount_minor": transfer.amount_minor,
                "order_id": order_id,
                "posted_at": at_s,
            },
        )
        crash_point("ledger.after_transfer")


def balances(connection: Connection) -> dict[str, int]:
    """Return account to balance (debits minus credits), in the order of the accounts' names."""
    write_rows(connection)
    sides = union_all(
        select(transfers.c.debit.label("account"), transfers.c.amount_minor.label("amount")),
        select(transfers.c.credit.label("account"), (-transfers.c.amount_minor).label("amount")),
    ).subquery()
    summed = select(sides.c.account, func.sum(sides.c.amount)).group_by(sides.c.account).order_by(sides.c.account)
    return {account: int(balance) for account, balance in connection.execute(summed)}
