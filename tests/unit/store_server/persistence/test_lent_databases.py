"""The databases that tests borrow one after the other: each is as one that was just made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.postgresql import PostgresqlServer
from tests.unit.store_server.conftest import SHOP
from tests.unit.store_server.market import open_copied_market

SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
)
RULES = "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
COUNTED = "CREATE TABLE counted (number serial PRIMARY KEY, what text)"


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables in the order in which they lie, the numbers of sequences, columns and triggers."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = {name: connection.execute(f"TABLE {name}".encode()).fetchall() for (name,) in connection.execute(TABLES)}
        found |= {what: connection.execute(what.encode()).fetchall() for what in (SEQUENCES, COLUMNS, RULES)}
    return found


def do(url: str, *statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_after_a_trip_a_database_is_as_a_new_one(postgresql: PostgresqlServer, postgresql_shop: Path, tmp_path: Path) -> None:
    name = postgresql.copy(SHOP)
    new = contents(postgresql.url(name))
    postgresql.drop(name)
    for turn in range(2):
        with postgresql.database_url(SHOP) as url:
            assert contents(url) == new
            market = open_copied_market(postgresql_shop, tmp_path / f"{turn}", url)
            order = market.submit()
            market.pay(order)
            market.enter(market.look(order).exit_pass)
            market.store.database.close()
            changed = contents(url)
            assert len([name for name in new if changed[name] != new[name]]) > 8
            assert sum(map(bool, new.values())) > 8
    with postgresql.database_url(SHOP) as again:
        assert again == url
        assert contents(again) == new


def test_sequences_begin_anew_and_rows_of_the_template_come_back(postgresql: PostgresqlServer) -> None:
    template = "template_with_a_sequence"
    postgresql.make_template(template, lambda url: do(url, COUNTED, "INSERT INTO counted (what) VALUES ('a'), ('b')"))
    seen = []
    for _ in range(2):
        with postgresql.database_url(template) as url:
            do(url, "DELETE FROM counted WHERE what = 'a'", "INSERT INTO counted (what) VALUES ('c')")
            seen.append((url, contents(url)["counted"]))
    assert seen == [(url, [(2, "b"), (3, "c")])] * 2


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE forgotten (number int)",
        "DROP TABLE order_voids CASCADE",
        "ALTER TABLE transfers ADD COLUMN forgotten int",
        "ALTER TABLE transfers DISABLE TRIGGER USER",
        "DROP TRIGGER audit_no_change ON audit",
        "CREATE INDEX forgotten ON orders (currency)",
        "CREATE FUNCTION forgotten() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA forgotten",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
        "DROP SCHEMA as_new CASCADE",
    ],
)
def test_a_database_whose_shape_was_changed_is_not_lent_again(postgresql: PostgresqlServer, change: str) -> None:
    with postgresql.database_url() as url:
        new = contents(url)
        do(url, change)
    with postgresql.database_url() as other:
        assert other != url
        assert contents(other) == new
    with postgresql.database_url() as again:
        assert again == other


def test_who_is_still_connected_is_cut_off(postgresql: PostgresqlServer) -> None:
    with postgresql.database_url() as url:
        late = psycopg.connect(url.replace("+psycopg", ""))
        late.execute("LOCK TABLE orders")
    with pytest.raises(psycopg.OperationalError):
        late.execute("SELECT 1")
    late.close()
    with postgresql.database_url() as again:
        assert again == url


def test_a_test_may_cut_off_everybody(postgresql: PostgresqlServer) -> None:
    everybody = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with postgresql.database_url() as url:
        do(url, everybody)
    with postgresql.database_url() as other:
        assert other != url
