"""What all simulated scales have, whatever they speak: options of the pan, hands that put goods on it, facts about it."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import ActionError, JsonValue
from hardware.scale.pan import Pan


class PanOptions(BaseModel):
    """What the pan is like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    capacity_g: float = Field(default=30000.0, gt=0)
    division_g: float = Field(default=1.0, gt=0)
    settling_s: float = Field(default=0.15, gt=0)
    """Time constant with which a load comes to rest."""
    noise_g: float = Field(default=0.1, ge=0)
    """Standard deviation of one sample."""


class OnAPan:
    """The bench's side of a scale."""

    def __init__(self, options: PanOptions, seed: int) -> None:
        self._pan = Pan(
            capacity_g=options.capacity_g,
            division_g=options.division_g,
            settling_s=options.settling_s,
            noise_g=options.noise_g,
            seed=seed,
        )

    def set_load(self, grams: float, now_s: float) -> None:
        """Replace what lies on the scale."""
        self._pan.advance(now_s)
        self._pan.put(grams)

    def put(self, grams: float, now_s: float) -> JsonValue:
        """Put this many grams on the scale in place of what lies there; 0 empties it."""
        if not math.isfinite(grams) or grams < 0:
            raise ActionError(f"{grams} g cannot lie on a scale; give grams, 0 or more.")
        self.set_load(grams, now_s)
        return None

    def disturb(self, on: bool, now_s: float) -> JsonValue:  # noqa: FBT001 - an action's arguments come by name
        """Lean on the scale, so that it never comes to rest, or stop leaning."""
        self._pan.advance(now_s)
        self._pan.disturbed = on
        return None

    def pan_facts(self) -> dict[str, JsonValue]:
        """Return what lies on the pan and what the scale makes of it."""
        pan = self._pan
        return {
            "load_g": pan.load_g,
            "shown_g": pan.net_g,
            "stable": pan.is_stable,
            "zero_g": round(pan.zero_g, 3),
            "tare_g": pan.tare_g,
            "capacity_g": pan.capacity_g,
            "division_g": pan.division_g,
        }
