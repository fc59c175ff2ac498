"""What the owner can ask of an SMS modem and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hardware.device import DeviceCommand, DeviceEvent
from hardware.sms.protocol_pdu import Delivery


class Outcome(Enum):
    """Whether a text was sent."""

    SENT = "sent"
    """The network took all of it."""
    NOT_SENT = "not sent"
    """The network took nothing, or only some of a long text's messages; the reason says so."""
    UNCERTAIN = "uncertain"
    """Nobody can tell: the answer was lost. A later :class:`TextReported` may tell that it was sent."""


@dataclass(frozen=True, slots=True)
class SendText(DeviceCommand):
    """Send a text to a phone; answered by one :class:`TextFinished`, perhaps long after that by :class:`TextReported`."""

    key: str
    """The owner's name for it; comes back in the answers."""
    number: str
    """As a person writes it; + and country code where it is international."""
    text: str


@dataclass(frozen=True, slots=True)
class TextFinished(DeviceEvent):
    """What became of :class:`SendText`."""

    key: str
    outcome: Outcome
    reason: str = ""
    """Why not, in a sentence."""
    messages: int = 0
    """How many the network took; a long text needs several."""
    may_arrive_twice: bool = False
    """An answer was lost and the message sent again."""
    worth_repeating: bool = False
    """It was not sent, and what hindered it may pass."""


@dataclass(frozen=True, slots=True)
class TextReported(DeviceEvent):
    """What the network says about a text that was sent."""

    key: str
    delivery: Delivery
    reason: str


@dataclass(frozen=True, slots=True)
class NetworkChanged(DeviceEvent):
    """The modem found or lost its network, or the signal changed."""

    registered: bool
    roaming: bool
    signal_dbm: int | None
    """None when the modem does not know."""
