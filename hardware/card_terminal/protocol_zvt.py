"""ZVT 13: command frames (APDUs) between a till and a terminal, over TCP as they are, over serial lines in an envelope.

::

    class  instruction  length      data
    06     01           07          04 00 00 00 00 10 00          Authorization of 10.00: BMP 04, six BCD bytes
                        FF lo hi    ...                           255 bytes and more

    80 00 00   acknowledged, sent by the other side after every command, its own and the terminal's
    84 xx 00   refused, xx says why

    serial     10 02  APDU, each 10 doubled  10 03  CRC lo hi     CRC over APDU and 03, polynomial 0x8408, start 0

A till sends one command and then only acknowledges until the terminal sends 06 0F (done) or 06 1E (aborted).
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.errors import ProtocolError

DATA_MAX = 0xFFFF
_LONG = 0xFF
_HEAD = 3
_LONG_HEAD = 5
_CLASSES = frozenset({0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84})
"""First bytes that a ZVT command or answer begins with; another one means that the stream is out of step."""
_DLE, _STX, _ETX = 0x10, 0x02, 0x03
_POLYNOMIAL = 0x8408


@dataclass(frozen=True, slots=True)
class Apdu:
    """One command or answer."""

    control: int
    """Class and instruction, as 0x0601."""
    data: bytes = b""

    def encoded(self) -> bytes:
        """Return the bytes on a TCP line.

        >>> Apdu(0x8000).encoded().hex()
        '800000'
        """
        size = len(self.data)
        if size > DATA_MAX:
            raise ValueError(f"an APDU carries at most {DATA_MAX} bytes")
        length = bytes([size]) if size < _LONG else b"\xff" + size.to_bytes(2, "little")
        return self.control.to_bytes(2, "big") + length + self.data

    @property
    def is_ack(self) -> bool:
        """Whether the other side took the command."""
        return self.control == ACK

    @property
    def is_nack(self) -> bool:
        """Whether the other side does not take the command."""
        return self.control >> 8 == NACK_CLASS


REGISTRATION = 0x0600
AUTHORIZATION = 0x0601
LOG_OFF = 0x0602
REPEAT_RECEIPT = 0x0620
REVERSAL = 0x0630
END_OF_DAY = 0x0650
ABORT = 0x06B0
STATUS_ENQUIRY = 0x0501
COMPLETION = 0x060F
ABORTED = 0x061E
PRINT_LINE = 0x06D1
PRINT_BLOCK = 0x06D3
STATUS_INFORMATION = 0x040F
INTERMEDIATE_STATUS = 0x04FF
ACK = 0x8000
NACK_CLASS = 0x84


class Stream:
    """Cuts a TCP stream into APDUs."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Apdu]:
        """Take bytes, return the APDUs that are complete.

        Raises:
            ProtocolError: the stream is out of step; only a new connection brings it back.
        """
        self._bytes += data
        found: list[Apdu] = []
        while (apdu := self._next()) is not None:
            found.append(apdu)
        return found

    def clear(self) -> None:
        """Forget a half APDU."""
        self._bytes.clear()

    def _next(self) -> Apdu | None:
        held = self._bytes
        if held and held[0] not in _CLASSES:
            raise ProtocolError(f"no ZVT command begins with {held[0]:02X}")
        if len(held) < _HEAD:
            return None
        head, size = _HEAD, held[2]
        if size == _LONG:
            if len(held) < _LONG_HEAD:
                return None
            head, size = _LONG_HEAD, int.from_bytes(held[3:5], "little")
        if len(held) < head + size:
            return None
        apdu = Apdu(int.from_bytes(held[:2], "big"), bytes(held[head : head + size]))
        del held[: head + size]
        return apdu


def serial_frame(apdu: Apdu) -> bytes:
    """Put an APDU into the envelope of a serial line.

    >>> serial_frame(Apdu(0x8000)).hex(" ")
    '10 02 80 00 00 10 03 f5 1f'
    """
    body = apdu.encoded()
    crc = _crc(body + bytes([_ETX]))
    doubled = body.replace(b"\x10", b"\x10\x10")
    return bytes([_DLE, _STX]) + doubled + bytes([_DLE, _ETX]) + crc.to_bytes(2, "little")


def from_serial_frame(frame: bytes) -> Apdu:
    """Take one APDU out of its envelope.

    Raises:
        ProtocolError: the envelope or its CRC is wrong.
    """
    if len(frame) < 9 or frame[:2] != b"\x10\x02" or frame[-4:-2] != b"\x10\x03":  # noqa: PLR2004 - the empty APDU's frame
        raise ProtocolError("no frame of a serial ZVT line")
    body = frame[2:-4].replace(b"\x10\x10", b"\x10")
    if int.from_bytes(frame[-2:], "little") != _crc(body + bytes([_ETX])):
        raise ProtocolError("the CRC of a serial ZVT frame is wrong")
    apdus = Stream().feed(body)
    if len(apdus) != 1 or apdus[0].encoded() != body:
        raise ProtocolError("a serial ZVT frame holds no single APDU")
    return apdus[0]


def _crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _bit in range(8):
            crc = (crc >> 1) ^ _POLYNOMIAL if crc & 1 else crc >> 1
    return crc
