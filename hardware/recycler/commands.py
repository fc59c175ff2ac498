"""What only a recycler can be asked; all else is in :mod:`hardware.cash.commands`."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hardware.device import DeviceCommand


@dataclass(frozen=True, slots=True)
class PayAmount(DeviceCommand):
    """Pay an amount in whatever notes the device chooses, at most once; :class:`AmountPaid` always follows."""

    payout_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class EmptyStore(DeviceCommand):
    """Move all notes of the store into the cash box, counting them; :class:`StoreEmptied` follows."""

    entry_id: UUID
    counted: bool = True
    """False: the quick way, without looking at each note."""


@dataclass(frozen=True, slots=True)
class Recycle(DeviceCommand):
    """Store notes of these values from now on; all others go into the cash box."""

    values_minor: frozenset[int]
