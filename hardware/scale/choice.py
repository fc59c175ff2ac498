"""Which driver a scale needs, by the words of a settings file."""

from __future__ import annotations

from typing import Literal

from hardware.device import SerialDriver
from hardware.link import LineSettings
from hardware.scale.driver import ScaleDriver
from hardware.scale.driver_8217 import ToledoDriver
from hardware.scale.protocol_8217 import Unit

ScaleProtocol = Literal["mt-sics", "toledo-8217"]
TELLS_SERIAL_NUMBER = frozenset({"mt-sics"})
"""The protocols in which a scale says which one it is."""
BAUD = 9600


def scale_driver(protocol: ScaleProtocol, *, unit: Unit = "kg", baud: int = BAUD) -> SerialDriver:
    """Return a new driver.

    Args:
        protocol: what the scale is set to speak.
        unit: what a Toledo 8217 shows; an MT-SICS scale says it itself.
        baud: how fast the line is; the rest follows from the protocol: 8N1 for MT-SICS, 7E1 for Toledo 8217.
    """
    if protocol == "mt-sics":
        return ScaleDriver(line=LineSettings(baud=baud))
    return ToledoDriver(unit=unit, line=LineSettings(baud=baud, data_bits=7, parity="E"))
