"""Events about the way out: the exit is written, the gate is open, somebody walks through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ExitWritten:
    """The disk holds the exit that is about to happen."""


@dataclass(frozen=True, slots=True)
class ExitWriteFailed:
    """The disk could not record the exit."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody walked through the gate."""


@dataclass(frozen=True, slots=True)
class PassageOverdue:
    """Nobody walked through the open gate."""


@dataclass(frozen=True, slots=True)
class PassageMeanwhile:
    """Somebody walked through a gate that stays open for longer."""


@dataclass(frozen=True, slots=True)
class LeftLongAgo:
    """Whoever walked out last is past the pedestal: an alarm is no longer theirs."""


GateEvent: TypeAlias = ExitWritten | ExitWriteFailed | Passage | PassageOverdue | PassageMeanwhile | LeftLongAgo
