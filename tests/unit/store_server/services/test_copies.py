from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection

from program.errors import ProgramError
from store_server.persistence import schema
from store_server.persistence.database import Database
from store_server.services import copies, restore_note
from store_server.services.doctor import Health, examine
from store_server.services.store import make_store, open_store
from tests.unit.store_server.market import Market


def test_a_copy_brings_back_everything_and_nothing_later(market: Market, tmp_path: Path) -> None:
    paid = market.submit()
    market.pay(paid)
    copy = tmp_path / "monday.copy"
    assert copies.back_up(market.store, copy) == copy.stat().st_size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    before = market.balances()
    later = market.submit()
    market.pay(later)
    with pytest.raises(ProgramError, match="--force"):
        copies.restore(market.store, copy)
    copies.restore(market.store, copy, force=True)
    again = Market(open_store(market.store.settings, market.clock), market.clock, market.next_seq)
    try:
        assert again.balances() == before
        assert again.look(paid).paid_minor == 1280
        assert again.findings() == []
        next_one = again.submit()
        again.pay(next_one)
        assert again.findings() == []
    finally:
        again.store.database.close()


def test_a_copy_is_never_written_over_and_never_left_half(market: Market, tmp_path: Path) -> None:
    copy = tmp_path / "monday.copy"
    copy.write_text("precious")
    with pytest.raises(ProgramError, match="there already"):
        copies.back_up(market.store, copy)
    assert copy.read_text() == "precious"
    with pytest.raises(ProgramError, match="cannot be written"):
        copies.back_up(market.store, tmp_path / "no folder" / "copy")


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\x00" + b"x" * 5000])
def test_what_is_no_copy_is_refused(market: Market, tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(content)
    with pytest.raises(ProgramError, match="no copy"):
        copies.restore(market.store, wrong, force=True)
    with pytest.raises(ProgramError, match="There is no copy"):
        copies.restore(market.store, tmp_path / "missing")
    assert market.findings() == []


def test_a_copy_without_its_end_is_refused(market: Market, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copies.back_up(market.store, copy)
    with closing(sqlite3.connect(copy)) as changed:
        changed.execute("PRAGMA application_id=0")
        changed.commit()
    with pytest.raises(ProgramError, match=r"no copy of the books.*cut off"):
        copies.restore(market.store, copy)


def test_what_a_copy_that_was_cut_off_left_is_cleared_away(market: Market, tmp_path: Path) -> None:
    for ending in ("", "-journal", "-wal"):
        (tmp_path / f"copy.new{ending}").write_bytes(b"half")
    copies.back_up(market.store, tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy"]


def test_a_copy_that_cannot_be_brought_back_leaves_the_books_and_a_note(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    copies.back_up(market.store, copy)
    market.pay(market.submit())
    before = market.balances()

    def fail(*_what: object) -> None:
        raise OSError("the plug was pulled")

    for way in ("_copy_file_in", "_copy_rows_in"):
        monkeypatch.setattr(copies, way, fail)
    with pytest.raises(ProgramError, match=r"plug was pulled.*Run restore again"):
        copies.restore(market.store, copy, force=True)
    assert market.balances() == before
    assert "former ones" in restore_note.told(market.store)
    found = {finding.what: finding for finding in examine(market.store.settings, market.store.now_s())}
    assert (found["copy"].health, found["copy"].told) == (Health.WARN, restore_note.told(market.store))
    market.submit()
    assert "changed since" in restore_note.told(market.store)
    monkeypatch.undo()
    copies.restore(market.store, copy, force=True)
    assert restore_note.told(market.store) == ""


def test_a_note_that_cannot_be_read_is_still_told_until_somebody_looked(market: Market) -> None:
    (market.store.settings.data_dir / "restore.unfinished").write_bytes(b"")
    assert "was cut off" in restore_note.told(market.store)
    restore_note.settle(market.store)
    restore_note.settle(market.store)
    assert restore_note.told(market.store) == ""


def test_books_of_an_older_version_can_be_copied_and_brought_back(market: Market, tmp_path: Path) -> None:
    paid, copy = market.submit(), tmp_path / "older.copy"
    market.pay(paid)
    settings, before = market.store.settings, market.balances()
    older(market.store.database)
    with pytest.raises(ProgramError, match="Make a copy of them with"):
        open_store(settings)
    there = open_store(settings, any_version=True)
    if there.database.is_shared:
        with pytest.raises(ProgramError, match="pg_dump"):
            copies.back_up(there, copy)
    else:
        copies.back_up(there, copy)
    there.database.close()
    make_store(settings, market.clock)
    if not copy.exists():
        return
    with closing(open_store(settings, market.clock).database) as database:
        copies.restore(replace(market.store, database=database), copy, force=True)
    again = Market(open_store(settings, market.clock), market.clock, market.next_seq)
    assert (again.balances(), again.findings()) == (before, [])
    assert not (settings.data_dir / "restore.copy").exists()
    again.store.database.close()


def older(database: Database) -> None:
    """Bring books to the revision before the newest one."""

    def down(connection: Connection) -> None:
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")

    database.write(down)


def test_books_of_another_shop_or_currency_are_refused(market: Market) -> None:
    market.submit()
    settings = market.store.settings
    for change, told in (({"id": 2}, "books of shop 1"), ({"currency": "EUR"}, "orders in CNY")):
        other = settings.model_copy(update={"shop": settings.shop.model_copy(update=change)})
        with pytest.raises(ProgramError, match=told):
            open_store(other)


def test_a_copy_of_a_later_version_is_refused(market: Market, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copies.back_up(market.store, copy)
    with closing(sqlite3.connect(copy)) as changed:
        changed.execute("UPDATE alembic_version SET version_num = '9999'")
        changed.commit()
    with pytest.raises(ProgramError, match=r"revision 9999.*later version"):
        copies.restore(market.store, copy, force=True)
