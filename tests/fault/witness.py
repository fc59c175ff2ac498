"""Reads what belongs to one history after each of its steps, past the product and as cheaply as is safe.

Both databases can say whether anybody committed a change since they were asked last: SQLite's ``data_version`` differs after a
commit of any other connection, and PostgreSQL's next transaction number (the end of a snapshot) rises with every transaction
that changed something. Books with the same number are the same books, so the rows read before are still all there is; with
another number all of them are read again. PostgreSQL is asked for number and rows in one statement, a journey for each step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fault.books import Auditor

Rows = list[tuple[Any, ...]]

SINCE, AFTER = "?began", "?ledger"
"""In the conditions below: when the history began, and the last number of the ledger before it."""

LOOKS: dict[str, tuple[str, str]] = {
    "transfers": ("debit, credit, amount_minor", f"transfers WHERE seq > {AFTER}"),
    "orders": (
        "order_id, status, revision, total_minor, paid_minor, session_id, entry_id",
        f"orders WHERE submitted_at >= {SINCE}",
    ),
    "exit_uses": ("order_id, exit_id", f"exit_uses WHERE recorded_at >= {SINCE}"),
    "settlements": ("order_id, revision, payment_id", f"settlements WHERE paid_at >= {SINCE}"),
    "cash_events": ("kiosk, device, epoch, seq, value_minor", f"cash_events WHERE recorded_at >= {SINCE}"),
    "members": (
        "member_id, available_minor, held_minor, points, login IS NULL",
        f"members JOIN wallets USING (member_id) LEFT JOIN persons USING (member_id) WHERE joined_at >= {SINCE}",
    ),
    "wallet_holds": ("hold_id, member_id, order_id, amount_minor, state", f"wallet_holds WHERE held_at >= {SINCE}"),
    "points_journal": ("order_id, points", f"points_journal WHERE at >= {SINCE}"),
    "coupon_uses": ("coupon_id, use_number, order_id, state", f"coupon_uses WHERE reserved_at >= {SINCE}"),
    "payments": (
        "payment_id, order_id, revision, tender, covered_minor, captured_minor, refund_reserved_minor",
        f"payments WHERE paid_at >= {SINCE}",
    ),
    "refunds": ("refund_id, payment_id, amount_minor, destination, state", f"refunds WHERE requested_at >= {SINCE}"),
}
"""Name to columns, and the table with the condition that tells one history's rows from those of the histories before it."""


@dataclass
class Witness:
    """Looks at the rows of one history."""

    auditor: Auditor
    began: float
    ledger_before: int
    _version: int = -1
    _rows: dict[str, Rows] = field(default_factory=dict)

    def look(self) -> dict[str, Rows]:
        """Return every row of each of ``LOOKS``."""
        if self.auditor.is_sqlite:
            self._look_at_the_file()
        else:
            self._look_at_the_server()
        return self._rows

    def _look_at_the_file(self) -> None:
        version = self.auditor.one("PRAGMA data_version")
        if version != self._version:
            # The number is read first: who writes in between is seen the next time.
            self._version = version
            self._rows = {name: self.auditor.rows(_SELECTS[name], self._value(name)) for name in LOOKS}

    def _look_at_the_server(self) -> None:
        values = (self._version, *(self._value(name) for name in LOOKS))
        ((version, found),) = self.auditor.rows(_ALL_AT_ONCE, *values)
        if found is not None:
            self._version = version
            self._rows = {name: [tuple(row) for row in rows] for name, rows in zip(LOOKS, found, strict=True)}

    def _value(self, name: str) -> float:
        return self.ledger_before if AFTER in LOOKS[name][1] else self.began


def _condition(source: str) -> str:
    return source.replace(SINCE, "?").replace(AFTER, "?")


_SELECTS = {name: f"SELECT {columns} FROM {_condition(source)}" for name, (columns, source) in LOOKS.items()}  # noqa: S608 - ours
_AS_JSON = ", ".join(
    f"(SELECT coalesce(json_agg(json_build_array({columns})), '[]') FROM {_condition(source)})"  # noqa: S608 - our tables
    for columns, source in LOOKS.values()
)
_ALL_AT_ONCE = (
    f"SELECT version, CASE WHEN version <> ? THEN json_build_array({_AS_JSON}) END"  # noqa: S608 - our tables
    " FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS version) AS now"
)
