"""What RFID readers and SMS modems send, and the network's messages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from hardware.errors import ProtocolError
from hardware.rfid import protocol_parameters as llrp
from hardware.rfid.protocol import HEADER_BYTES, Framer, MessageType
from hardware.sms import protocol, protocol_pdu
from tests.fuzz.fuzzing import Feed, Target

_READ: dict[int, Callable[[bytes], object]] = {
    MessageType.RO_ACCESS_REPORT: llrp.parse_report,
    MessageType.READER_EVENT_NOTIFICATION: llrp.parse_event,
    MessageType.GET_READER_CAPABILITIES_RESPONSE: llrp.parse_capabilities,
    MessageType.GET_READER_CONFIG_RESPONSE: llrp.parse_identification,
}


def _llrp() -> Feed:
    framer = Framer()

    def feed(data: bytes) -> None:
        for message in framer.feed(data):
            with contextlib.suppress(ProtocolError):
                _READ.get(message.type, llrp.parse_status)(message.body)

    return feed


def _long_enough(frame: bytes) -> bytes:
    if len(frame) < HEADER_BYTES:
        return frame
    return bytes((0x04, frame[1])) + len(frame).to_bytes(4, "big") + frame[6:]


def _modem() -> Feed:
    reader = protocol.Reader()

    def feed(data: bytes) -> None:
        for said in reader.feed(data):
            if isinstance(said, protocol.Unasked):
                protocol.text_report(said.line)
                with contextlib.suppress(ProtocolError):
                    protocol_pdu.parse_report(bytes.fromhex(said.data))
            elif isinstance(said, protocol.Info):
                for parse in (protocol.registration, protocol.signal_dbm):
                    with contextlib.suppress(ProtocolError):
                        parse(said.line)

    return feed


TARGETS = (
    Target(
        "LLRP messages",
        _llrp,
        tuple(
            bytes.fromhex(frame)
            for frame in (
                "043F00000020 00000000 00F60016 0080000C0005F5E100000000 010000060000",
                "043D00000020 00000005 00F00016 8D3034257BF7194E4000001A85 810001 86CC",
                "043D00000026 00000006 00F0001C 00F10016 0080 0102030405060708090A0B0C0D0E0F10 880002",
                "041E00000012 00000003 011F000800000000",
                "040B00000027 00000004 011F000800000000 0089001500024000 0000651A001E88890003362E34",
                "040C0000001F 00000005 011F000800000000 00DA000D000006001625FF10AB",
                "043F0000001A 00000007 00F60010 00FF0007000002 00FB0004",
                "043E0000000A 00000001",
            )
        ),
        ("hardware.rfid.protocol", "hardware.rfid.protocol_parameters"),
        seal=_long_enough,
    ),
    Target(
        "AT modem lines",
        _modem,
        (
            b"\r\n+CSQ: 17,99\r\n\r\nOK\r\n",
            b"\r\n> \r\n+CMGS: 42\r\n\r\nOK\r\n",
            b"\r\nRING\r\n+CREG: 1,5\r\n+CREG: 2\r\n",
            b"+CMS ERROR: 331\r\n+CME ERROR: SIM busy\r\nERROR\r\n",
            b"+CDS: 26\r\n00062A0B916407281553F8621122101515006211221015250000\r\n",
            b'+CDS: 6,42,"+46708251358",145,"26/11/22,01:51:51+00","26/11/22,01:51:52+00",0\r\n',
            b'+CMT: ,24\r\n0011000B916407281553F80000AA0AE8329BFD4697D9EC37\r\n+CMTI: "SM",3\r\n',
        ),
        ("hardware.sms.protocol", "hardware.sms.protocol_pdu"),
    ),
)
