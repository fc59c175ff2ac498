"""What we ask of an LLRP reader, as bytes: keepalives, and one ROSpec that reads on and reports every tag at once.

The ROSpec, a reader's order to read::

    ROSpec 177            number 1, priority 0, disabled
      ROBoundarySpec 178  start trigger 179: none (we start it), stop trigger 182: none (it never ends)
      AISpec 183          antennas (0 = all), stop trigger 184: none, InventoryParameterSpec 186: EPC Class 1 Gen 2
      ROReportSpec 237    after every tag; TagReportContentSelector 238: antenna, RSSI, first and last seen, count
"""

from __future__ import annotations

from collections.abc import Sequence

from hardware.rfid.protocol import Message, MessageType

ROSPEC = 1
"""The number of our ROSpec."""
ALL_ROSPECS = 0

_GEN2 = 1
_PERIODIC = 1
_NO_TRIGGER = 0
_AFTER_N_TAGS_OR_END = 2
_CONTENT = 0x1000 | 0x0400 | 0x0200 | 0x0100 | 0x0080
"""Antenna, peak RSSI, first seen, last seen, count."""
_EVENTS = (3, 4, 8)
"""Report buffer fills, reader exception, antenna."""
_TOLD = 0x80
_ALL_ANTENNAS = (0,)
_GENERAL_CAPABILITIES = 1
_IDENTIFICATION = 1


def get_capabilities(number: int) -> Message:
    """Ask for maker, model and firmware."""
    return Message(MessageType.GET_READER_CAPABILITIES, number, _u8(_GENERAL_CAPABILITIES))


def get_identification(number: int) -> Message:
    """Ask for the reader's own number."""
    return Message(MessageType.GET_READER_CONFIG, number, _u16(0) + _u8(_IDENTIFICATION) + _u16(0) + _u16(0))


def set_keepalive(number: int, period_ms: int) -> Message:
    """Have the reader send a KEEPALIVE every so often."""
    keepalive_spec = _tlv(220, _u8(_PERIODIC), _u32(period_ms))
    return Message(MessageType.SET_READER_CONFIG, number, _u8(0) + keepalive_spec)


def tell_events(number: int) -> Message:
    """Have the reader tell lost reports, its own faults and its antennas' cables; many tell none of them unasked."""
    states = (_tlv(245, _u16(kind), _u8(_TOLD)) for kind in _EVENTS)
    return Message(MessageType.SET_READER_CONFIG, number, _u8(0) + _tlv(244, *states))


def delete_all_rospecs(number: int) -> Message:
    """Forget every order to read, whoever gave it."""
    return Message(MessageType.DELETE_ROSPEC, number, _u32(ALL_ROSPECS))


def add_rospec(number: int, antennas: Sequence[int] = ()) -> Message:
    """Give the order to read with these antennas, or with all."""
    ids = tuple(antennas) or _ALL_ANTENNAS
    boundary = _tlv(178, _tlv(179, _u8(_NO_TRIGGER)), _tlv(182, _u8(_NO_TRIGGER), _u32(0)))
    inventory = _tlv(186, _u16(1), _u8(_GEN2))
    reading = _tlv(183, _u16(len(ids)), *map(_u16, ids), _tlv(184, _u8(_NO_TRIGGER), _u32(0)), inventory)
    report = _tlv(237, _u8(_AFTER_N_TAGS_OR_END), _u16(1), _tlv(238, _u16(_CONTENT)))
    return Message(MessageType.ADD_ROSPEC, number, _tlv(177, _u32(ROSPEC), _u8(0), _u8(0), boundary, reading, report))


def enable_rospec(number: int) -> Message:
    """Make our order ready to start."""
    return Message(MessageType.ENABLE_ROSPEC, number, _u32(ROSPEC))


def start_rospec(number: int) -> Message:
    """Begin to read."""
    return Message(MessageType.START_ROSPEC, number, _u32(ROSPEC))


def stop_rospec(number: int) -> Message:
    """Stop reading."""
    return Message(MessageType.STOP_ROSPEC, number, _u32(ROSPEC))


def acknowledge(keepalive: Message) -> Message:
    """Answer a KEEPALIVE; a reader hangs up when that does not come."""
    return Message(MessageType.KEEPALIVE_ACK, keepalive.number)


def close_connection(number: int) -> Message:
    """Say goodbye, so that the reader takes the next client at once."""
    return Message(MessageType.CLOSE_CONNECTION, number)


def _tlv(kind: int, *values: bytes) -> bytes:
    value = b"".join(values)
    return _u16(kind) + _u16(4 + len(value)) + value


def _u8(value: int) -> bytes:
    return value.to_bytes(1, "big")


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "big")
