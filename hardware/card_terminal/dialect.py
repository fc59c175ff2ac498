"""What a protocol must be able to say to a card terminal; :mod:`hardware.card_terminal.terminal` decides what is said when.

None of it repeats anything: a request goes out once, and what became of it is asked for.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from hardware.card_terminal.commands import Charge
from hardware.card_terminal.events import DayEnded, Result
from hardware.connection import Identity
from hardware.device import Driver
from hardware.errors import LinkLostError
from hardware.journal_entry import Entry

Port = TypeVar("Port")


class NotSentError(LinkLostError):
    """Not one byte of the request left: it certainly was not carried out."""


class Dialect(Driver[Port]):
    """One protocol."""

    @abstractmethod
    def identify(self, port: Port) -> Identity:
        """Probe the terminal."""

    @abstractmethod
    def counters(self) -> Mapping[str, int]:
        """Return what must be known before a charge to recognise it afterwards."""

    @abstractmethod
    def details(self, entry_id: UUID, currency: str) -> Mapping[str, str]:
        """Return what the protocol itself needs to ask after a request."""

    @abstractmethod
    def why_not(self, command: Charge) -> str:
        """Return why this terminal cannot charge that; empty when it can."""

    @abstractmethod
    def send(self, port: Port, entry: Entry) -> None:
        """Send a journalled request.

        Raises:
            NotSentError: no byte of it left.
            DeviceError: nobody knows how much of it left.
        """

    @abstractmethod
    def hear(self, port: Port, entry: Entry) -> Result | None:
        """Return the answer when it is there; UNKNOWN when it says that it must be asked for."""

    @abstractmethod
    def ask(self, port: Port, entry: Entry) -> Result | None:
        """Ask what became of a request; None while the terminal is still at it."""

    @abstractmethod
    def abort(self, port: Port, entry: Entry) -> None:
        """Ask the terminal to give a running request up."""

    @abstractmethod
    def beat(self, port: Port) -> None:
        """Ask an idle terminal whether it is there; raise DeviceError when not."""

    @abstractmethod
    def end_day(self, port: Port) -> DayEnded:
        """Close the day."""

    @abstractmethod
    def hang_up(self, port: Port) -> None:
        """Close the port; never fails."""
