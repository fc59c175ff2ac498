"""The places where a kiosk handles cash: the ccTalk bus, and a note recycler on a line of its own where there is one.

A payment session knows one set of cash devices. What each place has told is merged here; a place that is away is left out.
Notes are taken in one place only: the recycler, or while it is away the bus's validator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hardware.cash.events import CashDevices, HopperInfo
from hardware.device import Device, DeviceEvent
from hardware.link import Link
from hardware.recycler.driver import RecyclerDriver
from hardware.recycler.events import STORE
from kiosk_app.journal import Journal
from kiosk_app.settings import RecyclerSettings

CASH, RECYCLER = "cash", "recycler"
PLACES = (CASH, RECYCLER)


@dataclass(frozen=True, slots=True)
class CashSites:
    """What each place has told, and which are connected."""

    told: Mapping[str, CashDevices] = field(default_factory=dict)
    connected: frozenset[str] = frozenset()

    def heard(self, devices: CashDevices) -> CashSites:
        """Know what a place has."""
        return replace(self, told={**self.told, devices.device: devices})

    def changed(self, place: str, *, is_ready: bool) -> CashSites:
        """Know that a place came or went."""
        return replace(self, connected=self.connected | {place} if is_ready else self.connected - {place})

    def merged(self) -> CashDevices | None:
        """Return all that can be used now; None: nothing."""
        here = [self.told[place] for place in PLACES if place in self.connected and place in self.told]
        if not here:
            return None
        hoppers: dict[str, HopperInfo] = {}
        for devices in here:
            hoppers |= devices.hoppers
        coins = next((devices.coin_values_minor for devices in here if devices.coin_values_minor), ())
        return CashDevices(CASH, coins, here[-1].note_values_minor, hoppers)


def is_recycled(hopper: str) -> bool:
    """Whether a hopper's name is of the recycler."""
    return hopper.startswith(f"{STORE}-")


def recycler_of(
    settings: RecyclerSettings | None, journal: Journal, publish: Callable[[DeviceEvent], None]
) -> Device[Link] | None:
    """Return the recycler of the settings; None: there is none."""
    if settings is None:
        return None
    driver = RecyclerDriver(
        journal.devices,
        currency=settings.currency,
        stored_minor=settings.stored,
        fixed_key=int(settings.fixed_key, 16),
        last_counters=journal.counters(),
    )
    return Device(RECYCLER, settings.url, driver, publish, settings.identity)
