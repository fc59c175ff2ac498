"""What every simulated device on the bus has: an identity, events, volatile and lasting memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field

from hardware.cash.protocol import Header
from hardware.cash.protocol_counters import BUFFER_EVENTS, NO_EVENT, EventBuffer, Pair, event_buffer_bytes, next_counter
from hardware.cash.protocol_values import serial_bytes

Reply = tuple[int, bytes]
ACK: Reply = (Header.REPLY, b"")
NAK: Reply = (Header.NAK, b"")
MANUFACTURER = "Scanlane bench"
FIRMWARE = "1.0"


@dataclass(slots=True)
class Money:
    """Where coins and notes lie outside the devices: values in minor units, and how many of each."""

    coin_box: Counter[int] = field(default_factory=Counter)
    note_box: Counter[int] = field(default_factory=Counter)
    tray: Counter[int] = field(default_factory=Counter)
    """Coins that lie before the shopper: change, and what the acceptor gave back."""
    bezel: int | None = None
    """A returned note that still sticks in the slot."""
    given_back: Counter[int] = field(default_factory=Counter)
    """What the shopper has taken out of tray and slot."""
    inserted: Counter[int] = field(default_factory=Counter)


def worth_minor(pile: Counter[int]) -> int:
    """Return the value of a pile."""
    return sum(value_minor * count for value_minor, count in pile.items())


class SimulatedUnit(ABC):
    """One device on the simulated bus."""

    category: str
    product: str

    def __init__(self, address: int, serial: int) -> None:
        self.address = address
        self.serial = serial

    def answer(self, header: int, data: bytes, now_s: float) -> Reply | None:
        """Return the reply to a frame; None: a header that the device does not know, so silence."""
        texts = {
            Header.MANUFACTURER: MANUFACTURER,
            Header.CATEGORY: self.category,
            Header.PRODUCT_CODE: self.product,
            Header.SOFTWARE: FIRMWARE,
        }
        if header in texts:
            return Header.REPLY, texts[Header(header)].encode("ascii")
        if header == Header.SERIAL_NUMBER:
            return Header.REPLY, serial_bytes(str(self.serial))
        if header == Header.SIMPLE_POLL:
            return ACK
        if header == Header.RESET:
            self.reset(now_s)
            return ACK
        return self.answer_own(header, data, now_s)

    @abstractmethod
    def answer_own(self, header: int, data: bytes, now_s: float) -> Reply | None:
        """Return the reply to a header that only this kind of device knows."""

    @abstractmethod
    def move(self, now_s: float) -> None:
        """Let coins and notes fall, turn and arrive up to ``now_s``."""

    @abstractmethod
    def reset(self, now_s: float) -> None:
        """Lose what is volatile, as by header 1."""

    def power_cycle(self, now_s: float) -> None:
        """Lose what is lost without power; the same as a reset, unless the device says more."""
        self.reset(now_s)


class Events:
    """The buffer of the five newest events."""

    def __init__(self) -> None:
        self.counter = 0
        self.pairs: list[Pair] = [NO_EVENT] * BUFFER_EVENTS

    def add(self, pair: Pair) -> None:
        """Put in an event; the oldest falls out."""
        self.counter = next_counter(self.counter)
        self.pairs = [pair, *self.pairs[:-1]]

    def reply(self) -> Reply:
        """Return the reply to 229 or 159."""
        return Header.REPLY, event_buffer_bytes(EventBuffer(self.counter, tuple(self.pairs)))
