"""Events about the goods: light barriers, belt and scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gate_controller.weighing import Verdict


@dataclass(frozen=True, slots=True)
class EntryBarrier:
    """The light barrier where goods are put on the belt."""

    broken: bool


@dataclass(frozen=True, slots=True)
class ExitBarrier:
    """The light barrier at the end of the scale zone."""

    broken: bool


@dataclass(frozen=True, slots=True)
class GoodsOverdue:
    """Nobody put goods on the belt."""


@dataclass(frozen=True, slots=True)
class BeltOverdue:
    """The goods did not reach the exit barrier: low goods, or none."""


@dataclass(frozen=True, slots=True)
class WeightFits:
    """The goods weigh what the order should."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class WeightShort:
    """Too light: perhaps not everything is on the belt yet."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class WeightDiffers:
    """Too heavy."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NoStableWeight:
    """The scale says that it cannot weigh this."""

    reason: str


@dataclass(frozen=True, slots=True)
class WeightOverdue:
    """No stable weight in time."""


@dataclass(frozen=True, slots=True)
class CompletionOverdue:
    """Still too light after the shopper was asked for the rest."""


@dataclass(frozen=True, slots=True)
class CarryDone:
    """The goods have had the time they need over the deactivator."""


@dataclass(frozen=True, slots=True)
class CarryOverdue:
    """The goods do not come off the belt."""


BeltEvent: TypeAlias = (
    EntryBarrier
    | ExitBarrier
    | GoodsOverdue
    | BeltOverdue
    | WeightFits
    | WeightShort
    | WeightDiffers
    | NoStableWeight
    | WeightOverdue
    | CompletionOverdue
    | CarryDone
    | CarryOverdue
)
