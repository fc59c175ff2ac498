"""The kiosk's settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hardware.pin import Pin
from program.settings import ProgramSettings, Section

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Address = Annotated[int, Field(ge=2, le=255)]


class StoreSettings(Section):
    """Where the store server is."""

    url: str
    """Such as ``http://127.0.0.1:8000``."""
    token: str
    """From ``store-server enrol``."""
    ca: Path | None = None
    """The shop's authority (``ca.pem`` of ``store-server make-ca``); empty for a server without TLS."""


class ScannerSettings(Pin):
    """The serial code reader."""

    url: str
    """Serial port, pty or ``socket://host:port``."""


class CashSettings(Pin):
    """The ccTalk bus with coin acceptor, note validator and hoppers."""

    url: str
    """Serial port, pty or ``socket://host:port``."""
    echo: bool = True
    """Whether the adapter returns what is sent, as a single wire does."""
    checksum: Literal["sum8", "crc16"] = "sum8"
    """How the devices are set up."""
    coin_acceptor: Address | None = 2
    """Its address on the bus."""
    note_validator: Address | None = 40
    """Its address on the bus."""
    hoppers: Annotated[tuple[Address, ...], Field(max_length=8)] = (3, 4, 5)
    """Their addresses, most willing first."""
    currency_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "CN"
    """The two letters that coin and bill ids begin with."""
    float: dict[Name, Annotated[int, Field(ge=0, le=5000)]] = Field(default_factory=dict)
    """Coins in each hopper at the first start, such as ``hopper-100 = 100``; counted on in the journal from then on."""


class PrinterSettings(Pin):
    """The receipt printer."""

    url: str
    """Serial port, pty or ``socket://host:9100``."""
    columns: Literal[42, 48] = 42
    """Letters on one line of its paper in the printer's own font."""


class SpeakerSettings(Section):
    """The kiosk's voice."""

    mode: Literal["silent", "espeak"] = "silent"
    """``espeak`` speaks through espeak-ng; ``silent`` only writes into the log."""


class WindowSettings(Section):
    """The touch screen."""

    full_screen: bool = False
    """Cover the whole display, as a kiosk in a shop does."""


class KioskSettings(ProgramSettings):
    """The whole settings file of ``kiosk-app``."""

    name: Name
    """The kiosk's name, as it is enrolled at the store server."""
    language: Literal["en", "zh"] = "en"
    """What a new shopper sees first."""
    store: StoreSettings
    scanner: ScannerSettings
    cash: CashSettings
    printer: PrinterSettings
    speaker: SpeakerSettings = SpeakerSettings()
    window: WindowSettings = WindowSettings()
