"""What a scale's answer means, whatever words it used: a weight in grams, or why there is none. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

GRAMS_PER_UNIT = {
    "mg": Decimal("0.001"),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}


class Unavailable(Enum):
    """Why the scale tells no weight; states of the pan, not faults of the line."""

    OVERLOAD = "overloaded: take goods off"
    UNDERLOAD = "below zero: something under or beside the pan carries it, or it was zeroed with goods on"
    BUSY = "cannot weigh now"
    FAULT = "the scale reports a fault of its own"
    MOVING = "not at rest"
    """Said by scales that tell no weight while it moves; passes by itself."""
    TARED = "a tare is set at the scale, so that it does not show what lies on it; clear it there"


@dataclass(frozen=True, slots=True)
class Reading:
    """A weight in grams, as shown: net of zero."""

    grams: float
    stable: bool
    raw: str
