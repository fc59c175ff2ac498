"""Toledo 8217: bytes to answers (Mettler DIVA service manual; what tills and scanner-scales speak).

A command is one character without an end; an answer stands between STX and CR. The line is 7E1: bit 7 is the parity, which a
pty or a USB adapter set to 8N1 hands over as part of the byte, so every byte is masked with 7F::

    W   weight        02  3 1 . 2 3 4  [N]  0D     kg: two digits, point, three digits; lb: two digits, point, two
                      STX              |    CR     N: net, a tare is set. The unit itself is never sent.
    W   no weight     02  3F  41  0D
    Z   zero          STX  ?  |   CR
    C   clear tare            status: b0 moving, b1 over capacity, b2 under zero, b3 outside the range that can be
    T   tare                  zeroed, b4 centre of zero, b5 net; b6 set or not, b7 parity: no meaning
    E   echo on       02  45  0D                   then everything is sent back until F
    A   start test    02  0D
    B   its result    02  40  0D                   b0 nothing, b1 NOVRAM, b2 RAM, b3 CPU RAM, b4 ROM failed, b6 result is new

There is no checksum and no number of the question: only the exact grammar is accepted, and a weight counts as stable when it
was told twice in a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hardware.errors import ProtocolError
from hardware.scale.reading import GRAMS_PER_UNIT, Unavailable

STX, CR = 0x02, 0x0D
SEVEN_BITS = 0x7F
BODY_LIMIT_BYTES = 8
"""The longest body is a net weight in kg: seven bytes."""

WEIGHT = b"W"
ZERO = b"Z"
CLEAR_TARE = b"C"
ECHO_ON = b"E"
ECHO_OFF = b"F"
START_TEST = b"A"
TEST_RESULT = b"B"
ECHO_STARTED = bytes([STX]) + b"E" + bytes([CR])

Unit = Literal["kg", "lb"]

_GRAMMAR: dict[Unit, re.Pattern[bytes]] = {
    "kg": re.compile(rb"(\d{2}\.\d{3})(N?)"),
    "lb": re.compile(rb"(\d{2}\.\d{2})(N?)"),
}
_STATUS_BODY_BYTES = 2
_STATUS_MASK = 0x3F
_FAILURES = {0x02: "NOVRAM", 0x04: "RAM", 0x08: "processor RAM", 0x10: "ROM"}


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight at rest."""

    grams: float
    net: bool
    """A tare is set: it is not what lies on the pan."""
    raw: str


@dataclass(frozen=True, slots=True)
class Status:
    """Why there is no weight, or how an order went."""

    moving: bool = False
    over_capacity: bool = False
    under_zero: bool = False
    outside_zero_range: bool = False
    at_zero: bool = False
    net: bool = False

    @property
    def unavailable(self) -> Unavailable:
        """The reason in the words of all scales."""
        if self.over_capacity:
            return Unavailable.OVERLOAD
        if self.under_zero:
            return Unavailable.UNDERLOAD
        return Unavailable.MOVING if self.moving else Unavailable.BUSY


def masked(data: bytes) -> bytes:
    """Return the bytes without their parity bit."""
    return bytes(byte & SEVEN_BITS for byte in data)


class Bodies:
    """Cuts a byte stream into what stands between STX and CR; what stands outside is dropped."""

    def __init__(self) -> None:
        self._body: bytearray | None = None
        """None outside an answer."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, parity bits and all; return the bodies that are complete."""
        bodies = []
        for byte in masked(data):
            if (
                self._body is not None and bytes(self._body) == b"?"
            ):  # the next byte is the status, which without bit 6 may look like STX or CR
                self._body.append(byte)
            elif byte == STX:
                self._body = bytearray()
            elif self._body is None:
                continue
            elif byte == CR:
                bodies.append(bytes(self._body))
                self._body = None
            elif len(self._body) < BODY_LIMIT_BYTES:
                self._body.append(byte)
            else:
                self._body = None
        return bodies


def parse_weight(body: bytes, unit: Unit) -> Weight | Status:
    """Read the answer to W.

    Raises:
        ProtocolError: it is neither a weight in the grammar of ``unit`` nor a status.
    """
    if body.startswith(b"?"):
        return parse_status(body)
    found = _GRAMMAR[unit].fullmatch(body)
    if found is None:
        other: Unit = "lb" if unit == "kg" else "kg"
        hint = f"; it shows {other}, the settings say {unit}" if _GRAMMAR[other].fullmatch(body) else ""
        raise ProtocolError(f"asked for the weight, the scale said {body!r}{hint}")
    digits, net = found.groups()
    grams = Decimal(digits.decode("ascii")) * GRAMS_PER_UNIT[unit]
    return Weight(float(grams), bool(net), body.decode("ascii"))


def parse_status(body: bytes) -> Status:
    """Read a question mark and its status byte; bit 6 has no meaning that two makers agree about.

    Raises:
        ProtocolError: it is no status.
    """
    if len(body) != _STATUS_BODY_BYTES or body[:1] != b"?":
        raise ProtocolError(f"the scale said {body!r}, which is no status")
    bits = body[1] & _STATUS_MASK
    return Status(*(bool(bits & (1 << place)) for place in range(6)))


def parse_test_result(body: bytes) -> tuple[str, ...]:
    """Read the answer to B: what failed; nothing when all passed.

    Raises:
        ProtocolError: it is no result.
    """
    if len(body) != 1:
        raise ProtocolError(f"the scale said {body!r}, which is no result of its test")
    return tuple(name for bit, name in _FAILURES.items() if body[0] & bit)


def has_echoed(received: bytes, words: bytes) -> bool:
    """Whether the scale has switched its echo on and sent ``words`` back; ``received`` as it came, parity bits and all."""
    _before, started, after = masked(received).partition(ECHO_STARTED)
    return bool(started) and words in after
