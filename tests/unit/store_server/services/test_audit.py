from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import Connection, text

from store_server.persistence.audit import audited, begin_chain, chain_findings, entries, head
from store_server.services import books_check, payments
from store_server.services.exits import report_exit
from tests.unit.store_server.market import GATE, KIOSK, Market

TAMPERING = {
    "an edited row": "UPDATE audit SET who = 'somebody' WHERE seq = 3",
    "an edited amount": "UPDATE audit SET details = replace(details, '1280', '1') WHERE seq = 3",
    "an earlier time": "UPDATE audit SET at = at - 1 WHERE seq = 3",
    "a row less": "DELETE FROM audit WHERE seq = 3",
    "a shorter log": "DELETE FROM audit WHERE seq >= 3",
    "no log": "DELETE FROM audit",
    "another shop's log": "UPDATE audit_heads SET shop_id = 2",
    "another end": "UPDATE audit_heads SET hash = substr(hash, 2) || '0'",
    "no end": "DELETE FROM audit_heads",
    "a row slipped in": "INSERT INTO audit SELECT seq + 1, at, who, action, subject, details, hash, substr(hash, 2) || '0'"
    " FROM audit ORDER BY seq DESC LIMIT 1",
}


def trip(market: Market) -> None:
    order = market.submit()
    market.pay(order)
    market.enter(market.look(order).exit_pass)
    report_exit(market.store, GATE, market.leaving(order))


def tamper(market: Market, sql: str) -> None:
    """Do what somebody with the file and no scruples can do."""
    if market.store.database.engine.dialect.name == "postgresql":
        with psycopg.connect(_address(market), autocommit=True) as books_there:
            books_there.execute("SET session_replication_role = replica")
            for statement in sql.split(";"):
                books_there.execute(statement.encode())
        return
    path = market.store.settings.data_dir / "store.db"
    with closing(sqlite3.connect(path)) as books:
        for (name,) in books.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            books.execute(f"DROP TRIGGER {name}")
        books.executescript(sql)
        books.commit()


def _address(market: Market) -> str:
    return market.store.settings.database_url.replace("+psycopg", "")


def test_every_step_of_a_trip_is_a_link(market: Market) -> None:
    order = market.submit()
    settled = market.pay(order)
    market.enter(settled.order.exit_pass)
    report_exit(market.store, GATE, market.leaving(order))
    told = market.store.database.read(lambda connection: entries(connection, subject=str(order.order_id)))
    assert [(entry.action, entry.who) for entry in reversed(told)] == [
        ("order/Submitted", "device/handheld-1"),
        ("order/TenderingBegun", "device/kiosk-1"),
        ("order/Settled", "device/kiosk-1"),
        ("order/LaneEntered", "device/gate-1"),
        ("order/Exited", "device/gate-1"),
    ]
    reported = market.store.database.read(lambda connection: entries(connection, action="cash/reported"))
    assert reported[0].details == {"outcome": "paid", "owed_minor": 0, "paid_out_minor": 0, "taken_minor": 1280}
    assert market.findings() == []


def test_numbers_have_no_gaps_even_after_a_rollback(market: Market) -> None:
    def fail(connection: Connection) -> None:
        audited(connection, who="x", action="x", subject="x", at_s=1)
        raise LookupError

    market.submit()
    before = market.store.database.read(head)
    with pytest.raises(LookupError):
        market.store.database.write(fail)
    assert market.store.database.read(head) == before
    trip(market)
    seqs = market.store.database.read(
        lambda connection: connection.execute(text("SELECT seq FROM audit ORDER BY seq")).scalars().all()
    )
    assert list(seqs) == list(range(1, len(seqs) + 1))
    assert market.findings() == []


@pytest.mark.parametrize("sql", TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found(market: Market, sql: str) -> None:
    trip(market)
    assert market.findings() == []
    tamper(market, sql)
    assert market.findings() != []


def test_a_log_written_anew_is_found_by_its_former_end(market: Market) -> None:
    trip(market)
    kept = books_check.audit_head(market.store)
    trip(market)
    assert books_check.findings(market.store, kept) == []
    assert books_check.findings(market.store, kept.split(":")[1]) == []
    tamper(market, "DELETE FROM order_events; DELETE FROM audit; DELETE FROM audit_heads")
    market.store.database.write(lambda connection: begin_chain(connection, 1))
    assert market.store.database.read(chain_findings) == []
    assert any("not in the audit log" in sentence for sentence in books_check.findings(market.store, kept))


def test_history_and_orders_are_held_against_the_log(market: Market) -> None:
    trip(market)
    tamper(market, "UPDATE orders SET total_minor = total_minor + 1")
    assert any("but the audit log says" in sentence for sentence in market.findings())
    tamper(market, "DELETE FROM order_events WHERE seq = 5")
    assert any("5 in the audit log" in sentence for sentence in market.findings())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET who = 'x' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 1",
        "INSERT INTO audit SELECT seq + 2, at, who, action, subject, details, prev_hash, hash FROM audit WHERE seq = 1",
        "INSERT INTO audit SELECT * FROM audit WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET who = 'x'",
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'x', action, subject, details, prev_hash, hash FROM audit WHERE seq = 1",
    ],
)
@pytest.mark.parametrize("recursive", ["on", "off"])
def test_the_table_refuses_to_change(market: Market, change: str, recursive: str) -> None:
    market.submit()

    if market.store.database.engine.dialect.name == "postgresql":
        if "OR REPLACE" not in change:
            with psycopg.connect(_address(market)) as there, pytest.raises(psycopg.Error, match=r"never changed|duplicate key"):
                there.execute(change.encode())
        return
    path = market.store.settings.data_dir / "store.db"
    with closing(sqlite3.connect(path)) as books:
        books.execute(f"PRAGMA recursive_triggers={recursive}")
        with pytest.raises(sqlite3.DatabaseError, match="never changed"):
            books.execute(change)
    assert market.findings() == []


def test_a_refused_request_leaves_no_link(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    before = books_check.audit_head(market.store)
    wrong = market.payment(order, session, market.coins(100), 100)
    with pytest.raises(Exception, match="amount"):
        payments.settle(market.store, KIOSK, wrong)
    assert books_check.audit_head(market.store) == before
