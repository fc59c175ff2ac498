"""What a device's journal says, and how it stands in lines; pure.

One entry is one thing that moves money: coins out of a hopper, a note into its box, a charge. First its intent, then its
outcome. A line is its CRC-32 in hexadecimal, a blank, and a JSON object in ASCII::

    5c1f0b7e {"kind": "intent", "id": "...", "device": "hopper-100", "action": "dispense", "amount_minor": 300, ...}
    b09a2d31 {"kind": "outcome", "id": "...", "amount_minor": 300, "is_certain": true, ...}
    0e44c1d8 {"kind": "dropped", "device": "hopper-100", "action": "dispense", "amount_minor": 125000}

A "dropped" line holds the sum of old, certain entries that a rewriting left out, so that totals never change. A "forgotten"
line holds the newest of their ids, the last 64 bits of each in hexadecimal, so that none of them is carried out a second time.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

AMOUNT_MAX = 10**12
"""Minor units, or pieces; more is a mistake."""
LINE_MAX = 4096
"""Bytes of one line."""
MARK_LETTERS = 16
MARKS_MAX = 200
"""In one line."""
_MARK_MASK = 2**64 - 1
_CRC_DIGITS = 8


class EntryError(ValueError):
    """Something that cannot stand in a journal, or a line that is none."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be asked of a device: enough to learn afterwards, from the device itself, what came of it."""

    entry_id: UUID
    device: str
    """Whose money moves: ``hopper-100``, ``note-box``, the name of a recycler or terminal."""
    action: str
    """What is asked: ``dispense``, ``stack``, ``return``, ``charge``."""
    amount_minor: int
    """How much may move."""
    serial: str = ""
    """The device's serial number: another device's counters say nothing about this entry."""
    before: Mapping[str, int] = field(default_factory=dict)
    """The device's counters before, by names of the driver's own."""
    details: Mapping[str, str] = field(default_factory=dict)
    """What else the driver needs to ask for the outcome: the id of a transaction."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an intent."""

    entry_id: UUID
    amount_minor: int
    """What really moved, as far as anyone knows."""
    is_certain: bool
    """False: neither the device nor its counters could tell; the entry is listed until staff settles it."""
    reason: str
    """A word of the driver's own: ``done``, ``jam``, ``stacked``."""
    after: Mapping[str, int] = field(default_factory=dict)
    """The device's counters after."""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An intent and what came of it."""

    intent: Intent
    outcome: Outcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether the outcome is still to be learned."""
        return self.outcome is None

    @property
    def is_uncertain(self) -> bool:
        """Whether nobody will learn the outcome without counting."""
        return self.outcome is not None and not self.outcome.is_certain


@dataclass(frozen=True, slots=True)
class Dropped:
    """The sum of entries that a rewriting left out."""

    device: str
    action: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Ids of entries that a rewriting left out."""

    marks: str
    """:func:`mark_of` each, one after the other; at most :data:`MARKS_MAX` of them."""

    @property
    def each(self) -> tuple[str, ...]:
        """The marks one by one."""
        return tuple(self.marks[at : at + MARK_LETTERS] for at in range(0, len(self.marks), MARK_LETTERS))


Record: TypeAlias = Intent | Outcome | Dropped | Forgotten


def mark_of(entry_id: UUID) -> str:
    """Return the last 64 bits of an id: enough to know it again among some thousand."""
    return f"{entry_id.int & _MARK_MASK:0{MARK_LETTERS}x}"


def line_of(record: Record) -> bytes:
    """Return a record's line, with its line feed.

    Raises:
        EntryError: it is too long, or an amount cannot be.
    """
    if not isinstance(record, Forgotten) and not 0 <= record.amount_minor <= AMOUNT_MAX:
        raise EntryError(f"an amount is 0 to {AMOUNT_MAX}, not {record.amount_minor}")
    told = asdict(record)
    if isinstance(record, Intent | Outcome):
        told["id"] = str(told.pop("entry_id"))
    body = json.dumps({"kind": _KIND_OF[type(record)], **told}, separators=(",", ":")).encode("ascii")
    line = b"%08x %s\n" % (zlib.crc32(body), body)
    if len(line) > LINE_MAX:
        raise EntryError(f"a line of a journal has at most {LINE_MAX} bytes, this one {len(line)}")
    return line


def record_of(line: bytes) -> Record:
    """Read one line, without its line feed.

    Raises:
        EntryError: it is no whole line, or damaged.
    """
    crc, blank, body = line[:_CRC_DIGITS], line[_CRC_DIGITS : _CRC_DIGITS + 1], line[_CRC_DIGITS + 1 :]
    if blank != b" " or crc != b"%08x" % zlib.crc32(body):
        raise EntryError("its checksum does not fit")
    try:
        return _record(json.loads(body))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EntryError(f"it says nothing that a journal says: {error}") from error


def _record(told: Any) -> Record:
    kind = told.pop("kind")
    if kind == _KIND_OF[Dropped]:
        return Dropped(**told)
    if kind == _KIND_OF[Forgotten]:
        int(told["marks"], 16)
        return Forgotten(**told)
    entry_id = UUID(told.pop("id"))
    return Intent(entry_id, **told) if kind == _KIND_OF[Intent] else Outcome(entry_id, **told)


_KIND_OF: Mapping[type[Record], str] = {
    Intent: "intent",
    Outcome: "outcome",
    Dropped: "dropped",
    Forgotten: "forgotten",
}
