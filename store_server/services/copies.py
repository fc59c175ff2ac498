"""Copies of the books: taken while the server serves, brought back only where nothing is lost by it.

SQLite is copied by its own online backup; PostgreSQL by reading every table in one snapshot. Either way the copy is one SQLite
file with the same tables, so a copy of either database is looked at and brought back with the same tools. The private keys are
not in it: copy ``data_dir/keys`` apart from the books.

A copy is written under another name and gets a seal together with its last row; without the seal nothing is brought back, so
half a copy is never taken for a whole one. Bringing back replaces the books in one transaction; what to tell after one that was
cut off is written down by :mod:`store_server.services.restore_note`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.exc import DatabaseError

from program.errors import ProgramError, reason
from store_server.persistence.crash_points import crash_point
from store_server.persistence.database import Database, DatabaseBusyError, DatabaseFullError, prove_pragmas
from store_server.persistence.schema import bring_up_to_date, is_known, newest_revision, revision_of
from store_server.persistence.tables import lane_commands, metadata, orders, transfers
from store_server.services import restore_note
from store_server.services.lasting_files import keep_names
from store_server.services.store import Store
from store_server.services.taking_over import begin_audit_log

_ROWS_AT_ONCE = 500
_PAGES_AT_ONCE = 16
_SEAL = 0x53634C6E
"""SQLite's ``application_id`` of a copy that is whole."""
_SEQUENCED = (transfers, lane_commands)


def back_up(store: Store, file: Path) -> int:
    """Write a copy of the books as they are at one moment; return its size in bytes.

    Raises:
        ProgramError: the file is there already or cannot be written, or the books are of another version in PostgreSQL.
    """
    if file.exists():
        raise ProgramError(f"{file} is there already. Name a new file; an older copy is never written over.")
    if store.database.is_shared and revision_of(store.database) != newest_revision():
        raise ProgramError("These books are of another version of this program. Copy them with pg_dump.")
    fresh = file.with_name(f"{file.name}.new")
    try:
        _clear_away(fresh)
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        crash_point("backup.begun")
        if store.database.is_shared:
            _copy_rows_out(store, fresh)
        else:
            _copy_file_out(Path(str(store.database.engine.url.database)), fresh)
        crash_point("backup.copied")
        _prove(fresh)
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.replace(file)
        crash_point("backup.named")
        keep_names(file.parent)
    except (OSError, sqlite3.Error, DatabaseError) as error:
        with contextlib.suppress(OSError):
            _clear_away(fresh)
        raise ProgramError(f"The copy {file} cannot be written: {reason(error)}. Nothing was left there.") from error
    return file.stat().st_size


def restore(store: Store, file: Path, *, force: bool = False) -> None:
    """Replace what the books hold by a copy.

    Raises:
        ProgramError: the copy is damaged or of a later version, or the books hold orders already and ``force`` is not given.
    """
    if not file.is_file():
        raise ProgramError(f"There is no copy {file}.")
    try:
        _prove(file)
    except sqlite3.Error as error:
        raise ProgramError(f"{file} is no copy of the books, or is damaged: {error}.") from error
    if not force and store.database.read(_orders_held):
        raise ProgramError("The books hold orders already. Make a copy of them first, then give --force to replace them.")
    with _of_today(store, file) as copy:
        note = restore_note.begin(store, file, copy)
        try:
            if store.database.is_shared:
                _copy_rows_in(store, copy)
            else:
                path = Path(str(store.database.engine.url.database))
                store.database.close()
                _copy_file_in(copy, path)
        except (OSError, sqlite3.Error, DatabaseError) as error:
            raise ProgramError(
                f"The copy cannot be brought back: {reason(error)}. Run restore again once that is mended."
            ) from error
        crash_point("restore.replaced")
        restore_note.end(note)


@contextlib.contextmanager
def _of_today(store: Store, file: Path) -> Iterator[Path]:
    """Give a copy with the tables of this version: the file itself, or of an older one a copy that was brought up to date.

    Raises:
        ProgramError: a later version of this program made it, or there is no room.
    """
    with contextlib.closing(Database(f"sqlite:///{file}")) as source:
        revision = revision_of(source)
    if revision == newest_revision():
        yield file
        return
    if not is_known(revision):
        raise ProgramError(
            f"{file} is at revision {revision}, this program knows {newest_revision()}: it is of a later version."
        )
    fresh = store.settings.data_dir / "restore.copy"
    try:
        _clear_away(fresh)
        shutil.copyfile(file, fresh)
        fresh.chmod(0o600)
        with contextlib.closing(Database(f"sqlite:///{fresh}")) as copy:
            bring_up_to_date(copy)
            copy.write(lambda connection: begin_audit_log(connection, store.shop.id, store.now_s()))
        yield fresh
    except (OSError, sqlite3.Error, DatabaseError, DatabaseBusyError, DatabaseFullError) as error:
        raise ProgramError(
            f"The older copy {file} cannot be brought up to date: {reason(error)}. The books are unchanged."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            _clear_away(fresh)


def _orders_held(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(orders)).scalar_one())


def _clear_away(fresh: Path) -> None:
    """Remove what a copy that was cut off has left, with SQLite's own files beside it."""
    for ending in ("", "-journal", "-wal", "-shm"):
        fresh.with_name(f"{fresh.name}{ending}").unlink(missing_ok=True)


def _copy_file_out(books: Path, fresh: Path) -> None:
    with contextlib.closing(sqlite3.connect(books)) as there, contextlib.closing(sqlite3.connect(fresh)) as here:
        there.backup(here)
        crash_point("backup.before_seal")
        # A copy is one file, whatever journal the books have.
        here.execute("PRAGMA journal_mode=DELETE").fetchone()
        here.execute(f"PRAGMA application_id={_SEAL}")


def _copy_file_in(file: Path, books: Path) -> None:
    """Replace the books in one transaction of SQLite's: cut off, its journal brings the former books back."""
    with contextlib.closing(sqlite3.connect(file)) as there, contextlib.closing(sqlite3.connect(books)) as here:
        prove_pragmas(here)
        there.backup(here, pages=_PAGES_AT_ONCE, progress=lambda *_left: crash_point("restore.part_copied"))


def _prove(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        state = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.execute("SELECT version_num FROM alembic_version").fetchone()
        seal = copy.execute("PRAGMA application_id").fetchone()[0]
    if state != "ok":
        raise sqlite3.DatabaseError(state)
    if seal != _SEAL:
        raise sqlite3.DatabaseError("it has no end; the backup that wrote it was cut off")


def _copy_rows_out(store: Store, file: Path) -> None:
    copy = Database(f"sqlite:///{file}")
    try:
        bring_up_to_date(copy)
        crash_point("backup.tables_made")
        store.database.read(lambda there: copy.write(lambda here: _fill_copy(there, here)))
    finally:
        copy.close()


def _fill_copy(there: Connection, here: Connection) -> None:
    _copy_tables(there, here)
    crash_point("backup.filled")
    here.execute(text(f"PRAGMA application_id={_SEAL}"))


def _copy_rows_in(store: Store, file: Path) -> None:
    copy = Database(f"sqlite:///{file}")

    def replace(here: Connection) -> None:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        # The guards of append-only tables stand in the way of a copy that replaces them whole; they come back with the commit.
        for table in metadata.sorted_tables:
            here.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        here.execute(text(f"TRUNCATE {names}"))
        crash_point("restore.emptied")
        copy.read(lambda there: _copy_tables(there, here))
        crash_point("restore.filled")
        for table in metadata.sorted_tables:
            here.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        for table in _SEQUENCED:
            newest = here.execute(select(func.coalesce(func.max(table.c.seq), 0))).scalar_one()
            here.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "seq"), newest + 1, False)))

    try:
        store.database.write(replace)
    finally:
        copy.close()


def _copy_tables(source: Connection, target: Connection) -> None:
    present = set(inspect(target).get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in present:
            continue
        rows = source.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table).order_by(*table.primary_key.columns))
        for some in rows.mappings().partitions(_ROWS_AT_ONCE):
            target.execute(table.insert(), [dict(row) for row in some])
