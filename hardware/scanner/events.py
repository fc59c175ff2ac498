"""What a scanner tells its owner and what the owner can ask of it, whatever it speaks on the wire."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.device import DeviceCommand, DeviceEvent
from hardware.scanner.protocol import Symbology


@dataclass(frozen=True, slots=True)
class CodeScanned(DeviceEvent):
    """A code was held before the scanner."""

    text: str
    symbology: Symbology
    """UNKNOWN when the scanner is not set to send AIM identifiers."""


@dataclass(frozen=True, slots=True)
class ScanDiscarded(DeviceEvent):
    """Something came that is no code: a broken line, noise, a wrong check digit."""

    reason: str


@dataclass(frozen=True, slots=True)
class AllowScanning(DeviceCommand):
    """Switch reading on or off; it is on after every connection. A plain scanner always reads."""

    on: bool


@dataclass(frozen=True, slots=True)
class SoundGoodRead(DeviceCommand):
    """Beep: accepted. A plain scanner keeps silent."""


@dataclass(frozen=True, slots=True)
class SoundNotOnFile(DeviceCommand):
    """Beep three times: not accepted. A plain scanner keeps silent."""


@dataclass(frozen=True, slots=True)
class Light(DeviceCommand):
    """Switch its lamp on or off, where it has one that the host may switch (Zebra SSI)."""

    on: bool
