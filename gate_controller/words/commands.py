"""What the controller has to do. What belt, deactivator, gate, lights and siren do follows from the lane itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from gate_controller.words.events import Event
from gate_controller.words.gate_events import LeftLongAgo
from gate_controller.words.order import DecidedBy, OrderInLane


@dataclass(frozen=True, slots=True)
class CheckPass:
    """Decide about a scanned text; answer EntryAllowed or EntryRefused, and PassGenuine where that is known before."""

    text: str
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """Ask about the order in the lane again, by its number; answer EntryAllowed or EntryRefused."""

    order_number: str
    entry_id: UUID
    vouched_by: UUID | None = None
    """The staff command that lets the number in without its receipt."""


@dataclass(frozen=True, slots=True)
class AskWeight:
    """Wait for a settled weight from now on; answer with the verdict, or NoStableWeight."""


@dataclass(frozen=True, slots=True)
class WritePassUsed:
    """Write durably that the order uses its pass; answer PassUseWritten or PassUseFailed."""

    order: OrderInLane
    """As it came in; its ``decided_by`` tells who vouched for the payment."""
    decided_by: DecidedBy
    """Who decided about the goods."""


@dataclass(frozen=True, slots=True)
class WriteExit:
    """Write durably that the gate opens, and queue the report; answer ExitWritten or ExitWriteFailed."""

    order: OrderInLane
    measured_g: float | None


@dataclass(frozen=True, slots=True)
class KeepGoods:
    """Write durably that the order did not leave although its pass is used."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class LeaveLane:
    """Tell the server that the shopper turned back."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Feed ``event`` after ``after_s``; replaces a running timer for the same kind of event."""

    event: Event
    after_s: float


@dataclass(frozen=True, slots=True)
class StopTimers:
    """Forget every running timer but those of :data:`LASTING`, and every weight asked for."""


LASTING: frozenset[type[Event]] = frozenset({LeftLongAgo})
"""Timers that go on whatever the lane turns to."""

Command: TypeAlias = (
    CheckPass | CheckOrder | AskWeight | WritePassUsed | WriteExit | KeepGoods | LeaveLane | StartTimer | StopTimers
)
