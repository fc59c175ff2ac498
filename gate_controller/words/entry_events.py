"""Events about the pass: a code was read, somebody decided, the record was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from gate_controller.texts import Texts
from gate_controller.words.order import OrderInLane
from store_server.contract.refusals import Refusal


@dataclass(frozen=True, slots=True)
class CodeRead:
    """The scanner read a code."""

    text: str
    entry_id: UUID
    """Made for this attempt."""


@dataclass(frozen=True, slots=True)
class PassGenuine:
    """Signature, kind, shop, time and this controller's record speak for the pass; the server is being asked."""


@dataclass(frozen=True, slots=True)
class EntryAllowed:
    """The pass is good and was not used."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """The holder may not leave with this pass."""

    entry_id: UUID
    refusal: Refusal
    texts: Texts


@dataclass(frozen=True, slots=True)
class EntryRefusedAgain:
    """The amended order, whose goods are on the scale, may not leave yet."""

    texts: Texts


@dataclass(frozen=True, slots=True)
class EntryDisturbed:
    """The pass is good, but the lane cannot check goods now."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class EntryBeyondCaps:
    """The pass is genuine and unused, but the server is away and a signature is not trusted that far: staff decides."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class BeltTaken:
    """The pass is good, but goods of another order, which did not leave, lie on the belt: they are not this shopper's fault."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """A server's yes to an attempt that was given up: let go of it."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class CheckOverdue:
    """Nobody decided about the pass in time."""


@dataclass(frozen=True, slots=True)
class PassUseWritten:
    """The disk holds that this pass is used."""


@dataclass(frozen=True, slots=True)
class PassUseFailed:
    """The pass was used before, or the disk could not record it: nothing may open."""

    refusal: Refusal
    texts: Texts


@dataclass(frozen=True, slots=True)
class ShowingDone:
    """The refusal was on the display long enough."""


EntryEvent: TypeAlias = (
    CodeRead
    | PassGenuine
    | EntryAllowed
    | EntryRefused
    | EntryRefusedAgain
    | EntryDisturbed
    | EntryBeyondCaps
    | BeltTaken
    | LateAnswer
    | CheckOverdue
    | PassUseWritten
    | PassUseFailed
    | ShowingDone
)
