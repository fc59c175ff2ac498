"""Which scale it is and what it speaks, as a settings file says it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hardware.device import SerialDriver
from hardware.link import LineSettings
from hardware.pin import Pin
from hardware.scale.driver import ScaleDriver
from hardware.scale.driver_8217 import ToledoDriver
from hardware.scale.protocol_8217 import Unit


class ScaleChoice(Pin):
    """One scale; an MT-SICS scale tells model and serial number, a Toledo 8217 none."""

    protocol: Literal["mt-sics", "toledo-8217"] = "mt-sics"
    """What the scale is set to speak."""
    unit: Unit = "kg"
    """What a Toledo 8217 shows, because it does not say so; an MT-SICS scale says it itself."""
    baud: Annotated[int, Field(ge=1200, le=115200)] = 9600
    """How fast the line is; the rest follows from the protocol: 8N1 for MT-SICS, 7E1 for Toledo 8217."""

    @model_validator(mode="after")
    def _can_be_pinned(self) -> Self:
        if self.protocol == "toledo-8217" and (self.serial_number or self.model):
            raise ValueError("a Toledo 8217 scale does not say which one it is: leave its model and serial_number out")
        return self

    def driver(self) -> SerialDriver:
        """Return a new driver for it."""
        if self.protocol == "mt-sics":
            return ScaleDriver(line=LineSettings(baud=self.baud))
        return ToledoDriver(unit=self.unit, line=LineSettings(baud=self.baud, data_bits=7, parity="E"))
