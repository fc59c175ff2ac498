"""SSP frames: one host, one slave on a line of its own (ITL SSP, GA138, transport layer).

::

    +------+-----------------------+--------+------ ... ------+---------+----------+
    | 0x7F | sequence bit, address | length |      data       | CRC low | CRC high |
    +------+-----------------------+--------+------ ... ------+---------+----------+

The CRC goes over everything between the start byte and itself: polynomial 0x8005, start 0xFFFF, not reflected. Behind the
start byte each 0x7F is sent twice, so that a lone one always begins a frame. The sequence bit (0x80) changes with each new
question; a slave that hears the same bit again repeats its last answer and does nothing: repeating a question is harmless.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.errors import ProtocolError

STX = 0x7F
SEQUENCE = 0x80
ADDRESS_MAX = 0x7D
DATA_MAX = 255
HEAD_BYTES = 2
"""Sequence bit with address, and length."""
CRC_BYTES = 2
_CRC_POLYNOMIAL = 0x8005
_CRC_START = 0xFFFF
_CRC_TOP = 0x8000


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame."""

    address: int
    sequence: bool
    data: bytes


def _crc_of(byte: int) -> int:
    crc = byte << 8
    for _ in range(8):
        crc = (crc << 1 ^ _CRC_POLYNOMIAL if crc & _CRC_TOP else crc << 1) & 0xFFFF
    return crc


_CRC_OF = tuple(map(_crc_of, range(256)))


def crc16(data: bytes) -> int:
    """Return the checksum of ``data``."""
    crc = _CRC_START
    for byte in data:
        crc = (crc << 8 & 0xFFFF) ^ _CRC_OF[crc >> 8 ^ byte]
    return crc


def crc_bytes(data: bytes) -> bytes:
    """Return the checksum as it is sent."""
    return crc16(data).to_bytes(CRC_BYTES, "little")


def encode(packet: Packet) -> bytes:
    """Return the bytes on the wire.

    Raises:
        ValueError: the address or the data cannot be sent.
    """
    if not 0 <= packet.address <= ADDRESS_MAX or not 1 <= len(packet.data) <= DATA_MAX:
        raise ValueError(f"{packet} cannot be a frame")
    body = bytes([packet.address | (SEQUENCE if packet.sequence else 0), len(packet.data)]) + packet.data
    body += crc_bytes(body)
    return bytes([STX]) + body.replace(bytes([STX]), bytes([STX, STX]))


def decode(body: bytes) -> Packet:
    """Read a frame without its start byte and with its doubled bytes made single.

    Raises:
        ProtocolError: the length or the checksum does not fit.
    """
    if len(body) <= HEAD_BYTES + CRC_BYTES or len(body) != body[1] + HEAD_BYTES + CRC_BYTES:
        raise ProtocolError(f"{len(body)} bytes are no whole frame: {body.hex(' ')}")
    told, end = body[:-CRC_BYTES], body[-CRC_BYTES:]
    if crc_bytes(told) != end:
        raise ProtocolError(f"the checksum of {body.hex(' ')} does not fit")
    return Packet(body[0] & ~SEQUENCE, bool(body[0] & SEQUENCE), body[HEAD_BYTES:-CRC_BYTES])


class Reader:
    """Finds frames in a stream of bytes that may begin anywhere; never holds more than one frame."""

    def __init__(self) -> None:
        self.broken = 0
        """Frames thrown away for their length or checksum."""
        self._body: bytearray | None = None
        self._half = False
        """A start byte came inside a frame: either doubled, or another frame."""

    def feed(self, data: bytes) -> list[Packet]:
        """Take the next bytes; return the frames that they complete."""
        packets = []
        for byte in data:
            if self._take(byte):
                packet = self._finish()
                packets += [packet] if packet is not None else []
        return packets

    def _take(self, byte: int) -> bool:
        """Take one byte; return whether a frame is complete."""
        if self._body is None or (not self._body and byte == STX):
            self._body = bytearray() if byte == STX else None
            return False
        if byte == STX and not self._half:
            self._half = True
            return False
        if self._half and byte != STX:
            self.broken += 1
            self._body.clear()
        self._half = False
        self._body.append(byte)
        return len(self._body) > HEAD_BYTES and len(self._body) == self._body[1] + HEAD_BYTES + CRC_BYTES

    def _finish(self) -> Packet | None:
        assert self._body is not None
        body, self._body = bytes(self._body), None
        try:
            return decode(body)
        except ProtocolError:
            self.broken += 1
            return None
