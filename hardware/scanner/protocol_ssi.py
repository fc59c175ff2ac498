"""Zebra's Simple Serial Interface (SSI): bytes to packets, packets to codes. Pure.

Everything is a packet, in both directions::

    05  E6  04  00  01  FF 10
    |   |   |   |   |   checksum: all bytes before it and itself (high byte first) sum up to 10000
    |   |   |   |   data, 0 to 251 bytes
    |   |   |   status: b0 sent again, b1 more packets of the same message follow
    |   |   source: 04 host, 00 decoder
    |   opcode
    length of all but the checksum

    F3 decode data    type of the code, then its text; the host must answer D0 or the decoder sends it again, twice
    D0 ACK            D1 NAK: reason 01 send again, 02 not now or not known, 06 denied
    E9 scan enable    EA scan disable    E6 beep    E7 LED on    E8 LED off    C6 parameters
    A3 which revision A4 the revision

The text of a long code comes in several packets. The makers' guides leave open whether each of them begins with the type; a
first byte that equals the type is taken for it. Values of types, beeps and parameters are from public sources, and none was
tried on a real scanner here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from hardware.errors import ProtocolError
from hardware.scanner.protocol import LINE_LIMIT_BYTES, Broken, Code, Symbology, checked, read_text

INTER_CHARACTER_S = 0.2
"""Silence inside a packet for so long means that the rest will not come."""
RESEND_SPAN_S = 5.0
"""A packet that is sent again comes within this time: two times after two seconds each."""
HEADER_BYTES, CHECKSUM_BYTES = 4, 2
HOST, DECODER = 0x04, 0x00
_SUM_SPACE = 0x10000


class Op(IntEnum):
    """What a packet is about."""

    REQUEST_REVISION = 0xA3
    REPLY_REVISION = 0xA4
    PARAM_SEND = 0xC6
    ACK = 0xD0
    NAK = 0xD1
    START_SESSION = 0xE4
    STOP_SESSION = 0xE5
    BEEP = 0xE6
    LED_ON = 0xE7
    LED_OFF = 0xE8
    SCAN_ENABLE = 0xE9
    SCAN_DISABLE = 0xEA
    DECODE_DATA = 0xF3


class StatusBit(IntFlag):
    """Bits of the status byte."""

    SENT_AGAIN = 0x01
    MORE_FOLLOWS = 0x02


FIRST_TIME = StatusBit(0)


class NakReason(IntEnum):
    """Why a packet was refused."""

    RESEND = 0x01
    BAD_CONTEXT = 0x02
    DENIED = 0x06


BEEP_ACCEPTED = b"\x00"
"""One short high tone."""
BEEP_REFUSED = b"\x11"
"""Three long low tones."""
ALL_LEDS = b"\xff"
SEND_DECODED_IN_PACKETS = b"\xff\xee\x01"
"""Parameters: no beep; number EE, decode data format, becomes 1, packets. Forgotten without power."""

TYPES = {
    0x01: Symbology.CODE39,
    0x02: Symbology.CODABAR,
    0x03: Symbology.CODE128,
    0x06: Symbology.ITF,
    0x07: Symbology.CODE93,
    0x08: Symbology.EAN13,
    0x09: Symbology.EAN13,
    0x0A: Symbology.EAN8,
    0x0B: Symbology.EAN13,
    0x0F: Symbology.GS1_128,
    0x11: Symbology.PDF417,
    0x1B: Symbology.DATA_MATRIX,
    0x1C: Symbology.QR,
    0x2D: Symbology.AZTEC,
    0x30: Symbology.GS1_DATABAR,
    0x31: Symbology.GS1_DATABAR,
    0x32: Symbology.GS1_DATABAR,
    0x48: Symbology.EAN13,
    0x4A: Symbology.EAN8,
    0x4B: Symbology.EAN13,
    0x88: Symbology.EAN13,
    0x8A: Symbology.EAN8,
    0x8B: Symbology.EAN13,
    0xC1: Symbology.GS1_DATA_MATRIX,
    0xC2: Symbology.GS1_QR,
}
"""UPC-A and UPC-E become EAN-13; types with 40 or 80 added have an add-on of two or five digits. Others are OTHER."""

_UPC_A, _UPC_E, _BASE_TYPE = 0x08, 0x09, 0x3F
_UPC_A_DIGITS, _UPC_E_DIGITS = 12, 8
_ZERO_SUPPRESSED = {"0": (3, "00000"), "1": (3, "10000"), "2": (3, "20000"), "3": (4, "00000"), "4": (5, "00000")}
"""By the last digit of a UPC-E: how many of its eight digits begin the UPC-A, and what follows them."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet whose checksum was right."""

    opcode: int
    data: bytes = b""
    status: int = 0
    source: int = DECODER


def encode(opcode: Op, data: bytes = b"", status: StatusBit = FIRST_TIME) -> bytes:
    """Return the bytes of a packet from the host."""
    body = bytes([HEADER_BYTES + len(data), opcode, HOST, status]) + data
    return body + checksum(body).to_bytes(CHECKSUM_BYTES, "big")


def checksum(body: bytes) -> int:
    """Return what makes the sum of all bytes zero in 16 bits."""
    return -sum(body) % _SUM_SPACE


class Packets:
    """Cuts a byte stream into packets. Told the time, looks at no clock.

    After something broken the rest of the line is thrown away until it was silent, because no byte marks where a packet begins;
    only then is it told, so that whoever asks for a repetition does not ask into the noise.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fault = ""
        self._heard_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[Packet | Broken]:
        """Take bytes that came at ``now_s``; return what is complete."""
        found: list[Packet | Broken] = list(self._expire(now_s))
        if data:
            self._heard_s = now_s
        for byte in data:
            packet = None if self._fault else self._take(byte)
            if packet is not None:
                found.append(packet)
        return found

    def _expire(self, now_s: float) -> list[Broken]:
        if not (self._buffer or self._fault) or now_s - self._heard_s < INTER_CHARACTER_S:
            return []
        broken = Broken(self._fault or f"a packet stopped after {len(self._buffer)} bytes")
        self._buffer.clear()
        self._fault = ""
        return [broken]

    def _take(self, byte: int) -> Packet | None:
        self._buffer.append(byte)
        length = self._buffer[0]
        if length < HEADER_BYTES:
            self._fault = f"a packet cannot be {length} bytes long"
        elif len(self._buffer) == length + CHECKSUM_BYTES:
            return self._finish()
        return None

    def _finish(self) -> Packet | None:
        body, given = bytes(self._buffer[:-CHECKSUM_BYTES]), int.from_bytes(self._buffer[-CHECKSUM_BYTES:], "big")
        if checksum(body) != given:
            self._fault = "the checksum of a packet is wrong"
            return None
        self._buffer.clear()
        return Packet(opcode=body[1], data=body[HEADER_BYTES:], status=body[3], source=body[2])


class Decoded:
    """Puts the packets of decoded codes together; a packet that was sent again counts once."""

    def __init__(self) -> None:
        self._payload: bytearray | None = None
        """The text so far of a code whose rest is to come."""
        self._type = 0
        self._too_long = False
        self._last: Packet | None = None
        self._last_s = 0.0

    def take(self, packet: Packet, now_s: float) -> Code | Broken | None:
        """Take decode data; return a whole code, why there is none, or None when it is only a part or a repetition."""
        again = bool(packet.status & StatusBit.SENT_AGAIN)
        last, recent = self._last, now_s - self._last_s < RESEND_SPAN_S
        self._last, self._last_s = packet, now_s
        if again and recent and last is not None and last.data == packet.data:
            return None
        if not packet.data:
            return Broken("a code without a type")
        self._add(packet.data, continues=recent)
        if packet.status & StatusBit.MORE_FOLLOWS:
            return None
        payload, self._payload = bytes(self._payload or b""), None
        if self._too_long:
            return Broken(f"a code is longer than {LINE_LIMIT_BYTES} bytes")
        try:
            return parse_code(self._type, payload)
        except ProtocolError as error:
            return Broken(str(error))

    def _add(self, data: bytes, *, continues: bool) -> None:
        if self._payload is None or not continues:
            self._payload, self._type, self._too_long = bytearray(data[1:]), data[0], False
            return
        self._payload += data[1:] if data[0] == self._type else data
        if len(self._payload) > LINE_LIMIT_BYTES:
            self._too_long = True
            self._payload.clear()


def parse_code(kind: int, payload: bytes) -> Code:
    """Read a code of an SSI type.

    Raises:
        ProtocolError: it has no text, or an EAN's check digit is wrong.
    """
    text = read_text(payload)
    base = kind & _BASE_TYPE if kind in TYPES else kind
    if base == _UPC_A:
        text = f"0{text}"
    elif base == _UPC_E and len(text) == _UPC_E_DIGITS:
        kept, filled = _ZERO_SUPPRESSED.get(text[6], (6, f"0000{text[6]}"))
        text = f"0{text[:kept]}{filled}{text[kept:6]}{text[7]}"
    return checked(text, TYPES.get(kind, Symbology.OTHER))


def parse_revision(packet: Packet) -> tuple[str, str]:
    """Return software revision and hardware from the answer to a question for them; empty where it says nothing."""
    firmware, _blank, hardware = packet.data.decode("ascii", errors="replace").strip().partition(" ")
    return firmware, hardware.strip()
