"""What only a recycler tells; all else is in :mod:`hardware.cash.events`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hardware.cash.events import PayoutReason
from hardware.device import DeviceEvent

BOX = "recycler-box"
"""The cash box: notes in it never come out again."""
STORE = "recycler"
"""A payout in any notes."""


def store_of(value_minor: int) -> str:
    """Return the name of the place where notes of a value are kept."""
    return f"{STORE}-{value_minor}"


@dataclass(frozen=True, slots=True)
class AmountPaid(DeviceEvent):
    """A payout in any notes is over."""

    payout_id: UUID
    requested_minor: int
    paid_minor: int
    uncertain: bool
    reason: PayoutReason


@dataclass(frozen=True, slots=True)
class StoreEmptied(DeviceEvent):
    """Notes were moved from the store into the cash box."""

    entry_id: UUID
    moved: Mapping[int, int]
    """Value to number of notes that left the store."""
    uncertain: bool
