"""LLRP parameters: what stands in a message (EPCglobal LLRP 1.0.1, sections 16 and 17).

::

    TLV   00 F0   00 16                 ...          6 bits 0, 10 bits type; length of all; value
    TV    81      00 01                              bit 7 set, 7 bits type; value of a length that goes with the type

    report   00 F0 00 16 | 8D <EPC-96, 12 bytes> | 81 <antenna, 2> | 86 <RSSI in dBm, 1 signed>     TagReportData 240
    status   01 1F 00 08 | 00 00 (code) | 00 00 (bytes of text)                                       LLRPStatus 287

A TV parameter of an unknown type cannot be skipped, because its length is not known: the tag's report ends there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from hardware.errors import ProtocolError

_TV_FLAG = 0x80
_TLV_HEADER_BYTES = 4
_EPC_LENGTH_BYTES = 2
_TAGS_PER_REPORT_MAX = 4096

# Lengths of TV values in bytes, by type.
_TV_BYTES = {
    1: 2,  # AntennaID
    2: 8,  # FirstSeenTimestampUTC
    3: 8,  # FirstSeenTimestampUptime
    4: 8,  # LastSeenTimestampUTC
    5: 8,  # LastSeenTimestampUptime
    6: 1,  # PeakRSSI
    7: 2,  # ChannelIndex
    8: 2,  # TagSeenCount
    9: 4,  # ROSpecID
    10: 2,  # InventoryParameterSpecID
    11: 2,  # C1G2CRC
    12: 2,  # C1G2PC
    13: 12,  # EPC-96
    14: 2,  # SpecIndex
    15: 2,  # ClientRequestOpSpecResult
    16: 4,  # AccessSpecID
    17: 2,  # OpSpecID
    18: 4,  # C1G2SingulationDetails
    19: 2,  # C1G2XPCW1
    20: 2,  # C1G2XPCW2
}


class Parameter(IntEnum):
    """The parameters that are used here; those below 128 are TV."""

    ANTENNA_ID = 1
    FIRST_SEEN_UTC = 2
    LAST_SEEN_UTC = 4
    PEAK_RSSI = 6
    TAG_SEEN_COUNT = 8
    EPC_96 = 13
    GENERAL_DEVICE_CAPABILITIES = 137
    IDENTIFICATION = 218
    TAG_REPORT_DATA = 240
    EPC_DATA = 241
    READER_EVENT_NOTIFICATION_DATA = 246
    REPORT_BUFFER_OVERFLOW = 251
    READER_EXCEPTION_EVENT = 252
    ANTENNA_EVENT = 255
    CONNECTION_ATTEMPT_EVENT = 256
    CONNECTION_CLOSE_EVENT = 257
    LLRP_STATUS = 287


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as a reader reports it."""

    epc: bytes
    antenna: int | None = None
    rssi_dbm: int | None = None
    """The strongest of the readings counted."""
    seen_count: int = 1
    first_seen_us: int | None = None
    """Microseconds of UTC by the reader's clock."""
    last_seen_us: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How a question went; code 0 is success."""

    code: int
    text: str

    @property
    def is_success(self) -> bool:
        """Whether the reader did it."""
        return self.code == 0

    def __str__(self) -> str:
        meaning = self.text or _STATUS_TEXTS.get(self.code, "")
        return f"status {self.code}" + (f": {meaning}" if meaning else "")


_STATUS_TEXTS = {
    100: "a parameter is wrong",
    101: "a field is wrong",
    102: "a parameter does not belong there",
    103: "a parameter is missing",
    104: "a parameter stands twice",
    105: "too many parameters",
    107: "it does not know a parameter",
    109: "it does not know this message",
    110: "it speaks another version of LLRP",
    111: "it cannot do what a parameter asks",
    300: "a value is invalid",
    301: "a value is out of range",
    401: "the reader itself is defective",
}


@dataclass(frozen=True, slots=True)
class ReaderEvent:
    """What a READER_EVENT_NOTIFICATION tells; each field is None when the event does not speak of it."""

    connection_attempt: int | None = None
    """0 means that this connection is accepted."""
    is_closing: bool = False
    is_overflowing: bool = False
    """The reader lost reports."""
    exception: str | None = None
    antenna: int | None = None
    antenna_connected: bool = False


def parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and value of each parameter in a row; TV types are below 128, TLV types above.

    Raises:
        ProtocolError: a parameter's length does not fit, or its length is not known.
    """
    position = 0
    while position < len(data):
        kind, header, length = _head(data, position)
        end = position + length
        if length < header or end > len(data):
            raise ProtocolError(f"the parameter {kind} says {length} bytes, {len(data) - position} are there")
        yield kind, data[position + header : end]
        position = end


def _head(data: bytes, position: int) -> tuple[int, int, int]:
    """Return type, length of the header and length of all."""
    if data[position] & _TV_FLAG:
        kind = data[position] & ~_TV_FLAG
        if kind not in _TV_BYTES:
            raise ProtocolError(f"the reader sent a parameter of the unknown type {kind}")
        return kind, 1, 1 + _TV_BYTES[kind]
    if len(data) - position < _TLV_HEADER_BYTES:
        raise ProtocolError("a parameter's head is cut off")
    return int.from_bytes(data[position : position + 2], "big"), 4, int.from_bytes(data[position + 2 : position + 4], "big")


def parse_status(body: bytes) -> Status:
    """Read how a question went.

    Raises:
        ProtocolError: the answer holds no status, or a broken one.
    """
    for kind, value in parameters(body):
        if kind == Parameter.LLRP_STATUS:
            return Status(_u16(value, 0), value[4 : 4 + _u16(value, 2)].decode("utf-8", errors="replace"))
    raise ProtocolError("the reader's answer does not say how it went")


def parse_report(body: bytes) -> list[Tag]:
    """Read an RO_ACCESS_REPORT; what it holds besides tags is skipped.

    Raises:
        ProtocolError: it is broken.
    """
    tags = [_tag(value) for kind, value in parameters(body) if kind == Parameter.TAG_REPORT_DATA]
    return tags[:_TAGS_PER_REPORT_MAX]


def _tag(data: bytes) -> Tag:
    found = dict(parameters(data))
    epc = found.get(Parameter.EPC_96)
    if epc is None:
        if Parameter.EPC_DATA not in found:
            raise ProtocolError("the reader reported a tag without its number")
        epc = _long_epc(found[Parameter.EPC_DATA])
    rssi = found.get(Parameter.PEAK_RSSI)
    return Tag(
        epc=epc,
        antenna=_number(found.get(Parameter.ANTENNA_ID)),
        rssi_dbm=int.from_bytes(rssi, "big", signed=True) if rssi is not None else None,
        seen_count=_number(found.get(Parameter.TAG_SEEN_COUNT)) or 1,
        first_seen_us=_number(found.get(Parameter.FIRST_SEEN_UTC)),
        last_seen_us=_number(found.get(Parameter.LAST_SEEN_UTC)),
    )


def _long_epc(value: bytes) -> bytes:
    """Return an EPC of any length: its bits are counted, its bytes are full."""
    size = (_u16(value, 0) + 7) // 8
    if not 0 < size <= len(value) - _EPC_LENGTH_BYTES:
        raise ProtocolError(f"a tag's number of {size} bytes stands in {len(value) - _EPC_LENGTH_BYTES}")
    return value[_EPC_LENGTH_BYTES : _EPC_LENGTH_BYTES + size]


def parse_event(body: bytes) -> ReaderEvent:
    """Read a READER_EVENT_NOTIFICATION.

    Raises:
        ProtocolError: it is broken.
    """
    for kind, value in parameters(body):
        if kind == Parameter.READER_EVENT_NOTIFICATION_DATA:
            return _event(dict(parameters(value)))
    raise ProtocolError("the reader's event tells nothing")


def _event(found: dict[int, bytes]) -> ReaderEvent:
    exception = found.get(Parameter.READER_EXCEPTION_EVENT)
    antenna = found.get(Parameter.ANTENNA_EVENT)
    return ReaderEvent(
        connection_attempt=_number(found.get(Parameter.CONNECTION_ATTEMPT_EVENT)),
        is_closing=Parameter.CONNECTION_CLOSE_EVENT in found,
        is_overflowing=Parameter.REPORT_BUFFER_OVERFLOW in found,
        exception=exception[2 : 2 + _u16(exception, 0)].decode("utf-8", errors="replace") if exception is not None else None,
        antenna=_u16(antenna, 1) if antenna is not None else None,
        antenna_connected=antenna is not None and antenna[0] == 1,
    )


def parse_capabilities(body: bytes) -> tuple[str, str]:
    """Read the model and the firmware of a GET_READER_CAPABILITIES_RESPONSE; empty where the reader does not tell.

    Raises:
        ProtocolError: it is broken.
    """
    for kind, value in parameters(body):
        if kind == Parameter.GENERAL_DEVICE_CAPABILITIES:
            # u16 antennas, u16 flags, u32 maker (IANA's number), u32 model, u16 length, firmware
            firmware = value[14 : 14 + _u16(value, 12)].decode("utf-8", errors="replace")
            return f"{int.from_bytes(value[4:8], 'big')}.{int.from_bytes(value[8:12], 'big')}", firmware
    return "", ""


def parse_identification(body: bytes) -> str:
    """Read the serial number of a GET_READER_CONFIG_RESPONSE: the reader's MAC address or EPC in hexadecimal, or nothing.

    Raises:
        ProtocolError: it is broken.
    """
    for kind, value in parameters(body):
        if kind == Parameter.IDENTIFICATION:
            return value[3 : 3 + _u16(value, 1)].hex().upper()
    return ""


def _number(value: bytes | None) -> int | None:
    return int.from_bytes(value, "big") if value is not None else None


def _u16(value: bytes, position: int) -> int:
    if len(value) < position + 2:
        raise ProtocolError(f"a parameter of {len(value)} bytes is too short")
    return int.from_bytes(value[position : position + 2], "big")
