"""What can happen to a receipt on its way to a CloudPRNT printer: the words of the machine in ``cloudprnt_job``; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class PolledReady:
    """The printer asked, can print, and does not."""

    now_s: float


@dataclass(frozen=True, slots=True)
class PolledPrinting:
    """The printer asked while it prints; ``obstacle`` is what it waits for in the middle."""

    obstacle: str
    now_s: float


@dataclass(frozen=True, slots=True)
class PolledUnable:
    """The printer asked, does not print, and says why it cannot."""

    obstacle: str
    now_s: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """The printer is given the document."""

    now_s: float


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The printer says that it is printed (2xx, OK)."""


@dataclass(frozen=True, slots=True)
class NotDownloaded:
    """The printer says that it could not get the document (520)."""

    now_s: float


@dataclass(frozen=True, slots=True)
class StoppedByPrinter:
    """The printer gives the print up because of itself (4xx)."""

    obstacle: str
    now_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The printer says that it cannot print this document (5xx)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """It was waited for long enough, and nothing of it is on paper."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody will tell any more, and something may be on paper."""

    reason: str


Event: TypeAlias = (
    PolledReady
    | PolledPrinting
    | PolledUnable
    | Fetched
    | Confirmed
    | NotDownloaded
    | StoppedByPrinter
    | Refused
    | Withdrawn
    | Lost
)
