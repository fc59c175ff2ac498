"""Reads what belongs to one history after each of its steps, past the product and as cheaply as is safe.

Both databases can say whether anybody committed a change since they were asked last: SQLite's ``data_version`` differs after a
commit of any other connection, and PostgreSQL's next transaction number (the end of a snapshot) rises with every transaction
that changed something. Books with the same number are the same books, so the rows read before are still all there is; with
another number all of them are read again. PostgreSQL is asked for number and rows in one statement, a journey for each step.

Rows are known by when they came, so a history sees neither what it does to rows of those before it nor a row that says that it
came before. Both show in the totals of all rows at the end of all histories, against the sum of what each saw at its own end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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


LASTING = ("paid", "leaving", "exited", "refunded", "voided")
"""What no order leaves because time passes; a later history's sweep may end what waits in the others."""

TOTALS: dict[str, dict[str, str]] = {
    "transfers": {"rows": "count(*)", "minor": "sum(amount_minor)"},
    "orders": {
        "rows": "count(*)",
        "paid minor": "sum(paid_minor)",
        **{status: f"sum(CASE status WHEN '{status}' THEN 1 ELSE 0 END)" for status in LASTING},
    },
    "exit_uses": {"rows": "count(*)"},
    "settlements": {"rows": "count(*)", "revisions": "sum(revision)"},
    "cash_events": {"rows": "count(*)", "minor": "sum(value_minor)"},
    "members": {"rows": "count(*)", "points": "sum(points)"},
    "wallets": {"minor": "sum(available_minor + held_minor)"},
    "wallet_holds": {"rows": "count(*)", "minor": "sum(amount_minor)"},
    "points_journal": {"points": "sum(points)"},
    "coupon_uses": {"committed": "sum(CASE state WHEN 'committed' THEN 1 ELSE 0 END)"},
    "payments": {
        "rows": "count(*)",
        "covered": "sum(covered_minor)",
        "captured": "sum(captured_minor)",
        "reserved": "sum(refund_reserved_minor)",
    },
    "refunds": {"rows": "count(*)", "minor": "sum(amount_minor)"},
}
"""Table to totals that do not change because time passes."""


def totals(auditor: Auditor) -> Counter[str]:
    """Return the totals of all rows there are."""
    found: Counter[str] = Counter()
    for table, columns in TOTALS.items():
        (row,) = auditor.rows(f"SELECT {', '.join(columns.values())} FROM {table}")  # noqa: S608 - our tables
        found.update({f"{name} of {table}": int(value or 0) for name, value in zip(columns, row, strict=True)})
    return found


def totals_of(books: Mapping[str, Rows]) -> Counter[str]:
    """Return the same totals of the rows that one history sees."""
    found: Counter[str] = Counter()
    for table in ("transfers", "orders", "exit_uses", "settlements", "cash_events", "members", "payments", "refunds"):
        found[f"rows of {table}"] = len(books[table])
    found["rows of wallet_holds"] = len(books["wallet_holds"])
    for table, name, place in (
        ("transfers", "minor", 2),
        ("orders", "paid minor", 4),
        ("settlements", "revisions", 1),
        ("cash_events", "minor", 4),
        ("members", "points", 3),
        ("wallet_holds", "minor", 3),
        ("points_journal", "points", 1),
        ("payments", "covered", 4),
        ("payments", "captured", 5),
        ("payments", "reserved", 6),
        ("refunds", "minor", 2),
    ):
        found[f"{name} of {table}"] = sum(row[place] for row in books[table])
    found.update(f"{row[1]} of orders" for row in books["orders"] if row[1] in LASTING)
    found["minor of wallets"] = sum(row[1] + row[2] for row in books["members"])
    found["committed of coupon_uses"] = sum(row[3] == "committed" for row in books["coupon_uses"])
    return found


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
