"""What the owner of a card terminal can ask for. Outcomes come as events of :mod:`hardware.card_terminal.events`."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hardware.device import DeviceCommand

AMOUNT_MAX_MINOR = 99_999_999
"""More than this is no purchase in a shop; a mistake is refused before it reaches a card."""


@dataclass(frozen=True, slots=True)
class Charge(DeviceCommand):
    """Take money from a card, once: repeating the same id never charges again, it tells the outcome again."""

    charge_id: UUID
    amount_minor: int
    currency: str
    """ISO 4217, three letters."""


@dataclass(frozen=True, slots=True)
class AbortCharge(DeviceCommand):
    """Ask the terminal to give up a running charge. Its outcome still comes, and may be an approval."""

    charge_id: UUID


@dataclass(frozen=True, slots=True)
class AskCharge(DeviceCommand):
    """Learn what became of a charge; charges nothing."""

    charge_id: UUID


@dataclass(frozen=True, slots=True)
class Reverse(DeviceCommand):
    """Give back all of an approved charge, once."""

    reversal_id: UUID
    charge_id: UUID


@dataclass(frozen=True, slots=True)
class EndDay(DeviceCommand):
    """Close the terminal's day, where its protocol has one."""
