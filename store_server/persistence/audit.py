"""The audit log: every change of state adds a link to a chain, in the transaction that makes the change.

A link's hash covers its contents, its number, the shop and the hash before it, so whoever changes, drops or slips in a row must
make every later hash anew; then the chain's end is another one than the end that was written down elsewhere
(``store-server verify`` prints it, ``--expect-head`` asks for it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from store_server.persistence.audit_tables import audit, audit_heads
from store_server.persistence.collected import Row, collected
from store_server.persistence.once import insert_once

_HEX = 64
_ROWS_AT_ONCE = 1000

TAKE_HEAD = (
    update(audit_heads)
    .values(seq=audit_heads.c.seq + bindparam("links"))
    .returning(audit_heads.c.shop_id, audit_heads.c.seq, audit_heads.c.hash)
)
"""Locks the chain's end, until the commit, and makes room for so many ``links``; returns the shop, the last new number and
the hash that the chain ended with."""
ADD_LINKS = audit.insert()
PUT_HEAD = update(audit_heads).where(audit_heads.c.seq == bindparam("at_seq")).values(hash=bindparam("new_hash"))

Detail = str | int | bool | None


class NoChainError(RuntimeError):
    """The books have no chain to add to; ``store-server init`` begins it."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends."""

    shop_id: int
    seq: int
    hash: str

    def __str__(self) -> str:
        """Write it down so that ``--expect-head`` takes it."""
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log."""

    seq: int
    at: int
    who: str
    action: str
    subject: str
    details: dict[str, Detail]


def begin_chain(connection: Connection, shop_id: int) -> None:
    """Begin a shop's chain; one that was begun before goes on."""
    if connection.execute(select(audit_heads.c.shop_id)).first() is None:
        insert_once(connection, audit_heads, {"shop_id": shop_id, "seq": 0, "hash": first_hash(shop_id)})


def audited(
    connection: Connection, *, who: str, action: str, subject: str, at_s: int, details: Mapping[str, Detail] | None = None
) -> None:
    """Write down who did what to what, in the transaction that does it.

    Names of shoppers never belong here: rows cannot be deleted. Use ids.
    """
    text = json.dumps(dict(details or {}), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    contents: Row = {"at": at_s, "who": who, "action": action, "subject": subject, "details": text}
    held = collected(connection)
    if held is None:
        write_links(connection, [contents])
    else:
        held.links.append(contents)


def write_links(connection: Connection, links: Sequence[Row]) -> None:
    """Add links to the chain."""
    if not links:
        return
    taken = connection.execute(TAKE_HEAD, {"links": len(links)}).one_or_none()
    rows = linked(taken, links)
    connection.execute(ADD_LINKS, rows)
    put = connection.execute(PUT_HEAD, put_values(rows))
    assert put.rowcount == 1


def linked(taken: Sequence[Any] | None, links: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows of new links.

    Args:
        taken: what ``TAKE_HEAD`` returned; None for nothing.
        links: their contents, in their order.

    Raises:
        NoChainError: there is no chain to add to.
    """
    if taken is None:
        raise NoChainError("The books have no audit log yet. Run 'store-server init'.")
    shop_id, end, prev_hash = taken
    rows = []
    for seq, contents in enumerate(links, start=end - len(links) + 1):
        row = {"seq": seq, **contents}
        row |= {"prev_hash": prev_hash, "hash": link_hash(shop_id, row, prev_hash)}
        prev_hash = row["hash"]
        rows.append(row)
    return rows


def put_values(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what ``PUT_HEAD`` takes after ``rows``."""
    return {"at_seq": rows[-1]["seq"], "new_hash": rows[-1]["hash"]}


def first_hash(shop_id: int) -> str:
    """Return what the first link holds on to."""
    return hashlib.sha256(f"scanlane audit log of shop {shop_id}".encode()).hexdigest()


def link_hash(shop_id: int, row: Row, prev_hash: str) -> str:
    """Hash one link."""
    parts = [shop_id, *(row[name] for name in ("seq", "at", "who", "action", "subject", "details")), prev_hash]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode("ascii")).hexdigest()


def head(connection: Connection) -> Head | None:
    """Return where the chain ends; None before ``init``."""
    row = connection.execute(select(audit_heads)).one_or_none()
    return None if row is None else Head(row.shop_id, row.seq, row.hash)


def chain_findings(connection: Connection, expected: str = "") -> list[str]:
    """Walk the whole chain; return a sentence for the first place where it does not hold.

    Args:
        connection: a transaction that sees the books at one moment.
        expected: a head that was written down earlier, as ``SEQ:HASH`` or only the hash.
    """
    end = head(connection)
    if end is None:
        return ["The audit log was never begun, or its end is gone. Bring the books back from a copy."]
    seq, last = 0, first_hash(end.shop_id)
    wanted = expected.strip().lower().rpartition(":")
    seen = not expected or last == wanted[2]
    for row in _rows(connection):
        link = {name: getattr(row, name) for name in ("seq", "at", "who", "action", "subject", "details")}
        if row.seq != seq + 1:
            return [f"The audit log has a gap: row {seq} is followed by row {row.seq}. Somebody removed rows."]
        if row.prev_hash != last or link_hash(end.shop_id, link, last) != row.hash:
            return [f"Row {row.seq} of the audit log was changed or slipped in ({row.who}, {row.action}, {row.subject})."]
        seq, last = row.seq, row.hash
        seen = seen or (last == wanted[2] and wanted[0] in {"", str(seq)})
    if (seq, last) != (end.seq, end.hash):
        return [f"The audit log ends at row {seq}, but its end was written down as row {end.seq}. Somebody removed rows."]
    if not seen:
        return [f"The head {expected} is not in the audit log: it was written anew, or this is an older copy of the books."]
    return []


def entries(connection: Connection, *, subject: str | None = None, action: str | None = None, limit: int = 100) -> list[Entry]:
    """Return the newest rows, newest first."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    if action is not None:
        query = query.where(audit.c.action == action)
    return [
        Entry(row.seq, row.at, row.who, row.action, row.subject, json.loads(row.details)) for row in connection.execute(query)
    ]


class _Row:
    """What :func:`_rows` yields, for the type checker."""

    seq: int
    at: int
    who: str
    action: str
    subject: str
    details: str
    prev_hash: str
    hash: str


def _rows(connection: Connection) -> Iterator[_Row]:
    after = 0
    while True:
        some = connection.execute(select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(_ROWS_AT_ONCE)).all()
        yield from some  # type: ignore[misc]  # rows answer to these names
        if len(some) < _ROWS_AT_ONCE:
            return
        after = some[-1].seq
