"""Who a simulated MT-SICS scale is: its options, and what it tells about itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field

from hardware.scale.simulator_pan import PanOptions


class ScaleOptions(PanOptions):
    """What kind of scale it is."""

    serial_number: str = "B021002593"
    model: str = "WKC6-lane"
    firmware: str = "4.22"
    unit: Literal["g", "kg"] = "g"
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
