"""Events about the anti-theft pedestal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class EasAlarm:
    """The pedestal senses a live tag."""


@dataclass(frozen=True, slots=True)
class EasCleared:
    """The pedestal's contact is open again."""


@dataclass(frozen=True, slots=True)
class AlarmSilenced:
    """Staff has seen to the alarm."""


@dataclass(frozen=True, slots=True)
class AlarmSilencedForOrder:
    """Staff has seen to the alarm; an order is still in the lane."""


@dataclass(frozen=True, slots=True)
class SirenDone:
    """The siren was loud long enough."""


AlarmEvent: TypeAlias = EasAlarm | EasCleared | AlarmSilenced | AlarmSilencedForOrder | SirenDone
