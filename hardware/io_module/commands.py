"""What the owner of a lane can ask of its outputs. Outcomes come as :mod:`hardware.io_module.events`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hardware.device import DeviceCommand


@dataclass(frozen=True, slots=True)
class SetOutputs(DeviceCommand):
    """Switch lights, siren and gate, until switched again. Belt and deactivator cannot be switched, only pulsed or held."""

    outputs: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Pulse(DeviceCommand):
    """Switch an output on; the module switches it off by itself after the time."""

    output: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Hold(DeviceCommand):
    """Keep an output on by renewed pulses, until :class:`Drop` or until the connection is lost."""

    output: str
    until: str = ""
    """An input that ends it as well: what has to stop at a barrier stops there although its owner is busy or hangs."""
    outlives_owner: bool = False
    """Stays on although its owner hangs: a way out in a fire. It still ends when the program dies."""


@dataclass(frozen=True, slots=True)
class Drop(DeviceCommand):
    """Switch a held or pulsed output off now."""

    output: str


OutputCommand: TypeAlias = SetOutputs | Pulse | Hold | Drop
