"""What can happen to the note that comes in; :mod:`hardware.recycler.intake` says what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class NoteRead:
    """A note lies in escrow."""

    value_minor: int
    now_s: float


@dataclass(frozen=True, slots=True)
class UnwantedRead:
    """A note lies in escrow that may not be taken."""

    value_minor: int


@dataclass(frozen=True, slots=True)
class KeepAsked:
    """The owner wants it."""


@dataclass(frozen=True, slots=True)
class ReturnAsked:
    """The owner wants it handed back."""


@dataclass(frozen=True, slots=True)
class IntentWritten:
    """The intent is on disk."""

    now_s: float


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The intent could not be written."""


@dataclass(frozen=True, slots=True)
class RejectSent:
    """The device was told to hand it back."""


@dataclass(frozen=True, slots=True)
class Credited:
    """The device says: credit it."""

    value_minor: int
    now_s: float


@dataclass(frozen=True, slots=True)
class Landed:
    """A note has come to rest."""

    stored: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """A note went back to the shopper."""


@dataclass(frozen=True, slots=True)
class ClearedToFront:
    """At power-up a note was pushed out at the front."""


@dataclass(frozen=True, slots=True)
class ClearedToBox:
    """At power-up a note was moved into the cash box."""

    value_minor: int


@dataclass(frozen=True, slots=True)
class LinkReturned:
    """The connection was lost and is back; whatever was in escrow was told to go back."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """It takes too long."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the counters say."""

    taken: bool | None
    """None: they cannot tell."""
    stored: bool = False


Event: TypeAlias = (
    NoteRead
    | UnwantedRead
    | KeepAsked
    | ReturnAsked
    | IntentWritten
    | NotWritten
    | RejectSent
    | Credited
    | Landed
    | Rejected
    | ClearedToFront
    | ClearedToBox
    | LinkReturned
    | Overdue
    | Judged
)
