"""Every revision, up and down, on both databases, without rows and with a shop's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from store_server.contract.article_messages import PriceBook
from store_server.contract.device_messages import DeviceRole
from store_server.contract.order_messages import OrderLine
from store_server.contract.staff_messages import StaffLogin, StaffRole
from store_server.persistence import schema
from store_server.persistence.database import Database
from store_server.persistence.tables import metadata
from store_server.services import devices, enrolments, staff
from store_server.services.price_books import PriceBooks
from store_server.services.store import make_store, open_store
from tests.support.postgresql import PostgresqlServer
from tests.unit.store_server.market import MILK, WINE, Market

SCRIPT = ScriptDirectory.from_config(schema._config())
REVISIONS = [step.revision for step in reversed(list(SCRIPT.walk_revisions()))]
BOOKS = {"price_books", "alembic_version"}
"""Price books are taken apart and put together on the way; they are held against each other as handhelds read them."""


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[Database]:
    """A database without tables."""
    if database == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'store.db'}")
        yield made
        made.close()
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    name = server.new_empty()
    made = Database(server.url(name))
    yield made
    made.close()
    server.drop(name)


def move(database: Database, how: Callable[[Config, str], None], revision: str) -> None:
    def work(connection: Connection) -> None:
        config = schema._config()
        config.attributes["connection"] = connection
        how(config, revision)

    database.write(work)


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that a database knows of its tables, columns, keys, checks, indexes and triggers."""
    looked = inspect(connection)
    asks = (looked.get_columns, looked.get_pk_constraint, looked.get_foreign_keys, looked.get_unique_constraints)
    more = (looked.get_check_constraints, looked.get_indexes)
    found = {table: [_written(ask(table)) for ask in (*asks, *more)] for table in looked.get_table_names()}
    if connection.dialect.name == "sqlite":
        asked = [
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
            "SELECT name, strict FROM pragma_table_list WHERE name <> 'alembic_version' ORDER BY name",
        ]
    else:
        asked = [
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname",
        ]
    beside = [[_written(tuple(row)) for row in connection.execute(text(sql))] for sql in asked]
    return {**found, "beside": beside}


def _written(facts: Any) -> list[str]:
    parts = facts if isinstance(facts, list) else [facts]
    return sorted(json.dumps(part, default=str, sort_keys=True) for part in parts)


def rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    looked = inspect(connection)
    return {
        table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608 - our tables
        for table in looked.get_table_names()
        if table not in BOOKS
    }


def books_of(database: Database) -> list[PriceBook]:
    def work(connection: Connection) -> list[PriceBook]:
        versions = connection.execute(text("SELECT version FROM price_books ORDER BY version")).scalars().all()
        return [PriceBook.model_validate_json(PriceBooks()._get(connection, version).body) for version in versions]

    return database.read(work)


def in_common(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Write both tables' rows with the columns that both have, in one order."""
    names = sorted(set(first[0]) & set(second[0])) if first and second else []

    def written(some: list[dict[str, Any]]) -> list[str]:
        return sorted(repr([row[name] for name in names]) for row in some)

    return written(first), written(second)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_step_down_takes_away_exactly_what_its_step_up_made(empty: Database) -> None:
    shapes = [empty.read(shape)]
    for revision in REVISIONS:
        move(empty, command.upgrade, revision)
        assert schema.revision_of(empty) == revision
        shapes.append(empty.read(shape))
    assert empty.read(lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)) == []
    for revision, there in reversed(list(zip(["base", *REVISIONS], shapes, strict=True))):
        if revision != REVISIONS[-1]:
            move(empty, command.downgrade, revision)
        found = empty.read(shape)
        # Alembic keeps its own table, empty, below the first revision.
        assert {name: facts for name, facts in found.items() if name in there} == there, revision
        assert set(found) - set(there) <= {"alembic_version"}, revision
    schema.bring_up_to_date(empty)
    assert empty.read(shape) == shapes[-1]


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_shop_that_goes_down_to_a_revision_and_up_again_keeps_the_rows_that_it_had_there(
    market: Market, revision: str
) -> None:
    database = market.store.database
    _fill(market)
    shaped, books = database.read(shape), books_of(database)
    before = database.read(rows)
    move(database, command.downgrade, revision)
    below = database.read(rows)
    for table, kept in below.items():
        there, then = in_common(before[table], kept)
        assert len(before[table]) == len(kept), table
        assert there == then, table
    make_store(market.store.settings, market.clock)
    assert database.read(shape) == shaped
    after = database.read(rows)
    for table, kept in below.items():
        # Nothing of the restarted server's own: it begins the audit log again where the revision knew none.
        there, then = in_common(kept, after[table])
        assert there == then, table
    assert [book.model_dump() for book in books_of(database)] == [book.model_dump() for book in books]
    again = Market(open_store(market.store.settings, market.clock), market.clock, market.next_seq)
    try:
        assert again.findings() == []
        again.pay(again.submit())
        assert again.findings() == []
    finally:
        again.store.database.close()


def test_the_audit_log_that_comes_back_is_guarded_again_and_staff_begin_as_attendants(market: Market) -> None:
    _fill(market)
    move(market.store.database, command.downgrade, "0003")
    make_store(market.store.settings, market.clock)
    assert staff.login(market.store, StaffLogin(name="mei", password="correct horse")).role is StaffRole.ATTENDANT
    for statement in ("UPDATE audit SET who = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(IntegrityError, match="never changed"):
            market.store.database.write(partial(_run, statement))
    assert market.findings() == []


def _run(statement: str, connection: Connection) -> None:
    connection.execute(text(statement))


def _fill(market: Market) -> None:
    """Let everything happen once that every revision has tables for."""
    staff.add_staff(market.store, "mei", "correct horse", StaffRole.MANAGER)
    devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK)
    devices.enrol(market.store, "kiosk-9", DeviceRole.KIOSK)
    devices.revoke(market.store, "kiosk-9", "mei")
    enrolments.make_code(market.store, "mei")
    paid = market.submit(OrderLine(code=MILK, quantity=2))
    market.pay(paid)
    market.submit(OrderLine(code=WINE))
