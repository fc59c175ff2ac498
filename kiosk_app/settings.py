"""The kiosk's settings file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from hardware.cash.hopper_dialect import Dialect, HopperSetup, Key
from hardware.connection import Identity
from hardware.link import LineSettings
from hardware.pin import Pin
from hardware.printer.cloudprnt_protocol import SCHEME, address_of, parse_mac
from hardware.printer.profile import CODE_PAGES, Chinese, QrWay, known_code_page
from hardware.scanner.choice import ScannerChoice
from kiosk_app.staff_desk import SHARED
from kiosk_app.terminal import CardTerminalSettings
from program.settings import ProgramSettings, Section, Token

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Address = Annotated[int, Field(ge=2, le=255)]


class StoreSettings(Section):
    """Where the store server is."""

    url: str
    """Such as ``http://127.0.0.1:8000``."""
    token: Token
    """From ``store-server enrol``."""
    ca: Path | None = None
    """The shop's authority (``ca.pem`` of ``store-server make-ca``); empty for a server without TLS."""


class ScannerSettings(ScannerChoice):
    """The serial code reader."""

    url: str
    """Serial port, pty or ``socket://host:port``."""


class HopperSettings(Section):
    """One hopper, where it is not the usual."""

    coin_minor: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """The coin in it in minor units; empty: it tells itself."""
    dialect: Dialect = "auto"
    """``sch2``, ``flow``, or ``mk1`` for those that answer the order to pay with a plain ACK; ``auto``: by its product code."""
    key: Key = "auto"
    """What it wants with the order to pay: its ``serial`` number, or ``none``; ``auto``: by its product code."""
    pin: Annotated[str, Field(pattern=r"^([0-9]{4})?$")] = ""
    """Four digits, where it was given a PIN."""

    def setup(self) -> HopperSetup:
        """Return it in the driver's words."""
        return HopperSetup(self.coin_minor, self.dialect, self.key, self.pin)


class RecyclerSettings(Pin):
    """A note recycler on a line of its own (ITL SSP, such as an NV200 with store): takes notes, gives them as change."""

    url: str
    """Serial port, pty or ``socket://host:port``."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    """The three letters that it must count in."""
    stored: Annotated[frozenset[Annotated[int, Field(ge=1)]], Field(max_length=16)] = frozenset({500, 1000, 2000})
    """Values (minor units) of the notes that it keeps for change; all others go into its cash box."""
    fixed_key: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{16}$")] = "0123456701234567"
    """The half of the key that both know, as the device was given it; this is what it leaves the factory with."""


class CashSettings(Pin):
    """The ccTalk bus with coin acceptor, note validator and hoppers."""

    url: str
    """Serial port, pty or ``socket://host:port``."""
    echo: bool = True
    """Whether the adapter returns what is sent, as a single wire does."""
    checksum: Literal["sum8", "crc16"] = "sum8"
    """How the devices are set up."""
    checksums: dict[Address, Literal["sum8", "crc16"]] = Field(default_factory=dict)
    """Addresses that are set up otherwise, such as ``40 = "crc16"`` for a note validator among coin devices."""
    coin_acceptor: Address | None = 2
    """Its address on the bus."""
    note_validator: Address | Literal[0] | None = 40
    """Its address on the bus; 0: there is none. While a recycler works, notes go there and not into the validator."""
    recycler: RecyclerSettings | None = None
    """A note recycler beside the bus."""
    hoppers: Annotated[tuple[Address, ...], Field(max_length=8)] = (3, 4, 5)
    """Their addresses, most willing first."""
    hopper: dict[Address, HopperSettings] = Field(default_factory=dict)
    """Hoppers that are not the usual, by address."""
    serial_numbers: dict[Address, Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]] = Field(default_factory=dict)
    """The only device that is accepted at an address; another one is told and not used."""
    currency_country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = "CN"
    """The two letters that coin and bill ids begin with; empty: what most ids of the first device say."""
    float: dict[Name, Annotated[int, Field(ge=0, le=5000)]] = Field(default_factory=dict)
    """Coins in each hopper at the first start, such as ``hopper-100 = 100``; counted on in the journal from then on."""


class PrinterSettings(Pin):
    """The receipt printer."""

    url: str
    """Serial port, pty or ``socket://host:9100``; ``cloudprnt://0.0.0.0:8777/secret`` where a CloudPRNT printer asks for its
    jobs at this computer (it is set to ``http://<this computer>:8777/secret``, and pinned by its MAC as ``serial_number``)."""
    poll_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    """CloudPRNT: how often the printer is set to ask; it is lost when it has not for three times as long."""
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 19200
    """Speed of a serial line; TCP ignores it."""
    flow: Literal["none", "rts-cts", "xon-xoff"] = "none"
    """How the printer holds a serial line up; a printer set to DTR/DSR has its DTR wired to CTS here and takes ``rts-cts``."""
    columns: Literal[42, 48] = 42
    """Letters on one line of its paper in the printer's own font."""
    code_pages: Annotated[dict[str, Annotated[int, Field(ge=0, le=255)]], Field(min_length=1)] = Field(
        default_factory=lambda: dict(CODE_PAGES)
    )
    """Code pages that the printer has, with their numbers in its manual (ESC t); the first that has a letter is taken."""
    chinese: Chinese = "raster"
    """Its own Chinese font: ``gb18030``, ``gbk`` or ``gb2312``; ``raster`` where it has none: the letters are drawn here."""
    qr: QrWay = "native"
    """``raster`` where the printer draws no QR codes itself."""
    logo: Path | None = None
    """A picture file (PNG), printed at the top of every receipt."""
    logo_key: Annotated[str, Field(pattern=r"^([ -~]{2})?$")] = ""
    """Two characters: the picture that is stored in the printer under this key is printed in place of ``logo``."""
    confirmation: Literal["ask", "process-id", "paper-status"] = "ask"
    """How it says that a receipt is printed: GS ( H, GS r 1, or whichever of them it turns out to know."""

    @field_validator("code_pages")
    @classmethod
    def _known_code_pages(cls, pages: dict[str, int]) -> dict[str, int]:
        return {known_code_page(name): number for name, number in pages.items()}

    @model_validator(mode="after")
    def _fits_a_cloud_printer(self) -> Self:
        if self.is_cloudprnt:
            address_of(self.url)
            _ = self.identity
            if self.logo_key:
                raise ValueError(
                    "a CloudPRNT printer gets whole pictures: name the logo's file by logo, and leave logo_key out"
                )
        return self

    @property
    def is_cloudprnt(self) -> bool:
        """Whether the printer asks for its jobs."""
        return self.url.startswith(f"{SCHEME}:")

    @property
    def identity(self) -> Identity:
        """What the connection compares; of a CloudPRNT printer the MAC, however it is written."""
        pinned = super().identity
        if self.is_cloudprnt and pinned.serial_number:
            return replace(pinned, serial_number=parse_mac(pinned.serial_number))
        return pinned

    @property
    def line(self) -> LineSettings:
        """How a serial line is clocked."""
        return LineSettings(baud=self.baud, flow=self.flow)


class SpeakerSettings(Section):
    """The kiosk's voice."""

    mode: Literal["silent", "espeak", "qt"] = "silent"
    """``espeak`` speaks with espeak-ng, ``qt`` with Qt's engine (PySide6-Addons); ``silent`` only writes into the log."""
    volume_percent: Annotated[int, Field(ge=0, le=200)] = 100
    """100 is the voice's own loudness; Qt's engine knows no more. Staff can change it at the kiosk until a restart."""


class StaffSettings(Section):
    """The staff's screen at the kiosk."""

    code: Annotated[str, Field(pattern=r"^([0-9]{4,8})?$")] = ""
    """Four to eight digits that open it, for everybody alike."""
    people: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")],
            Annotated[str, Field(pattern=r"^[0-9]{4,8}$")],
        ],
        Field(max_length=40),
    ] = Field(default_factory=dict)
    """Codes of their own, such as ``anna = "1357"``: slips and books then say who took cash out; "staff" is what they call
    whoever types the shared code, and nobody's own name. Without any code there is no such screen."""

    @field_validator("people")
    @classmethod
    def _can_be_told_apart(cls, people: dict[str, str], told: ValidationInfo) -> dict[str, str]:
        if SHARED in people:
            raise ValueError(f"slips call whoever types the shared code {SHARED!r}; give this person another name")
        codes = [*people.values(), told.data.get("code") or "none"]
        if len(set(codes)) != len(codes):
            raise ValueError("two people have the same code, so nobody could tell them apart")
        return people

    @property
    def has_code(self) -> bool:
        """Whether anybody can open it."""
        return bool(self.code or self.people)


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
    card_terminal: CardTerminalSettings | None = None
    """Leave it out where cards are not taken."""
    speaker: SpeakerSettings = SpeakerSettings()
    staff: StaffSettings = StaffSettings()
    window: WindowSettings = WindowSettings()
