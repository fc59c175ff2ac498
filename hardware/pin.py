"""Which device a settings file asks for, so that another one plugged in by mistake is refused."""

from __future__ import annotations

from hardware.connection import Identity
from program.settings import Section


class Pin(Section):
    """What must answer at a URL; empty texts accept any."""

    model: str = ""
    """Its model, as the log told it when it was connected: "device is back: MODEL no. SERIAL FIRMWARE"."""
    serial_number: str = ""
    """Its serial number, as the log told it."""

    @property
    def identity(self) -> Identity:
        """What the connection compares."""
        return Identity(model=self.model, serial_number=self.serial_number)
