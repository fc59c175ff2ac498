"""What the devices remember on disk: the intent before money moves, the outcome when it is known.

This is the truth about one question only: what was a device told to move, and what did it move. Whose money that was is told by
the owner's own journal (the kiosk's session journal): it names its entries by the same ids and copies nothing from here.

A driver calls :meth:`MoneyJournal.intend` before the order goes out and :meth:`MoneyJournal.settle` when the device's own
counters, or its answer, have told the outcome. At the start it takes :meth:`MoneyJournal.open_entries` and resolves each one
from the device. What no device can tell is settled as uncertain and stays in :meth:`MoneyJournal.uncertain_entries` until staff
has counted (:meth:`MoneyJournal.settle` again, then certain).

:class:`FileJournal` keeps it in one file: every record is one checksummed line, appended and fsynced. A line that a power cut
tore is dropped at the next opening, because nothing was told to move before its line was whole. The file is bounded: from
:data:`REWRITE_BYTES` on it is rewritten with the open and uncertain entries, the :data:`SETTLED_KEPT` newest settled ones, and
of the others their sums and the newest :data:`IDS_KEPT` ids: an order that comes again after so long is refused.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID

from hardware.journal_entry import (
    MARKS_MAX,
    Dropped,
    Entry,
    EntryError,
    Forgotten,
    Intent,
    Outcome,
    Record,
    line_of,
    mark_of,
    record_of,
)

REWRITE_BYTES = 256 * 1024
SETTLED_KEPT = 200
"""The owner may ask for the outcome of so many settled entries; older ones are only in the sums."""
IDS_KEPT = 3000
"""An order older than all these could be carried out twice; an owner repeats only what its own journal holds as open."""
UNSETTLED_MAX = 500
"""With more open or uncertain entries nothing moves until staff has counted."""
FILE_BYTES_MAX = 16 * 1024 * 1024
"""A longer file is none of ours."""


class JournalError(Exception):
    """The journal cannot be read or written: no money may move."""


class MoneyJournal(Protocol):
    """What a driver needs of a journal. Methods raise :class:`JournalError`; then the money stays where it is."""

    def intend(self, intent: Intent) -> None:
        """Write an intent durably before returning. The same again changes nothing; another of the same id is refused."""

    def settle(self, outcome: Outcome) -> None:
        """Write an outcome durably before returning. A certain outcome is final; an uncertain one may be settled again."""

    def entry(self, entry_id: UUID) -> Entry | None:
        """Return an entry; None: it never was intended, or was settled long ago."""

    def was_settled(self, entry_id: UUID) -> bool:
        """Whether an entry was settled so long ago that only its id is known."""

    def open_entries(self, device: str = "") -> tuple[Entry, ...]:
        """Return the entries without an outcome, oldest first; of one device, or of all."""

    def uncertain_entries(self, device: str = "") -> tuple[Entry, ...]:
        """Return the entries that only staff can settle, oldest first; of one device, or of all."""

    def moved_minor(self, device: str, action: str) -> int:
        """Return what all settled entries of a device and an action have moved since the journal began."""


class MemoryJournal:
    """A journal that dies with its program: for benches, where no real money moves."""

    def __init__(self) -> None:
        self._entries: dict[UUID, Entry] = {}
        self._dropped: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._forgotten: dict[str, None] = {}
        """Marks of ids, oldest first."""
        self._lock = threading.RLock()

    def intend(self, intent: Intent) -> None:
        """Remember an intent."""
        with self._lock:
            known = self._entries.get(intent.entry_id)
            if known is not None:
                if known.intent != intent:
                    raise JournalError(f"the entry {intent.entry_id} is already another: {known.intent}")
                return
            unsettled = sum(entry.is_open or entry.is_uncertain for entry in self._entries.values())
            if self.was_settled(intent.entry_id):
                raise JournalError(f"the entry {intent.entry_id} was settled long ago; nothing moves for it again")
            if unsettled >= UNSETTLED_MAX:
                raise JournalError(f"{unsettled} entries have no certain outcome. Count the cash and settle them.")
            self._write(intent)
            self._take(intent)

    def settle(self, outcome: Outcome) -> None:
        """Remember an outcome."""
        with self._lock:
            known = self._entries.get(outcome.entry_id)
            if known is None:
                raise JournalError(f"the outcome of {outcome.entry_id} has no intent")
            if known.outcome == outcome:
                return
            if known.outcome is not None and known.outcome.is_certain:
                raise JournalError(f"the entry {outcome.entry_id} is settled already: {known.outcome}")
            self._write(outcome)
            self._take(outcome)
            self._tidy()

    def entry(self, entry_id: UUID) -> Entry | None:
        """Return an entry."""
        with self._lock:
            return self._entries.get(entry_id)

    def was_settled(self, entry_id: UUID) -> bool:
        """Whether only its id is known."""
        with self._lock:
            return mark_of(entry_id) in self._forgotten

    def open_entries(self, device: str = "") -> tuple[Entry, ...]:
        """Return the entries without an outcome."""
        with self._lock:
            return tuple(entry for entry in self._entries.values() if entry.is_open and _is_of(entry, device))

    def uncertain_entries(self, device: str = "") -> tuple[Entry, ...]:
        """Return the entries that only staff can settle."""
        with self._lock:
            return tuple(entry for entry in self._entries.values() if entry.is_uncertain and _is_of(entry, device))

    def moved_minor(self, device: str, action: str) -> int:
        """Return what a device's settled entries have moved."""
        with self._lock:
            kept = (entry for entry in self._entries.values() if (entry.intent.device, entry.intent.action) == (device, action))
            settled = sum(entry.outcome.amount_minor for entry in kept if entry.outcome is not None)
            return self._dropped[device, action] + settled

    def _write(self, record: Record) -> None:
        """Make a record durable; one that is kept in memory only can at least be written."""
        _line(record)

    def _take(self, record: Record) -> None:
        if isinstance(record, Intent):
            self._entries[record.entry_id] = Entry(record)
        elif isinstance(record, Dropped):
            self._dropped[record.device, record.action] += record.amount_minor
        elif isinstance(record, Forgotten):
            self._forgotten |= dict.fromkeys(record.each)
        elif (known := self._entries.get(record.entry_id)) is not None:
            # The newest outcome is kept at the end, so that the oldest settled entries are dropped first.
            del self._entries[record.entry_id]
            self._entries[record.entry_id] = Entry(known.intent, record)

    def _tidy(self) -> None:
        self._forget_old()

    def _forget_old(self) -> None:
        settled = [entry for entry in self._entries.values() if entry.outcome is not None and entry.outcome.is_certain]
        for entry in settled[:-SETTLED_KEPT]:
            assert entry.outcome is not None
            self._dropped[entry.intent.device, entry.intent.action] += entry.outcome.amount_minor
            del self._entries[entry.intent.entry_id]
            self._forgotten[mark_of(entry.intent.entry_id)] = None
        for mark in list(self._forgotten)[:-IDS_KEPT]:
            del self._forgotten[mark]

    def _records(self) -> Iterator[Record]:
        for (device, action), amount_minor in self._dropped.items():
            yield Dropped(device, action, amount_minor)
        marks = list(self._forgotten)
        for at in range(0, len(marks), MARKS_MAX):
            yield Forgotten("".join(marks[at : at + MARKS_MAX]))
        for entry in self._entries.values():
            yield entry.intent
            if entry.outcome is not None:
                yield entry.outcome


class FileJournal(MemoryJournal):
    """A journal in one file; see the head of this module. Its folder is held by one program."""

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            JournalError: it cannot be read or written, or is damaged before its last line.
        """
        super().__init__()
        self._path = path
        self._file = -1
        self._rewrite_at = REWRITE_BYTES
        """Much that is unsettled must not make every outcome rewrite the file."""
        with self._explained():
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _sync_folder(path)
            self._size = self._load()
            os.ftruncate(self._file, self._size)
            os.fsync(self._file)

    def close(self) -> None:
        """Close the file; nothing can be written any more."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def _load(self) -> int:
        """Take all whole lines; return where the last of them ends."""
        data = _read_all(self._file)
        good = at = 0
        torn = None
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            at += len(line) + 1
            try:
                record = record_of(line)
            except EntryError as error:
                torn = torn or f"line {number} is damaged: {error}"
                continue
            if torn:
                raise JournalError(f"The journal {self._path} cannot be trusted, {torn}. Keep the file and count the cash.")
            self._take(record)
            good = at
        return good

    def _write(self, record: Record) -> None:
        line = _line(record)
        with self._explained():
            if self._file < 0:
                raise OSError("it is closed, or failed before")
            try:
                _write_all(self._file, line, self._size)
                os.fsync(self._file)
            except OSError:
                self._give_up()
                raise
            self._size += len(line)

    def _give_up(self) -> None:
        """After a failed write nobody knows what is on the disk: take the half line off if possible, and write no more."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
        self.close()

    def _tidy(self) -> None:
        if self._size < self._rewrite_at:
            return
        self._forget_old()
        data = b"".join(map(_line, self._records()))
        fresh = self._path.with_name(f"{self._path.name}.new")
        with self._explained():
            file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                _write_all(file, data, 0)
                os.fsync(file)
                fresh.replace(self._path)
                _sync_folder(self._path)
            except OSError:
                os.close(file)
                self._give_up()
                raise
            os.close(self._file)
            self._file, self._size = file, len(data)
            self._rewrite_at = max(REWRITE_BYTES, 2 * self._size)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise JournalError(
                f"The journal {self._path} fails: {error}. No money moves. Make room on the disk or replace it, then start"
                f" again; keep the file."
            ) from error


def _line(record: Record) -> bytes:
    try:
        return line_of(record)
    except EntryError as error:
        raise JournalError(f"{record} cannot be written down: {error}") from error


def _is_of(entry: Entry, device: str) -> bool:
    return device in {"", entry.intent.device}


def _read_all(file: int) -> bytes:
    size = os.fstat(file).st_size
    if size > FILE_BYTES_MAX:
        raise OSError(f"it has {size} bytes; a journal has at most {FILE_BYTES_MAX}")
    data = b""
    while more := os.pread(file, size - len(data) + 1, len(data)):
        data += more
    return data


def _write_all(file: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(file, data, at)
        data, at = data[written:], at + written


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
