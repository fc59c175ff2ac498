"""The kiosk's card terminal: its settings, and the driver they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from hardware.card_terminal.https import Trust
from hardware.card_terminal.nexo_driver import NexoDriver, NexoSettings
from hardware.card_terminal.protocol_amounts import NUMERIC
from hardware.card_terminal.terminal import TerminalDriver
from hardware.card_terminal.zvt_driver import ZvtDriver, ZvtSettings
from hardware.journal import MoneyJournal
from program.settings import Section


class CardTerminalSettings(Section):
    """The card terminal."""

    url: str
    """``https://192.168.1.20:8443/nexo``, or ``socket://192.168.1.20:20007`` for ZVT."""
    protocol: Literal["nexo", "zvt"] = "nexo"
    """``nexo`` as in the Adyen Terminal API, or ``zvt``."""
    poi_id: str = ""
    """nexo: the terminal's name, ``<model>-<serial number>``; another terminal is refused."""
    ca: Path | None = None
    """nexo: the authority that signed the terminal's certificate."""
    fingerprint: str = ""
    """nexo: SHA-256 of the terminal's certificate in hexadecimal, in place of an authority."""
    passphrase: str = ""
    """nexo: of the shared key; empty sends everything in clear, for tests only."""
    key_identifier: str = "scanlane"
    """nexo: the shared key's name."""
    key_version: Annotated[int, Field(ge=0)] = 1
    """nexo: the shared key's version."""
    login: bool = False
    """nexo: whether the terminal wants a login first; Adyen's do not."""
    password: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = "000000"  # noqa: S105 - every terminal leaves its factory with it
    """ZVT: the terminal's password."""
    currency: str = "EUR"
    """ZVT: the one currency that the terminal charges."""
    terminal_id: Annotated[str, Field(pattern=r"^([0-9]{8})?$")] = ""
    """ZVT: the only terminal to accept; empty accepts any."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.protocol == "nexo" and "-" not in self.poi_id:
            raise ValueError("a nexo terminal needs its poi_id, such as V400m-324688179")
        if self.protocol == "nexo":
            _ = self.trust.digits
        elif self.currency not in NUMERIC:
            raise ValueError(f"ZVT knows no currency {self.currency!r}; there are {', '.join(NUMERIC)}")
        if self.protocol == "nexo" and self.url.startswith("http:"):
            raise ValueError("a nexo terminal is reached by https:// only")
        return self

    @property
    def trust(self) -> Trust:
        """By what the terminal's certificate is known."""
        return Trust(ca=self.ca, fingerprint=self.fingerprint)

    def driver(self, kiosk: str, journal: MoneyJournal) -> TerminalDriver[Any]:
        """Make the driver."""
        if self.protocol == "zvt":
            return ZvtDriver(ZvtSettings(self.password, self.currency, terminal_id=self.terminal_id), journal)
        settings = NexoSettings(
            sale_id=kiosk,
            poi_id=self.poi_id,
            trust=self.trust,
            passphrase=self.passphrase,
            key_identifier=self.key_identifier,
            key_version=self.key_version,
            login=self.login,
        )
        return NexoDriver(settings, journal)
