"""What every simulated device on the bus has: an identity, events, volatile and lasting memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field

from hardware.cash.line_simulator import REPLY_DELAY_S, Voice
from hardware.cash.protocol import BROADCAST, HOST, Checksum, Frame, Header, decode, encode
from hardware.cash.protocol_counters import BUFFER_EVENTS, NO_EVENT, EventBuffer, Pair, event_buffer_bytes, next_counter
from hardware.cash.protocol_values import serial_bytes
from hardware.errors import ProtocolError

Reply = tuple[int, bytes]
ACK: Reply = (Header.REPLY, b"")
NAK: Reply = (Header.NAK, b"")
MANUFACTURER = "Scanlane bench"
FIRMWARE = "1.0"
ADDRESS_STEP_S = 0.004
"""Between the answers of two neighbouring addresses to an address poll."""
_CLASH_PLACES = 256
_ADDRESSES = 256


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
    checksum: Checksum = "sum8"

    def __init__(self, address: int, serial: int) -> None:
        self.address = address
        self.serial = serial
        self.is_plugged = True
        self.naks_unknown = False
        """Whether a header that it does not know is answered with NAK; the usual device is silent."""

    def hear(self, whole: bytes, now_s: float) -> Voice | None:
        """Return what the device puts on the wire when a frame for it, or for everybody, has passed."""
        if whole[0] not in {BROADCAST, self.address}:
            return None
        try:
            question = decode(whole, self.checksum)
        except ProtocolError:
            return None
        if question.header == Header.REPLY:
            return None
        if not question.data and question.header in {Header.ADDRESS_POLL, Header.ADDRESS_CLASH}:
            places = self.address if question.header == Header.ADDRESS_POLL else self.serial % _CLASH_PLACES
            return Voice(bytes([self.address]), REPLY_DELAY_S + places * ADDRESS_STEP_S)
        address = self.address
        reply = self.answer(question.header, question.data, now_s)
        if reply is None:
            return None
        master = HOST if question.source is None else question.source
        # A device that gets another address still answers from its old one.
        return Voice(encode(Frame(master, reply[0], reply[1], address), self.checksum))

    def answer(self, header: int, data: bytes, now_s: float) -> Reply | None:
        """Return the reply to a frame; None is silence."""
        texts = {
            Header.MANUFACTURER: MANUFACTURER,
            Header.CATEGORY: self.category,
            Header.PRODUCT_CODE: self.product,
            Header.SOFTWARE: FIRMWARE,
            Header.BUILD_CODE: "standard",
            Header.BASE_YEAR: "2020",
        }
        plain = {
            Header.SERIAL_NUMBER: serial_bytes(str(self.serial)),
            Header.SIMPLE_POLL: b"",
            Header.COMMS_REVISION: b"\x01\x04\x02",
            Header.COMMS_STATUS: bytes(3),
            Header.CLEAR_COMMS_STATUS: b"",
            Header.ADDRESS_MODE: b"\x05",
        }
        if header in texts:
            return Header.REPLY, texts[Header(header)].encode("ascii")
        if header in plain:
            return Header.REPLY, plain[Header(header)]
        if header == Header.RESET:
            self.reset(now_s)
            return ACK
        if header in {Header.ADDRESS_CHANGE, Header.ADDRESS_RANDOM}:
            return self._move_to(data[0] if data else self._other_address())
        reply = self.answer_own(header, data, now_s)
        return NAK if reply is None and self.naks_unknown else reply

    def _move_to(self, address: int) -> Reply:
        if address <= HOST:
            return NAK
        self.address = address
        return ACK

    def _other_address(self) -> int:
        return HOST + 1 + (self.address * 31 + self.serial) % (_ADDRESSES - HOST - 1)

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
