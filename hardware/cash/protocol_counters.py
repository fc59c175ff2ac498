"""Counters and status bytes of ccTalk devices: what happened, how often, how many coins (ccTalk part 2; SCH2, Flow manuals).

Event buffer of coin acceptor (229) and note validator (159), five newest events, newest first::

    +---------+----+----+----+----+----+----+----+----+----+----+
    | counter | A1 | B1 | A2 | B2 | A3 | B3 | A4 | B4 | A5 | B5 |
    +---------+----+----+----+----+----+----+----+----+----+----+
    counter 0 only after a reset, then 1 ... 255, 1 ...

Hopper status (166); header 168 answers three more bytes, coins ever paid, least significant first::

    +---------------+-----------+-----------+-------------+
    | event counter | remaining | last paid | last unpaid |
    +---------------+-----------+-----------+-------------+
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from hardware.errors import ProtocolError

COUNTER_MAX = 255
BUFFER_EVENTS = 5
DISPENSED_MODULO = 1 << 24
ENABLE_KEY = 0xA5
_BUFFER_BYTES = 1 + 2 * BUFFER_EVENTS
_STATUS_BYTES = 4
_COUNT_BYTES = 3

Pair = tuple[int, int]
NO_EVENT: Pair = (0, 0)
"""A place in the buffer that nothing was written to; a note validator also means "inhibited" by it."""


@dataclass(frozen=True, slots=True)
class EventBuffer:
    """The reply to 229 or 159."""

    counter: int
    pairs: tuple[Pair, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class HopperStatus:
    """The reply to 166."""

    event_counter: int
    remaining: int
    paid: int
    unpaid: int


class HopperFlag(IntFlag):
    """The reply to 163, both test registers."""

    OVER_CURRENT = 1 << 0
    PAYOUT_TIME_OUT = 1 << 1
    MOTOR_REVERSED = 1 << 2
    OPTO_BLOCKED_IDLE = 1 << 3
    OPTO_SHORT_IDLE = 1 << 4
    OPTO_BLOCKED_PAYING = 1 << 5
    POWER_UP = 1 << 6
    DISABLED = 1 << 7
    OPTO_SHORT_PAYING = 1 << 8
    SINGLE_COIN_MODE = 1 << 9
    MEMORY_A = 1 << 10
    MEMORY_B = 1 << 11
    MEMORY_C = 1 << 12
    MEMORY_D = 1 << 13
    POWER_FAIL_IN_WRITE = 1 << 14
    PIN_USED = 1 << 15


BLOCKING = (
    HopperFlag.OVER_CURRENT
    | HopperFlag.OPTO_BLOCKED_IDLE
    | HopperFlag.OPTO_SHORT_IDLE
    | HopperFlag.OPTO_BLOCKED_PAYING
    | HopperFlag.OPTO_SHORT_PAYING
)
"""With any of these set a hopper refuses to pay."""


@dataclass(frozen=True, slots=True)
class HopperSensors:
    """The reply to 217, as the SCH2 manual has it."""

    below_low: bool
    above_high: bool
    has_low: bool
    has_high: bool


class FlowLevel(IntEnum):
    """The reply of a Flow hopper to 236, which other hoppers answer with their sensors."""

    FULL = 0
    HALF = 2
    EMPTY = 3


def parse_event_buffer(data: bytes) -> EventBuffer:
    """Read the data of 229 or 159."""
    if len(data) != _BUFFER_BYTES:
        raise ProtocolError(f"an event buffer has {_BUFFER_BYTES} bytes, not {len(data)}")
    return EventBuffer(data[0], tuple((data[at], data[at + 1]) for at in range(1, _BUFFER_BYTES, 2)))


def event_buffer_bytes(buffer: EventBuffer) -> bytes:
    """Return the data of 229 or 159."""
    return bytes([buffer.counter]) + b"".join(bytes(pair) for pair in buffer.pairs)


def parse_hopper_status(data: bytes) -> HopperStatus:
    """Read the data of 166."""
    if len(data) != _STATUS_BYTES:
        raise ProtocolError(f"a hopper status has {_STATUS_BYTES} bytes, not {len(data)}")
    return HopperStatus(*data)


def hopper_status_bytes(status: HopperStatus) -> bytes:
    """Return the data of 166."""
    return bytes([status.event_counter, status.remaining, status.paid, status.unpaid])


def parse_dispense_count(data: bytes) -> int:
    """Read the data of 168: coins ever paid."""
    if len(data) != _COUNT_BYTES:
        raise ProtocolError(f"a dispense count has {_COUNT_BYTES} bytes, not {len(data)}")
    return int.from_bytes(data, "little")


def dispense_count_bytes(count: int) -> bytes:
    """Return the data of 168."""
    return (count % DISPENSED_MODULO).to_bytes(_COUNT_BYTES, "little")


def parse_hopper_test(data: bytes) -> HopperFlag:
    """Read the data of 163: one register (Mk1, Flow), two or more (SCH2)."""
    if not data:
        raise ProtocolError("a hopper test has at least one byte")
    return HopperFlag(int.from_bytes(data[:2], "little"))


def parse_hopper_sensors(data: bytes) -> HopperSensors:
    """Read the data of 217."""
    if len(data) != 1:
        raise ProtocolError(f"hopper sensors are one byte, not {len(data)}")
    bits = data[0]
    return HopperSensors(bool(bits & 0x01), bool(bits & 0x02), bool(bits & 0x10), bool(bits & 0x20))


def hopper_sensors_byte(sensors: HopperSensors) -> bytes:
    """Return the data of 217."""
    return bytes([sensors.below_low | sensors.above_high << 1 | sensors.has_low << 4 | sensors.has_high << 5])


def parse_flow_level(data: bytes) -> FlowLevel:
    """Read the data of 236 as the Flow hopper means it."""
    if len(data) != 1:
        raise ProtocolError(f"a level is one byte, not {len(data)}")
    try:
        return FlowLevel(data[0])
    except ValueError as error:
        raise ProtocolError(f"a Flow hopper knows no level {data[0]}") from error


def next_counter(counter: int) -> int:
    """Return the counter after one more event: 255 is followed by 1, never by 0."""
    return 1 if counter >= COUNTER_MAX else counter + 1
