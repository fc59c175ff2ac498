"""Who a simulated MT-SICS scale is: its options, and what it tells about itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ScaleOptions(BaseModel):
    """What kind of scale it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    serial_number: str = "B021002593"
    model: str = "WKC6-lane"
    firmware: str = "4.22"
    unit: Literal["g", "kg"] = "g"
    capacity_g: float = Field(default=30000.0, gt=0)
    division_g: float = Field(default=1.0, gt=0)
    settling_s: float = Field(default=0.15, gt=0)
    """Time constant with which a load comes to rest."""
    noise_g: float = Field(default=0.1, ge=0)
    """Standard deviation of one sample."""
    stable_timeout_s: float = Field(default=5.0, gt=0)
    """How long S, Z and T wait for a stable weight."""


LEVELS = {0: ("I0", "I1", "I2", "I3", "I4", "S", "SI", "SIR", "Z", "@"), 1: ("D", "DW", "SR", "T", "TA", "TAC", "TI", "ZI")}
"""Which commands belong to which level, as I0 lists them."""


def told(name: str, options: ScaleOptions, capacity: str = "") -> str:
    """Return the answer to I1, I2, I3 or I4."""
    return {
        "I1": 'I1 A "01" "2.30" "2.20"',
        "I2": f'I2 A "{options.model} {capacity}"',
        "I3": f'I3 A "{options.firmware}"',
        "I4": f'I4 A "{options.serial_number}"',
    }[name]


def list_of(commands: Collection[str]) -> str:
    """Return the answer to I0: a line for each command with its level, the last one marked as such."""
    known = [(level, name) for level, names in LEVELS.items() for name in names if name in commands]
    return "\r\n".join(f'I0 {"A" if item == known[-1] else "B"} {item[0]} "{item[1]}"' for item in known)
