"""LLRP messages: bytes to messages and back (EPCglobal Low Level Reader Protocol 1.0.1, section 9 and 16).

The reader is the server on TCP port 5084; all numbers are big-endian::

    04 3D    00 00 00 20         00 00 00 05     ...
    |        |                   |               parameters
    |        length of all       message number; an answer has its question's
    3 bits 0, 3 bits version (1), 10 bits type

There is no checksum and no mark where a message begins: TCP keeps the order. Bytes that cannot begin a message mean that the
stream is out of step, and only a new connection mends that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from hardware.errors import ProtocolError

HEADER_BYTES = 10
MESSAGE_LIMIT_BYTES = 65_536
"""A reader's longest answer, its capabilities, has a few thousand."""
_VERSION = 1
_TYPE_BITS = 10


class MessageType(IntEnum):
    """The messages that are used here, by their numbers; answers are ten higher than questions."""

    GET_READER_CAPABILITIES = 1
    GET_READER_CONFIG = 2
    SET_READER_CONFIG = 3
    CLOSE_CONNECTION_RESPONSE = 4
    GET_READER_CAPABILITIES_RESPONSE = 11
    GET_READER_CONFIG_RESPONSE = 12
    SET_READER_CONFIG_RESPONSE = 13
    CLOSE_CONNECTION = 14
    ADD_ROSPEC = 20
    DELETE_ROSPEC = 21
    START_ROSPEC = 22
    STOP_ROSPEC = 23
    ENABLE_ROSPEC = 24
    DISABLE_ROSPEC = 25
    ADD_ROSPEC_RESPONSE = 30
    DELETE_ROSPEC_RESPONSE = 31
    START_ROSPEC_RESPONSE = 32
    STOP_ROSPEC_RESPONSE = 33
    ENABLE_ROSPEC_RESPONSE = 34
    DISABLE_ROSPEC_RESPONSE = 35
    RO_ACCESS_REPORT = 61
    KEEPALIVE = 62
    READER_EVENT_NOTIFICATION = 63
    KEEPALIVE_ACK = 72
    ERROR_MESSAGE = 100
    CUSTOM_MESSAGE = 1023


ANSWERS = {
    MessageType.GET_READER_CAPABILITIES: MessageType.GET_READER_CAPABILITIES_RESPONSE,
    MessageType.GET_READER_CONFIG: MessageType.GET_READER_CONFIG_RESPONSE,
    MessageType.SET_READER_CONFIG: MessageType.SET_READER_CONFIG_RESPONSE,
    MessageType.CLOSE_CONNECTION: MessageType.CLOSE_CONNECTION_RESPONSE,
    MessageType.ADD_ROSPEC: MessageType.ADD_ROSPEC_RESPONSE,
    MessageType.DELETE_ROSPEC: MessageType.DELETE_ROSPEC_RESPONSE,
    MessageType.START_ROSPEC: MessageType.START_ROSPEC_RESPONSE,
    MessageType.STOP_ROSPEC: MessageType.STOP_ROSPEC_RESPONSE,
    MessageType.ENABLE_ROSPEC: MessageType.ENABLE_ROSPEC_RESPONSE,
    MessageType.DISABLE_ROSPEC: MessageType.DISABLE_ROSPEC_RESPONSE,
}
"""Question to answer."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; a type that is not in :class:`MessageType` is kept as its number."""

    type: int
    number: int
    body: bytes = b""


def encoded(message: Message) -> bytes:
    """Return the bytes of a message."""
    first = _VERSION << _TYPE_BITS | message.type
    length = HEADER_BYTES + len(message.body)
    return first.to_bytes(2, "big") + length.to_bytes(4, "big") + message.number.to_bytes(4, "big") + message.body


class Framer:
    """Cuts a byte stream into messages."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def is_partial(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes, return the messages that are complete.

        Raises:
            ProtocolError: these bytes cannot begin a message; the stream is out of step for good.
        """
        self._held += data
        messages = []
        while len(self._held) >= HEADER_BYTES:
            length = self._length()
            if len(self._held) < length:
                break
            first = int.from_bytes(self._held[:2], "big")
            number = int.from_bytes(self._held[6:HEADER_BYTES], "big")
            body = bytes(self._held[HEADER_BYTES:length])
            messages.append(Message(first & (1 << _TYPE_BITS) - 1, number, body))
            del self._held[:length]
        return messages

    def _length(self) -> int:
        first = int.from_bytes(self._held[:2], "big")
        length = int.from_bytes(self._held[2:6], "big")
        if first >> _TYPE_BITS != _VERSION or not HEADER_BYTES <= length <= MESSAGE_LIMIT_BYTES:
            wrong = bytes(self._held[:HEADER_BYTES])
            self._held.clear()
            raise ProtocolError(f"the reader is out of step: {wrong.hex(' ')} begins no message")
        return length
