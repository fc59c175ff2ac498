"""Which scanner it is and what it speaks, as a settings file says it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hardware.device import SerialDriver
from hardware.link import LineSettings
from hardware.pin import Pin
from hardware.scanner.driver import Dialect, ScannerDriver
from hardware.scanner.driver_ssi import SsiDriver

Affix = Annotated[str, Field(max_length=20)]


class ScannerChoice(Pin):
    """One scanner; a Datalogic one tells model and serial number, a Zebra one its model, a plain one nothing."""

    protocol: Literal["ascii", "datalogic", "ssi"] = "ascii"
    """What it is set to speak: plain lines, lines and Datalogic's host bytes, or Zebra's SSI."""
    baud: Annotated[int, Field(ge=1200, le=115200)] = 9600
    """How fast the line is; USB takes any."""
    seven_bits: bool = False
    """Whether the line is 7E1 in place of 8N1; SSI is always 8N1."""
    prefix: Affix = ""
    """What it sends before each code, beside the AIM identifier; not with SSI."""
    suffix: Affix = ""
    """What it sends after each code, before CR or LF; not with SSI."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.protocol == "ascii" and (self.model or self.serial_number):
            raise ValueError("a plain scanner does not say which one it is: leave its model and serial_number out")
        if self.protocol == "ssi" and self.serial_number:
            raise ValueError("SSI tells no serial number: leave serial_number out and name the model")
        if self.protocol == "ssi" and (self.prefix or self.suffix or self.seven_bits):
            raise ValueError("prefix, suffix and seven_bits are for lines; SSI has packets of 8 bits")
        return self

    def driver(self) -> SerialDriver:
        """Return a new driver for it."""
        if self.protocol == "ssi":
            return SsiDriver(line=LineSettings(baud=self.baud))
        bits = LineSettings(baud=self.baud, data_bits=7, parity="E") if self.seven_bits else LineSettings(baud=self.baud)
        dialect = Dialect.DATALOGIC_STD if self.protocol == "datalogic" else Dialect.NONE
        return ScannerDriver(dialect=dialect, prefix=self.prefix.encode(), suffix=self.suffix.encode(), line=bits)
