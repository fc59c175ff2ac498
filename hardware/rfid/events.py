"""What an RFID reader tells its owner."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.device import DeviceEvent


@dataclass(frozen=True, slots=True)
class TagSeen(DeviceEvent):
    """A tag was read; comes many times while it is in the field."""

    epc: str
    """The tag's number in hexadecimal, upper case; :mod:`hardware.rfid.epc` tells the article."""
    antenna: int
    """0 when the reader does not tell."""
    rssi_dbm: int | None
    """The strongest of the readings counted; None when the reader does not tell."""
    reads: int = 1
    """How many readings this stands for."""


@dataclass(frozen=True, slots=True)
class AntennaChanged(DeviceEvent):
    """An antenna was plugged in or pulled; without it the gate is blind on that side."""

    antenna: int
    connected: bool


@dataclass(frozen=True, slots=True)
class ReaderTroubled(DeviceEvent):
    """The reader reports a fault of its own, lost readings, or something that made no sense; it goes on."""

    reason: str
