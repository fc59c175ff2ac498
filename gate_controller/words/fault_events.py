"""Events about parts of the lane that fail and come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gate_controller.words.fault import Fault


@dataclass(frozen=True, slots=True)
class FaultRaised:
    """A part of the lane failed."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """The part works again."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class OutOfService:
    """A shopper came to a lane that cannot check goods."""


@dataclass(frozen=True, slots=True)
class MovingFailed:
    """Belt, deactivator and gate stopped in the middle of an order."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class WeighingFailed:
    """The scale failed in the middle of an order."""

    fault: Fault


FaultEvent: TypeAlias = FaultRaised | FaultCleared | OutOfService | MovingFailed | WeighingFailed
