"""What the cash bus tells its owner.

Each credit names ``(place, epoch, seq)``, unique over the device's life and all restarts: the epoch rises when a device was
reset or replaced, seq rises by one per credit. Write the credit and its ``memory`` in one transaction; hand the newest memory
of each place to the driver at the next start as ``last_counters``. A credit that comes again has the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from hardware.device import DeviceEvent

COIN_BOX = "coin-box"
NOTE_BOX = "note-box"


class Level(StrEnum):
    """How full a hopper is, as far as its sensors tell."""

    UNKNOWN = "unknown"
    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


class Severity(StrEnum):
    """What a trouble asks for."""

    INFORMATION = "information"
    """Nothing; perhaps a word to the shopper."""
    OUT_OF_SERVICE = "out-of-service"
    """The place cannot work until someone looks at it."""
    ALARM = "alarm"
    """Staff: fraud, or money whose whereabouts are uncertain."""


class TroubleCode(StrEnum):
    """What is wrong; ``CashTrouble.sentence`` says it for a person."""

    REJECTED = "rejected"
    """A coin or note was not recognised or not wanted, and went back."""
    JAM = "jam"
    FRAUD = "fraud"
    FULL = "full"
    EMPTY = "empty"
    DEVICE_FAULT = "device-fault"
    DEVICE_RESET = "device-reset"
    """A device restarted: what was put in just before may have been taken without a credit."""
    DEVICE_REPLACED = "device-replaced"
    """Another serial number answers: its counters start a new epoch."""
    DEVICE_MISSING = "device-missing"
    DEVICE_BACK = "device-back"
    LOST_EVENTS = "lost-events"
    """More than five events happened between two polls; ``amount_minor`` is unknown."""
    UNCERTAIN_NOTE = "uncertain-note"
    """A note of ``amount_minor`` was on its way to the stacker and nobody can tell whether it got there."""
    COUNTER_MISMATCH = "counter-mismatch"
    """A hopper's two counters disagree about a payout; the larger was taken."""


class PayoutReason(StrEnum):
    """Why a payout ended."""

    DONE = "done"
    EMPTY = "empty"
    JAM = "jam"
    STOPPED = "stopped"
    """By :class:`~hardware.cash.commands.EmergencyStop`."""
    REFUSED = "refused"
    """The hopper said no."""
    RESET = "reset"
    """The hopper restarted in the middle."""
    LINK_LOST = "link-lost"
    """The connection, or this program, was lost in the middle; the counters were read afterwards."""
    TIME_UP = "time-up"
    """The hopper ran too long and was stopped."""
    UNREACHABLE = "unreachable"
    """The hopper does not answer. If ``uncertain``, ask again later with AskPayoutOutcome."""
    UNKNOWN_HOPPER = "unknown-hopper"
    OTHER_HOPPER = "other-hopper"
    """Another hopper is in its place now; its counters say nothing about this payout."""
    BUSY = "busy"
    """The hopper pays out already."""
    NOT_JOURNALLED = "not-journalled"
    """The intent could not be written down, so no coin was moved."""
    LONG_AGO = "long-ago"
    """A payout of this id was settled so long ago that the journal holds only its id: no coin moves again."""
    BAD_COUNT = "bad-count"
    """A payout is 1 to 1000 coins."""


@dataclass(frozen=True, slots=True)
class CounterMemory:
    """Where the reading of one device's events stands; whoever holds it can credit each event exactly once."""

    serial: str
    """The device's serial number; another device's counter means nothing."""
    epoch: int
    seq: int
    """Credits so far."""
    counter: int
    """The device's event counter that was last read, 0 to 255."""


@dataclass(frozen=True, slots=True)
class HopperInfo:
    """One hopper that can pay out."""

    coin_minor: int
    level: Level
    serial: str
    dispensed: int = field(default=0, compare=False)
    """Coins ever paid (header 168) when last asked."""
    count: int | None = None
    """What is in it, where the device counts that itself, as a note recycler does."""


@dataclass(frozen=True, slots=True)
class CashDevices(DeviceEvent):
    """What is on the bus; after each probe, and when a device comes or goes, or a level changes."""

    coin_values_minor: tuple[int, ...]
    """Coins that can be taken, rising; empty without a coin acceptor."""
    note_values_minor: tuple[int, ...]
    """Notes that can be taken, rising; empty without a note validator."""
    hoppers: Mapping[str, HopperInfo]
    country: str = ""
    """The two letters that the devices' coin and bill ids begin with: the currency of all values."""


@dataclass(frozen=True, slots=True)
class MoneyTaken(DeviceEvent):
    """Money that is to be credited, once by its name."""

    place: str
    epoch: int
    seq: int
    value_minor: int
    memory: CounterMemory
    """To be written together with the credit."""


@dataclass(frozen=True, slots=True)
class CoinTaken(MoneyTaken):
    """A coin is in the coin box: credit it."""


@dataclass(frozen=True, slots=True)
class NoteInEscrow(DeviceEvent):
    """A note waits: answer StackNote or ReturnNote within some 20 s, or the validator hands it back."""

    value_minor: int


@dataclass(frozen=True, slots=True)
class NoteStacked(MoneyTaken):
    """A note is in the note box: credit it."""


@dataclass(frozen=True, slots=True)
class NoteReturned(DeviceEvent):
    """A note went back from escrow to the shopper."""

    value_minor: int
    """0 if nobody knows which note it was."""


@dataclass(frozen=True, slots=True)
class CounterMoved(DeviceEvent):
    """A device's event counter moved, with or without a credit: remember ``memory`` for the next start."""

    place: str
    epoch: int
    counter: int
    memory: CounterMemory


@dataclass(frozen=True, slots=True)
class CashTrouble(DeviceEvent):
    """Something that a shopper or staff should know."""

    place: str
    code: TroubleCode
    severity: Severity
    sentence: str
    amount_minor: int = 0
    """The money in doubt, where it is known."""


@dataclass(frozen=True, slots=True)
class ReturnLeverPressed(DeviceEvent):
    """The shopper pressed the coin return: a wish to cancel."""


@dataclass(frozen=True, slots=True)
class PayoutStarting(DeviceEvent):
    """The intent was journalled; the hopper is told to pay next."""

    payout_id: UUID
    hopper: str
    count: int
    dispensed_before: int


@dataclass(frozen=True, slots=True)
class PayoutFinished(DeviceEvent):
    """A payout is over: book ``paid``; decide about the rest."""

    payout_id: UUID
    hopper: str
    requested: int
    paid: int
    """Coins that left the hopper; can exceed ``requested`` when a coin fell after an emergency stop."""
    uncertain: bool
    """The counters could not prove ``paid``: staff must count."""
    reason: PayoutReason
