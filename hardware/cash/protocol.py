"""ccTalk frames: one master, many devices, one wire (ccTalk generic specification 4.x, part 1).

Sum-8 mode, the last byte makes the sum of all bytes 0 modulo 256::

    +-------------+---+--------+--------+-------- ... --------+----------+
    | destination | n | source | header |     n data bytes    | checksum |
    +-------------+---+--------+--------+-------- ... --------+----------+

CRC-16 mode, the sum over destination, n, header and data (polynomial 0x1021, start 0, nothing reflected); the sender is not in
the frame::

    +-------------+---+---------+--------+-------- ... --------+----------+
    | destination | n | CRC low | header |     n data bytes    | CRC high |
    +-------------+---+---------+--------+-------- ... --------+----------+

A reply has header 0 (ACK when it has no data), 5 (NAK) or 6 (BUSY) and goes to the host, address 1. Address 0 is everybody. To
an address poll (253, sent to everybody) each device answers with its bare address, no frame, 4 ms x address later; to an
address clash (252) after a time of its own choice.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

from hardware.errors import ProtocolError

Checksum: TypeAlias = Literal["sum8", "crc16"]

BROADCAST = 0
HOST = 1
DATA_MAX = 252
OVERHEAD = 5
"""Bytes of a frame beside its data."""
START_BYTES = 2
"""Destination and n: after them the length is known."""
INTER_BYTE_S = 0.05
"""A receiver forgets a half frame after this silence."""
_BYTE_MAX = 255


class Header(IntEnum):
    """What a frame is about."""

    REPLY = 0
    RESET = 1
    COMMS_STATUS = 2
    CLEAR_COMMS_STATUS = 3
    COMMS_REVISION = 4
    NAK = 5
    BUSY = 6
    CURRENCY_REVISION = 145
    LAMPS = 151
    BILL_MODE_STATUS = 152
    BILL_MODE = 153
    ROUTE_BILL = 154
    COUNTRY_SCALING = 156
    BILL_ID = 157
    BILL_EVENTS = 159
    CIPHER_KEY = 160
    PUMP_RNG = 161
    TEST_HOPPER = 163
    ENABLE_HOPPER = 164
    HOPPER_STATUS = 166
    DISPENSE = 167
    DISPENSE_COUNT = 168
    ADDRESS_MODE = 169
    BASE_YEAR = 170
    HOPPER_COIN = 171
    EMERGENCY_STOP = 172
    COIN_ID = 184
    BUILD_CODE = 192
    FRAUD_COUNT = 193
    REJECT_COUNT = 194
    OPTION_FLAGS = 213
    LEVEL = 217
    ENTER_PIN = 218
    NEW_PIN = 219
    ACCEPT_COUNT = 225
    INSERTION_COUNT = 226
    MASTER_INHIBIT_STATUS = 227
    MASTER_INHIBIT = 228
    COIN_EVENTS = 229
    INHIBIT_STATUS = 230
    MODIFY_INHIBITS = 231
    SELF_CHECK = 232
    OPTOS = 236
    INPUT_LINES = 237
    SOFTWARE = 241
    SERIAL_NUMBER = 242
    DATABASE_VERSION = 243
    PRODUCT_CODE = 244
    CATEGORY = 245
    MANUFACTURER = 246
    STATUS = 248
    POLLING_PRIORITY = 249
    ADDRESS_RANDOM = 250
    ADDRESS_CHANGE = 251
    ADDRESS_CLASH = 252
    ADDRESS_POLL = 253
    SIMPLE_POLL = 254


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    destination: int
    header: int
    data: bytes = b""
    source: int | None = HOST
    """None: read in CRC-16 mode, where nobody can tell."""


def encode(frame: Frame, checksum: Checksum) -> bytes:
    """Return the frame's bytes.

    Raises:
        ValueError: an address, header or length that does not fit; a mistake of ours.
    """
    if len(frame.data) > DATA_MAX:
        raise ValueError(f"{len(frame.data)} data bytes; a frame holds {DATA_MAX}")
    start = bytes([frame.destination, len(frame.data)])
    rest = bytes([frame.header]) + frame.data
    if checksum == "crc16":
        crc = crc16(start + rest)
        return start + bytes([crc & _BYTE_MAX]) + rest + bytes([crc >> 8])
    if frame.source is None:
        raise ValueError("sum-8 frames name their sender")
    body = start + bytes([frame.source]) + rest
    return body + bytes([sum8(body)])


def decode(data: bytes, checksum: Checksum) -> Frame:
    """Read exactly one frame.

    Raises:
        ProtocolError: wrong length or checksum.
    """
    if len(data) < OVERHEAD or len(data) != frame_length(data):
        raise ProtocolError(f"no ccTalk frame: {data.hex(' ')}")
    destination, _, third, header = data[:4]
    payload = data[4:-1]
    if checksum == "crc16":
        if crc16(data[:2] + data[3:-1]) != third | data[-1] << 8:
            raise ProtocolError(f"wrong CRC: {data.hex(' ')}")
        return Frame(destination, header, payload, None)
    if sum(data) & _BYTE_MAX:
        raise ProtocolError(f"wrong checksum: {data.hex(' ')}")
    return Frame(destination, header, payload, third)


def frame_length(start: bytes) -> int:
    """Return the length of the whole frame that begins with these two or more bytes."""
    return start[1] + OVERHEAD


def sum8(data: bytes) -> int:
    """Return the byte that makes the sum 0 modulo 256."""
    return -sum(data) & _BYTE_MAX


def crc16(data: bytes) -> int:
    """CRC-CCITT as ccTalk uses it, also known as XMODEM."""
    return binascii.crc_hqx(data, 0)
