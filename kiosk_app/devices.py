"""The kiosk's devices: built from the settings, each on its own thread, all events to one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from hardware.card_terminal import commands as card
from hardware.cash import commands as cash
from hardware.cash.driver import CashBusDriver
from hardware.connection import State
from hardware.device import Device, DeviceEvent
from hardware.link import Link
from hardware.printer.driver import PrintJob, RecoverPrinter
from hardware.recycler.commands import EmptyStore
from kiosk_app.cash_sites import CASH, is_recycled, recycler_of
from kiosk_app.journal import Journal
from kiosk_app.paper import any_printer_driver, printer_profile
from kiosk_app.settings import KioskSettings

SCANNER, PRINTER, TERMINAL = "scanner", "printer", "card-terminal"


class KioskDevices:
    """Scanner, cash devices and printer."""

    def __init__(self, settings: KioskSettings, journal: Journal, publish: Callable[[DeviceEvent], None]) -> None:
        bus = CashBusDriver(
            settings.cash.coin_acceptor,
            settings.cash.note_validator or None,
            settings.cash.hoppers,
            settings.cash.checksum,
            echo=settings.cash.echo,
            currency_country=settings.cash.currency_country,
            last_counters=journal.counters(),
            journal=journal.devices,
            hopper_setups={address: hopper.setup() for address, hopper in settings.cash.hopper.items()},
            checksums=settings.cash.checksums,
            serial_numbers=settings.cash.serial_numbers,
        )
        self._cash: Device[Link] = Device(CASH, settings.cash.url, bus, publish, settings.cash.identity)
        self._recycler = recycler_of(settings.cash.recycler, journal, publish)
        self.paper = printer_profile(settings.printer)
        """What the printer can do."""
        self._printer: Device[Any] = Device(
            PRINTER,
            settings.printer.url,
            any_printer_driver(settings.printer, self.paper, settings.data_dir),
            publish,
            settings.printer.identity,
        )
        self._scanner: Device[Link] = Device(
            SCANNER, settings.scanner.url, settings.scanner.driver(), publish, settings.scanner.identity
        )

        terminal = settings.card_terminal
        self._terminal: Device[Any] | None = None
        if terminal is not None:
            driver = terminal.driver(settings.name, journal.devices)
            self._terminal = Device(TERMINAL, terminal.url, driver, publish)

    def start(self) -> None:
        """Begin to connect."""
        for device in (self._cash, self._recycler, self._printer, self._scanner):
            if device is not None:
                device.start()
        if self._terminal is not None:
            self._terminal.start()

    def stop(self) -> None:
        """Take nothing more and close all ports."""
        for device in (self._scanner, self._printer, self._recycler, self._cash):
            if device is not None:
                device.stop()
        if self._terminal is not None:
            self._terminal.stop()

    def recover_printer(self) -> None:
        """Somebody has cleared the printer and says so."""
        self._printer.perform(RecoverPrinter())

    def empty_recycler(self, entry_id: UUID) -> bool:
        """Move the recycler's notes into its cash box; StoreEmptied follows. False: there is no recycler."""
        if self._recycler is not None:
            self._recycler.perform(EmptyStore(entry_id))
        return self._recycler is not None

    def print(self, job: PrintJob) -> None:
        """Print one job; its outcome comes as an event."""
        self._printer.perform(job)

    def charge(self, command: card.Charge | card.AbortCharge | card.AskCharge | card.Reverse) -> None:
        """Give the card terminal something to do; its outcome comes as an event. Without a terminal nothing can have begun."""
        if self._terminal is not None:
            self._terminal.perform(command)

    @property
    def has_terminal(self) -> bool:
        """Whether the settings name a card terminal."""
        return self._terminal is not None

    def perform(
        self,
        command: cash.AcceptCash | cash.StopAccepting | cash.StackNote | cash.ReturnNote | cash.PayOut | cash.AskPayoutOutcome,
    ) -> None:
        """Give the cash devices something to do: each what is its own; notes are taken in one place only."""
        recycler = self._recycler
        if recycler is None:
            self._cash.perform(command)
        elif isinstance(command, cash.PayOut | cash.AskPayoutOutcome):
            (recycler if is_recycled(command.hopper) else self._cash).perform(command)
        elif isinstance(command, cash.AcceptCash) and recycler.connection.state is State.READY:
            self._cash.perform(cash.AcceptCash(command.coins, frozenset()))
            recycler.perform(cash.AcceptCash(coins=False, notes=command.notes))
        else:
            self._cash.perform(command)
            recycler.perform(command)
