"""A note on the disk while a copy is brought back, so that one that was cut off is told, and which books are there.

The books themselves are never half of each: bringing back is one transaction. But a person who pulled the plug cannot know on
which side of its commit that was. The note holds what to recognise both by, and goes when the copy is back.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DatabaseError

from program.errors import ProgramError, reason
from store_server.persistence.audit import head
from store_server.persistence.crash_points import crash_point
from store_server.persistence.database import Database
from store_server.persistence.tables import answers, order_events, price_books, transfers
from store_server.services.lasting_files import remove, write_whole
from store_server.services.store import Store

_NAME = "restore.unfinished"


def begin(store: Store, file: Path, copy: Path) -> Path:
    """Write down that a copy is being brought back; return the note.

    Args:
        store: whose books are replaced.
        file: what a person calls the copy.
        copy: what is in it, in the tables of this version.

    Raises:
        ProgramError: it cannot be written; the books are as they were.
    """
    with contextlib.closing(Database(f"sqlite:///{copy}")) as books:
        facts = {"file": str(file.resolve()), "former": _of_former(store), "copy": books.read(_known_by)}
    note = store.settings.data_dir / _NAME
    try:
        write_whole(note, json.dumps(facts).encode(), 0o600)
    except OSError as error:
        raise ProgramError(f"Nothing was brought back: {note} cannot be written: {reason(error)}.") from error
    crash_point("restore.noted")
    return note


def end(note: Path) -> None:
    """The copy is back, or a person knows which books are there."""
    remove(note)
    crash_point("restore.ended")


def told(store: Store) -> str:
    """Return a sentence about a bringing back that was cut off; empty when none was."""
    note = store.settings.data_dir / _NAME
    if not note.exists():
        return ""
    facts: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        facts = json.loads(note.read_text(encoding="utf-8"))
    now = store.database.read(_known_by)
    begun = f"Bringing back {facts.get('file', 'a copy')} was cut off"
    if now == facts.get("copy"):
        return f"{begun} after the books had been replaced: they are those of the copy. Run 'store-server verify'."
    if now == facts.get("former"):
        return (
            f"{begun} before anything was replaced: the books are the former ones. Run restore again, or 'verify' to keep them."
        )
    return f"{begun}, and the books were changed since. Run 'store-server verify', or restore again."


def settle(store: Store) -> None:
    """Forget it: somebody looked at the books that are there, and they agree."""
    note = store.settings.data_dir / _NAME
    if note.exists():
        end(note)


def _of_former(store: Store) -> str:
    try:
        return store.database.read(_known_by)
    except DatabaseError:
        return "unreadable, which may be why a copy is brought back"


def _known_by(connection: Connection) -> str:
    """Return what tells books from older ones of the same shop."""
    marks = [select(func.max(column)) for column in (transfers.c.seq, price_books.c.version)]
    marks += [select(func.count()).select_from(table) for table in (order_events, answers)]
    numbers = [connection.execute(mark).scalar_one() for mark in marks]
    return " ".join(str(part) for part in (head(connection), *numbers))
