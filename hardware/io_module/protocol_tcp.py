"""Modbus TCP frames (Modbus Messaging on TCP/IP V1.0b): a number ties each answer to its question, TCP does the checking.

::

    +-----------------+--------------+------------+----------+----------+---------------+
    | transaction (2) | protocol (2) | length (2) | unit (1) | function | data          |
    |                 | always 0     | of the rest|          | 1 byte   | 0 to 252 bytes|
    +-----------------+--------------+------------+----------+----------+---------------+
"""

from __future__ import annotations

from hardware.io_module.protocol import Request, answer_of

TRANSACTIONS = 0x10000
_HEAD = 6
"""Bytes before those that the length counts."""
_LENGTH_MIN, _LENGTH_MAX = 3, 254
"""Unit, function and data; a refusal is the shortest answer."""


def frame(request: Request, transaction: int) -> bytes:
    """Return the bytes to send."""
    rest = bytes([request.unit]) + request.pdu
    return transaction.to_bytes(2) + b"\0\0" + len(rest).to_bytes(2) + rest


def find_reply(received: bytes, request: Request, transaction: int) -> bytes | None:
    """Find the answer among the bytes that came; return its data, or None when it is not (yet) there.

    Answers to older questions and bytes that are no frame are passed over.

    Raises:
        DeviceBusyError: the module asks to come again.
        DeviceRefusedError: the module refuses.
    """
    start = transaction.to_bytes(2) + b"\0\0"
    place = received.find(start)
    while place >= 0:
        pdu = _pdu_at_start(received[place:], request.unit)
        data = answer_of(pdu, request) if pdu is not None else None
        if data is not None:
            return data
        place = received.find(start, place + 1)
    return None


def _pdu_at_start(received: bytes, unit: int) -> bytes | None:
    length = int.from_bytes(received[4:_HEAD])
    if not _LENGTH_MIN <= length <= _LENGTH_MAX or len(received) < _HEAD + length or received[_HEAD] != unit:
        return None
    return received[_HEAD + 1 : _HEAD + length]
