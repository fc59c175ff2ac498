"""Which driver a scanner needs, by the words of a settings file."""

from __future__ import annotations

from typing import Literal

from hardware.device import SerialDriver
from hardware.link import LineSettings
from hardware.scanner.driver import Dialect, ScannerDriver
from hardware.scanner.driver_ssi import SsiDriver

ScannerProtocol = Literal["ascii", "datalogic", "ssi"]
TELLS_SERIAL_NUMBER = frozenset({"datalogic"})
"""The protocols in which a scanner says which one it is."""
BAUD = 9600


def scanner_driver(
    protocol: ScannerProtocol, *, prefix: str = "", suffix: str = "", baud: int = BAUD, seven_bits: bool = False
) -> SerialDriver:
    """Return a new driver.

    Args:
        protocol: what the scanner is set to speak: plain lines, lines and Datalogic's host bytes, or Zebra's SSI.
        prefix: what it sends before each code, beside the AIM identifier; not with SSI.
        suffix: what it sends after each code, before CR or LF; not with SSI.
        baud: how fast the line is.
        seven_bits: whether the line is 7E1 in place of 8N1; SSI is always 8N1.
    """
    if protocol == "ssi":
        return SsiDriver(line=LineSettings(baud=baud))
    line = LineSettings(baud=baud, data_bits=7, parity="E") if seven_bits else LineSettings(baud=baud)
    dialect = Dialect.DATALOGIC_STD if protocol == "datalogic" else Dialect.NONE
    return ScannerDriver(dialect=dialect, prefix=prefix.encode(), suffix=suffix.encode(), line=line)
